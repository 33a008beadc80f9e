"""What classifiers said, as pages read it: per cover, per cell of the matrix, in figures, and one against another.

Out of fold a cover is judged several times; per cover its verdict stands, by the mean of its probabilities.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.reading.chains import Chain, current, division_of, of_these_covers
from dashboard.reading.results import none_if_missing, row_of, run_of
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from analysis.evaluation.comparing.comparison import Comparison
    from analysis.evaluation.predictions import Predictions, Verdicts


@dataclass(frozen=True)
class Score:
    """One metric of a classifier with its 95 % interval; genre None is over all."""

    metric: str
    genre: str | None
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Told:
    """A cover and what it was taken for: the mean probability of that genre, and in how many repeats it was so."""

    cover_id: int
    predicted: str
    probability: float
    times: int
    repeats: int

    @property
    def note(self) -> str:
        """The probability, and how often, where it was not always: '61%', '61%, 2/3'."""
        often = "" if self.times == self.repeats else f", {self.times}/{self.repeats}"
        return f"{self.probability:.0%}{often}"


@dataclass(frozen=True)
class Judgement:
    """What one classifier said about one cover: mean probabilities by genre, highest first; right is by these, and
    times says in how many of the repeats it was right."""

    predicted: str
    right: bool
    times: int
    repeats: int
    probabilities: tuple[tuple[str, float], ...]


@remembered(maxsize=32)
def predictions(workspace: Workspace, run_id: str) -> "Predictions":
    """What a classifier run predicted, a row a cover and repeat."""
    from analysis.evaluation.predictions import read_predictions

    return read_predictions(workspace, run_of(workspace, run_id))


@remembered(maxsize=32)
def verdicts(workspace: Workspace, run_id: str) -> "Verdicts":
    """What a classifier run said about each cover it judged, in all repeats together."""
    from analysis.evaluation.predictions import verdicts

    return verdicts(predictions(workspace, run_id))


def balanced_accuracy(workspace: Workspace, run: Run) -> float:
    """Mean recall over the genres, by which classifiers are ranked."""
    if "balanced_accuracy" in run.results:
        return float(run.results["balanced_accuracy"])
    return _balanced_accuracy(workspace, run.run_id)  # of an older version


def chance_of(run: Run) -> float:
    """Balanced accuracy of any guessing on what a classifier run judged."""
    return float(run.results.get("balanced_chance") or 1 / len(run.results["classes"]))


def ranked(workspace: Workspace, chain: Chain | None = None, *, also: Container[str] = ()) -> list[Run]:
    """Classifiers of one embedding or of all: first those of the covers that count now, of these the highest balanced
    accuracy first, then the newest. Those that a newer run replaces only where their run ids are among `also`."""
    return sorted(
        current(workspace, chain, also=also),
        key=lambda run: (not of_these_covers(workspace, run), -balanced_accuracy(workspace, run)),
    )


@remembered(maxsize=64)
def best_and_worst(workspace: Workspace, run_id: str) -> tuple[str | None, str | None]:
    """The genres that a classifier run tells best and worst, as far as the ranks show."""
    from analysis.evaluation.comparing.told import best_and_worst

    small = too_small(workspace, run_of(workspace, run_id))
    return best_and_worst(predictions(workspace, run_id), too_small=small)


def confusion(workspace: Workspace, run_id: str) -> np.ndarray:
    """Covers by true genre (rows) and predicted one (columns), float64: means over the repeats."""
    from analysis.evaluation.scores import confusion

    return confusion(predictions(workspace, run_id))


def cell(workspace: Workspace, run_id: str, truth: str, predicted: str) -> list[Told]:
    """Covers of a genre whose verdict is another one (or the same), the surest first."""
    found = verdicts(workspace, run_id)
    code = {genre: i for i, genre in enumerate(found.classes)}
    inside = (found.truth == code.get(truth, -1)) & (found.predicted == code.get(predicted, -1))
    return _surest(workspace, run_id, inside)


def surest_errors(workspace: Workspace, run_id: str) -> list[Told]:
    """Covers told wrong, the surest first."""
    found = verdicts(workspace, run_id)
    return _surest(workspace, run_id, found.predicted != found.truth)


def only_right(workspace: Workspace, winner_id: str, loser_id: str) -> dict[int, str]:
    """Covers that the winner told right and the loser wrong, with what the loser took each for; those first on whose
    genre's probability the two differ most."""
    from analysis.evaluation.by_cover import only_right

    loser = verdicts(workspace, loser_id)
    cover_ids, taken_for = only_right(verdicts(workspace, winner_id), loser)
    return {int(cover_id): loser.classes[code] for cover_id, code in zip(cover_ids, taken_for, strict=True)}


