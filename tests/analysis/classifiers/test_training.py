"""Training on a small collection with planted duplicates, through the real store."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from analysis.chain.export import export
from analysis.chain.train_command import train_command
from analysis.classifiers.divisions import Part, Side, read_division
from analysis.classifiers.estimators.knn import FaissKNN, tempered
from analysis.classifiers.judging import judge, predict_from_graph
from analysis.classifiers.registry import CLASSIFIERS, make_classifier
from analysis.classifiers.training import train, train_all
from analysis.evaluation.comparing.compare_command import compare_command
from analysis.evaluation.finding import find_classifier
from analysis.evaluation.predictions import read_predictions, verdicts
from analysis.evaluation.scores import confusion, score, value_of
from analysis.evaluation.sure.conformal import p_values
from analysis.evaluation.sure.sets import find_sets, make_sets, read_set_scores, read_sets, set_of
from analysis.evaluation.sure.sure_command import sure_command
from analysis.geometry.neighbors import NeighborGraph, build_neighbors, read_neighbors
from data.errors import GenrescopeError, RunNotFound
from data.grouping.duplicates import find_duplicates, read_groups
from data.grouping.folds import deal_folds, make_folds, read_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split, read_split
from data.store.covers import collection
from data.store.runs import Run, find_runs, finish_run, latest_run, start_run
from data.store.workspace import Workspace, open_workspace
from embeddings.vectors import append_vectors

GENRES = ["Folk", "Jazz", "Pop"]
COVERS = 300
COPIES = 60  # the last covers are copies of the first, in the next genre
LEFT_OUT = 7


@pytest.fixture
def fresh(workspace: Workspace) -> Workspace:
    """300 covers of three genres, the last 60 exact copies of the first 60 but filed under another genre."""
    add_covers(workspace, np.arange(COVERS))
    return workspace


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """As `fresh`, for tests that only add runs."""
    workspace = open_workspace(tmp_path_factory.mktemp("shelf"), create=True)
    add_covers(workspace, np.arange(COVERS))
    return workspace


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run, Run]:
    """As `shelf`, with an embedding and a split in which Ska has its only cover in training, Afrobeat in test."""
    workspace = open_workspace(tmp_path_factory.mktemp("uneven"), create=True)
    add_covers(workspace, np.arange(COVERS))
    with workspace.write() as con:
        con.execute("UPDATE covers SET genre = 'Ska', genres = ['Ska'] WHERE cover_id = 10")
        con.execute("UPDATE covers SET genre = 'Afrobeat', genres = ['Afrobeat'] WHERE cover_id = 11")
    embedding, duplicates = embed(workspace), find_duplicates(workspace)
    split = start_run(workspace, "split", name="own", params={}, inputs=[embedding.inputs[0], duplicates.run_id])
    cover_ids = np.arange(COVERS)
    in_test = (cover_ids % 5 == 0) & (cover_ids != 10) | (cover_ids == 11)
    sides = pa.table({"cover_id": cover_ids, "side": np.where(in_test, "test", "train")})
    return workspace, embedding, finish_run(workspace, split, tables={"splits": sides})


def add_covers(workspace: Workspace, cover_ids: np.ndarray) -> None:
    """Covers as an import would leave them: the content says which picture it is, a random hash how it looks."""
    rows = []
    for cover_id in cover_ids.tolist():
        picture = picture_of(cover_id)
        looks = np.random.default_rng(picture).bytes(32).hex()
        genre = GENRES[genre_of(cover_id)]
        rows.append([cover_id, f"/covers/{cover_id}.jpg", f"{picture:064}", looks, 9, 300, 300, "RGB", "JPEG", genre])
    with workspace.write() as con:
        con.executemany(
            "INSERT INTO covers BY NAME SELECT $1 AS cover_id, $2 AS path, $3 AS sha256, $4 AS phash, $5 AS bytes, "
            "$6 AS width, $7 AS height, $8 AS mode, $9 AS format, $10 AS genre, [$10] AS genres, "
            "'{}' AS metadata, current_timestamp::TIMESTAMP AS imported",
            rows,
        )


def picture_of(cover_id: int) -> int:
    return cover_id - (COVERS - COPIES) if COVERS - COPIES <= cover_id < COVERS else cover_id


def genre_of(cover_id: int) -> int:
    return (picture_of(cover_id) + (picture_of(cover_id) != cover_id)) % 3


def embed(workspace: Workspace, *, spread: float = 1.0, name: str = "gaussians") -> Run:
    """An embedding of all covers but one: a gaussian a genre in 24 dimensions, copies with equal vectors."""
    covers = collection(workspace)
    run = start_run(workspace, "embedding", name=name, params={"spread": spread}, inputs=[covers.run_id])
    if run.finished:
        return run
    cover_ids = np.delete(np.arange(covers.params["covers"]), LEFT_OUT)
    pictures = np.array([picture_of(cover_id) for cover_id in cover_ids])
    noise = np.random.default_rng(1).normal(size=(pictures.max() + 1, 24))
    append_vectors(workspace, run, cover_ids, 3 * np.eye(24)[pictures % 3] + spread * noise[pictures])
    return finish_run(workspace, run, results={"dimension": 24, "covers": len(cover_ids), "left_out": 1})


def read_sides(workspace: Workspace, embedding: Run, split: Run) -> tuple[Side, Side]:
    covers, (part,) = read_division(workspace, embedding, split)
    return covers.take(part.training), covers.take(part.test)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_cover_with_a_vector_is_predicted_once_a_repeat(shelf, name):
    folds = make_folds(shelf, make_groups(shelf), folds=3, repeats=2)
    run = train(shelf, name, embed(shelf), folds)
    found = read_predictions(shelf, run)
    with_vector = np.delete(np.arange(COVERS), LEFT_OUT)
    assert found.cover_ids.tolist() == np.repeat(with_vector, 2).tolist()
    assert found.repeat.tolist() == [0, 1] * (COVERS - 1)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    assert (run.results["split"], run.results["repeats"], run.results["test"]) == ("folds", 2, COVERS - 1)
    assert run.results["train"] == pytest.approx(2 / 3 * COVERS, abs=3)
    assert [(fit["repeat"], fit["fold"]) for fit in run.results["fitted"]] == [(r, f) for r in (0, 1) for f in range(3)]
    assert run.results["balanced_accuracy"] == value_of(score(found), "balanced_accuracy")[0] > 0.65
    assert verdicts(found).cover_ids.tolist() == with_vector.tolist()


def test_what_each_fit_chose_is_stored(shelf):
    folds = make_folds(shelf, make_groups(shelf), folds=3, repeats=1)
    for name, chosen in (
        ("logistic", {"C", "temperature"}),
        ("mlp", {"epochs", "temperature"}),
        ("knn", {"temperature"}),
    ):
        run = train(shelf, name, embed(shelf), folds)
        assert all(set(fit) == {"repeat", "fold", "seconds", *chosen} for fit in run.results["fitted"])
    logistic = train(shelf, "logistic", embed(shelf), folds)
    covers, parts = read_division(shelf, embed(shelf), folds)
    again = make_classifier("logistic").fit(*_taught(covers, parts[1]), groups=covers.groups[parts[1].training])
    fit = logistic.results["fitted"][1]
    assert (fit["C"], fit["temperature"]) == (again.C_, pytest.approx(again.temperature_))


def test_prediction_sets_come_with_the_run(shelf, tmp_path):
    run = train(shelf, "logistic", embed(shelf), make_folds(shelf, make_groups(shelf), folds=3, repeats=2))
    sets = find_sets(shelf, run)
    assert make_sets(shelf, run) == sets
    table, found = read_sets(shelf, sets), verdicts(read_predictions(shelf, run))
    values = np.stack(table.p_values)
    np.testing.assert_allclose(values, p_values(found.probabilities, found.truth, found.groups), atol=1e-6)
    for likely, row, said in zip(table.likely, values, found.probabilities, strict=True):
        assert list(likely) == [found.classes[i] for i in np.argsort(-said, kind="stable") if row[i] > 0.1]
    scores = read_set_scores(shelf, sets)
    assert scores[scores.metric == "set_coverage"].value.between(0.88, 0.96).all()
    assert scores.low.le(scores.value).sum() == scores.low.notna().sum() > 0
    assert sets.results["sentence"].startswith("Sets that hold the genre in 90% of the cases name")
    assert set(set_of(sets, dict.fromkeys(GENRES, 1.0))) == set(GENRES)
    assert set_of(sets, dict.fromkeys(GENRES, 0.0)) == ()
    assert export(shelf, "prediction_sets", tmp_path / "sets.csv", run=sets.run_id) == COVERS - 1
    assert export(shelf, "set_scores", tmp_path / "scores.csv", run=sets.run_id) == 16


def test_the_verb_says_how_sure(shelf):
    run = train(shelf, "logistic", embed(shelf), make_folds(shelf, make_groups(shelf), folds=3, repeats=2))
    asked = [run.run_id, "--workspace", str(shelf.folder)]
    found = json.loads(CliRunner().invoke(sure_command, [*asked, "--level", "0.8", "--json"]).output)
    assert found["sets"]["level"] == 0.8
    assert found["calibration_error"] == list(value_of(score(read_predictions(shelf, run)), "calibration_error"))
    said = CliRunner().invoke(sure_command, asked).output
    assert "calibration error" in said
    assert "mean of genres" in said


def _taught(covers: Side, part: Part) -> tuple[np.ndarray, np.ndarray]:
    return covers.vectors[part.training], covers.genres[part.training]


def test_out_of_fold_predictions_are_those_of_cross_validation():
    """scikit-learn's cross_val_predict with the same estimator, given the same folds."""
    rng = np.random.default_rng(3)
    genres = np.array(GENRES)[rng.integers(3, size=150)]
    covers = Side(np.arange(150), rng.normal(size=(150, 8)).astype(np.float32), genres, np.arange(150))
    fold = deal_folds(np.unique(genres, return_inverse=True)[1], covers.groups, folds=4, seed=0)
    parts = [Part(0, i, np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(4)]
    for name in ("knn", "linear-svm"):
        found, _ = judge(name, covers, parts)
        expected = cross_val_predict(
            make_classifier(name), covers.vectors, genres, cv=PredefinedSplit(fold), method="predict_proba"
        )
        order = np.argsort(found.cover_ids)
        np.testing.assert_allclose(found.probabilities[order], expected, atol=1e-5)
        assert (found.truth[order] == np.searchsorted(GENRES, genres)).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_nothing_is_predicted_by_what_was_trained_on_its_group(name):
    """The vectors say which group a cover is in and nothing else: who has seen the group knows, others guess.

    Genres are drawn by group, so a leak of one group in ten would lift the accuracy by .07.
    """
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(100), 6)
    genres = np.array(GENRES)[np.repeat(rng.permutation(np.arange(100) % 3), 6)]
    vectors = (4 * rng.normal(size=(100, 16))[groups] + rng.normal(size=(600, 16))).astype(np.float32)
    covers = Side(np.arange(600), vectors, genres, groups)
    codes = np.unique(genres, return_inverse=True)[1]
    accuracy = {}
    for kind, bound in (("grouped", groups), ("loose", np.arange(600))):
        fold = deal_folds(codes, bound, folds=5, seed=1)
        parts = [Part(0, i, np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(5)]
        found, _ = judge(name, covers, parts)
        accuracy[kind] = np.mean(found.predicted == found.truth)
    assert abs(accuracy["grouped"] - 1 / 3) < 0.1  # two standard deviations of 100 groups
    assert accuracy["loose"] > 0.45


def test_folds_of_a_run_keep_groups_whole(fresh):
    """Artists as groups, through the store: no fit learns from an artist whose covers it predicts."""
    with fresh.write() as con:
        con.execute("UPDATE covers SET metadata = json_object('artist', 'A' || (cover_id % 50))")
    groups = make_groups(fresh)
    covers, parts = read_division(fresh, embed(fresh), make_folds(fresh, groups, folds=4, repeats=2, seed=9))
    assert groups.results["columns"] == ["artist"]
    assert len(parts) == 8
    for part in parts:
        assert not set(covers.cover_ids[part.training] % 50) & set(covers.cover_ids[part.test] % 50)
        assert sorted([*part.training, *part.test]) == list(range(COVERS - 1))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_genre_with_fewer_groups_than_folds_breaks_nothing(fresh, name, caplog):
    """Ska has one cover: judged by what does not know Ska, whose probability is then 0; elsewhere it is possible."""
    with fresh.write() as con:
        con.execute("UPDATE covers SET genre = 'Ska', genres = ['Ska'] WHERE cover_id = 100")
    embedding = embed(fresh)
    (run,) = train_all(fresh, classifiers=[name], embeddings=[embedding], folds=3, repeats=2)
    found = read_predictions(fresh, run)
    own = found.cover_ids == 100
    assert found.classes == [*GENRES, "Ska"]
    assert (found.probabilities[own, 3] == 0).all()
    folds = read_folds(fresh, latest_run(fresh, "folds"))
    beside = folds[found.repeat, found.cover_ids] == folds[found.repeat, 100]
    assert (found.probabilities[beside, 3] == 0).all()
    assert (found.probabilities[~beside, 3] > 0).all()
    assert "too small" in caplog.text
    assert "Ska" in caplog.text


def test_a_fold_that_knows_one_genre_only_predicts_it():
    covers = Side(np.arange(4), np.eye(4, dtype=np.float32), np.array(["Folk", "Folk", "Jazz", "Jazz"]), np.arange(4))
    parts = [Part(0, 0, np.array([0, 1]), np.array([2, 3])), Part(0, 1, np.array([1, 2, 3]), np.array([0]))]
    found, _ = judge("logistic", covers, parts)
    assert found.predicted[:2].tolist() == [0, 0]
    assert found.probabilities[:2].tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_predicts_every_test_cover(shelf, name):
    split = make_split(shelf)
    run = train(shelf, name, embed(shelf), split)
    predictions = read_predictions(shelf, run)
    _, test_ids = read_split(shelf, split)
    assert predictions.cover_ids.tolist() == [cover_id for cover_id in test_ids if cover_id != LEFT_OUT]
    assert [predictions.classes[code] for code in predictions.truth] == [
        GENRES[genre_of(cover_id)] for cover_id in predictions.cover_ids
    ]
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1, atol=1e-5)
    assert (predictions.probabilities.argmax(axis=1) == predictions.predicted).mean() > 0.98
    assert run.results["classes"] == GENRES
    assert run.results["train"] + run.results["test"] == COVERS - 1
    # Of the 240 pictures 60 are filed under two genres: the vector cannot tell which of the two is meant.
    assert run.results["accuracy"] > 0.65


