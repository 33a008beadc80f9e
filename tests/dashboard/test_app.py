"""The app through its HTTP interface."""

import base64
import io
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image

from dashboard.app import PAGES, create_app
from dashboard.reading import chains, judged, queries
from data.errors import GenrescopeError, MissingWeights, WorkspaceError
from data.store.workspace import Workspace
from tests.dashboard.driving import call, post, texts


@pytest.fixture(scope="module")
def client(filled: Workspace) -> Any:
    return create_app(filled).server.test_client()


def test_the_layout_and_every_page_answer(client: Any) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/_dash-layout").status_code == 200
    for page in PAGES:
        assert client.get(page.PATH).status_code == 200
        assert call(client, "page.children", location__pathname=page.PATH)["page"]["children"]
    assert "no such page" in texts(call(client, "page.children", location__pathname="/nonsense"))


@pytest.mark.parametrize(
    "name", ["overview", "overview-scores", "separability", "classifiers-cell", "classifiers-scores", "audit"]
)
def test_pages_have_content_at_their_defaults(client: Any, name: str) -> None:
    answer = call(client, f"{name}.children")
    assert len(texts(answer)) > 1000


def test_names_stay_text(client: Any) -> None:
    answer = texts(call(client, "overview-genres.children"))
    assert "<script>alert" in answer
    assert "dangerously" not in answer
    assert "Markdown" not in answer


def test_the_map_sends_points_once_then_codes_only(client: Any, filled: Workspace) -> None:
    first = call(client, "map.figure")
    shown = first["map-shown"]["data"]
    assert "bdata" in first["map"]["figure"]["data"][0]["x"]
    again = call(client, "map.figure", view_map__data="?color=cluster", map_shown__data=shown)
    places = [operation["location"] for operation in again["map"]["figure"]["operations"]]
    assert places
    assert all(place[:3] == ["data", 0, "marker"] for place in places)
    assert "map-covers" not in again
    other = chains.chains(filled)[1].embedding.run_id
    third = call(client, "map.figure", view_map__data=f"?embedding={other}", map_shown__data=shown)
    assert "bdata" in third["map"]["figure"]["data"][0]["x"], "another embedding is another map"


@pytest.mark.parametrize("color", ["genre", "cluster", "predicted", "right", "trust", "nonsense"])
def test_every_colouring_works_with_a_filter(client: Any, color: str) -> None:
    answer = call(client, "map.figure", view_map__data=f"?color={color}&genres=Blues")
    assert answer["map"]["figure"]["data"]


def test_the_panel_shows_cover_predictions_and_neighbours(client: Any, filled: Workspace) -> None:
    run = chains.classifiers(filled, chains.chains(filled)[0])[0]
    found = judged.verdicts(filled, run.run_id)
    cover_id = int(found.cover_ids[(found.right == 2).argmax()])
    answer = texts(call(client, "panel.children", view_panel__data=f"/map?cover={cover_id}"))
    assert queries.covers(filled).sha256[cover_id] in answer
    assert "What classifiers said" in answer
    assert "right in 2 of 3" in answer
    assert "Nearest in shapes" in answer
    assert answer.count("/thumbnails/") == 12
    assert call(client, "panel.children", view_panel__data="/map")["panel"]["children"] == []
    assert "No such cover" in texts(call(client, "panel.children", view_panel__data="/map?cover=99999"))


def test_the_training_side_is_named_only_where_there_is_nothing_but_a_hold_out(
    client: Any, filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = chains.classifiers(filled, chains.chains(filled)[1])
    taught = min(set(range(200)) - set(judged.verdicts(filled, old[0].run_id).cover_ids.tolist()))
    address = f"/map?cover={taught}"
    assert "training side" not in texts(call(client, "panel.children", view_panel__data=address))
    monkeypatch.setattr(chains, "classifiers", lambda *_: old)
    assert "training side" in texts(call(client, "panel.children", view_panel__data=address))


def test_a_cell_of_the_confusion_matrix_shows_its_covers(client: Any) -> None:
    answer = texts(call(client, "classifiers-cell.children", view_classifiers__data="?pair=Blues&pair=Blues"))
    assert "the surest first" in answer


def test_a_classifier_is_answered_in_a_sentence_that_says_how_it_was_judged(client: Any, filled: Workspace) -> None:
    new, old = (chains.classifiers(filled, chain)[0] for chain in chains.chains(filled))
    for run, words in ((new, "200 covers, each judged 3 times by classifiers"), (old, "covers of the test side")):
        answer = texts(call(client, "classifiers-answer.children", view_classifiers__data=f"?classifier={run.run_id}"))
        assert words in answer
        assert f"tells {judged.balanced_accuracy(filled, run):.2f} of each genre's covers right" in answer
        assert "chance is 0.20" in answer


def test_two_classifiers_are_compared_in_words(client: Any, filled: Workspace) -> None:
    for chain in chains.chains(filled):
        first, second = chains.classifiers(filled, chain)
        search = f"?classifier={first.run_id}&other={second.run_id}&only=first"
        answer = call(client, "classifiers-duel.children", view_classifiers__data=search)
        assert "knn on" in texts(answer["classifiers-answer"])
        assert "better, p " in texts(answer["classifiers-scores"]) or "no difference shown" in texts(answer)
        assert "They say the same of" in texts(answer["classifiers-duel"])
        shown = judged.only_right(filled, first.run_id, second.run_id)
        assert texts(answer["classifiers-duel"]).count("/thumbnails/") == min(len(shown), 120)
        assert "Where the two matrices differ" in texts(answer["classifiers-more"])


def test_classifiers_without_a_common_cover_say_so(
    client: Any, filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apart(*_: Any) -> None:
        raise GenrescopeError("no cover was judged by both")

    monkeypatch.setattr(judged, "comparison", apart)
    first, second = chains.classifiers(filled, chains.chains(filled)[0])
    search = f"?classifier={first.run_id}&other={second.run_id}"
    assert "no cover was judged by both" in texts(
        call(client, "classifiers-answer.children", view_classifiers__data=search)
    )


def test_small_genres_are_named_as_such(client: Any) -> None:
    assert "too small for a claim" in texts(call(client, "overview-genres.children"))
    assert "Too small for a claim" in texts(call(client, "separability.children"))


def test_what_the_answer_depends_on_stands_beside_it(client: Any) -> None:
    answer = texts(call(client, "separability.children"))
    for words in (
        "Only pictures kept together",
        "Corrected for hubs",
        "ARI 0.60 (1 is the same), 8 to 14 of them",
    ):
        assert words in answer
    for color, words in (
        ("cluster", "ARI 0.60 (1 is the same), 8 to 14 of them"),
        ("trust", "33% of a cover's nearest"),
    ):
        assert words in texts(call(client, "map.figure", view_map__data=f"?color={color}"))


def test_the_audit_says_what_counts_as_one_cover(client: Any) -> None:
    answer = texts(call(client, "audit.children"))
    assert "200 covers count as 199, and no file lies in several genres." in answer
    assert "Copies and equal artist count as one: 200 covers are 199 independent groups" in answer
    assert "Groups, by hash alone" in answer


def test_copies_are_one_picture_beside_the_genres_they_lie_in(client: Any, filled: Workspace) -> None:
    answer = texts(call(client, "audit.children"))
    copies = answer[answer.index("Same file") : answer.index("Same picture")]
    assert copies.count("/thumbnails/") == 1
    assert queries.covers(filled).sha256[0] in copies
    assert all(f"/audit?cover={cover_id}" in copies for cover_id in (0, 5))


def test_a_lasso_gives_the_covers_and_the_mix(client: Any) -> None:
    answer = texts(call(client, "map-gathered.children", map_selection__data=[0, 1, 5, 6, 99_999, -3]))
    assert "4 covers" in answer
    assert answer.count("/thumbnails/") == 4


@pytest.mark.parametrize(
    "contents", ["image/png;base64,", "text/plain;base64,aGVsbG8=", "image/png;base64,iVBORw0KGgo="]
)
def test_a_bad_upload_is_said_in_one_line(client: Any, contents: str) -> None:
    upload = {"search_upload__contents": f"data:{contents}", "search_upload__filename": "<b>x</b>.png"}
    answer = call(client, "search-uploaded.children", **upload)
    assert "cannot be read as an image" in texts(answer)


def _no_weights(*_: Any) -> Any:
    raise MissingWeights("there are none")


def test_an_upload_asks_the_best_classifiers_and_the_others_when_they_are_opened(
    client: Any, filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {run.run_id for run in chains.classifiers(filled)}
    monkeypatch.setattr("dashboard.reading.asking._kept", lambda *_: ids)
    monkeypatch.setattr("dashboard.parts.cover.uploaded.FEW", 1)
    monkeypatch.setattr("dashboard.reading.asking.vector", _no_weights)  # its embeddings are drawn
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "navy").save(buffer, "PNG")
    upload = {"search_upload__contents": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()}
    first = texts(call(client, "search-uploaded.children", **upload, search_upload__filename="x.png"))
    assert f"{len(ids) - 1} more classifiers" in first
    assert first.count("nothing is kept of") == 1
    rest = texts(call(client, "search-rest-said.children", **upload, search_rest__n_clicks=1))
    assert rest.count("nothing is kept of") == len(ids) - 1


def test_the_panel_says_why_where_it_is_asked(client: Any, filled: Workspace) -> None:
    run = next(run for run in chains.classifiers(filled) if chains.out_of_fold(filled, run))
    closed = texts(call(client, "panel.children", view_panel__data="/map?cover=3"))
    assert f"why={run.run_id}" in closed
    assert "Speak for" not in closed
    opened = texts(call(client, "panel.children", view_panel__data=f"/map?cover=3&why={run.run_id}"))
    assert opened.count("training covers nearest to it") == opened.count("Speak for") == 1
    assert f"why={run.run_id}" in opened, "covers that lie near open with the reasons, too"


def test_search_by_name_and_by_cover(client: Any) -> None:
    cases = {"query=cover+%26+017": "1 cover found", "query=zzzz": "No cover has this", "cover=3": "Nearest to"}
    for query, expected in cases.items():
        assert expected in texts(call(client, "search-found.children", view_panel__data=f"/search?{query}"))


def test_a_locked_workspace_is_said_and_leaves_the_page_as_it_is(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any) -> None:
        raise WorkspaceError("the workspace stayed locked")

    monkeypatch.setattr(queries, "covers", locked)
    answer = post(client, "panel.children", view_panel__data="/map?cover=1")
    assert answer["sideUpdate"] == {"notice": {"children": "the workspace stayed locked"}}


def test_an_empty_workspace_says_what_to_do(workspace: Workspace) -> None:
    client = create_app(workspace).server.test_client()
    for name in (
        "overview",
        "overview-scores",
        "separability",
        "classifiers-cell",
        "audit",
        "map-controls",
        "search-found",
    ):
        call(client, f"{name}.children", view_panel__data="/search")
    assert "genrescope import" in texts(call(client, "overview.children"))


def test_two_apps_live_in_one_process(filled: Workspace, workspace: Workspace) -> None:
    full, empty = create_app(filled).server.test_client(), create_app(workspace).server.test_client()
    assert "This workspace is empty" in texts(call(empty, "overview.children"))
    assert "This workspace is empty" not in texts(call(full, "overview.children"))


def test_the_first_pages_need_no_torch(filled: Workspace) -> None:
    script = f"""
import sys
from dashboard.app import create_app
from data.store.workspace import open_workspace
client = create_app(open_workspace({str(filled.folder)!r})).server.test_client()
assert client.get("/").status_code == 200
for name in ("overview", "overview-genres", "overview-scores"):
    body = {{"output": name + ".children", "outputs": {{"id": name, "property": "children"}},
            "inputs": [{{"id": "view-overview", "property": "data", "value": ""}}],
            "changedPropIds": ["view-overview.data"]}}
    assert client.post("/_dash-update-component", json=body).status_code == 200
heavy = {{"torch", "sklearn", "umap", "open_clip", "faiss"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True)
