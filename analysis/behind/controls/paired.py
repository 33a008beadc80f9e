"""Values and differences per genre, with intervals, and p-values that agree with them: 0 is outside where p < 0.05.

See docs/methods.md.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.separability.pure.evidence import Evidence
from analysis.separability.pure.probes import auc, stretch
from analysis.statistics.corrections import holm
from analysis.statistics.intervals import joint_size, range_interval, share_count, variance
from analysis.statistics.paired import difference_interval

# How far a cover that nobody saw moves a difference of its genre, times 1 / independent covers: as if ranked a tenth
# of the collection higher by one of the two, or as if it had two neighbours of ten more.
UNSEEN_COVER = 0.2


def separabilities(evidence: Evidence, scores: Sequence[np.ndarray], fold: np.ndarray | None = None) -> np.ndarray:
    """Separability of each genre and its replicates, (1 + resamples, c), from scores (n, c), one a repeat.

    fold: (repeats, n), by default the evidence's. The replicates are spread as `stretch` has it. NaN for a genre of
    fewer groups than folds, and for one without a pair to be ranked.
    """
    fold = evidence.fold if fold is None else fold
    return np.stack([_of_genre(evidence, scores, fold, code) for code in range(len(evidence.names))], axis=1)


def _of_genre(evidence: Evidence, scores: Sequence[np.ndarray], fold: np.ndarray, code: int) -> np.ndarray:
    weights = np.concatenate([np.ones((1, len(evidence.codes)), np.uint8), evidence.weights])
    if evidence.group_counts[code] < evidence.folds or len(evidence.names) < 2:
        return np.full(len(weights), np.nan)
    target = evidence.codes == code
    found = np.mean([auc(s[:, code], target, f, weights) for s, f in zip(scores, fold, strict=True)], axis=0)
    return 2 * np.append(found[:1], stretch(found[1:], found[0])) - 1


def value_rows(evidence: Evidence, metric: str, found: np.ndarray, *, tested: bool = True) -> pd.DataFrame:
    """Rows of values of each genre and of their mean, from found (1 + resamples, c), with intervals.

    tested: also p-values, of "the value is 0": what Student's t says of its distance from 0, in the standard error that
    Wilson's interval has at 0. Holm's correction for the genres.
    """
    values, replicates, sizes = with_mean(evidence, found)
    low, high = range_interval(values, replicates, sizes)
    return _frame(evidence, metric, values, low, high, _score_p(values, replicates, sizes) if tested else None)


def difference_rows(evidence: Evidence, metric: str, a: np.ndarray, b: np.ndarray) -> pd.DataFrame:
    """Rows of differences of each genre and of their mean, from two sides found on the same resamples.

    a, b: (1 + resamples, c). Interval: `difference_interval`, two groups that nobody saw included; its p-value by the
    same standard error and Student's t, two-sided; Holm's correction for the genres.
    """
    from scipy.special import stdtr

    values, replicates, sizes = with_mean(evidence, a - b)
    steps = UNSEEN_COVER / np.maximum(evidence.sizes, 1)
    known = np.isfinite(a[0] - b[0])
    step = np.append(steps, np.sqrt((steps[known] ** 2).sum()) / max(known.sum(), 1))
    spread = np.nan_to_num(variance(replicates)) * sizes / np.maximum(sizes - 1, 1)
    low, high = difference_interval(values, spread, step=step, units=sizes, shrunk=np.zeros(len(values), bool))
    p_values = 2 * stdtr(np.maximum(sizes - 1, 2), -np.abs(values) / np.sqrt(spread + step**2))
    return _frame(evidence, metric, values, np.maximum(low, -2), np.minimum(high, 2), p_values)


def with_mean(evidence: Evidence, found: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values (c + 1,), replicates (resamples, c + 1) and effective sizes (c + 1,), the last that of the mean."""
    known = np.isfinite(found[0])
    mean = found[:, known].mean(axis=1, keepdims=True) if known.any() else np.full((len(found), 1), np.nan)
    found = np.append(found, mean, axis=1)
    spread = np.nan_to_num(variance(found[1:, :-1]))
    size = joint_size(spread[known], evidence.sizes[known]) if known.any() else np.nan
    return found[0], found[1:], np.append(evidence.sizes, size)


def _score_p(values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Two-sided p-values of values in -1 to 1 being 0: below 0.05 where 0 is outside of Wilson's interval.

    That interval holds whatever true value would be less than Student's t of its own standard errors away; that of 0 is
    1 / root of the number of covers.
    """
    from scipy.special import stdtr

    sizes = np.maximum(sizes, 1)
    count = share_count((values + 1) / 2, replicates / 2, sizes)
    return np.asarray(2 * stdtr(np.maximum(sizes - 1, 1), -np.abs(values) * np.sqrt(count)))


def _frame(
    evidence: Evidence,
    metric: str,
    values: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    p_values: np.ndarray | None,
) -> pd.DataFrame:
    known = np.isfinite(values)
    p_values = np.full(len(values), np.nan) if p_values is None else np.where(known, p_values, np.nan)
    columns = {
        "metric": metric,
        "genre": pd.array([*evidence.names, None], dtype="str"),
        "value": values,
        "low": np.where(known, low, np.nan),
        "high": np.where(known, high, np.nan),
        "p_value": p_values,
        "p_adjusted": np.append(holm(p_values[:-1]), p_values[-1]),
    }
    return pd.DataFrame(columns)
