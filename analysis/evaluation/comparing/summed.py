"""Sums of groups of which the measures of many genres are ratios, and these ratios, but for the AUC.

See docs/methods.md, and `of_many`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.evaluation.predictions import log_losses
from analysis.statistics.ratios import ratio

if TYPE_CHECKING:
    from scipy.sparse import csc_array

    from analysis.evaluation.comparing.contrasts import Outputs


@dataclass(frozen=True)
class Covers:
    """What is the same on both sides, weighed: covers of each group by genre, sparse (g, c), and in all (g,); covers of
    each genre (c,), and how many there are."""

    by_genre: "csc_array"
    by_group: np.ndarray
    support: np.ndarray
    count: float


@dataclass(frozen=True)
class Sums:
    """Sums of one side, sparse (g, c) of groups or dense (c, ...) of all: of each genre the covers called so, those
    told right, and the log loss of its own covers."""

    called: Any
    hits: Any
    losses: Any

    def parts(self) -> tuple[Any, Any, Any]:
        """All three."""
        return self.called, self.hits, self.losses

    def total(self) -> "Sums":
        """Over all groups."""
        return Sums(*(part.sum(axis=0) for part in self.parts()))


def covers_of(side: "Outputs", occurring: np.ndarray) -> Covers:
    """Of either side, as both judged the same."""
    by_genre = _by_genre(side, side.truth, side.weight, occurring)
    by_group = np.bincount(side.group, side.weight)
    return Covers(by_genre, by_group, by_genre.sum(axis=0), float(by_group.sum()))


def sums_of(side: "Outputs", occurring: np.ndarray) -> Sums:
    """Of one side, by group, for the genres (c,) that occur."""
    right, loss = side.truth == side.predicted, log_losses(side.truth, side.probabilities)
    return Sums(
        _by_genre(side, side.predicted, side.weight, occurring),
        _by_genre(side, side.truth, side.weight * right, occurring),
        _by_genre(side, side.truth, side.weight * loss, occurring),
    )


def _by_genre(side: "Outputs", genre: np.ndarray, worth: np.ndarray, occurring: np.ndarray) -> "csc_array":
    """Sums (g, c) of what each row is worth (m,), by its group and its genre, both codes (m,)."""
    from scipy.sparse import csc_array

    shape = (int(side.group.max()) + 1, side.probabilities.shape[1])
    return csc_array((worth, (side.group, genre)), shape=shape)[:, occurring]


def linear(total: Sums, support: np.ndarray, count: float) -> dict[str, np.ndarray]:
    """What is linear in one side's sums (c, ...), for genres of so many covers (c, ...)."""
    each = ratio(1, support)
    return {"recall": total.hits * each, "log_loss": total.losses * each, "predicted_share": total.called / count}


def bent(total: Sums, support: np.ndarray) -> dict[str, np.ndarray]:
    """What is not: ratios to how many covers were called so."""
    return {"precision": ratio(total.hits, total.called), "f1": ratio(2 * total.hits, support + total.called)}


def of_all(total: Sums, covers: Covers) -> np.ndarray:
    """Shares of all covers (2, ...): accuracy and log loss, linear too."""
    return np.stack([total.hits.sum(axis=0), total.losses.sum(axis=0)]) / covers.count
