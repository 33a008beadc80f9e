"""The sums over covers that every metric of `scores` follows from, and the metrics made of them; pure.

See docs/methods.md.
"""

from typing import Any

import numpy as np

from analysis.evaluation.predictions import Predictions, log_losses
from analysis.statistics.ratios import ratio

TOP = 3
# Of more genres the sums are made of sparse arrays.
MANY = 40


def statistics_of(predictions: Predictions) -> Any:
    """Per prediction the numbers whose sums give every metric, an array or of many genres SciPy CSR: see `_dense`."""
    return _dense(predictions) if len(predictions.classes) <= MANY else _sparse(predictions)


def metrics_of(totals: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """The metrics from sums of `statistics_of` (r, ...): overall ones as (r, 1), per genre as (r, c)."""
    support, called, hits, losses, squares = np.hsplit(totals[:, : 5 * size], 5)
    top, any_hits = np.hsplit(totals[:, 5 * size :], [1])
    covers = _sum(support)
    precision, recall = ratio(hits, called), ratio(hits, support)
    f1, own_loss = ratio(2 * hits, support + called), ratio(losses, support)
    own_brier = ratio(squares, support)
    occurring = support > 0
    credited = _credited(any_hits, support) if any_hits.size else {}
    return {
        "accuracy": ratio(_sum(hits), covers),
        "balanced_accuracy": over_genres(recall, occurring),
        "macro_f1": over_genres(f1, occurring),
        "weighted_f1": ratio(_sum(f1 * support), covers),
        "macro_precision": over_genres(precision, occurring),
        "top3": ratio(top, covers),
        "log_loss": ratio(_sum(losses), covers),
        "balanced_log_loss": over_genres(own_loss, occurring),
        "brier": over_genres(own_brier, occurring),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "support": support,
        "own_log_loss": own_loss,
        "own_brier": own_brier,
        **credited,
    }


def _dense(predictions: Predictions) -> np.ndarray:
    """Per prediction the numbers whose sums give every metric: (m, 5 * c + 1), c more where covers have several genres.

    Its genre, the predicted genre, and the genre if the two agree, each as a row of zeros and a one; its log loss and
    its Brier score in the column of its genre; and whether the genre is among the top 3. Then its genre if any of the
    cover's was said.
    """
    genres = np.eye(len(predictions.classes))
    right = predictions.predicted == predictions.truth
    rows = np.arange(len(right))
    probabilities = predictions.probabilities.astype(np.float64)
    own = probabilities[rows, predictions.truth]
    truth, predicted = genres[predictions.truth], genres[predictions.predicted]
    hits, losses = truth * right[:, None], truth * log_losses(predictions.truth, probabilities)[:, None]
    brier = truth * np.square(probabilities - truth).sum(axis=1, keepdims=True)
    any_hits = [] if predictions.member is None else [truth * predictions.member[rows, predictions.predicted][:, None]]
    return np.column_stack([truth, predicted, hits, losses, brier, _among_top(probabilities, own), *any_hits])


def _sparse(predictions: Predictions) -> Any:
    """The same as a SciPy CSR array: of many genres nearly all of it is zeros."""
    from scipy.sparse import csr_array, hstack

    truth, predicted = predictions.truth, predictions.predicted
    rows = np.arange(len(truth))
    probabilities = predictions.probabilities
    own = probabilities[rows, truth]
    squares = np.einsum("ij,ij->i", probabilities, probabilities, dtype=np.float64)
    brier = squares - 2 * own.astype(np.float64) + 1
    columns = [(truth, 1.0), (predicted, 1.0), (truth, truth == predicted), (truth, log_losses(truth, probabilities))]
    columns.append((truth, brier))
    shape = (len(rows), len(predictions.classes))
    parts = [csr_array((values * np.ones(len(rows)), (rows, codes)), shape=shape) for codes, values in columns]
    parts.append(csr_array(_among_top(probabilities, own)[:, None]))
    if predictions.member is not None:
        parts.append(csr_array((predictions.member[rows, predicted] * 1.0, (rows, truth)), shape=shape))
    return csr_array(hstack(parts))


def _among_top(probabilities: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Probability (m,) that the true genre, of probability `own`, is among the top three with ties in random order."""
    better = np.count_nonzero(probabilities > own[:, None], axis=1)
    tied = np.count_nonzero(probabilities == own[:, None], axis=1)
    return np.clip((TOP - better) / tied, 0, 1)


def _credited(hits: np.ndarray, support: np.ndarray) -> dict[str, np.ndarray]:
    """The metrics in which any of a cover's genres is right, from the genre's covers told so (r, c), of all (r, c)."""
    recall = ratio(hits, support)
    return {
        "accuracy_any": ratio(_sum(hits), _sum(support)),
        "balanced_accuracy_any": over_genres(recall, support > 0),
        "recall_any": recall,
    }


def over_genres(values: np.ndarray, occurring: np.ndarray) -> np.ndarray:
    """Means (r, 1) of values (r, c) over the genres that occur."""
    return ratio(_sum(values * occurring), _sum(occurring))


def _sum(part: np.ndarray) -> np.ndarray:
    return part.sum(axis=1, keepdims=True)
