"""classifiers"""

from dash import Dash, html

from data.workspace import Workspace

PATH, TITLE, VIEW = "/classifiers", "Classifiers", "view-classifiers"


def layout() -> html.Div:
    return html.Div()


def register(app: Dash, workspace: Workspace) -> None:
    pass
