"""Our statistics beside independent implementations: the largest difference of each on random material."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score, value_of
from analysis.geometry.neighbors import neighbor_graph, normalize
from analysis.geometry.trust import map_trust
from analysis.separability.pure.agreement import SCORES, agreement, chance_information, contingency
from analysis.separability.pure.probes import auc
from analysis.separability.pure.purity import genre_purity
from analysis.separability.pure.silhouette import silhouettes
from analysis.statistics.corrections import benjamini_hochberg
from analysis.statistics.intervals import share_interval

COVERS, DIMENSIONS, CLASSES, TRIES = 300, 12, 4, 5


def differences() -> pd.DataFrame:
    """The largest difference of each statistic over TRIES random collections: statistic, against, difference."""
    rows = [row for seed in range(TRIES) for row in _compared(np.random.default_rng(seed))]
    table = pd.DataFrame(rows, columns=["statistic", "against", "difference"])
    largest = table.groupby(["statistic", "against"], sort=False).difference.max().reset_index()
    return largest.assign(difference=[f"{value:.1e}" for value in largest.difference])


def _compared(dice: np.random.Generator) -> Iterator[tuple[str, str, float]]:
    codes = dice.integers(CLASSES, size=COVERS)
    vectors = (np.eye(DIMENSIONS)[codes] + dice.normal(size=(COVERS, DIMENSIONS))).astype(np.float32)
    yield from _geometry(vectors, codes)
    yield from _clusters(codes, dice.integers(-1, 5, size=COVERS))
    yield from _ranking(codes == 0, np.round(dice.normal(size=COVERS) + (codes == 0), 1), dice)
    yield from _scores(codes, dice)
    yield from _statistics(dice)


def _geometry(vectors: np.ndarray, codes: np.ndarray) -> Iterator[tuple[str, str, float]]:
    from sklearn.manifold import trustworthiness
    from sklearn.metrics import silhouette_samples
    from sklearn.neighbors import NearestNeighbors

    unit = normalize(vectors.astype(np.float64))
    own = silhouettes(unit, codes, classes=CLASSES)
    yield "silhouette", "scikit-learn", _gap(own, silhouette_samples(vectors, codes, metric="cosine"))
    rows, _ = neighbor_graph(vectors, np.arange(COVERS), k=10)
    found = NearestNeighbors(n_neighbors=10, metric="cosine").fit(vectors).kneighbors(return_distance=False)
    once = np.ones((1, COVERS), np.uint8)
    ours, theirs = (genre_purity(lists, codes[None], once, classes=CLASSES) for lists in (rows, found))
    yield "purity", "scikit-learn's neighbours", _gap(ours, theirs)
    trust = np.nanmean(map_trust(vectors, unit[:, :2])[0])
    yield (
        "trustworthiness",
        "scikit-learn",
        _gap(trust, trustworthiness(vectors, unit[:, :2], n_neighbors=15, metric="cosine")),
    )


def _clusters(codes: np.ndarray, clusters: np.ndarray) -> Iterator[tuple[str, str, float]]:
    from sklearn import metrics

    table = contingency(codes[None], clusters, np.ones((1, COVERS), np.uint8))
    ours = agreement(table, expected_information=chance_information(table[0]))[0]
    names = ("adjusted_rand", "adjusted_mutual_info", "homogeneity", "completeness", "v_measure")
    for name, value, theirs in zip(SCORES, ours, names, strict=True):
        yield name, "scikit-learn", _gap(value, getattr(metrics, f"{theirs}_score")(codes, clusters))


def _ranking(target: np.ndarray, scores: np.ndarray, dice: np.random.Generator) -> Iterator[tuple[str, str, float]]:
    from sklearn.metrics import roc_auc_score

    weights = dice.integers(0, 4, size=(1, COVERS)).astype(np.uint8)
    theirs = roc_auc_score(target, scores, sample_weight=weights[0])
    yield (
        "AUC, with ties and weights",
        "scikit-learn",
        _gap(auc(scores, target, np.zeros(COVERS, int), weights), theirs),
    )


def _scores(codes: np.ndarray, dice: np.random.Generator) -> Iterator[tuple[str, str, float]]:
    from sklearn import metrics

    probabilities = dice.dirichlet(np.ones(CLASSES), COVERS)
    said, ids, names = probabilities.argmax(axis=1), np.arange(COVERS), [str(code) for code in range(CLASSES)]
    table = score(Predictions(ids, 0 * ids, codes, said, probabilities, names, ids), resamples=0)
    theirs = {
        "accuracy": metrics.accuracy_score(codes, said),
        "balanced_accuracy": metrics.balanced_accuracy_score(codes, said),
        "macro_f1": metrics.f1_score(codes, said, average="macro"),
        "weighted_f1": metrics.f1_score(codes, said, average="weighted"),
        "macro_precision": metrics.precision_score(codes, said, average="macro"),
        "log_loss": metrics.log_loss(codes, probabilities),
        "top3": metrics.top_k_accuracy_score(codes, probabilities, k=3),
    }
    for name, value in theirs.items():
        yield name, "scikit-learn", _gap(value_of(table, name)[0], value)


def _statistics(dice: np.random.Generator) -> Iterator[tuple[str, str, float]]:
    from scipy.stats import binomtest, false_discovery_control

    p_values = dice.random(30) ** 3
    yield "Benjamini-Hochberg", "scipy", _gap(benjamini_hochberg(p_values), false_discovery_control(p_values))
    count, right = 10_000, int(dice.integers(1, 9_999))
    share = right / count
    spread = np.sqrt(share * (1 - share) / count) * np.array([[-1.0], [1.0]]) / np.sqrt(2) + share
    ours = share_interval(np.array([share]), spread, count)
    theirs = binomtest(right, count).proportion_ci(method="wilson")
    yield "Wilson's interval", "scipy", _gap(np.array(ours)[:, 0], [theirs.low, theirs.high])


def _gap(ours: object, theirs: object) -> float:
    return float(np.abs(np.asarray(ours, float) - np.asarray(theirs, float)).max())