def test_results_are_those_of_the_stored_predictions(shelf):
    run = train(shelf, "logistic", embed(shelf), make_split(shelf))
    predictions = read_predictions(shelf, run)
    table = score(predictions)
    assert value_of(table, "accuracy")[0] == run.results["accuracy"]
    assert value_of(table, "macro_f1")[0] == pytest.approx(run.results["macro_f1"])
    assert confusion(predictions).sum() == run.results["test"]
    _, near_group = read_groups(shelf, find_duplicates(shelf))
    assert (predictions.groups == near_group[predictions.cover_ids]).all()
    assert run.results["chance"] == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize("name", ["knn", "1nn"])
def test_neighbours_from_the_graph_are_those_of_a_search(shelf, name):
    """On a grouped split no test cover has a copy in training, so the graph restricted to it loses nothing."""
    embedding, split = embed(shelf, spread=4.0), make_split(shelf)
    run = train(shelf, name, embedding, split)
    assert run.inputs[2] == build_neighbors(shelf, embedding).run_id
    training, test = read_sides(shelf, embedding, split)
    searched = make_classifier(name).fit(training.vectors, training.genres, groups=training.groups)
    found = read_predictions(shelf, run)
    np.testing.assert_allclose(found.probabilities, searched.predict_proba(test.vectors), atol=1e-6)
    assert [GENRES[code] for code in found.predicted] == searched.predict(test.vectors).tolist()


