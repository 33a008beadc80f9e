"""What an embedding tells of genres beyond a control or a confound, all of it as rows; pure.

Of an embedding and a control (another embedding) or a confound (columns about each cover), on the same covers, folds
and resamples, per genre and on average, all in separability (2 AUC - 1) unless said otherwise:

- separability: of the embedding. alone: of the control or confound by itself.
- left, the primary one: of the embedding once a linear function of the confound is taken from it (`left_scores`).
- lost: separability - left.
- adds: that of both side by side, less alone: nested probes, incremental AUC.
- difference: separability - alone. purity_difference: the same of purity above chance, where neighbours are given.
- explained: R2, the share of the confound that is told from the embedding, out of fold.
- held_out: separability with whole levels of the confound (an artist, a label, a decade) kept from the training;
  held_out_lost: separability - held_out.

See docs/methods.md.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.behind.controls.paired import difference_rows, separabilities, value_rows
from analysis.behind.controls.residuals import errors, held_out_scores, left_scores
from analysis.separability.pure.evidence import Evidence
from analysis.separability.pure.probes import probe_scores
from analysis.separability.pure.purity import above_chance, expected_purity, genre_purity, settled
from analysis.statistics.intervals import effective_size, t_quantile
from analysis.statistics.ratios import ratio
from data.grouping.folds import deal_folds

# Up to so many levels each is left out for itself; of more, several at a time, in as many folds as there are.
ALONE = 8


def account(
    evidence: Evidence,
    vectors: np.ndarray,
    design: np.ndarray,
    *,
    levels: np.ndarray | None = None,
    neighbors: Sequence[np.ndarray] | None = None,
) -> pd.DataFrame:
    """The rows of this module, with metric, genre (None: mean over genres), value, low, high, p_value, p_adjusted.

    vectors: (n, d). design: (n, q), the control's vectors or the confound's columns. levels: (n,) codes of what is left
    out in turn, -1 for unknown. neighbors: lists (n, k) in the embedding and in the control, outside groups, else -1.
    """
    classes = len(evidence.names)
    own, alone, joined = (
        separabilities(evidence, [probe_scores(each, evidence.codes, fold, classes=classes) for fold in evidence.fold])
        for each in (vectors, design, np.hstack([design, vectors]))
    )
    scores = [
        left_scores(vectors, design, evidence.codes, evidence.groups, fold, classes=classes) for fold in evidence.fold
    ]
    left = separabilities(evidence, scores)
    rows = [
        value_rows(evidence, "separability", own),
        value_rows(evidence, "alone", alone),
        value_rows(evidence, "left", left),
        difference_rows(evidence, "lost", own, left),
        difference_rows(evidence, "adds", joined, alone),
        difference_rows(evidence, "difference", own, alone),
        explained_row(evidence, vectors, design),
    ]
    if levels is not None:
        kept = held_out(evidence, vectors, levels)
        rows += [value_rows(evidence, "held_out", kept), difference_rows(evidence, "held_out_lost", own, kept)]
    if neighbors is not None:
        rows.append(difference_rows(evidence, "purity_difference", *(purities(evidence, lists) for lists in neighbors)))
    return pd.concat(rows, ignore_index=True)


def held_out(evidence: Evidence, vectors: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Separability of genres and its replicates (1 + resamples, c) where whole levels are kept from the training.

    levels: (n,) codes, -1 for unknown: those train, and are not tested. Up to ALONE levels each is a fold, else they
    are dealt into the evidence's number of folds, once a repeat. NaN where no level holds a genre and another one.
    """
    fold = _folds_of(evidence, levels)
    classes = len(evidence.names)
    scores = [held_out_scores(vectors, evidence.codes, evidence.groups, row, classes=classes) for row in fold]
    return separabilities(evidence, scores, fold)


def _folds_of(evidence: Evidence, levels: np.ndarray) -> np.ndarray:
    known = levels >= 0
    if len(np.unique(levels[known])) <= ALONE:
        return levels[None]
    fold = np.full((len(evidence.fold), len(levels)), -1)
    for repeat, row in enumerate(fold):
        row[known] = deal_folds(evidence.codes[known], levels[known], folds=evidence.folds, seed=[0, repeat])
    return fold


def purities(evidence: Evidence, neighbors: np.ndarray) -> np.ndarray:
    """Purity above chance of each genre and its replicates, (1 + resamples, c), as `purity_rows` has them."""
    classes = len(evidence.names)
    value, replicates = (
        np.where(evidence.group_counts > 1, genre_purity(neighbors, *variant, classes=classes), np.nan)
        for variant in evidence.variants[:2]
    )
    chance = expected_purity(evidence.codes[None], evidence.groups, classes=classes)
    above = above_chance(value, chance)
    return np.concatenate([above, above_chance(settled(replicates, value[0], above[0]), chance)])


def explained_row(evidence: Evidence, vectors: np.ndarray, design: np.ndarray) -> pd.DataFrame:
    """R2 of a confound (n, q), told from vectors (n, d) out of fold: one row, its interval from the same resamples.

    The mean over the repeats; spread as the separability's replicates are, by 2 less what is explained, for the
    regressions that the same covers trained.
    """
    parts = np.mean([errors(vectors, design, fold) for fold in evidence.fold], axis=0)
    weights = np.concatenate([np.ones((1, len(evidence.codes))), evidence.weights])
    found = 1 - ratio(weights @ parts[0], weights @ parts[1], otherwise=np.nan)
    spread = found[1:].std(ddof=1) * np.sqrt(2 - np.clip(found[0], 0, 1))
    half = float(t_quantile(np.array(effective_size(evidence.groups)))) * spread
    row = {"metric": "explained", "genre": None, "value": found[0], "low": found[0] - half, "high": found[0] + half}
    return pd.DataFrame([row]).astype({"genre": "str"}).assign(p_value=np.nan, p_adjusted=np.nan)
