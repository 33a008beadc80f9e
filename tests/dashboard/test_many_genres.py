"""Hundreds of genres: no page grows with them, nothing is cut without a word, and every genre can be found."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from analysis.evaluation import predictions, scores
from analysis.evaluation.predictions import read_predictions
from analysis.evaluation.scores import score
from analysis.figures.foremost import SHOWN
from dashboard.app import PAGES, create_app
from dashboard.pages.map import COLORINGS
from dashboard.parts.drawn.coloring import coloring
from dashboard.parts.drawn.matrix import Cell, matrix
from dashboard.parts.many import IN_LINE, few, in_line
from dashboard.reading import chains
from dashboard.state.colors import FADED
from dashboard.state.urls import parse
from dashboard.state.view import view
from data.store.workspace import Workspace, open_workspace
from tests.dashboard.driving import call, open_page
from tests.dashboard.many import fill_many

GENRES = 300
BYTES, COMPONENTS = 2_000_000, 8_000
# So many genres show up at the end of the alphabet, and in no list of the first ones.
HIDDEN = "Genre & 0271 of many"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = open_workspace(tmp_path_factory.mktemp("many"), create=True)
    fill_many(workspace, GENRES)
    return workspace


def addresses(workspace: Workspace) -> list[tuple[str, str]]:
    """Every page, and what weighs most on them."""
    first, second = chains.classifiers(workspace)
    return [
        *((page.PATH, "") for page in PAGES),
        ("/map", "?color=predicted"),
        ("/separability", "?order=kin"),
        ("/classifiers", f"?classifier={first.run_id}&other={second.run_id}"),
    ]


def weigh(workspace: Workspace) -> None:
    client = create_app(workspace).server.test_client()
    for path, search in addresses(workspace):
        sent = open_page(client, path, search)
        assert len(sent.encode()) < BYTES, (path, search, len(sent))
        assert sent.count('"namespace"') < COMPONENTS, (path, search, sent.count('"namespace"'))


def test_no_page_grows_with_the_genres(many: Workspace) -> None:
    weigh(many)


def test_a_first_look_computes_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two classifiers compared: each scored once, none of it to rank them; the overview reads no probabilities."""
    workspace = open_workspace(tmp_path / "workspace", create=True)
    fill_many(workspace, 45)
    scored: list[str] = []
    read: list[bool] = []
    monkeypatch.setattr(scores, "score", lambda told, **options: scored.append(told.title) or score(told, **options))
    monkeypatch.setattr(
        predictions,
        "read_predictions",
        lambda *of, probabilities=True: (
            read.append(probabilities) or read_predictions(*of, probabilities=probabilities)
        ),
    )
    client = create_app(workspace).server.test_client()
    open_page(client, "/")
    assert (scored, read) == ([], [False, False])
    open_page(client, *addresses(workspace)[-1])
    assert len(scored) == len(set(scored)) == 2


@pytest.mark.slow
def test_nor_with_a_thousand(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "workspace", create=True)
    fill_many(workspace, 1000)
    weigh(workspace)


@pytest.mark.parametrize("path", ["/", "/map", "/separability", "/classifiers"])
def test_a_hidden_genre_is_found_by_its_name(many: Workspace, path: str) -> None:
    client = create_app(many).server.test_client()
    filtered = open_page(client, path, "?find=0271+OF")
    assert HIDDEN in filtered
    others = path in ("/classifiers", "/map")  # what it is confused with; names of points
    assert "Genre & 0290 of many" not in filtered or others
    assert f"of {GENRES}" in open_page(client, path), "that others are left out is said"
    hidden = call(
        client, f"{path.strip('/') or 'overview'}-finder", **{f"view_{path.strip('/') or 'overview'}__data": ""}
    )
    assert not hidden[f"{path.strip('/') or 'overview'}-finder"]["hidden"]


def test_the_matrix_has_the_genre_that_is_sought_and_what_it_is_taken_for(many: Workspace) -> None:
    client = create_app(many).server.test_client()
    shown = call(client, "classifiers-confusion.children", view_classifiers__data="?find=0271")
    (drawn,) = _matrices(shown)
    names = [name for name, _ in drawn["rows"]]
    assert HIDDEN in names
    assert 1 < len(names) <= SHOWN
    place = names.index(HIDDEN)
    counts = np.array([int(text) for text in drawn["text"]]).reshape(len(names), len(names))
    href = np.array([address is not None for address in drawn["href"]]).reshape(counts.shape)
    assert all(href[place, i] or href[i, place] for i in range(len(names))), "each is confused with it"


def _matrices(component: object) -> list[dict]:
    if isinstance(component, list):
        return [found for each in component for found in _matrices(each)]
    if not isinstance(component, dict):
        return []
    own = [json.loads(component["data-matrix"])] if "data-matrix" in component else []
    return own + [found for each in component.values() for found in _matrices(each)]


def test_points_of_more_genres_than_a_byte_counts_keep_their_colour(many: Workspace) -> None:
    here = view(many, "/map", "")
    (chain,) = chains.chains(many)
    ids = np.arange(len(here.covers))
    classifier = chains.classifiers(many)[0]
    assert set(COLORINGS) >= {"genre", "predicted"}
    found = coloring(here, chain, classifier, ids)
    drawn = [found.colors[code] for code in found.codes]
    assert drawn == [here.colors[here.covers.genre_of(cover)] for cover in ids]
    assert FADED not in drawn


def test_lists_of_many_are_cut_turned_and_searched() -> None:
    names = [f"genre {number}" for number in range(100)]

    def shown(search: str) -> tuple[list[str], str]:
        here = SimpleNamespace(state=parse(search), to=lambda **changes: str(changes))
        rows, rest = few(here, names, str)
        return rows, str(rest.to_plotly_json()) if rest else ""

    rows, said = shown("")
    assert rows == names[:SHOWN]
    assert "40 of 100 genres, the highest first" in said
    assert shown("?first=low")[0] == names[::-1][:SHOWN]
    assert shown("?find=GENRE+7")[0] == ["genre 7", *names[70:80]]
    assert shown("?find=nowhere")[0] == []
    here = SimpleNamespace(state=parse("?find=genre+99"))
    assert in_line(here, names, lambda _, name: name) == ["genre 99", *names[: IN_LINE - 1], " and 88 more"]
    assert in_line(here, names[:3], lambda _, name: name) == names[:3]


def test_a_matrix_travels_as_one_array() -> None:
    def cell(row: str, column: str) -> Cell | None:
        return None if row == column else Cell("1", 0.9, f"/page?pair={row}&pair={column}", "said", "miss", row == "b")

    frame = matrix(["a", "b"], ["a", "b"], cell, colors={"a": "#111111"}, row_title="true", column_title="said")
    data = json.loads(frame.to_plotly_json()["props"]["data-matrix"])
    assert data["rows"] == [["a", "#111111"], ["b", ""]]
    assert data["kind"] == ["none", "miss strong", "miss strong", "none"]
    assert [address and data["prefix"] + address for address in data["href"]] == [
        None,
        "/page?pair=a&pair=b",
        "/page?pair=b&pair=a",
        None,
    ]
    assert data["current"] == 2