@pytest.mark.parametrize("k", [2, 8, 200])
def test_short_lists_of_the_graph_are_completed_by_a_search(shelf, k):
    """A graph of 9 neighbours: with k = 2 enough for all, with 8 only for some, with 200 for none."""
    embedding, split = embed(shelf, spread=4.0), make_split(shelf)
    whole = read_neighbors(shelf, build_neighbors(shelf, embedding))
    graph = NeighborGraph(whole.cover_ids, whole.neighbor_ids[:, :9], whole.similarities[:, :9])
    training, test = read_sides(shelf, embedding, split)
    genres, probabilities, _ = predict_from_graph(FaissKNN(k=k), graph, training, test)
    expected = FaissKNN(k=k).fit(training.vectors, training.genres, groups=training.groups)
    assert genres.tolist() == GENRES
    np.testing.assert_allclose(probabilities, expected.predict_proba(test.vectors), atol=1e-6)


def test_padding_of_a_short_list_is_no_neighbour():
    """Cover 4 lists one training cover, 3, and nothing else; its second neighbour has to be searched for."""
    training = Side(np.arange(4), np.eye(4, dtype=np.float32), np.array(["Folk", "Jazz", "Pop", "Pop"]), np.arange(4))
    test = Side(np.array([4]), np.array([[0, 0.5, 0, 1]], dtype=np.float32), np.array(["Pop"]), np.array([4]))
    lists, similarities = np.full((5, 3), -1, dtype=np.int32), np.full((5, 3), np.nan, dtype=np.float32)
    lists[4, 0], similarities[4, 0] = 3, 0.9
    graph = NeighborGraph(np.arange(5, dtype=np.int32), lists, similarities)
    genres, probabilities, chosen = predict_from_graph(FaissKNN(k=2), graph, training, test)
    assert genres.tolist() == GENRES
    expected = tempered(np.array([[1, 4, 4]]) / 9, chosen["temperature"])
    assert probabilities == pytest.approx(expected, abs=1e-3)


