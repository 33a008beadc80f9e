"""separability"""

from dash import Dash, html

from data.workspace import Workspace

PATH, TITLE, VIEW = "/separability", "Separability", "view-separability"


def layout() -> html.Div:
    return html.Div()


def register(app: Dash, workspace: Workspace) -> None:
    pass
