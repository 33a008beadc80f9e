"""What the tests of separability share."""

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture(scope="session")
def gaussians() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Vectors of genres whose centres are `apart` standard deviations from the origin, and the genres' codes."""

    def draw(*, apart: float, n: int = 60, classes: int = 3, d: int = 16, seed: int = 0):
        codes = np.repeat(np.arange(classes), n)
        noise = np.random.default_rng(seed).normal(size=(len(codes), d))
        return (apart * np.eye(d)[codes] + noise).astype(np.float32), codes

    return draw
