"""Calling an app's callbacks through its HTTP interface, as a browser does."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from dashboard.app import PAGES


def call(client: Any, output: str, **values: Any) -> Any:
    """What the callback with this among its outputs answers, with these properties as its inputs and states."""
    return post(client, output, **values)["response"]


def post(client: Any, output: str, **values: Any) -> Any:
    """The whole answer of a callback."""
    found = next(each for each in _callbacks(client) if output in each["output"])
    answer = client.post("/_dash-update-component", json=_request(found, values))
    assert answer.status_code == 200, answer.data[:500]
    return answer.get_json()


def open_page(client: Any, path: str, search: str = "", **values: Any) -> str:
    """All that a page and the panel show at an address: every callback on the server that hears of it, in turn.

    None may fail. `values` are what else lies in the page, such as an upload; what one callback puts into a store is
    there for those after it, as in a browser.
    """
    return "".join(text for _, text in answers(client, path, search, **values))


def answers(client: Any, path: str, search: str = "", **values: Any) -> Iterator[tuple[float, str]]:
    """Of each callback, as `open_page` calls them, the seconds it took and what it showed."""
    (page,) = (page for page in PAGES if path == page.PATH)
    view = [(name, value) for name, value in parse_qsl(search.removeprefix("?")) if name != "cover"]
    own = search if len(view) == len(parse_qsl(search.removeprefix("?"))) else ""
    heard = {"location__pathname": path, _name(page.VIEW, "data"): own, "view_panel__data": path + search} | values
    for callback in _callbacks(client):
        if not callback["clientside_function"] and any(_name(**each) in heard for each in callback["inputs"]):
            started, shown = time.perf_counter(), []
            for component, properties in _answer(client, callback, heard).items():
                heard |= {_name(component, name): value for name, value in properties.items() if name == "data"}
                shown.append(texts(properties))
            yield time.perf_counter() - started, "".join(shown)


def texts(component: Any) -> str:
    """All text in a component tree, and every address and label."""
    return json.dumps(component, ensure_ascii=False)


def _answer(client: Any, callback: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/_dash-update-component", json=_request(callback, values))
    assert answer.status_code in (200, 204), answer.data[:500]
    said = answer.get_json() if answer.status_code == 200 else {"response": {}}
    assert "notice" not in said.get("sideUpdate", {}), (callback["output"], values, said["sideUpdate"])
    return said["response"]


def _callbacks(client: Any) -> Any:
    return client.get("/_dash-dependencies").get_json()


def _name(id: str, property: str) -> str:
    return f"{id}__{property}".replace("-", "_")


def _request(callback: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    def filled_in(entries: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [{**entry, "value": values.get(_name(entry["id"], entry["property"]))} for entry in entries]

    ids = callback["output"].strip(".").split("...")
    outputs = [dict(zip(("id", "property"), each.rsplit(".", 1), strict=True)) for each in ids]
    return {
        "output": callback["output"],
        "outputs": outputs if callback["output"].startswith("..") else outputs[0],
        "inputs": filled_in(callback["inputs"]),
        "state": filled_in(callback["state"]),
        "changedPropIds": [f"{entry['id']}.{entry['property']}" for entry in callback["inputs"]],
    }
