"""Corrections of p-values for their number. See docs/methods.md."""

import numpy as np


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """p-values adjusted for their number, so that 5 % of those called significant at 0.05 are false on average.

    Benjamini & Hochberg (1995). NaNs stay and do not count.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])]
    scaled = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted


def holm(p_values: np.ndarray) -> np.ndarray:
    """p-values adjusted by Holm's step-down method (1979), which bounds the chance of any false finding.

    NaNs stay and do not count.
    """
    p_values = np.asarray(p_values, float)
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted
