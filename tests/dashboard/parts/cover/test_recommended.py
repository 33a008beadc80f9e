"""Recommendations on the Search page: what is liked lives in the address; reasons; the evaluation on demand."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.recommending.evaluation import evaluate_recommendations
from dashboard.app import create_app
from dashboard.reading import chains, recommended, results
from data.store.workspace import Workspace
from tests.dashboard.driving import call, texts


@pytest.fixture(scope="module")
def client(filled: Workspace) -> Any:
    return create_app(filled).server.test_client()


def found(client: Any, search: str) -> str:
    return texts(call(client, "search-found.children", view_panel__data=f"/search?{search}"))


def test_the_panel_likes_and_dislikes_by_its_address(client: Any) -> None:
    answer = texts(call(client, "panel.children", view_panel__data="/map?cover=7"))
    assert "/map?cover=7&liked=7" in answer
    assert "/map?cover=7&disliked=7" in answer
    assert '"Recommendations"' not in answer
    again = texts(call(client, "panel.children", view_panel__data="/map?cover=7&liked=3&liked=7"))
    assert "/map?cover=7&liked=3&disliked=7" in again, "disliking takes it off the other side"
    assert '"Recommendations"' in again
    assert "/search?liked=3&liked=7" in again


def test_a_list_with_reasons_that_follows_the_address(client: Any, filled: Workspace) -> None:
    chain = chains.chains(filled)[0]
    listed = recommended.recommended(filled, chain, (3, 50), (90,), across_genres=False)
    assert len(listed) == recommended.SHOWN
    answer = found(client, "liked=3&liked=50&disliked=90")
    assert "Recommended in shapes" in answer
    assert answer.count('"className": "reason"') == len(listed)
    assert answer.count('"className": "off"') == 3
    for each in listed:
        assert f"cover={each.cover_id}" in answer
        assert re.search(rf"near to [^\"]*{each.near_to:03d} {each.similarity:.2f}; to [^\"]*090", answer)
    assert "Some covers" not in answer
    assert "Recommended" not in found(client, "")


def test_across_genres_and_an_open_cover_beside(client: Any, filled: Workspace) -> None:
    chain = chains.chains(filled)[0]
    listed = recommended.recommended(filled, chain, (3,), (), across_genres=True)
    covers = results.queries.covers(filled)
    assert covers.genre_of(3) not in {covers.genre_of(each.cover_id) for each in listed}
    answer = found(client, "liked=3&across=genres&cover=9")
    assert "Nearest to" in answer
    assert answer.index("Recommended in") < answer.index("Nearest to")
    assert all(f"cover={each.cover_id}&" in answer for each in listed)


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("disliked=4", "nothing is liked"),
        ("liked=4&disliked=4", "both liked and disliked"),
        ("liked=4&liked=9999", "9999"),
    ],
)
def test_what_cannot_be_recommended_is_said(client: Any, search: str, said: str) -> None:
    assert said in found(client, search)


def test_the_evaluation_opens_on_demand(filled: Workspace, tmp_path: Path) -> None:
    workspace = Workspace(Path(shutil.copytree(filled.folder, tmp_path / "copy")))
    client, chain = create_app(workspace).server.test_client(), chains.chains(workspace)[0]
    before = texts(call(client, "search-evaluated.children"))
    assert "genrescope evaluate-recommendations --embedding shapes" in before
    runs = evaluate_recommendations(workspace, chain.embedding, resamples=20)
    assert recommended.evaluations(workspace, chains.chains(workspace)[0])[0] == runs[0]
    answer = call(client, "search-evaluated.children")
    assert "are of its genre" in texts(answer)
    assert "most popular" in texts(answer)
    details = answer["search-evaluated"]["children"]
    assert details["type"] == "Details"
    assert not details["props"]["open"]
