"""The kNN classifier: a vote of the nearest training covers by cosine similarity, found by faiss.

See docs/methods.md.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked
from analysis.classifiers.estimators.temperature import best_temperature, loss_weights
from analysis.geometry.cosine import normalize, similarities_of

# Hits searched for beyond k: which of several equally near covers count as nearest is then decided by their
# order, as in the neighbour graph, and not by the search.
SPARE = 16
# A nearer neighbour's vote counts this much more at most: enough to decide a draw, never enough to outvote.
TIE_BREAK = 1e-3
# Training covers of which a temperature is learnt, at most: each of them is a search.
ASKED = 2000
# Neighbours looked through, beyond k, for those of other groups.
OWN = 64


class FaissKNN(ClassifierMixin, BaseEstimator):
    """k nearest neighbours by cosine similarity with one vote each; of genres with equal votes the more similar wins.

    scikit-learn's contract. The search is exact (faiss compares with every training vector). With fewer than
    k training covers all of them vote. weighted: votes are divided by the square root of their genre's share
    of the training covers. Divided by the share itself, a single vote for a rare genre outweighs nine: on ResNet18 of
    1,890 covers (1,000 to 40 a genre) the balanced accuracy was .274 plain, .312 with the root and .295 with the share,
    macro-F1 .268, .313 and .246, calibration error .037, .052 and .205; with 13 genres of 2,148 to 13 covers alike.
    Shares of votes are far too sure for k = 1 and off for any k. So they are taken for margins, and one temperature
    (see `Calibrated`) makes them probabilities, the best for training covers that are asked as if their group were not
    there: it needs no classifier fitted anew, and changes no predicted genre. Their logarithms as margins did worse
    (on ResNet18 of 5,000 covers balanced log loss 1.615 plain, 1.529 so, 1.517 here), and a number for each genre, as
    of `best_shift`, gained .004 to .017 and cost a third of the accuracy where genres differ in size.
    Fitted: classes_, vectors_ (n, d) of length 1, codes_ (n,) into classes_, worth_ (c,) of a vote, temperature_.
    """

    def __init__(self, k: int = 10, *, weighted: bool = False) -> None:
        self.k = k
        self.weighted = weighted

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "FaissKNN":
        """Remember the training covers: vectors X (n, d), genres y (n,), groups (n,), each its own by default."""
        X, y = checked(self, X, y, dtype=np.float32)
        self.classes_, self.codes_ = np.unique(y, return_inverse=True)
        self.worth_ = worth(self.codes_, weighted=self.weighted)
        self.vectors_ = normalize(X)
        self.temperature_ = self._temperature(np.arange(len(y)) if groups is None else groups)
        return self

    def kneighbors(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cosine similarities (m, k) of the nearest training covers, nearest first, and their rows (m, k).

        Equally near ones come in order of row.
        """
        check_is_fitted(self)
        queries = normalize(validate_data(self, X, dtype=np.float32, reset=False))
        similarities, rows = self._search(queries, self.k + SPARE)
        return similarities[:, : self.k], rows[:, : self.k]

    def _search(self, queries: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Similarities and rows (m, count at most) of the training covers nearest to vectors of length 1."""
        import faiss

        count = min(count, len(self.vectors_))
        _, rows = faiss.knn(queries, self.vectors_, count, metric=faiss.METRIC_INNER_PRODUCT)
        similarities = similarities_of(queries, np.arange(len(queries)), self.vectors_, rows)
        order = np.lexsort((rows, -similarities), axis=1)
        return np.take_along_axis(similarities, order, axis=1), np.take_along_axis(rows, order, axis=1)

    def _temperature(self, groups: np.ndarray) -> float:
        """Learnt from at most ASKED training covers, spread evenly; groups (n,)."""
        asked = np.unique(np.linspace(0, len(groups) - 1, ASKED).astype(int))
        similarities, rows = self._search(self.vectors_[asked], self.k + SPARE + OWN)
        rows = np.where(groups[rows] == groups[asked][:, None], -1, rows)
        return vote_temperature(
            rows, similarities, self.codes_, asked, k=self.k, worth=self.worth_, weighted=self.weighted
        )

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c), see `vote`, at the temperature that was learnt."""
        similarities, rows = self.kneighbors(X)
        # What was kept before there was a temperature has none.
        return tempered(vote(self.codes_[rows], similarities, worth=self.worth_), getattr(self, "temperature_", 0.0))

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


def tempered(votes: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities (m, c) of shares of votes (m, c): softmax(votes / temperature); as they are where it is 0."""
    from scipy.special import softmax

    return np.asarray(softmax(votes / temperature, axis=1)) if temperature else votes


def vote_temperature(
    rows: np.ndarray,
    similarities: np.ndarray,
    codes: np.ndarray,
    asked: np.ndarray,
    *,
    k: int,
    worth: np.ndarray,
    weighted: bool,
) -> float:
    """The temperature that suits the votes which training covers get from those of other groups.

    rows, similarities (h, s): the training covers nearest to each one asked, nearest first, -1 for those that have no
    vote. codes (n,): genres of the training covers. asked (h,): rows of those asked. Of covers with k voters or more;
    0, none, where there is no such cover.
    """
    full = (rows >= 0).sum(axis=1) >= k
    if not full.any():
        return 0.0
    first = np.argsort(rows[full] < 0, axis=1, kind="stable")[:, :k]
    near, alike = (np.take_along_axis(each[full], first, axis=1) for each in (rows, similarities))
    truth = codes[asked[full]]
    votes = vote(codes[near], alike, worth=worth)
    return best_temperature(votes, truth, loss_weights(truth, weighted=weighted))[0]
