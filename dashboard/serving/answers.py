"""Plain answers to what is malformed, and to what cannot be read now: a status and one line, without a traceback."""

import logging
from typing import Any

from dash import Dash
from flask import Response, request

from dashboard.serving.limits import BODY
from data.errors import GenrescopeError

log = logging.getLogger(__name__)

CALLBACKS = "/_dash-update-component"


def register(app: Dash) -> None:
    """Bound the body of requests, look at callbacks before Dash does, and say errors of routes in one line."""
    app.server.config["MAX_CONTENT_LENGTH"] = BODY

    @app.server.before_request
    def refuse_malformed() -> Response | None:
        if request.path != CALLBACKS or request.method != "POST":
            return None
        if _fits(_body(), app.callback_map):
            return None
        return Response("this is no callback of this app: load the page again\n", 400, mimetype="text/plain")

    @app.server.errorhandler(GenrescopeError)
    def say(error: GenrescopeError) -> Response:
        log.error("%s", error)
        return Response(f"{error}\n", 503, mimetype="text/plain")


def _body() -> Any:
    """What came as JSON; None where it is none, or nested so deep that it is meant to harm."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _fits(body: Any, callbacks: Any) -> bool:
    """Whether a body calls one of the callbacks with the inputs and states that it has."""
    output = body.get("output") if isinstance(body, dict) else None
    known = callbacks.get(output) if isinstance(output, str) else None
    if known is None:
        return False
    changed = body.get("changedPropIds", [])
    return (
        _names(body.get("inputs")) == _names(known["inputs"])
        and _names(body.get("state", [])) == _names(known["state"])
        and isinstance(changed, list)
        and all(isinstance(each, str) for each in changed)
        and _outputs(body.get("outputs")) == output
    )


def _names(entries: Any) -> list[tuple[Any, Any]] | None:
    """(id, property) of each entry; None where they are no such."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return None
    return [(entry.get("id"), entry.get("property")) for entry in entries]


def _outputs(entries: Any) -> str | None:
    """The outputs as Dash names them: 'id.property', several as '..a.b...c.d..'."""
    names = _names(entries if isinstance(entries, list) else [entries])
    if names is None:
        return None
    joined = "...".join(f"{id}.{property}" for id, property in names)
    return f"..{joined}.." if isinstance(entries, list) else joined
