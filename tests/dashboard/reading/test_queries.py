"""What pages read: the right rows, fresh when the workspace grows, cached when it does not."""

from typing import Any

import numpy as np
import pytest

from analysis.evaluation.predictions import read_balanced_accuracy, read_predictions
from analysis.evaluation.scores import score
from dashboard.reading import chains, judged, queries, results
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace


def test_covers_are_columns_by_id(filled: Workspace) -> None:
    covers = queries.covers(filled)
    assert len(covers) == 200
    assert covers.genres == tuple(sorted(covers.genres))
    assert sum(covers.counts) == 200
    cover = queries.cover(filled, 7)
    assert cover is not None
    assert cover.sha256 == covers.sha256[7]
    assert cover.genre == covers.genre_of(7)
    assert cover.metadata["title"] == "Title & <b>7</b>"
    assert queries.cover(filled, 10_000) is None


def test_search_looks_into_names_genres_and_metadata_and_takes_signs_as_they_are(filled: Workspace) -> None:
    assert queries.find_covers(filled, "COVER & 017") == [17]
    assert queries.find_covers(filled, "title & <b>42<") == [42]
    assert len(queries.find_covers(filled, "techno")) == 40
    assert queries.find_covers(filled, "%") == []
    assert queries.find_covers(filled, "_ov") == []
    assert queries.find_covers(filled, "'; DROP TABLE covers; --") == []
    assert len(queries.find_covers(filled, "cover", limit=9)) == 9


def test_finished_runs_are_read_once(filled: Workspace) -> None:
    chain = chains.chains(filled)[0]
    assert chain.projection is not None
    assert queries.projection(filled, chain.projection.run_id) is queries.projection(filled, chain.projection.run_id)


def test_the_list_of_runs_follows_the_database(workspace: Workspace) -> None:
    assert queries.runs(workspace) == ()
    run = start_run(workspace, "collection", params={"covers": 0})
    assert [found.finished for found in queries.runs(workspace)] == [None]
    finish_run(workspace, run)
    assert queries.runs(workspace)[0].finished is not None


def test_embeddings_are_ranked_by_separability_and_lead_to_what_was_made_from_them(filled: Workspace) -> None:
    first, second = chains.chains(filled)
    assert (first.embedding.name, second.embedding.name) == ("shapes", "color")
    assert first.neighbors is not None
    assert first.projection is not None
    assert first.embedding.run_id in first.neighbors.inputs
    assert first.neighbors.run_id in first.projection.inputs
    assert chains.chosen(filled, "color") == second
    assert chains.chosen(filled, second.embedding.run_id) == second
    assert chains.chosen(filled, "no such run") == first
    assert {run.results["embedding"] for run in chains.classifiers(filled, second)} == {"color"}


def test_a_newer_run_of_the_same_settings_replaces_one_that_noted_fewer(workspace: Workspace) -> None:
    folds = [_done(workspace, "folds", {"folds": 5} | noted) for noted in ({}, {"nobody": ["-"]})]
    old = _done(workspace, "classifier", {"k": 10}, folds[0])
    other = _done(workspace, "classifier", {"k": 3, "method": 1}, folds[0])
    new = _done(workspace, "classifier", {"k": 10, "method": 1}, folds[1])
    assert [run.run_id for run in chains.current(workspace)] == [new.run_id, other.run_id]
    assert old.run_id in [run.run_id for run in chains.current(workspace, also=(old.run_id,))]
    labels = [chains.classifier_label(workspace, run) for run in (old, other, new)]
    assert labels == ["knn on color", f"knn on color, {other.run_id[:4]}", f"knn on color, {new.run_id[:4]}"]


def _done(workspace: Workspace, kind: str, params: dict[str, Any], *inputs: Run) -> Run:
    """A finished run that computed nothing."""
    name = "knn" if kind == "classifier" else kind
    run = start_run(workspace, kind, name=name, params=params, inputs=[each.run_id for each in inputs])
    return finish_run(workspace, run, results={"embedding": "color", "balanced_accuracy": 0.5})


def test_neighbors_come_nearest_first_and_never_the_cover_itself(filled: Workspace) -> None:
    chain = chains.chains(filled)[0]
    assert chain.neighbors is not None
    found = results.neighbors_of(filled, chain.neighbors.run_id, 11, k=5)
    similarities = [similarity for _, similarity in found]
    assert len(found) == 5
    assert similarities == sorted(similarities, reverse=True)
    assert 11 not in [cover_id for cover_id, _ in found]
    assert results.neighbors_of(filled, chain.neighbors.run_id, 5_000, k=5) == []


def test_cells_hold_the_covers_by_their_verdict(filled: Workspace) -> None:
    for run in chains.classifiers(filled):
        found = judged.verdicts(filled, run.run_id)
        told = [
            (truth, each)
            for truth in found.classes
            for predicted in found.classes
            for each in judged.cell(filled, run.run_id, truth, predicted)
        ]
        assert sorted(each.cover_id for _, each in told) == found.cover_ids.tolist()
        for truth, each in told:
            assert queries.covers(filled).genre_of(each.cover_id) == truth
            said = judged.judgement(filled, run.run_id, each.cover_id)
            assert said is not None
            assert (each.predicted, each.probability) == (said.predicted, said.probabilities[0][1])
        assert judged.cell(filled, run.run_id, "no such genre", found.classes[0]) == []


