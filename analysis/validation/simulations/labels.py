"""Wrong labels planted among covers of several separabilities: what the list, the flags and the estimate find.

See docs/methods.md, "Likely wrong labels".
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.behind.labels.doubts import K, doubt, estimated_joint, found_of, other_genres, planted_check

GENRES, COVERS, DIMENSIONS = 5, 300, 20
# Distance of the genres' means from the middle, in standard deviations within a genre.
APART = (1.0, 2.0, 3.0, 4.5)
SHARES = (0.0, 0.06)
DRAWS = 6
COLUMNS = {
    "balanced": "balanced accuracy",
    "estimate": "estimated wrong",
    "head": "right in the first n",
    "check": "AUC of further planted ones",
    "auc": "AUC",
    "flagged_precision": "flagged: precision",
    "flagged_recall": "flagged: recall",
    "both_precision": "and neighbours: precision",
    "both_recall": "and neighbours: recall",
}


def wrong_labels_table(*, draws: int = DRAWS, covers: int = COVERS) -> pd.DataFrame:
    """Means over draws by separability, share of wrong labels and where these lie: any genre, or a like one."""
    rows = []
    for apart in APART:
        for share, kin in [(0.0, False), *((share, kin) for share in SHARES if share for kin in (False, True))]:
            found = pd.DataFrame(_draws(apart, share, kin, draws=draws, covers=covers)).mean()
            lie = "none" if not share else "like genres" if kin else "any genre"
            rows.append({"apart": apart, "wrong": share, "in": lie, **found})
    return pd.DataFrame(rows).rename(columns=COLUMNS).drop(columns="precision").round(3)


def _draws(apart: float, share: float, kin: bool, *, draws: int, covers: int) -> Iterator[dict[str, float]]:
    for seed in range(draws):
        vectors, truth, fit = draw(apart, seed=seed, covers=covers)
        dice = np.random.default_rng([seed, 1])
        wrong = np.zeros(len(truth), bool)
        wrong[dice.permutation(len(truth))[: round(share * len(truth))]] = True
        labels = np.where(wrong, other_genres(truth, fit if kin else None, GENRES, dice), truth)
        yield judged(vectors, labels, wrong, kin=kin)


def draw(apart: float, *, seed: int, covers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors (n, d) of GENRES gaussian genres, their true codes (n,), and how well each genre fits each, (n, c)."""
    dice = np.random.default_rng(seed)
    middles = dice.normal(size=(GENRES, DIMENSIONS))
    middles *= apart / np.linalg.norm(middles, axis=1, keepdims=True)
    truth = np.repeat(np.arange(GENRES), covers)
    vectors = middles[truth] + dice.normal(size=(len(truth), DIMENSIONS))
    fit = -((vectors[:, None] - middles) ** 2).sum(axis=2) / 2
    return vectors, truth, np.exp(fit - fit.max(axis=1, keepdims=True))


def judged(vectors: np.ndarray, labels: np.ndarray, wrong: np.ndarray, *, kin: bool = False) -> dict[str, Any]:
    """Doubt the labels by a logistic regression out of fold and K neighbours, and hold that against the truth."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import NearestNeighbors

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    logistic = LogisticRegression(C=0.1, class_weight="balanced", max_iter=500)
    said = cross_val_predict(logistic, vectors, labels, cv=folds, method="predict_proba")
    near = NearestNeighbors(n_neighbors=K + 1).fit(vectors).kneighbors(return_distance=False)[:, :K]
    right = said.argmax(axis=1) == labels
    balanced = np.mean([right[labels == code].mean() for code in np.unique(labels)])
    estimate = 1 - np.trace(estimated_joint(labels, said))
    found = found_of(wrong, doubt(labels, said, near, labels)) if wrong.any() else {}
    check = planted_check(labels, said, near, kin=kin, seed=0)["auc"]
    return {"balanced": balanced, "estimate": estimate, **found, "check": check}
