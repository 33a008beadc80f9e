"""Agreement of clusters with genres: five numbers, all from the table of how many covers each pair of them shares.

See docs/methods.md.
"""

import numpy as np

from analysis.statistics.ratios import ratio

SCORES = ("ari", "ami", "homogeneity", "completeness", "v_measure")
# The least that each can be. ARI: Chacon & Rastrojo 2023, Minimum adjusted Rand index for two clusterings.
LOWEST = np.array([-0.5, -1.0, 0.0, 0.0, 0.0])


def contingency(genres: np.ndarray, clusters: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Covers by genre and cluster, anew for each of m variants: (m, genres, clusters) float64.

    genres: (m, n) codes. clusters: (n,) from -1, noise being one more cluster: a clustering that leaves most
    covers out should not look good. weights: (m, n), how often each cover is there.
    """
    classes, kinds = int(genres.max()) + 1, int(clusters.max()) + 2
    cells = genres * kinds + clusters + 1
    tables = [np.bincount(row, often, classes * kinds) for row, often in zip(cells, weights, strict=True)]
    return np.array(tables).reshape(-1, classes, kinds)


def agreement(tables: np.ndarray, *, expected_information: float) -> np.ndarray:
    """Adjusted Rand index, adjusted mutual information, homogeneity, completeness and V-measure: (m, 5).

    tables: (m, genres, clusters). Definitions and limits are scikit-learn's. expected_information, of a chance
    clustering with the same numbers of covers (`chance_information`), is what the AMI is adjusted by.
    """
    total = tables.sum(axis=(1, 2))
    by_genre, by_cluster = tables.sum(axis=2), tables.sum(axis=1)
    genre_entropy, cluster_entropy = _entropy(by_genre, total), _entropy(by_cluster, total)
    joint_entropy = _entropy(tables.reshape(len(tables), -1), total)
    information = np.maximum(genre_entropy + cluster_entropy - joint_entropy, 0)
    homogeneity = ratio(information, genre_entropy, otherwise=1.0)
    completeness = ratio(information, cluster_entropy, otherwise=1.0)
    v_measure = ratio(2 * homogeneity * completeness, homogeneity + completeness)
    mean_entropy = (genre_entropy + cluster_entropy) / 2
    ami = ratio(information - expected_information, mean_entropy - expected_information, otherwise=1.0)
    return np.stack([_rand_index(tables, by_genre, by_cluster, total), ami, homogeneity, completeness, v_measure], 1)


def chance_information(table: np.ndarray) -> float:
    """Expected mutual information (nats) of a random clustering with this table's margins (Vinh et al. 2010)."""
    from sklearn.metrics.cluster import expected_mutual_information

    table = table[table.any(axis=1)][:, table.any(axis=0)].astype(np.int64)
    return float(expected_mutual_information(table, int(table.sum())))


def _rand_index(tables: np.ndarray, by_genre: np.ndarray, by_cluster: np.ndarray, total: np.ndarray) -> np.ndarray:
    together = _pairs(tables).sum(axis=(1, 2))
    in_genre, in_cluster = _pairs(by_genre).sum(axis=1), _pairs(by_cluster).sum(axis=1)
    expected = in_genre * in_cluster / np.maximum(_pairs(total), 1)
    return ratio(together - expected, (in_genre + in_cluster) / 2 - expected, otherwise=1.0)


def _pairs(counts: np.ndarray) -> np.ndarray:
    return counts * (counts - 1) / 2


def _entropy(counts: np.ndarray, total: np.ndarray) -> np.ndarray:
    """In nats, along the last axis."""
    share = counts / np.maximum(total, 1)[:, None]
    return -(share * np.log(np.where(share > 0, share, 1))).sum(axis=1)
