"""What the tests of grouping share."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def drawing() -> Callable[[int], Image.Image]:
    """Makes, of a seed, a picture of 300 x 300 pixels with shapes of all sizes; no two seeds look alike."""

    def drawing(seed: int) -> Image.Image:
        dice = np.random.default_rng(seed)
        layers = [
            np.asarray(Image.fromarray(dice.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((300, 300), 3), float)
            for n in (4, 12, 36)
        ]
        return Image.fromarray((0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2]).astype(np.uint8))

    return drawing