def test_a_cover_says_how_often_it_was_taken_so(filled: Workspace) -> None:
    run = chains.classifiers(filled, chains.chains(filled)[0])[0]
    rows = judged.predictions(filled, run.run_id)
    errors = judged.surest_errors(filled, run.run_id)
    assert [each.probability for each in errors] == sorted((each.probability for each in errors), reverse=True)
    assert {each.times for each in errors} >= {2, 3}
    for each in errors:
        own = rows.predicted[rows.cover_ids == each.cover_id]
        assert each.times == sum(rows.classes[code] == each.predicted for code in own)
        assert each.note.endswith("/3" if each.times < 3 else "%")
    old = chains.classifiers(filled, chains.chains(filled)[1])[0]
    assert all(each.note.endswith("%") for each in judged.surest_errors(filled, old.run_id))


def test_matrices_count_covers_not_repeats(filled: Workspace) -> None:
    for run in chains.classifiers(filled):
        judged_covers = len(judged.verdicts(filled, run.run_id).cover_ids)
        assert np.isclose(judged.confusion(filled, run.run_id).sum(), judged_covers)
        assert judged_covers == run.results["test"]


def test_balanced_accuracy_is_that_of_the_matrix_with_or_without_a_stored_one(filled: Workspace) -> None:
    for run in chains.classifiers(filled):
        matrix = judged.confusion(filled, run.run_id)
        assert np.isclose(judged.balanced_accuracy(filled, run), np.mean(matrix.diagonal() / matrix.sum(axis=1)))


def test_the_border_holds_covers_of_one_genre_beside_the_other(filled: Workspace) -> None:
    chain = chains.chains(filled)[-1]
    assert chain.neighbors is not None
    assert chain.separability is not None
    covers = queries.covers(filled)
    found = results.border(filled, chain.separability.run_id, "Blues", "Disco")
    assert found
    for cover_id, similarity in found:
        assert covers.genre_of(cover_id) == "Blues"
        near = results.neighbors_of(filled, chain.neighbors.run_id, cover_id, k=20)
        disco = [value for neighbor, value in near if covers.genre_of(neighbor) == "Disco"]
        assert np.isclose(max(disco), similarity)


def test_the_border_leaves_copies_out(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = chains.chains(filled)[-1].separability
    assert run is not None
    everything = np.zeros(len(queries.covers(filled)), np.int32)
    monkeypatch.setattr("data.grouping.groups.read_group_ids", lambda *_: everything)
    results.border.cache_clear()
    assert results.border(filled, run.run_id, "Blues", "Disco") == ()
    results.border.cache_clear()


def test_what_is_read_without_probabilities_says_the_same(filled: Workspace) -> None:
    for run in chains.classifiers(filled):
        every, told = judged.predictions(filled, run.run_id), read_predictions(filled, run, probabilities=False)
        assert told.probabilities.shape == (len(every.truth), 0)
        for name in ("cover_ids", "repeat", "truth", "predicted", "groups"):
            np.testing.assert_array_equal(getattr(every, name), getattr(told, name))
        scores = judged.scores(filled, run.run_id)
        expected = judged.score_of(scores, "balanced_accuracy")
        assert expected is not None
        assert judged.balanced(filled, run.run_id) == expected
        assert read_balanced_accuracy(filled, run) == pytest.approx(expected.value, abs=1e-12)


def test_calibration_stands_beside_the_scores(filled: Workspace) -> None:
    run = chains.classifiers(filled)[0]
    every = score(judged.predictions(filled, run.run_id))
    found = (*judged.scores(filled, run.run_id), *judged.calibration(filled, run.run_id))
    assert [each.metric for each in found] == every.metric.tolist()
    np.testing.assert_array_equal([each.value for each in found], every.value)
    np.testing.assert_array_equal(np.array([each.high for each in found], float), every.high)


def test_disagreement_is_by_verdict_on_the_covers_that_both_judged(filled: Workspace) -> None:
    out_of_fold, on_a_split = (chains.classifiers(filled, chain)[0] for chain in chains.chains(filled))
    winner, loser = (judged.verdicts(filled, run.run_id) for run in (out_of_fold, on_a_split))
    found = judged.only_right(filled, out_of_fold.run_id, on_a_split.run_id)
    expected, lead = {}, []
    for row, cover_id in enumerate(loser.cover_ids.tolist()):
        own = int(np.flatnonzero(winner.cover_ids == cover_id)[0])
        if winner.predicted[own] == winner.truth[own] and loser.predicted[row] != loser.truth[row]:
            expected[cover_id] = loser.classes[loser.predicted[row]]
    for cover_id in found:
        sides = [judged.judgement(filled, run.run_id, cover_id) for run in (out_of_fold, on_a_split)]
        own = [dict(side.probabilities)[queries.covers(filled).genre_of(cover_id)] for side in sides if side]
        lead.append(own[0] - own[1])
    assert found == expected
    assert lead == sorted(lead, reverse=True)
    assert found


def test_comparisons_know_the_folds(filled: Workspace) -> None:
    for chain, folds in zip(chains.chains(filled), (5, None), strict=True):
        first, second = chains.classifiers(filled, chain)
        assert judged.comparison(filled, first.run_id, second.run_id).folds == folds