def test_the_graph_is_really_read(shelf):
    """With test vectors of nothing but zeros the predictions stay, so no search makes them."""
    embedding, split = embed(shelf, spread=4.0), make_split(shelf)
    graph = read_neighbors(shelf, build_neighbors(shelf, embedding))
    training, test = read_sides(shelf, embedding, split)
    blank = dataclasses.replace(test, vectors=np.zeros_like(test.vectors))
    _, expected, _ = predict_from_graph(FaissKNN(k=5), graph, training, test)
    _, found, _ = predict_from_graph(FaissKNN(k=5), graph, training, blank)
    np.testing.assert_array_equal(found, expected)


def test_a_random_split_counts_copies_as_neighbours(shelf):
    """Copies carry another genre here: who counts them, as the older study did, is wrong on all of them."""
    embedding, split = embed(shelf), make_split(shelf, kind="random")
    run = train(shelf, "1nn", embedding, split)
    assert len(run.inputs) == 2
    training, test = read_sides(shelf, embedding, split)
    theirs = KNeighborsClassifier(1, metric="cosine").fit(training.vectors, training.genres)
    predicted = np.array(GENRES)[read_predictions(shelf, run).predicted]
    assert (predicted == theirs.predict(test.vectors)).mean() == 1
    grouped = train(shelf, "1nn", embedding, make_split(shelf))
    assert run.results["accuracy"] < grouped.results["accuracy"]


