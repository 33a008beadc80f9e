"""The kNN classifier: a vote of the nearest training covers by cosine similarity, found by faiss.

See docs/methods.md.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked
from analysis.geometry.cosine import normalize, similarities_of

# Hits searched for beyond k: which of several equally near covers count as nearest is then decided by their
# order, as in the neighbour graph, and not by the search.
SPARE = 16
# A nearer neighbour's vote counts this much more at most: enough to decide a draw, never enough to outvote.
TIE_BREAK = 1e-3


class FaissKNN(ClassifierMixin, BaseEstimator):
    """k nearest neighbours by cosine similarity with one vote each; of genres with equal votes the more similar wins.

    scikit-learn's contract. The search is exact (faiss compares with every training vector). With fewer than
    k training covers all of them vote. weighted: votes are divided by the square root of their genre's share
    of the training covers. Divided by the share itself, a single vote for a rare genre outweighs nine: on ResNet18 of
    1,890 covers (1,000 to 40 a genre) the balanced accuracy was .274 plain, .312 with the root and .295 with the share,
    macro-F1 .268, .313 and .246, calibration error .037, .052 and .205; with 13 genres of 2,148 to 13 covers alike.
    The probabilities so lie between those of the genres' real shares and those of equal ones.
    Fitted: classes_, vectors_ (n, d) of length 1, codes_ (n,) into classes_, worth_ (c,) of a vote.
    """

    def __init__(self, k: int = 10, *, weighted: bool = False) -> None:
        self.k = k
        self.weighted = weighted

    def fit(self, X: np.ndarray, y: np.ndarray) -> "FaissKNN":
        """Remember the training covers: vectors X (n, d) and genres y (n,)."""
        X, y = checked(self, X, y, dtype=np.float32)
        self.classes_, self.codes_ = np.unique(y, return_inverse=True)
        self.worth_ = worth(self.codes_, weighted=self.weighted)
        self.vectors_ = normalize(X)
        return self

    def kneighbors(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cosine similarities (m, k) of the nearest training covers, nearest first, and their rows (m, k).

        Equally near ones come in order of row.
        """
        import faiss

        check_is_fitted(self)
        queries = normalize(validate_data(self, X, dtype=np.float32, reset=False))
        count = min(self.k + SPARE, len(self.vectors_))
        _, rows = faiss.knn(queries, self.vectors_, count, metric=faiss.METRIC_INNER_PRODUCT)
        similarities = similarities_of(queries, np.arange(len(queries)), self.vectors_, rows)
        order = np.lexsort((rows, -similarities), axis=1)[:, : self.k]
        return np.take_along_axis(similarities, order, axis=1), np.take_along_axis(rows, order, axis=1)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c), see `vote`."""
        similarities, rows = self.kneighbors(X)
        return vote(self.codes_[rows], similarities, worth=self.worth_)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The genre with most votes for each row of X, as (m,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]


def worth(codes: np.ndarray, *, weighted: bool) -> np.ndarray:
    """What a vote for each genre counts (c,): 1, or weighted 1 / sqrt(its share of the training covers' codes (n,)).

    Weighted votes count 1 in the mean over the training covers, so that the further vote of `vote` weighs the same.
    """
    roots = np.sqrt(np.bincount(codes) / len(codes))
    return 1 / (roots * roots.sum()) if weighted else np.ones(len(roots))


def vote(codes: np.ndarray, similarities: np.ndarray, *, worth: np.ndarray) -> np.ndarray:
    """Genre probabilities (m, c) from the genre codes (m, k) of each cover's neighbours and their similarities.

    Every neighbour's vote counts what one for its genre is worth (c,), and one further vote is spread over all genres:
    without it a genre that no neighbour has would be called impossible. Draws go to the more similar neighbours.
    """
    classes = len(worth)
    weights = worth[codes] * (1 + TIE_BREAK / codes.shape[1] * similarities.astype(np.float64))
    cells = np.arange(len(codes))[:, None] * classes + codes
    counts = np.bincount(cells.ravel(), weights.ravel(), minlength=len(codes) * classes)
    votes = counts.reshape(-1, classes) + 1 / classes
    return votes / votes.sum(axis=1, keepdims=True)
