"""Ratios of what may be nothing."""

import numpy as np


def ratio(part: np.ndarray | float, whole: np.ndarray | float, *, otherwise: float = 0.0) -> np.ndarray:
    """part / whole, broadcast, and `otherwise` where whole is 0 (to 1e-12) or NaN; float32 only if both are."""
    part, whole = np.asarray(part), np.asarray(whole)
    shape, kind = np.broadcast_shapes(part.shape, whole.shape), np.result_type(part, whole, np.float32)
    return np.divide(part, whole, out=np.full(shape, otherwise, kind), where=np.abs(whole) > 1e-12)
