"""What a classifier said about every cover it judged, once or several times, and what the covers are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from data.grouping.groups import read_group_ids
from data.store.about.memberships import read_memberships
from data.store.runs import Run, ancestor
from data.store.shown import line_of, table_of
from data.store.workspace import Workspace


@dataclass(frozen=True, repr=False)
class Predictions:
    """What a classifier said, m times in all, about covers it had not seen, and what they are; c genres.

    It shows itself as a line, in a notebook as a short table.

    A row is a cover in a repeat of the folds, each cover has one in every repeat; on a hold-out there is one repeat, 0.
    cover_ids and repeat (m,); truth and predicted (m,) codes into `classes`; probabilities (m, c); classes: the genres,
    sorted; groups (m,): group of each row's cover, so that what resamples groups keeps a cover's repeats together;
    title: what made them, for headings and messages. folds: how many the covers were divided into; None: a hold-out.
    member (m, c) bool: which of the genres each row's cover has; None where no cover has several.
    """

    cover_ids: np.ndarray
    repeat: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray
    classes: list[str]
    groups: np.ndarray
    title: str = ""
    folds: int | None = None
    member: np.ndarray | None = None

    def __repr__(self) -> str:
        return line_of(f"predictions of {self.title or 'a classifier'}", self._facts())

    def _repr_html_(self) -> str:
        return table_of(f"predictions of {self.title or 'a classifier'}", self._facts())

    def _facts(self) -> dict[str, object]:
        return {
            "covers": len(np.unique(self.cover_ids)),
            "repeats": self.repeats,
            "told right": float((self.predicted == self.truth).mean()),
            "genres": self.classes,
            "groups": len(np.unique(self.groups)),
        }

    @property
    def repeats(self) -> int:
        """How often each cover was judged."""
        return len(np.unique(self.repeat))


@dataclass(frozen=True)
class Verdicts:
    """What a classifier said about n covers in all repeats together, one row a cover, cover_ids ascending.

    probabilities (n, c): means over the repeats. predicted (n,): the genre of the largest mean. right (n,): in how many
    of the `repeats` the cover was told right. The others as in `Predictions`.
    """

    cover_ids: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray
    right: np.ndarray
    repeats: int
    classes: list[str]
    groups: np.ndarray
    title: str = ""


def read_predictions(workspace: Workspace, run: Run, *, probabilities: bool = True) -> Predictions:
    """The predictions of a finished classifier run by cover and repeat, with the covers' genres and groups.

    probabilities: else these are (m, 0), for what the genres told say alone; of many genres they take nearly all time.
    """
    with workspace.read() as con:
        rows = con.sql(
            f"SELECT cover_id, repeat, genre, predicted {', probabilities' if probabilities else ''} FROM predictions "
            "JOIN covers USING (cover_id) WHERE run_id = ? ORDER BY cover_id, repeat",
            params=[run.run_id],
        ).to_arrow_table()
    division = division_of(workspace, run)
    group_ids = read_group_ids(workspace, division)
    cover_ids = rows["cover_id"].to_numpy()
    classes = list(run.results["classes"])
    said = np.empty((len(cover_ids), 0), np.float32)
    if probabilities:
        lists = rows["probabilities"]  # of a single chunk, as usual, without a copy
        lists = lists.chunk(0) if lists.num_chunks == 1 else lists.combine_chunks()
        said = lists.flatten().to_numpy().reshape(len(cover_ids), len(classes))
    return Predictions(
        cover_ids=cover_ids,
        repeat=rows["repeat"].to_numpy(),
        truth=codes_of(rows["genre"].to_pylist(), classes),
        predicted=codes_of(rows["predicted"].to_pylist(), classes),
        probabilities=said,
        classes=classes,
        groups=group_ids[cover_ids],
        title=f"{run.name} on {run.results['embedding']}, {division_title(division)}",
        folds=division.results["folds"] if division.kind == "folds" else None,
        member=_member(workspace, run, cover_ids, classes),
    )


def read_balanced_accuracy(workspace: Workspace, run: Run) -> float:
    """Mean over the genres of the share of their covers told right, as of `scores.score`, without the probabilities."""
    with workspace.read() as con:
        return float(
            con.execute(
                "SELECT coalesce(avg(recall), 'nan') FROM (SELECT avg((predicted = genre)::INTEGER) AS recall "
                "FROM predictions JOIN covers USING (cover_id) WHERE run_id = ? GROUP BY genre)",
                [run.run_id],
            ).fetchall()[0][0]
        )


def _member(workspace: Workspace, run: Run, cover_ids: np.ndarray, classes: list[str]) -> np.ndarray | None:
    """Which of these genres each row's cover has, (m, c) bool; None where no cover has several."""
    found = read_memberships(workspace, ancestor(workspace, run, "collection"))
    if not found.several[cover_ids].any():
        return None
    known = {str(name): column for column, name in enumerate(found.names)}
    return found.member[cover_ids][:, [known[genre] for genre in classes]]


