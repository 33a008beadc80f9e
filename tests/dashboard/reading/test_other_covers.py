"""What the app opens with once covers were set aside, or taken back: what was made from the covers that count now."""

from typing import Any

import pytest

from dashboard.reading import chains, judged
from dashboard.reading.behind import kin
from data.store.about.set_aside import set_aside, take_back
from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace


def _done(workspace: Workspace, kind: str, name: str, *inputs: Run, **results: Any) -> Run:
    run = start_run(workspace, kind, name=name, params={}, inputs=[each.run_id for each in inputs])
    return finish_run(workspace, run, results=results)


def _made(workspace: Workspace, separability: float, *, judge: str = "knn") -> tuple[Run, Run]:
    """An embedding that separates so well and a classifier that is so good, of the covers that count now."""
    covers = collection(workspace)
    embedding = _done(workspace, "embedding", "color", covers)
    graph = _done(workspace, "neighbors", "color", embedding)
    _done(workspace, "separability", "color", graph, sentence="", separability=separability)
    folds = _done(workspace, "folds", "folds", covers)
    said = {"embedding": "color", "balanced_accuracy": separability}
    return embedding, _done(workspace, "classifier", judge, embedding, folds, **said)


@pytest.fixture
def five(workspace: Workspace) -> Workspace:
    """A workspace of five covers."""
    with workspace.write() as con:
        con.execute(
            "INSERT INTO covers BY NAME SELECT i AS cover_id, '/' || i AS path, 'x' || i AS sha256, 9 AS bytes, "
            "9 AS width, 9 AS height, 'RGB' AS mode, 'PNG' AS format, 'Jazz' AS genre, ['Jazz'] AS genres, "
            "'{}' AS metadata, current_timestamp::TIMESTAMP AS imported FROM range(5) AS t(i)"
        )
    return workspace


def test_after_excluding_it_opens_with_an_embedding_of_the_covers_left(five: Workspace) -> None:
    before, judge = _made(five, 0.9)
    set_aside(five, [3], reason="label")
    without = _done(five, "embedding", "color", collection(five))
    assert [chain.label for chain in chains.chains(five)] == ["color", "color (other covers)"]
    for wanted in ("", "color", without.run_id):
        chain = chains.chosen(five, wanted)
        assert chain is not None
        assert chain.embedding == without
    chain = chains.chosen(five, before.run_id)
    assert chain is not None
    assert chain.embedding == before
    assert [chains.classifier_label(five, run) for run in judged.ranked(five)] == ["knn on color (other covers)"]
    assert judged.ranked(five) == [judge]


def test_of_others_only_what_was_measured_or_is_nowhere_else_is_offered(five: Workspace) -> None:
    before = [_done(five, "embedding", name, collection(five)) for name in ("color", "shapes")]
    set_aside(five, [3], reason="label")
    assert [chain.embedding for chain in chains.chains(five)] == before[::-1]
    _done(five, "embedding", "color", collection(five))
    assert [chain.label for chain in chains.chains(five)] == ["color", "shapes (other covers)"]


def test_covers_in_several_genres_are_counted_among_those_that_count_now(five: Workspace) -> None:
    with five.write() as con:
        con.execute("UPDATE covers SET genres = ['Jazz', 'Pop'] WHERE cover_id > 1")
    collection(five)
    assert kin.in_several(five) == 3
    set_aside(five, [3], reason="label")
    collection(five)
    assert kin.in_several(five) == 2
    take_back(five)
    assert kin.in_several(five) == 3


def test_a_classifier_of_the_covers_left_stands_before_a_better_one_of_others(five: Workspace) -> None:
    _, better = _made(five, 0.9, judge="1nn")
    set_aside(five, [3], reason="label")
    _, left = _made(five, 0.1)
    assert judged.ranked(five) == [left, better]


def test_once_covers_are_back_what_was_made_with_them_is_no_longer_replaced(five: Workspace) -> None:
    _, first = _made(five, 0.5)
    set_aside(five, [3], reason="label")
    _, left = _made(five, 0.6)
    assert judged.ranked(five) == [left]
    take_back(five)
    assert judged.ranked(five) == [first]
    assert chains.classifier_label(five, first) == "knn on color"
    assert [chain.label for chain in chains.chains(five)] == ["color", "color (other covers)"]
