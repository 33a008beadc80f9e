"""audit"""

from dash import Dash, html

from data.workspace import Workspace

PATH, TITLE, VIEW = "/audit", "Audit", "view-audit"


def layout() -> html.Div:
    return html.Div()


def register(app: Dash, workspace: Workspace) -> None:
    pass
