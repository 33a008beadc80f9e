"""Learning curves: separability by how much of the collection teaches, the covers judged being the same.

Pure: arrays in, arrays out. See docs/methods.md.
"""

from dataclasses import dataclass

import numpy as np

from analysis.separability.pure.probes import taught_scores
from analysis.statistics.paired import placements
from analysis.statistics.ratios import ratio
from data.grouping.groups import groups_of_each
from data.progress import progress

# From step to step the share of the groups that teach grows by this factor; at most so many steps.
GROWTH, STEPS = 2**0.5, 10
# A share is drawn from the training groups in disjoint parts, as many as there are, but no more than this.
PARTS = 8
# Groups of a genre that have to teach for its separability to be measured.
FEWEST = 5
# Genres measured at the last so many steps are in the mean.
WHOLE = 5


@dataclass(frozen=True)
class Curves:
    """How well each of c genres is told with growing shares of the collection to learn from, and over all.

    shares: (k,) of the training groups, ascending to 1. values: (k, c + 1) separability, the last column the mean of
    the genres measured at the last WHOLE steps; NaN where not measured. covariance: (c + 1, k, k) of a column, from
    which covers are judged and which teach. taught: (k, c + 1) groups that teach, on average over the fits.
    """

    shares: np.ndarray
    values: np.ndarray
    covariance: np.ndarray
    taught: np.ndarray


def steps(genre_groups: np.ndarray) -> np.ndarray:
    """Shares (k,) of the training groups, ascending to 1: while the largest genre has FEWEST in each part."""
    shares = GROWTH ** -np.arange(STEPS, dtype=float)
    return shares[shares * genre_groups.max(initial=0) >= FEWEST][::-1]


def deal_parts(genres: np.ndarray, groups: np.ndarray, *, share: float, dice: np.random.Generator) -> np.ndarray:
    """A part for each of n covers: int (n,) from 0, -1 for none; each part holds this share of every genre's groups.

    genres, groups: (n,). Groups stay whole and count for the genre of their first cover. Parts are disjoint, as many as
    fit, at most PARTS.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    part = np.empty(len(first), int)
    for genre in np.unique(genres[first]):
        members = np.flatnonzero(genres[first] == genre)
        places = dice.permutation(len(members)) + dice.random()
        part[members] = np.floor(places / max(share * len(members), 1e-9))
    return np.where(part < min(int(1 / share + 1e-9), PARTS), part, -1)[group]


def measure_curves(
    vectors: np.ndarray, genres: np.ndarray, groups: np.ndarray, fold: np.ndarray, *, classes: int, seed: int
) -> Curves:
    """The learning curves of n covers: vectors (n, d), genres (n,) codes, groups (n,), fold (repeats, n).

    Each fold is judged by probes that learnt from parts of the other folds (`deal_parts`); values are means over parts
    and repeats, the last that of all training covers: the separability itself. All genres grow alike, so the curve
    says what a collection of the same shares but more groups would give.
    Covariance: of the covers judged, over groups within genres, by the part that each has in the AUC (`placements`),
    times 2 less the separability for the covers that teach (`probes.stretch`).
    """
    taught = _groups_that_teach(genres, groups, fold, classes)
    shares = steps(taught)
    first = np.unique(groups, return_index=True)[1]
    group = np.unique(groups, return_inverse=True)[1]
    values = np.full((len(shares), classes), np.nan)
    parts = np.zeros((len(shares), classes, len(first)), np.float32)
    with progress(total=len(shares) * fold.size, what="learning curves") as bar:
        for step, share in enumerate(shares):
            enough = share * taught >= FEWEST
            for repeat, row in enumerate(fold):
                dice = np.random.default_rng([seed, step, repeat])
                found, placed = _judged(vectors, genres, groups, row, share, dice, classes)
                values[step] = np.where(enough, np.nan_to_num(values[step]) + found / len(fold), np.nan)
                for code in range(classes):
                    parts[step, code] += np.bincount(group, placed[code], len(first)) / len(fold)
                bar.update(len(row))
    measured = np.isfinite(values)
    whole = measured[-WHOLE:].all(axis=0) & (len(shares) > 0)
    parts[~measured] = 0
    mean = values[:, whole].mean(axis=1, keepdims=True) if whole.any() else np.full((len(shares), 1), np.nan)
    values = np.hstack([values, mean])
    columns = [*np.moveaxis(parts, 1, 0), parts[:, whole].mean(axis=1) if whole.any() else parts[:, 0]]
    covariance = [_covariance(column, genres[first], value) for column, value in zip(columns, values.T, strict=True)]
    return Curves(shares, values, np.array(covariance), shares[:, None] * np.append(taught, taught.sum()))


def _groups_that_teach(genres: np.ndarray, groups: np.ndarray, fold: np.ndarray, classes: int) -> np.ndarray:
    """Groups of each genre outside a fold, on average over the folds: (classes,)."""
    every = groups_of_each(genres, groups, genres=classes)
    return np.asarray(every * (1 - 1 / len(np.unique(fold))))


def _judged(
    vectors: np.ndarray,
    genres: np.ndarray,
    groups: np.ndarray,
    fold: np.ndarray,
    share: float,
    dice: np.random.Generator,
    classes: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Separability (classes,) of one division into folds, and what each cover adds to its error (classes, n)."""
    names = np.unique(fold)
    found, pairs = np.zeros((2, len(names), classes))
    placed = np.zeros((classes, len(genres)))
    for place, held_out in enumerate(names):
        tested = np.flatnonzero(fold == held_out)
        rest = np.flatnonzero(fold != held_out)
        part = deal_parts(genres[rest], groups[rest], share=share, dice=dice)
        count = part.max() + 1
        member = genres[tested] == np.arange(classes)[:, None]
        pairs[place] = member.sum(axis=1) * (~member).sum(axis=1)
        for number in range(count):
            own = rest[part == number]
            scores = taught_scores(vectors[own], genres[own], vectors[tested], classes=classes)
            for code in range(classes):
                auc, parts = placements(np.nan_to_num(scores[:, code]), member[code])
                found[place, code] += auc / count
                placed[code, tested] += parts / count
    weight = ratio(pairs, pairs.sum(axis=0))
    overall = np.where(pairs.any(axis=0), (weight * found).sum(axis=0), 0.5)
    for place, held_out in enumerate(names):
        tested = np.flatnonzero(fold == held_out)
        member = genres[tested] == np.arange(classes)[:, None]
        # What a fold is better or worse than the others is of its covers, too.
        size = np.where(member, member.sum(axis=1, keepdims=True), (~member).sum(axis=1, keepdims=True))
        placed[:, tested] += (found[place] - overall)[:, None] / np.maximum(size, 1)
        placed[:, tested] *= 2 * weight[place][:, None]
    return 2 * overall - 1, placed


def _covariance(parts: np.ndarray, genres: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Covariance (k, k) of a curve's values (k,) from what each group adds to their error (k, g), genres: (g,)."""
    total = np.zeros((len(parts), len(parts)))
    for genre in np.unique(genres):
        own = parts[:, genres == genre].astype(float)
        spread = own - own.mean(axis=1, keepdims=True)
        total += spread @ spread.T * own.shape[1] / max(own.shape[1] - 1, 1)
    factor = np.sqrt(2 - np.clip(np.nan_to_num(values), 0, 1))
    return np.asarray(total * factor[:, None] * factor)
