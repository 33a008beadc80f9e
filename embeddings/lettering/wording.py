"""What the words on covers say, in vectors: n-grams of words and letters, by TF-IDF, reduced. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DIMENSION = 128
WORDS = (1, 2)
LETTERS = (3, 4, 5)
FEWEST = 2  # covers on which an n-gram occurs
GRAMS = 100_000  # that count, the most frequent ones
# Everything that decides the vectors, as it stands in a run's parameters.
PARAMS: dict[str, Any] = {"words": WORDS, "letters": LETTERS, "fewest": FEWEST, "grams": GRAMS, "dimension": DIMENSION}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Wording:
    """How texts become vectors (n, DIMENSION + 1): TF-IDF, then the directions that its covers differ in.

    TF-IDF (Salton and Buckley, Information Processing and Management 24, 1988) with 1 + log tf, and its truncated
    singular value decomposition (Deerwester et al., JASIS 41, 1990), at length 1. The last number is 1 where nothing
    is said, and the others are 0: such covers lie together.
    weights: scikit-learn's vectorizer. directions: (n-grams, up to DIMENSION). names: words that do not count.
    """

    weights: Any
    directions: np.ndarray
    names: Collection[str] = field(default_factory=frozenset)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors (n, DIMENSION + 1) float32."""
        reduced = self.weights.transform([spoken(text, self.names) for text in texts]) @ self.directions
        found = np.zeros((len(texts), DIMENSION + 1), np.float32)
        lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
        found[:, : reduced.shape[1]] = reduced / np.where(lengths > 1e-9, lengths, 1)
        found[:, -1] = lengths[:, 0] <= 1e-9
        return found


def learn_wording(texts: Sequence[str], *, names: Collection[str] = frozenset(), seed: int = 0) -> Wording | None:
    """Weights and directions of all texts, without a look at genres; None where no two have an n-gram in common.

    names: words, as `words_of` has them, that do not count.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.extmath import randomized_svd, svd_flip
    from threadpoolctl import threadpool_limits

    said = [spoken(text, names) for text in texts]
    weights = TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=FEWEST, max_features=GRAMS)
    try:
        counted = weights.fit_transform(said)
    except ValueError:  # no n-gram is left: scikit-learn says it so
        return None
    several = min(DIMENSION, *(side - 1 for side in counted.shape))
    if several < 1:
        return None
    with threadpool_limits(1):  # the same for any number of threads
        # As TruncatedSVD has it, which also divides by the variance of covers that say the same: 0.
        left, _, right = randomized_svd(counted, several, n_iter=7, random_state=seed, flip_sign=False)
    return Wording(weights, svd_flip(left, right, u_based_decision=False)[1].T, names)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case without accents: what is told apart."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in flat if not unicodedata.combining(letter)).replace("’", "'"))


def spoken(text: str, names: Collection[str]) -> str:
    """The words of a text that count, in one line."""
    return " ".join(word for word in words_of(text) if word not in names)


def grams(said: str) -> Iterator[str]:
    """The n-grams of words, and of letters inside words, whose ends count as one (' lo', 'lov', 'ove', 've ')."""
    words = said.split()
    for length in WORDS:
        for start in range(len(words) - length + 1):
            yield "_".join(["", *words[start : start + length], ""])
    for word in words:
        padded = f" {word} "
        for length in LETTERS:
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]
