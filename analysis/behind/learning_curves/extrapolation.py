"""How a learning curve goes on, and how unsure that is. Pure: arrays in, arrays out. See docs/methods.md.

A probe's separability is no power law of the covers that teach: its curve begins S-shaped, and a power law fitted to it
(a - b n^-c; Cortes, Jackel, Solla, Vapnik & Denker 1993) foretells wrongly and is sure of it (see the simulations;
Viering & Loog 2022, The Shape of Learning Curves, on when it fails). The law is one of the distance z between genres
that the probe sees, separability = 2 Phi(z / sqrt 2) - 1: 1 / z^2 = a + b n^-c. With c = 1 that is what is known of
Fisher's discriminant (Raudys & Jain 1991, Small sample size effects); c is left open, as embeddings vary much more in
some directions than in others.
"""

import numpy as np

from analysis.statistics.intervals import t_quantile

# At so many times the groups is looked ahead; the first decides what may be said.
AHEAD = (2.0, 4.0)
# Shares at which the law has learnt half of what it can (squared distances), and exponents: all pairs are weighed.
HALVES, EXPONENTS = np.geomspace(0.003, 300, 36), np.linspace(0.2, 1.4, 13)
# What the law may be off at each step, in z, beside chance. Chosen so that on random halves, quarters and eighths of
# the real covers at least 92 % of the intervals held what twice and four times as many gave; at half of it 83 %.
MISFIT = 0.02
# No gain is foretold to less than this: near a separability of 1 the law would be surer than what is measured.
ROUGH = 0.003
# Fewer steps do not show how a curve bends.
FEWEST_STEPS = 5
DRAWS = 4000
# A separability of 1 would be infinitely far.
LARGEST = 0.995


def extrapolate(
    shares: np.ndarray, values: np.ndarray, covariance: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Separability at shares `at` (m,) of the groups there are, and gain over a share of 1: (m, 3) each.

    shares (k,) ascending to 1, values (k,), covariance (k, k): of a learning curve, NaN where not measured. Each row is
    (value, low, high) of 95 %: every law of the grid counts as much as it explains the curve (its likelihood, flat in
    grid and height), and its height is drawn anew each time. The interval covers which covers are in the collection, on
    both sides, and which of these laws holds; not that covers of another kind are added. NaN below FEWEST_STEPS.
    """
    known = np.isfinite(values)
    if known.sum() < FEWEST_STEPS:
        return np.full((len(at), 3), np.nan), np.full((len(at), 3), np.nan)
    weights, height, error = _laws(shares[known], values[known], covariance[np.ix_(known, known)])
    dice = np.random.default_rng(0)
    law = dice.choice(len(weights), DRAWS, p=weights)
    reached = height[law] + error[law] * dice.normal(size=DRAWS)
    foretold = separability_at(reached[:, None] * _shape(np.asarray(at, float))[law])
    gained = _summary(foretold - separability_at(reached)[:, None])
    gained[:, 1] = gained[:, 0] - np.hypot(gained[:, 0] - gained[:, 1], ROUGH)
    gained[:, 2] = gained[:, 0] + np.hypot(gained[:, 2] - gained[:, 0], ROUGH)
    return _summary(foretold), gained


def points(values: np.ndarray, covariance: np.ndarray, sizes: float) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of 95 % (low, high), (k,) each, of a curve's values, by Student's t in z; sizes: independent covers."""
    distance, slope = _distance(values)
    half = t_quantile(np.array(sizes)) * np.sqrt(np.diag(covariance)) * slope
    low, high = separability_at(distance - half), separability_at(distance + half)
    return np.minimum(low, values), np.maximum(high, values)


def separability_at(distance: np.ndarray) -> np.ndarray:
    """2 AUC - 1 of two normal distributions so many standard deviations apart."""
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(distance / np.sqrt(2)) - 1)


def _laws(shares: np.ndarray, values: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each law of the grid its weight, the distance it has reached at share 1, and this one's standard error."""
    distance, slope = _distance(values)
    spread = covariance * slope[:, None] * slope + MISFIT**2 * np.eye(len(values))
    precision = np.linalg.inv(spread)
    shape = _shape(shares)
    information = np.einsum("gi,ij,gj->g", shape, precision, shape)
    height = shape @ precision @ distance / information
    left = distance - height[:, None] * shape
    likelihood = -0.5 * np.einsum("gi,ij,gj->g", left, precision, left) - 0.5 * np.log(information)
    weights = np.exp(likelihood - likelihood.max())
    return weights / weights.sum(), height, np.sqrt(1 / information)


def _shape(shares: np.ndarray) -> np.ndarray:
    """Distance at each share over that at share 1, for every law of the grid: (laws, k)."""
    half, exponent = (axis.ravel()[:, None] for axis in np.meshgrid(HALVES, EXPONENTS, indexing="ij"))
    return np.asarray(np.sqrt((1 + half**exponent) / (1 + (half / shares) ** exponent)))


def _distance(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z of separabilities, and how much it changes with them."""
    from scipy.special import ndtri

    quantile = ndtri((1 + np.clip(values, -LARGEST, LARGEST)) / 2)
    return np.sqrt(2) * quantile, np.sqrt(np.pi) * np.exp(quantile**2 / 2)


def _summary(drawn: np.ndarray) -> np.ndarray:
    """Mean and 95 % interval of each column of drawn (draws, m): (m, 3)."""
    return np.column_stack([drawn.mean(axis=0), *np.quantile(drawn, (0.025, 0.975), axis=0)])
