"""What every estimator here does first, by scikit-learn's contract."""

from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data


def checked(estimator: Any, X: np.ndarray, y: np.ndarray, **how: Any) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and genres to fit on, as arrays; how: as of `validate_data`, which notes of the estimator what X is.

    Raises ValueError for what is no matrix of numbers, and for targets that are no classes.
    """
    X, y = validate_data(estimator, X, y, **how)
    check_classification_targets(y)
    return X, y


def each_its_own(groups: np.ndarray | None, y: np.ndarray) -> np.ndarray:
    """The groups (n,) given with the genres y (n,); where none are, every cover is one."""
    return np.arange(len(y)) if groups is None else groups
