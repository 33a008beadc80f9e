"""The evaluation on drawn covers, whose artists and labels are planted; lists against `recommend`; the verb; export."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.chain.export import read_table
from analysis.geometry.neighbors import build_neighbors, read_neighbors
from analysis.recommending.evaluation import evaluate_recommendations, read_evaluation
from analysis.recommending.lists import at_random, by_embedding, most_popular, nearest_only
from analysis.recommending.recommend import albums, recommend
from analysis.recommending.words import sentences
from data.grouping.groups import read_group_ids
from data.grouping.splits import make_split, read_split
from data.store.covers import collection, read_covers
from data.store.runs import Run, find_runs, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.vectors import append_vectors, read_vectors
from genrescope import cli

Drawn = tuple[Workspace, Run, Run]
K = 5


@pytest.fixture(scope="module")
def lists(drawn: Drawn) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    workspace, embedding, groups = drawn
    apart = albums(workspace, groups.run_id)
    vectors = read_vectors(workspace, embedding)[1]
    rows = read_neighbors(workspace, build_neighbors(workspace, embedding)).rows
    near = nearest_only(vectors, rows, apart, k=K)
    return apart, {
        "own": by_embedding(vectors, rows, apart, k=K),
        "nearest": near,
        "popular": most_popular(near, apart, k=K),
        "random": at_random(apart, k=K, seed=1),
    }


def test_no_list_holds_the_own_group_or_two_of_one(lists) -> None:
    apart, found = lists
    for name, listed in found.items():
        assert (listed >= 0).all(), name
        assert (apart[listed] != apart[:, None]).all(), name
        assert all(len(set(apart[row])) == K for row in listed), name


def test_the_lists_are_those_that_recommend_gives(drawn: Drawn, lists) -> None:
    workspace, embedding, groups = drawn
    for cover_id in range(0, 160, 7):
        found = recommend(workspace, [cover_id], embedding=embedding, groups=groups, k=K)
        assert [each.cover_id for each in found] == lists[1]["own"][cover_id].tolist()


def test_the_popular_are_in_most_lists_and_chance_differs_by_seed(lists) -> None:
    apart, found = lists
    times = np.bincount(found["nearest"].ravel(), minlength=160)
    everybody = set(found["popular"].ravel())
    assert len(everybody) == K + 1
    assert times[list(everybody)].min() >= np.sort([times[apart == group].max() for group in set(apart)])[-K - 1]
    assert not np.array_equal(found["random"], at_random(apart, k=K, seed=2))
    np.testing.assert_array_equal(found["random"], at_random(apart, k=K, seed=1))


@pytest.fixture(scope="module")
def evaluated(drawn: Drawn) -> tuple[Workspace, dict[str, tuple[Run, pd.DataFrame]]]:
    """Colour, and an embedding in which every cover lies where its artist, its label and its genre do."""
    workspace, _, _ = drawn
    covers = read_covers(workspace, collection(workspace), metadata=True)
    known = pd.DataFrame(covers.metadata.map(json.loads).tolist())
    dice = np.random.default_rng(2)
    vectors = 0.3 * dice.normal(size=(160, 24))
    for names, weight in ((covers.genre, 2.0), (known.label, 2.0), (known.artist, 3.0)):
        codes = pd.factorize(names)[0]
        vectors += weight * dice.normal(size=(codes.max() + 1, 24))[codes]
    run = start_run(workspace, "embedding", name="planted", params={}, inputs=[collection(workspace).run_id])
    append_vectors(workspace, run, np.arange(160), vectors.astype(np.float32))
    planted = finish_run(workspace, run, results={"dimension": 24, "covers": 160, "left_out": 0})
    runs = evaluate_recommendations(workspace, planted, k=K, resamples=200)
    return workspace, {run.params["relevant"]: (run, read_evaluation(workspace, run)) for run in runs}


def value(rows: pd.DataFrame, measure: str, recommender: str) -> pd.Series:
    return rows[rows.genre.isna()].set_index(["measure", "recommender"]).loc[(measure, recommender)]


@pytest.mark.parametrize("relevant", ["genre", "artist", "label"])
def test_what_is_planted_is_found_and_beats_colour_and_chance(evaluated, relevant: str) -> None:
    _, found = evaluated
    run, rows = found[relevant]
    assert run.results["recommenders"] == ["planted", "nearest", "color", "popular", "random"]
    chance = value(rows, "ndcg", "random")
    own = value(rows, "ndcg", "planted")
    assert own.low > chance.high
    assert value(rows, "ndcg_above", "random").low > 0
    assert value(rows, "ndcg_above", "color").value > 0.1
    assert value(rows, "novelty", "popular").value < 0.2 < value(rows, "novelty", "planted").value
    assert value(rows, "novelty", "popular").low >= 0, "bits are never below"
    assert value(rows, "coverage", "popular").value < 0.1
    assert value(rows, "diversity", "planted").value > value(rows, "diversity", "nearest").value
    assert value(rows, "hubs", "popular").value > value(rows, "hubs", "random").value


def test_chance_is_what_it_has_to_be(drawn: Drawn, evaluated) -> None:
    workspace, _, groups = drawn
    genres = read_covers(workspace, collection(workspace)).genre.to_numpy()
    ids = read_group_ids(workspace, groups)
    share = [np.mean(genres[ids != ids[i]] == genres[i]) for i in range(160)]
    found = value(evaluated[1]["genre"][1], "precision", "random")
    assert found.low < np.mean(share) < found.high


def test_artists_are_found_though_they_are_groups_elsewhere(drawn: Drawn, evaluated) -> None:
    workspace, _, groups = drawn
    run, rows = evaluated[1]["artist"]
    assert run.results["units"] < run.results["covers"]
    assert find_runs(workspace, "groups") == [groups], "no other groups than the user's come to be the newest"
    # Among all its others the covers of an artist are nearest where they were planted.
    assert value(rows, "mrr", "nearest").value > 0.7


def test_it_is_found_again_and_sentences_say_what_is_stored(evaluated) -> None:
    workspace, found = evaluated
    run, rows = found["genre"]
    planted = next(each for each in evaluate_recommendations(workspace, _embedding(workspace), k=K, resamples=200))
    assert planted.run_id == run.run_id
    said = sentences(run, rows)
    right = value(rows, "precision", "planted")
    assert f"{right.value:.3f} [{right.low:.3f}, {right.high:.3f}] are of its genre" in said[0]
    assert "color (+" in said[1]
    assert "most popular (+" in said[1]


def _embedding(workspace: Workspace) -> Run:
    from data.store.runs import latest_run

    return latest_run(workspace, "embedding", name="planted")


def test_covers_that_the_encoder_was_trained_on_do_not_count(drawn: Drawn) -> None:
    """An embedding that has each cover of its training where its genre is, and the others anywhere."""
    workspace, _, groups = drawn
    split = make_split(workspace, groups=groups)
    training, test_ids = read_split(workspace, split)
    genres = read_covers(workspace, collection(workspace)).genre.to_numpy()
    dice = np.random.default_rng(3)
    vectors = dice.normal(size=(160, 8))
    codes = pd.factorize(genres)[0]
    vectors[training] += 20 * dice.normal(size=(codes.max() + 1, 8))[codes[training]]
    trained_on = {"division": split.run_id, "repeat": 0, "fold": 0}
    inputs = [collection(workspace).run_id]
    run = start_run(workspace, "embedding", name="taught", params={"trained_on": trained_on}, inputs=inputs)
    append_vectors(workspace, run, np.arange(160), vectors.astype(np.float32))
    taught = finish_run(workspace, run, results={"dimension": 8, "covers": 160, "left_out": 0})
    by_genre, *_ = evaluate_recommendations(workspace, taught, k=3, resamples=50)
    ids = read_group_ids(workspace, groups)[test_ids]
    several = [len(set(ids[genres[test_ids] == genre])) > 1 for genre in genres[test_ids]]
    assert by_genre.results["covers"] == sum(several) <= len(test_ids) < 60
    assert by_genre.results["precision"] < 0.5


def test_table_and_verb(evaluated) -> None:
    workspace, _ = evaluated
    table = read_table(workspace, "recommendation_scores", run="planted")
    assert set(table.relevant) == {"genre", "artist", "label"}
    assert {"planted", "nearest", "color", "popular", "random"} == set(table.recommender)
    assert "ndcg" in set(table.metric)
    command = ["evaluate-recommendations", "--embedding", "color", "-k", "3", "--workspace", str(workspace.folder)]
    answer = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert "color, by artist" in answer.output
    (by_genre, *_) = json.loads(CliRunner().invoke(cli, [*command, "--json"], catch_exceptions=False).stdout)
    assert by_genre["sentences"][0] in answer.output
    assert by_genre["recommenders"] == ["color", "nearest", "popular", "random"]
