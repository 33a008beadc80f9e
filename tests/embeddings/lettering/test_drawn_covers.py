"""The real reader on drawn covers of every style, whose titles are known."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from data.drawing.sample import draw_cover, plan_sample
from embeddings.lettering.ocr import fit, read_words
from embeddings.lettering.reading import text_of
from tests.misread import misread


def test_misread_by_hand() -> None:
    assert misread("Night Train", "live: NIGHT-TRAIN 84") == 0
    assert misread("night", "the niqht is") == pytest.approx(1 / 5)
    assert misread("night", "nght") == pytest.approx(1 / 5)
    assert misread("night", "") == 1


@pytest.mark.slow
def test_titles_are_read_and_logos_are_not() -> None:
    """Two covers of each style: of titles few letters are missed; the artists of Doomcraft are drawn as logos."""
    errors: dict[str, list[tuple[float, float]]] = {}
    for number, cover in enumerate(plan_sample(covers=200, seed=1)):
        if cover.exact_copy_of or cover.near_copy_of or len(errors.setdefault(cover.drawn_as, [])) == 2:
            continue
        image = Image.open(BytesIO(draw_cover(cover, number=number, seed=1))).convert("RGB")
        said = text_of(read_words(fit(image)))
        errors[cover.drawn_as].append((misread(cover.title, said), misread(cover.artist, said)))
    found = np.array([np.mean(rows, axis=0) for rows in errors.values()])
    assert len(found) == 9
    assert found[:, 0].mean() < 0.05
    logos = list(errors).index("Doomcraft")
    assert np.delete(found[:, 1], logos).mean() < 0.08