def test_the_same_training_is_found_again(shelf):
    embedding, split = embed(shelf), make_split(shelf)
    first, second = train(shelf, "logistic", embedding, split), train(shelf, "logistic", embedding, split)
    assert first == second
    assert train(shelf, "logistic", embedding, split, seed=1).run_id != first.run_id


def test_train_all_takes_every_embedding_and_classifier(fresh):
    embed(fresh, name="b")
    embed(fresh, name="a")
    runs = train_all(fresh, classifiers=["knn", "logistic"], repeats=1)
    assert {run.results["split"] for run in runs} == {"folds"}
    assert [(run.results["embedding"], run.name) for run in runs] == [
        ("b", "knn"), ("b", "logistic"), ("a", "knn"), ("a", "logistic")
    ]  # the oldest embedding first  # fmt: skip


def test_train_all_says_what_is_missing(fresh):
    with pytest.raises(RunNotFound, match="genrescope embed"):
        train_all(fresh)
    embed(fresh)
    with pytest.raises(RunNotFound, match="genrescope split"):
        train_all(fresh, split="grouped")
    with pytest.raises(GenrescopeError, match=r"split 'grouped' has its groups.*split --group-by"):
        train_all(fresh, split="grouped", group_by=["artist"])
    with pytest.raises(GenrescopeError, match="no cover has a metadata column 'label'"):
        train_all(fresh, group_by=["label"])
    with pytest.raises(GenrescopeError, match="no classifier 'svm'"):
        train_all(fresh, classifiers=["svm"])