def division_of(workspace: Workspace, run: Run) -> Run:
    """The folds run or the split by which a classifier run judged; raises RunNotFound where there is neither."""
    return ancestor(workspace, run, "folds", "split")


def division_title(division: Run) -> str:
    """How a folds run or a split is called in a title: out of fold, or split 'grouped'."""
    return "out of fold" if division.kind == "folds" else f"split '{division.name}'"


def verdicts(predictions: Predictions) -> Verdicts:
    """One verdict a cover from the predictions of all repeats."""
    cover_ids, first = np.unique(predictions.cover_ids, return_index=True)
    right = (predictions.predicted == predictions.truth)[:, None]
    probabilities = sums_by_cover(predictions.probabilities, predictions) / predictions.repeats
    # Of a single repeat the prediction stands, even where its probabilities, rounded when stored, are equal.
    predicted = predictions.predicted[first] if predictions.repeats == 1 else probabilities.argmax(axis=1)
    return Verdicts(
        cover_ids=cover_ids,
        truth=predictions.truth[first],
        predicted=predicted,
        probabilities=probabilities,
        right=sums_by_cover(right.astype(int), predictions)[:, 0],
        repeats=predictions.repeats,
        classes=predictions.classes,
        groups=predictions.groups[first],
        title=predictions.title,
    )


def sums_by_cover(values: np.ndarray, predictions: Predictions) -> np.ndarray:
    """Sums (n, s) of each cover's rows of `values` (m, s), over the covers in ascending order; of floats float64."""
    kind = np.result_type(values, np.float64) if np.issubdtype(values.dtype, np.floating) else values.dtype
    order = np.argsort(predictions.cover_ids, kind="stable")
    starts = np.flatnonzero(np.diff(predictions.cover_ids[order], prepend=-1))
    if len(starts) and np.array_equal(order, np.arange(len(order))) and len(set(np.diff([*starts, len(order)]))) == 1:
        # As they are stored, each cover's rows beside each other: no copy of them all.
        sums = values[starts].astype(kind)
        for further in range(1, len(order) // len(starts)):
            sums += values[starts + further]
        return sums
    return np.add.reduceat(values[order].astype(kind), starts, axis=0) if len(order) else values.astype(kind)


def log_losses(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Natural log loss (m,) of each row's genre, truth (m,), in probabilities (m, c), clipped as float64 is precise."""
    own = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    tiny = np.finfo(np.float64).eps
    return -np.log(np.clip(own, tiny, 1 - tiny))


def codes_of(genres: Iterable[str], classes: list[str]) -> np.ndarray:
    """Position of each genre in `classes`, as int64; KeyError for one that is not there."""
    position = {genre: code for code, genre in enumerate(classes)}
    return np.array([position[genre] for genre in genres], dtype=np.int64)
