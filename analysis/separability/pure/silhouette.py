"""The silhouette of genres by cosine distance, exact and without comparing all covers with all. See docs/methods.md."""

import numpy as np

from analysis.statistics.ratios import ratio

BLOCK_CELLS = 4_000_000  # entries of a block of class sums: bounds the memory, and keeps the products efficient


def silhouettes(unit: np.ndarray, genres: np.ndarray, *, classes: int) -> np.ndarray:
    """The silhouette of each cover: (n,), from -1 (among another genre's covers) to 1 (apart, with its own).

    unit: (n, d) vectors of length 1 (or 0). genres: (n,) codes.
    (b - a) / max(a, b), a being the mean cosine distance to the other covers of its genre, b the least mean
    distance to another genre (Rousseeuw 1987; scikit-learn's `silhouette_samples`). Duplicates count like any
    covers: they are a few among a genre's hundreds. NaN for the only cover of a genre, or with only one genre.
    """
    once = np.ones((1, len(unit)), unit.dtype)
    sums = _genre_sums(unit, genres[None], once, classes=classes)[:, 0]
    return _from_sums(sums, np.einsum("ij,ij->i", unit, unit), genres, once[0])


def genre_silhouette(unit: np.ndarray, genres: np.ndarray, weights: np.ndarray, *, classes: int) -> np.ndarray:
    """Mean silhouette of each genre's covers, anew for each of m variants: (m, classes).

    unit: (n, d). genres: (m, n) codes. weights: (m, n), how often each cover is there; copies of a cover do not
    count as its neighbours. NaN for a genre with fewer than two covers.
    """
    squares = np.einsum("ij,ij->i", unit, unit)
    step = max(BLOCK_CELLS // (len(unit) * classes), 1)
    means = []
    for start in range(0, len(genres), step):
        block = slice(start, start + step)
        sums = _genre_sums(unit, genres[block], weights[block], classes=classes)
        for i, (labels, often) in enumerate(zip(genres[block], weights[block], strict=True)):
            means.append(_mean_by_genre(_from_sums(sums[:, i], squares, labels, often), labels, often, classes))
    return np.array(means).reshape(-1, classes)


def _genre_sums(unit: np.ndarray, genres: np.ndarray, weights: np.ndarray, *, classes: int) -> np.ndarray:
    """Sum of each cover's cosine similarities to all covers of each genre: (n, m, classes).

    A sum of products with unit vectors is the product with their sum, so the work grows with n, not with n x n.
    """
    n, variants = len(unit), len(genres)
    member = np.zeros((n, variants, classes), unit.dtype)
    member[np.arange(n), np.arange(variants)[:, None], genres] = weights
    return (unit @ (unit.T @ member.reshape(n, -1))).reshape(member.shape)


def _from_sums(sums: np.ndarray, squares: np.ndarray, genres: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Silhouettes (n,) from similarity sums (n, classes) and each vector's product with itself (n,)."""
    counts = np.bincount(genres, weights, sums.shape[1]).astype(sums.dtype)
    own = np.arange(len(sums)), genres
    with np.errstate(invalid="ignore", divide="ignore"):
        a = (counts[genres] - sums[own] - weights * (1 - squares)) / (counts[genres] - weights)
        distances = 1 - sums / counts
        distances[:, counts == 0] = np.inf
        distances[own] = np.inf
        b = distances.min(axis=1)
        values = (b - a) / np.maximum(a, b)
    return np.where(np.isfinite(values), values, np.nan)


def _mean_by_genre(values: np.ndarray, genres: np.ndarray, weights: np.ndarray, classes: int) -> np.ndarray:
    known = np.isfinite(values)
    total = np.bincount(genres, weights * known, classes)
    summed = np.bincount(genres, weights * np.where(known, values, 0), classes)
    return ratio(summed, total, otherwise=np.nan)