def test_embedding_and_split_of_different_collections_are_refused(fresh):
    embedding = embed(fresh)
    add_covers(fresh, np.arange(COVERS, COVERS + 30))
    with pytest.raises(GenrescopeError, match=r"different collections.*genrescope embed --encoder gaussians"):
        train(fresh, "logistic", embedding, make_split(fresh))
    with pytest.raises(GenrescopeError, match=r"different collections.*run 'genrescope embed --encoder gaussians'"):
        train_all(fresh, classifiers=["logistic"], embeddings=[embedding])


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_genre_with_one_cover_is_learnt_and_one_only_tested_is_never_predicted(uneven, name):
    workspace, embedding, split = uneven
    found = read_predictions(workspace, train(workspace, name, embedding, split))
    assert found.classes == ["Afrobeat", *GENRES, "Ska"]
    assert (found.probabilities[:, 0] == 0).all()
    assert (found.probabilities[:, 4] > 0).all()
    assert 0 in found.truth
    assert value_of(score(found, resamples=10), "recall", "Afrobeat")[0] == 0
    assert value_of(score(found, resamples=10), "accuracy")[0] > 0.65


def test_too_little_to_train_on_is_refused(fresh):
    with fresh.write() as con:
        con.execute("UPDATE covers SET genre = 'Folk'")
    with pytest.raises(GenrescopeError, match=r"all covers \(299\) are of one genre, Folk"):
        train(fresh, "logistic", embed(fresh), make_split(fresh))
    with pytest.raises(GenrescopeError, match=r"all covers \(299\) are of one genre"):
        train_all(fresh, classifiers=["logistic"])


def test_train_command_prints_a_table(shelf):
    embed(shelf)
    options = ["--embedding", "gaussians", "--folds", "3", "--repeats", "1"]
    answer = invoke(train_command, shelf, "--classifier", "logistic", "--classifier", "1nn", *options)
    head, logistic, credit, nearest, _ = answer.splitlines()
    assert head.split() == ["embedding", "classifier", "balanced", "accuracy", "accuracy", "macro-F1"]
    assert logistic.split()[:2] == ["gaussians", "logistic"]
    assert nearest.split()[1] == "1nn"
    # Copies that are filed under two genres.
    assert credit.split()[:3] == ["any", "genre", "right"]
    assert logistic.count("[0.") == 3
    assert logistic.count(" / 0.3") == 2


def test_train_command_answers_programs(shelf):
    embed(shelf, name="for programs")
    options = ["--embedding", "for programs", "--classifier", "logistic", "--json"]
    (facts,) = json.loads(invoke(train_command, shelf, *options, "--folds", "3", "--repeats", "2"))
    value, low, high = facts["balanced_accuracy"]
    assert 0.6 < low < value < high < 1
    assert facts["params"]["weighted"] is True
    assert len(facts["fitted"]) == 6
    assert (facts["classifier"], facts["split"]) == ("logistic", "folds")
    (held_out,) = json.loads(invoke(train_command, shelf, *options, "--split", make_split(shelf).name))
    assert (held_out["split"], held_out["repeats"]) == ("grouped", 1)


