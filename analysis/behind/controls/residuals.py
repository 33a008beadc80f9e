"""Probes on what is left of vectors when a confound is regressed out of them, fitted where no tested cover is.

See docs/methods.md.
"""

from collections.abc import Iterator

import numpy as np

from analysis.separability.pure.probes import genre_means, in_metric_of
from analysis.statistics.ratios import ratio

# So many training groups for every column that is regressed out: of more columns the widest directions are taken.
GROUPS_A_COLUMN = 10
NOTHING = 1e-4  # a direction of a confound this much narrower than its widest one is rounding


def left_scores(
    vectors: np.ndarray, design: np.ndarray, genres: np.ndarray, groups: np.ndarray, fold: np.ndarray, *, classes: int
) -> np.ndarray:
    """As `probe_scores`, of vectors (n, d) less what a linear function of design (n, q) says of them: (n, classes).

    The function is fitted on the covers outside the fold, as the probe is: fitted on all, it would take away what the
    fold's covers have by chance, and probes would do worse than chance (Snoek, Miletić & Scholte 2019). Columns keep
    the scale they had before, so that what the function leaves of a confound stays small under the ridge.
    """
    scores = np.full((len(vectors), classes), np.nan, np.float32)
    for test, rest in divisions(fold, groups):
        training, tested = standardized(vectors, rest, test)
        spread = float(training.var(axis=0).mean())
        training, tested = _without(training, tested, *directions(design, groups, rest, test))
        discriminant = in_metric_of(training, tested, spread=spread or None)
        scores[test] = discriminant @ genre_means(training, genres[rest][None], np.eye(classes, dtype=bool))[:, 0]
    return scores


def held_out_scores(
    vectors: np.ndarray, genres: np.ndarray, groups: np.ndarray, fold: np.ndarray, *, classes: int
) -> np.ndarray:
    """As `probe_scores`, for folds (n,) that may cut groups (n,): no probe learns from a group it is tested on."""
    scores = np.full((len(vectors), classes), np.nan, np.float32)
    for test, rest in divisions(fold, groups):
        training, tested = standardized(vectors, rest, test)
        scores[test] = (
            in_metric_of(training, tested)
            @ genre_means(training, genres[rest][None], np.eye(classes, dtype=bool))[:, 0]
        )
    return scores


def errors(vectors: np.ndarray, design: np.ndarray, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared distance of each cover's confound from what its vector says of it, and from the mean: (n,) each.

    vectors: (n, d). design: (n, q). fold: (n,). Said by a ridge regression, with the probes' ridge, on the other folds;
    the mean is theirs, too. One less the ratio of their sums is R2, the share of the confound that is found.
    """
    missed, spread = np.zeros((2, len(vectors)))
    for test, rest in divisions(fold, np.arange(len(vectors))):
        training, tested = standardized(vectors, rest, test)
        center = design[rest].mean(axis=0)
        slopes = training.T @ (design[rest] - center).astype(np.float32) / len(training)
        said = center + in_metric_of(training, tested) @ slopes
        missed[test] = ((design[test] - said) ** 2).sum(axis=1)
        spread[test] = ((design[test] - center) ** 2).sum(axis=1)
    return missed, spread


def divisions(fold: np.ndarray, groups: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Fold by fold: who is tested and who trains, masks (n,); nobody trains who shares a group with the tested.

    Folds of -1 are never tested, and train.
    """
    for held_out in np.unique(fold[fold >= 0]):
        test = fold == held_out
        rest = ~np.isin(groups, groups[test])
        if rest.any():
            yield test, rest


def standardized(vectors: np.ndarray, rest: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the training and of the tested covers, at mean 0 and variance 1 of the former; float32."""
    center, spread = vectors[rest].mean(axis=0), vectors[rest].std(axis=0)
    scale = np.where(spread > 0, spread, 1)
    own, other = (((vectors[some] - center) / scale).astype(np.float32) for some in (rest, test))
    return own, other


def directions(
    design: np.ndarray, groups: np.ndarray, rest: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A confound (n, q) as uncorrelated directions of length 1 over the training covers: (r, k) and (t, k).

    k is at most q, and one for every GROUPS_A_COLUMN groups (n,) that train; the widest ones are taken.
    """
    from scipy.linalg import eigh

    center = design[rest].mean(axis=0)
    own, other = (design[rest] - center).astype(np.float64), (design[test] - center).astype(np.float64)
    squares, axes = eigh(own.T @ own)
    width = np.sqrt(np.maximum(squares, 0))
    most = max(len(np.unique(groups[rest])) // GROUPS_A_COLUMN, 1)
    kept = np.flatnonzero(width > NOTHING * width.max(initial=0))[::-1][:most]
    axes = ratio(axes[:, kept], width[kept])
    return own @ axes, other @ axes


def _without(
    training: np.ndarray, tested: np.ndarray, own: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """training (r, d), tested (t, d) less the least-squares fit of training on directions own (r, k), other (t, k)."""
    slopes = own.T @ training
    return (training - own @ slopes).astype(np.float32), (tested - other @ slopes).astype(np.float32)
