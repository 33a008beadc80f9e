"""Randomization: is A's advantage over B more than swapping their outputs would give?

Under the hypothesis that it does not matter who said what, A's and B's outputs for a group of covers may change
places: the group as a whole, since its covers share their fate. Fisher (1935); for any figure that follows from sums
over covers: Noreen 1989, Computer-Intensive Methods for Testing Hypotheses. See docs/methods.md.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.statistics.ratios import ratio

FLIPS = 2000
# Signs of so many groups are held at once: 2,000 flips of them as float64 are 65 MB.
BLOCK = 4096
# From this share of what is not 0 on a column is full.
FULL = 0.1


def flipped_sums(differences: np.ndarray, *, flips: int = FLIPS, seed: int = 42) -> np.ndarray:
    """Sums of the rows of `differences` (g, s), a row a group, each with a random sign: (m, s).

    differences: dense or SciPy CSR; the group's sums of A less those of B. Every swap once (m = 2 ** g, the first one
    swaps nothing) where that is no more than `flips`, else m = flips random ones. Memory: m x BLOCK signs at a time.
    """
    return flipped_sums_of([differences], flips=flips, seed=seed)[0]


def flipped_sums_of(differences: Sequence[Any], *, flips: int = FLIPS, seed: int = 42) -> list[np.ndarray]:
    """The same of several arrays (g, s) each, dense or SciPy sparse, whose groups swap together: (m, s) each."""
    groups = differences[0].shape[0]
    every = 2 ** min(groups, 62) <= flips
    rng = np.random.default_rng(seed)
    sums: list[Any] = [0.0] * len(differences)
    for start in range(0, groups, BLOCK):
        rows = slice(start, start + BLOCK)
        signs = _all_signs(groups) if every else _random_signs(rng, flips, len(range(groups)[rows]))
        for place, each in enumerate(differences):
            part = each[rows] if groups > BLOCK else each
            sums[place] += part.T @ signs.T if isinstance(part, np.ndarray) else _signed(signs, part)
    return [each.T for each in sums]


def _signed(signs: np.ndarray, part: Any) -> np.ndarray:
    """(signs @ part).T (s, m) of a sparse part: full columns as dense ones, of the others only what is there."""
    columns = part.tocsc()
    full = np.diff(columns.indptr) > FULL * part.shape[0]
    if not full.any():
        return np.asarray(columns.T @ signs.T)
    sums = np.empty((part.shape[1], len(signs)))
    sums[full] = columns[:, full].toarray().T @ signs.T
    sums[~full] = columns[:, ~full].T @ signs.T
    return sums


def randomization_p(observed: np.ndarray, flipped: np.ndarray, *, groups: int, inflation: float = 1.0) -> np.ndarray:
    """Two-sided p-values (q,) of differences (q,) against those after swapping (m, q).

    (b + 1) / (m + 1) for m random swaps, b / m where `flipped` holds each of the 2 ** groups once (Phipson & Smyth
    2010). b counts the swaps that reach the observed difference divided by `inflation`, see `inflation`.
    """
    count, far = len(flipped), np.abs(observed) / inflation - 1e-9
    # A few columns at a time, which stay in the processor's cache.
    blocks = [slice(start, start + BLOCK // 64) for start in range(0, len(far), BLOCK // 64)]
    reached = np.concatenate([far[:0], *((np.abs(flipped[:, each]) >= far[each]).sum(axis=0) for each in blocks)])
    return reached / count if count == 2 ** min(groups, 62) else (reached + 1) / (count + 1)


def largest_p(observed: np.ndarray, flipped: np.ndarray, *, inflation: float = 1.0) -> np.ndarray:
    """P-values (q,) adjusted for looking at q differences at once, by the largest standardised one of each swap.

    Westfall & Young 1993, Resampling-Based Multiple Testing: unlike a correction of q separate p-values it knows how
    the differences hang together, and 400 cells need no finer p-values than one. Where nothing can swap: 1.
    """
    spread = np.sqrt((flipped**2).mean(axis=0))
    scale = ratio(1, spread)
    largest = np.abs(flipped * scale).max(axis=1, initial=0.0)
    reached = (largest[:, None] >= np.abs(observed * scale)[None] / inflation - 1e-9).sum(axis=0)
    return (reached + 1) / (len(flipped) + 1)


def inflation(*, folds: int | None) -> float:
    """How much wider a difference of two learning procedures spreads than one of two fitted classifiers.

    Out of fold, covers are judged by classifiers that were fitted on overlapping covers, and would be fitted on others
    another time. Nadeau & Bengio 2003, Inference for the Generalization Error: the variance of the mean over k folds
    is not 1 / k of that over folds but 1 / k + 1 / (k - 1), against the variance over covers 1 + k / (k - 1). Repeats
    do not lower it here, as they do in Bouckaert & Frank's (2004) 1 / r + k / (k - 1): the variance over covers is that
    of their means over the repeats already. Chosen among five factors on 250 to 300 draws of 300 covers, 5 folds (1,000
    covers for nearest means only): equally good unstable procedures (3 neighbours) were told apart in at most 4.4 %,
    with theirs in up to 8 %, uncorrected in up to 16 %; ridge in at most 1.2 %. The price is power. A hold-out (folds
    None) has one fit and no such estimate: 1, and the answer is about these fitted classifiers.
    """
    return 1.0 if folds is None else float(np.sqrt(1 + folds / (folds - 1)))


def _all_signs(groups: int) -> np.ndarray:
    """Every combination of signs: (2 ** g, g), the first without a swap."""
    return 1.0 - 2.0 * ((np.arange(2**groups)[:, None] >> np.arange(groups)) & 1)


def _random_signs(rng: np.random.Generator, flips: int, groups: int) -> np.ndarray:
    """(flips, g) of -1 and 1, from one random bit each."""
    bits = np.unpackbits(rng.integers(256, size=(flips, -(-groups // 8)), dtype=np.uint8), axis=1, count=groups)
    # A group's signs beside each other, as sparse products read them.
    return (1 - 2 * np.ascontiguousarray(bits.T).view(np.int8)).astype(np.float64).T