def test_compare_command_prints_all_and_each_genre(fresh):
    embed(fresh)
    embed(fresh, spread=8.0, name="blurred")
    make_split(fresh)
    runs = train_all(fresh, classifiers=["logistic"], split="grouped")
    blurred = next(run for run in runs if run.results["embedding"] == "blurred")
    sides = ("logistic@gaussians", blurred.run_id, "--split", "grouped")
    answer = invoke(compare_command, fresh, *sides)
    lines = answer.splitlines()
    assert lines[0].startswith("logistic on gaussians, split 'grouped' is better than logistic on blurred")
    assert lines[1] == "A: logistic on gaussians, split 'grouped'"
    assert [line.split()[0] for line in lines[-5:-2]] == GENRES
    assert lines[-1].startswith("They say the same of ")
    found = json.loads(invoke(compare_command, fresh, *sides, "--json"))
    assert found["measures"][0]["measure"] == "balanced_accuracy"
    assert found["measures"][0]["difference"] > 0.1
    assert found["folds"] is None
    pairs = json.loads(invoke(compare_command, fresh, *sides[:2], *sides[:1], *sides[2:], "--json"))
    assert [row["verdict"] for row in pairs][::2] == ["A better", "B better"]


def test_a_hold_out_is_told_from_folds_by_what_it_is_not_by_its_name(fresh):
    """A split that an older version let call itself 'folds'."""
    embedding = embed(fresh)
    split = make_split(fresh, name="strict")
    train(fresh, "1nn", embedding, split)
    with fresh.write() as con:
        con.execute(
            "UPDATE runs SET name = replace(name, 'strict', 'folds'), results = replace(results, 'strict', 'folds')"
        )
    (held_out,) = find_runs(fresh, "classifier")
    found = read_predictions(fresh, held_out)
    assert (found.folds, found.title) == (None, "1nn on gaussians, split 'folds'")
    with pytest.raises(RunNotFound, match="--split folds"):
        find_classifier(fresh, "1nn@gaussians", split="folds")
    (run,) = train_all(fresh, classifiers=["1nn"], embeddings=[embedding], folds=3, repeats=2)
    found = read_predictions(fresh, run)
    assert (found.folds, found.title) == (3, "1nn on gaussians, out of fold")
    assert find_classifier(fresh, "1nn@gaussians", split="folds") == run
    assert find_classifier(fresh, "1nn", split="folds") == run
    assert find_classifier(fresh, run.run_id, split="folds") == run
    train_all(fresh, classifiers=["1nn"], embeddings=[embed(fresh, name="other")], folds=3, repeats=2)
    with pytest.raises(RunNotFound, match="there are several: 1nn@gaussians, 1nn@other: choose one"):
        find_classifier(fresh, "1nn", split="folds")


@pytest.mark.parametrize("option", ["--seed=-1", f"--seed={2**32}", "--folds=1", "--folds=101", "--repeats=0"])
def test_numbers_out_of_their_range_are_a_users_mistake(option):
    result = CliRunner().invoke(train_command, [option])
    assert result.exit_code == 2
    assert "is not in the range" in result.output


@pytest.mark.parametrize(
    "options", [["--split", "grouped", "--folds", "3"], ["--classifier", "fastai", "--repeats", "2"]]
)
def test_a_hold_out_has_no_folds(options):
    result = CliRunner().invoke(train_command, options)
    assert result.exit_code == 2
    assert "only with --split folds" in result.output


def test_compare_command_says_how_to_make_what_is_missing(shelf):
    with pytest.raises(RunNotFound, match="train --classifier knn --embedding color --split folds"):
        invoke(compare_command, shelf, "knn@color", "knn@resnet18")


def invoke(command, workspace: Workspace, *arguments: str) -> str:
    return (
        CliRunner().invoke(command, [*arguments, "--workspace", str(workspace.folder)], catch_exceptions=False).output
    )
