"""Likely wrong labels, pure: which, how many by cleanlab's reckoning, and how far both can be trusted.

See docs/methods.md, "Likely wrong labels".
"""

import warnings
from dataclasses import dataclass

import numpy as np

# Neighbours that are asked for their genre.
K = 10
# Below this balanced accuracy the estimate of how many labels are wrong counts genres that overlap as wrong labels:
# on drawn covers without a single wrong label it says 0.9 % at 0.93, 11 % at 0.78, 49 % at 0.48.
TRUSTED = 0.85
# What is planted among the covers to see what the list would find of it, in so many draws.
PLANTED, DRAWS = 0.05, 10
HEAD = 100


@dataclass(frozen=True)
class Doubts:
    """What speaks against each of n labels; codes are into the c genres.

    suggested (n,): the likeliest other genre. quality (n,): probability of the own genre (cleanlab's self-confidence).
    suggested_probability, own_share, suggested_share (n,): of the neighbours, NaN without any. flagged (n,): whether
    cleanlab calls the label wrong. agree (n,): whether more neighbours carry the suggested genre than the own.
    place (n,): 1 for the lowest quality.
    """

    suggested: np.ndarray
    quality: np.ndarray
    suggested_probability: np.ndarray
    own_share: np.ndarray
    suggested_share: np.ndarray
    flagged: np.ndarray
    agree: np.ndarray
    place: np.ndarray


def doubt(truth: np.ndarray, probabilities: np.ndarray, neighbors: np.ndarray, codes: np.ndarray) -> Doubts:
    """Doubt each label: truth (n,), probabilities (n, c) out of fold, neighbors (n, k) rows of codes (m,), -1 for none.

    Ranked by cleanlab's label quality (self-confidence) and flagged by its pruning by class and by noise rate, both
    (Northcutt, Jiang & Chuang 2021, Confident learning). Equal qualities stand in the order of the rows.
    """
    from cleanlab.rank import get_label_quality_scores

    rows = np.arange(len(truth))
    probabilities = _normal(probabilities)
    quality = get_label_quality_scores(truth, probabilities, method="self_confidence") if len(truth) else np.empty(0)
    others = probabilities.copy()
    others[rows, truth] = -1
    suggested = others.argmax(axis=1)
    shares = genre_shares(neighbors, codes, genres=probabilities.shape[1])
    own, other = shares[rows, truth], shares[rows, suggested]
    place = np.empty(len(truth), np.int64)
    place[np.argsort(quality, kind="stable")] = rows + 1
    return Doubts(
        suggested=suggested,
        quality=quality,
        suggested_probability=probabilities[rows, suggested],
        own_share=own,
        suggested_share=other,
        flagged=flagged(truth, probabilities),
        agree=other > own,
        place=place,
    )


def genre_shares(neighbors: np.ndarray, codes: np.ndarray, *, genres: int) -> np.ndarray:
    """Share of each genre among the neighbours: (n, c), NaN for who has none."""
    known = neighbors >= 0
    there = np.eye(genres)[codes[neighbors]] * known[..., None]
    count = known.sum(axis=1, keepdims=True)
    return np.divide(there.sum(axis=1), count, out=np.full((len(neighbors), genres), np.nan), where=count > 0)


