"""Conformal prediction: which genres a cover may have so that the true one is seldom left out; pure arrays.

See docs/methods.md.
"""

import numpy as np

LEVEL = 0.9


def p_values(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """For each cover and genre (n, c): how usual the genre's probability would be if the cover were of that genre.

    probabilities (n, c), from classifiers that had not seen the cover; truth (n,) codes; groups (n,). Of the groups
    that have the genre, the cover's own left out, the share whose covers got no higher a probability of it (each group
    counts 1, its covers share that), the cover itself counted among them: (1 + those) / (1 + all). Mondrian, so valid
    within each genre (Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World), from out-of-fold
    predictions (cross-conformal: Vovk 2015; compare Barber et al. 2021, Predictive inference with the jackknife+), with
    groups as units (Lee, Barber & Willett 2023, Distribution-free inference with hierarchical data; Dunn, Wasserman &
    Ramdas 2023). 1 where no other group has the genre.
    """
    found = np.empty(probabilities.shape)
    for genre, own in enumerate(probabilities.T):
        scores, worth, count = _known(own, truth == genre, groups)
        below, among = _below(scores, worth, own), np.isin(groups, groups[truth == genre])
        found[:, genre] = (1 + below - _own_below(own, truth == genre, groups)) / (1 + count - among)
    return np.clip(found, 0, 1)


def thresholds(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray, *, level: float = LEVEL) -> np.ndarray:
    """The least probability (c,) with which each genre is in the set of a cover that is not among these.

    Arguments as of `p_values`. A genre is in the set where its p-value is above 1 - level. 0 for a genre of so few
    groups that it can never be left out, fewer than level / (1 - level).
    """
    return np.array([_threshold(own, truth == genre, groups, level) for genre, own in enumerate(probabilities.T)])


def _threshold(own: np.ndarray, member: np.ndarray, groups: np.ndarray, level: float) -> float:
    scores, worth, count = _known(own, member, groups)
    reached = 1 + np.cumsum(worth) > (1 - level) * (1 + count) + 1e-9
    return 0.0 if not len(scores) or (1 - level) * (1 + count) + 1e-9 < 1 else float(scores[reached.argmax()])


def _known(own: np.ndarray, member: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """A genre's probabilities of its members ascending, what each of them counts, and how many groups they are."""
    _, group, sizes = np.unique(groups[member], return_inverse=True, return_counts=True)
    order = np.argsort(own[member], kind="stable")
    return own[member][order], 1 / sizes[group][order], len(sizes)


def _below(scores: np.ndarray, worth: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What the scores (k,), ascending, that are at most each value count together."""
    return np.append(0.0, np.cumsum(worth))[np.searchsorted(scores, values, side="right")]


def _own_below(own: np.ndarray, member: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """What the members of each cover's own group (itself included) count whose score is at most the cover's."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=groups[order][0] - 1 if len(order) else 0))
    found = member.astype(float)  # of a cover alone: itself, if it is a member
    for rows in np.split(order, starts[1:]):
        inside = rows[member[rows]]
        if len(rows) > 1:
            found[rows] = (own[inside] <= own[rows][:, None]).mean(axis=1) if len(inside) else 0.0
    return found