@remembered(maxsize=64)
def scores(workspace: Workspace, run_id: str) -> tuple[Score, ...]:
    """Every metric of a classifier run, over all and per genre, but for those of calibration."""
    from analysis.evaluation.scores import score

    return tuple(
        Score(row["metric"], none_if_missing(row["genre"]), row["value"], row["low"], row["high"])
        for row in score(predictions(workspace, run_id), calibrated=False).to_dict("records")
    )


@remembered(maxsize=64)
def balanced(workspace: Workspace, run_id: str) -> Score:
    """The balanced accuracy of a classifier run with its interval, as of `scores`, of which it needs a fraction."""
    from analysis.evaluation.predictions import read_predictions
    from analysis.evaluation.scores import balanced_accuracy

    found = read_predictions(workspace, run_of(workspace, run_id), probabilities=False)
    return Score("balanced_accuracy", None, *balanced_accuracy(found))


@remembered(maxsize=64)
def calibration(workspace: Workspace, run_id: str) -> tuple[Score, ...]:
    """The metrics of a classifier run's calibration, over all."""
    from analysis.evaluation.sure.calibration import calibration_rows

    brier = score_of(scores(workspace, run_id), "brier")
    rows = calibration_rows(predictions(workspace, run_id), brier.value if brier else float("nan"), intervals=True)
    return tuple(Score(*row) for row in rows)


def score_of(scores: Sequence[Score], metric: str, genre: str | None = None) -> Score | None:
    """One metric out of many, None where it is missing."""
    return next((row for row in scores if row.metric == metric and row.genre == genre), None)


@remembered(maxsize=32)
def comparison(workspace: Workspace, run_id: str, other_id: str) -> "Comparison":
    """Two classifier runs against each other on the covers both judged; raises GenrescopeError where there are none and
    for one out of fold beside one on a hold-out."""
    from analysis.evaluation.comparing.comparison import compare

    return compare(predictions(workspace, run_id), predictions(workspace, other_id))


def judgement(workspace: Workspace, run_id: str, cover_id: int) -> Judgement | None:
    """What a classifier run said about a cover; None for a cover that it did not judge."""
    found = verdicts(workspace, run_id)
    row = row_of(found.cover_ids, cover_id)
    if row is None:
        return None
    probabilities = found.probabilities[row]
    ranked = np.argsort(-probabilities, kind="stable")
    return Judgement(
        predicted=found.classes[found.predicted[row]],
        right=bool(found.predicted[row] == found.truth[row]),
        times=int(found.right[row]),
        repeats=found.repeats,
        probabilities=tuple((found.classes[i], float(probabilities[i])) for i in ranked),
    )


def too_small(workspace: Workspace, run: Run) -> tuple[str, ...]:
    """Genres with fewer groups than the folds that a classifier run was judged in: too small for a claim."""
    return tuple(division_of(workspace, run.run_id).results.get("too_small", ()))


@remembered(maxsize=256)
def _balanced_accuracy(workspace: Workspace, run_id: str) -> float:
    from analysis.evaluation.predictions import read_balanced_accuracy

    return read_balanced_accuracy(workspace, run_of(workspace, run_id))


@remembered(maxsize=32)
def _times(workspace: Workspace, run_id: str) -> np.ndarray:
    """In how many repeats each cover was taken for what its verdict says (n,)."""
    from analysis.evaluation.by_cover import times_told

    return times_told(predictions(workspace, run_id), verdicts(workspace, run_id))


def _surest(workspace: Workspace, run_id: str, inside: np.ndarray) -> list[Told]:
    found, times = verdicts(workspace, run_id), _times(workspace, run_id)
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(-found.probabilities[rows, found.predicted[rows]], kind="stable")]
    return [
        Told(
            int(found.cover_ids[row]),
            found.classes[found.predicted[row]],
            float(found.probabilities[row, found.predicted[row]]),
            int(times[row]),
            found.repeats,
        )
        for row in rows
    ]
