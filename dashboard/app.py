"""The app: shell, routes between pages, and nothing that two users or two apps would share."""

import logging
from types import ModuleType
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, set_props
from flask import Flask

from dashboard import media
from dashboard.pages import audit, classifiers, map, overview, search, separability
from dashboard.parts.components import Component, aria, empty, go
from dashboard.parts.cover.panel import panel
from dashboard.serving import answers, guard
from dashboard.serving.guard import Access
from dashboard.state.view import view
from data.errors import GenrescopeError
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

PAGES: tuple[ModuleType, ...] = (overview, map, separability, classifiers, search, audit)

# The theme is set before the first paint, so a dark page never flashes white.
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect \
width='16' height='16' rx='3' fill='%230f766e'/%3E%3Ccircle cx='8' cy='8' r='4.5' fill='none' stroke='white' \
stroke-width='1.6'/%3E%3Ccircle cx='8' cy='8' r='1.2' fill='white'/%3E%3C/svg%3E">
<script>
document.documentElement.dataset.theme = localStorage.getItem("genrescope-theme")
  || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
</script>
{%css%}
</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def create_app(workspace: Workspace, *, access: Access = Access()) -> Dash:  # noqa: B008 - it never changes
    """The dashboard of one workspace; several may live in one process. `app.server` is its WSGI application.

    access: who is answered; by default who asks localhost.
    """
    server: Any = Flask("dashboard", static_folder=None)
    app = Dash(
        "dashboard",
        server=server,
        title="genrescope",
        update_title="",
        assets_folder="assets",
        index_string=INDEX,
        compress=True,
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=_explain,
    )
    app.layout = _shell(workspace)
    guard.register(app.server, access)
    answers.register(app)
    media.register(app.server, workspace)
    _register_routes(app, workspace)
    for page in PAGES:
        page.register(app, workspace)
    return app


def _explain(error: Exception) -> None:
    """Say what went wrong in one line at the foot of the page, which stays as it was."""
    log.error("%s", error, exc_info=not isinstance(error, GenrescopeError))
    text = str(error) if isinstance(error, GenrescopeError) else "This did not work; the terminal says why."
    set_props("notice", {"children": text})


def _shell(workspace: Workspace) -> Component:
    links = [go(page.TITLE, page.PATH, id=f"nav-{page.TITLE.lower()}") for page in PAGES]
    return html.Div(
        [
            dcc.Location(id="location", refresh=False),
            dcc.Store(id="paths", data=[page.PATH for page in PAGES]),
            *(dcc.Store(id=page.VIEW) for page in PAGES),
            dcc.Store(id="view-panel"),
            dcc.Store(id="panel-shown"),
            html.A("Skip to the content", href="#page", className="skip"),
            html.Header(
                [
                    go([html.I(className="mark", **aria(hidden="true")), "genrescope"], "/", className="name"),
                    html.Nav(links, **aria(label="Pages")),
                    html.Span(workspace.folder.name, className="workspace", title=str(workspace.folder)),
                    html.Button("Theme", id="theme", className="theme", title="Light or dark"),
                ],
                className="bar",
            ),
            html.Main(id="page", tabIndex="-1"),
            html.Div(id="notice", role="alert"),
            html.Aside(id="panel", className="panel", **aria(label="Cover", live="polite")),
        ],
        className="shell",
    )


def _register_routes(app: Dash, workspace: Workspace) -> None:
    app.clientside_callback(
        ClientsideFunction("genrescope", "route"),
        *(Output(page.VIEW, "data") for page in PAGES),
        Output("view-panel", "data"),
        Input("location", "pathname"),
        Input("location", "search"),
        State("paths", "data"),
    )
    app.clientside_callback(ClientsideFunction("genrescope", "toggleTheme"), Input("theme", "n_clicks"))

    @app.callback(Output("page", "children"), Input("location", "pathname"))
    def show_page(path: str) -> Any:
        asked = path.rstrip("/") or "/"
        for page in PAGES:
            if asked == page.PATH:
                return page.layout()
        return empty("There is no such page", "Choose one of the pages above.")

    @app.callback(
        Output("panel", "children"),
        Output("panel-shown", "data"),
        Input("view-panel", "data"),
        prevent_initial_call=True,
    )
    def show_panel(address: str) -> tuple[Any, str]:
        path, _, query = address.partition("?")
        return panel(view(workspace, path, query)), address