def flagged(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Labels that cleanlab calls wrong, bool (n,): none where fewer than two genres have covers."""
    from cleanlab.filter import find_label_issues

    codes, probabilities, _ = _present(truth, probabilities)
    if probabilities.shape[1] < 2:
        return np.zeros(len(truth), bool)
    with warnings.catch_warnings():  # of a genre of five covers or fewer it flags none by noise rate
        warnings.filterwarnings("ignore", message="May not flag all label issues", category=UserWarning)
        return find_label_issues(codes, probabilities, filter_by="both", n_jobs=1)


def estimated_joint(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Cleanlab's estimate of how labels and true genres go together: shares (c, c) of all covers, label by truth.

    From the confident joint, calibrated to the number of covers of each genre. Rows of genres without a cover are 0.
    It takes whatever is confidently told as another genre for a wrong label: see TRUSTED.
    """
    from cleanlab.count import estimate_joint

    joint = np.zeros((probabilities.shape[1],) * 2)
    codes, some, present = _present(truth, probabilities)
    joint[np.ix_(present, present)] = estimate_joint(codes, some) if len(present) > 1 else 1.0
    return joint


def wrong_shares(joint: np.ndarray) -> np.ndarray:
    """Of a joint (c, c) what is estimated wrong: (1 + c + c * c,), over all, of each genre's labels, and of each
    genre's labels those that are truly each other genre; NaN for a genre without a cover."""
    total = joint.sum(axis=1, keepdims=True)
    of_genre = np.divide(joint, total, out=np.full_like(joint, np.nan), where=total > 0)
    overall = 1 - np.trace(joint) / joint.sum()
    return np.concatenate([[overall], 1 - np.diag(of_genre), of_genre.ravel()])


def planted_check(
    truth: np.ndarray, probabilities: np.ndarray, neighbors: np.ndarray, *, kin: bool, seed: int
) -> dict[str, float]:
    """What list and flags would find of wrong labels planted among these covers: means over DRAWS draws.

    truth (n,), probabilities (n, c), neighbors (n, k) rows. A share PLANTED of the labels is changed, at random to any
    other genre or, with `kin`, to one as likely as the classifier finds it. A cover's own probabilities are those of
    classifiers that have not seen its label, so they are held fixed: what planted labels would do to what the others
    teach is left out. Labels that are wrong already count as right ones: what is wrong in the list is at least so much.
    Returns head (share of planted among the first HEAD, or as many as were planted), precision (among as many as were
    planted), auc (of planted against the others), flagged_precision, flagged_recall, both_precision and both_recall
    (flagged, and neighbours agree).
    """
    dice = np.random.default_rng([seed, kin])
    probabilities = _normal(probabilities)
    found = [_planted(truth, probabilities, neighbors, kin, dice) for _ in range(DRAWS)]
    with np.errstate(all="ignore"):
        return {name: _mean([each[name] for each in found]) for name in found[0]}


def _planted(
    truth: np.ndarray, probabilities: np.ndarray, neighbors: np.ndarray, kin: bool, dice: np.random.Generator
) -> dict[str, float]:
    planted = np.zeros(len(truth), bool)
    planted[dice.permutation(len(truth))[: max(round(PLANTED * len(truth)), 1)]] = True
    labels = np.where(planted, other_genres(truth, probabilities if kin else None, probabilities.shape[1], dice), truth)
    return found_of(planted, doubt(labels, probabilities, neighbors, labels))


def other_genres(
    truth: np.ndarray, probabilities: np.ndarray | None, genres: int, dice: np.random.Generator
) -> np.ndarray:
    """Another genre for each cover, (n,): any, or as likely as probabilities (n, c) say."""
    weights = np.ones((len(truth), genres)) if probabilities is None else probabilities + 1e-9
    weights[np.arange(len(truth)), truth] = 0
    edges = weights.cumsum(axis=1) / weights.sum(axis=1, keepdims=True)
    return np.minimum((dice.random((len(truth), 1)) >= edges).sum(axis=1), genres - 1)


def found_of(wrong: np.ndarray, doubts: Doubts) -> dict[str, float]:
    """How many of the wrong labels, bool (n,), a list and its flags find; see `planted_check`."""
    from scipy.stats import rankdata

    count, order = int(wrong.sum()), np.argsort(doubts.place)
    ranks = rankdata(-doubts.quality)
    rest = len(wrong) - count
    both = doubts.flagged & doubts.agree
    return {
        "head": float(wrong[order[: min(HEAD, count)]].mean()) if count else float("nan"),
        "precision": float(wrong[order[:count]].mean()) if count else float("nan"),
        "auc": float((ranks[wrong].sum() - count * (count + 1) / 2) / (count * rest))
        if count and rest
        else float("nan"),
        "flagged_precision": _share(wrong, doubts.flagged),
        "flagged_recall": _share(doubts.flagged, wrong),
        "both_precision": _share(wrong, both),
        "both_recall": _share(both, wrong),
    }


def _share(what: np.ndarray, among: np.ndarray) -> float:
    return float(what[among].mean()) if among.any() else float("nan")


def _mean(values: list[float]) -> float:
    known = [value for value in values if value == value]
    return float(np.mean(known)) if known else float("nan")


def _normal(probabilities: np.ndarray) -> np.ndarray:
    """In float64, each row of sum 1: stored ones are float32."""
    probabilities = np.asarray(probabilities, np.float64)
    return probabilities / np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-12)


def _present(truth: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes and probabilities among the genres that have covers, and which these are."""
    present, codes = np.unique(truth, return_inverse=True)
    return codes, _normal(probabilities[:, present]), present
