"""The reader on drawn covers whose words are known."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.errors import GenrescopeError
from embeddings.lettering.ocr import SIDE, _reader, contrast_of, fit, read_words, reader_params, split_line

Draw = Callable[[str], Image.Image]


@pytest.fixture(scope="module")
def read(lettered: Draw) -> list:
    return read_words(fit(lettered("NIGHT TRAIN\nlive 1984")))


def test_words_are_read_line_by_line_where_they_stand(read: list) -> None:
    assert [(word.line, word.word) for word in read] == [(0, "NIGHT"), (0, "TRAIN"), (1, "live"), (1, "1984")]
    night, train, live, _ = (word.box for word in read)
    assert night[:, 0].max() < train[:, 0].min() + 0.05
    assert night[:, 1].max() < live[:, 1].min() + 0.05
    # The first line begins 20 of 300 pixels from the left and stands 40 to 80 from above.
    assert night[0] == pytest.approx([20 / 300, 45 / 300], abs=0.05)
    assert all(word.confidence > 0.8 for word in read)


def test_contrast_is_the_difference_in_lightness(read: list) -> None:
    assert read[0].contrast == pytest.approx(0.9, abs=0.12)  # black on cream, their edges grey
    flat = np.full((SIDE, SIDE, 3), 128, np.uint8)
    corners = np.array([[10, 10], [60, 10], [60, 40], [10, 40]], float)
    assert contrast_of(flat, corners) == 0
    flat[20:30, 10:60] = 255
    assert contrast_of(flat, corners) == pytest.approx(1 - 0.536, abs=0.01)  # L* of sRGB 128 is 53.6


def test_without_the_extra_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _reader.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(GenrescopeError, match=r"pip install 'genrescope\[lettering\]'"):
        reader_params()


def test_without_the_weights_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import rapidocr

    monkeypatch.setattr(rapidocr, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(GenrescopeError, match="install rapidocr again"):
        reader_params()


def test_a_cover_without_words() -> None:
    assert read_words(fit(Image.new("RGB", (300, 300), "navy"))) == []


def test_a_wide_cover_is_shown_whole(lettered: Draw) -> None:
    wide = Image.new("RGB", (900, 300), "#f3ecdc")
    wide.paste(lettered("OCEAN"), (600, 0))
    square = fit(wide)
    assert square.shape == (SIDE, SIDE, 3)
    (word,) = read_words(square)
    assert word.word == "OCEAN"
    assert word.box[0, 0] == pytest.approx(620 / 900, abs=0.03)


def test_letters_upside_down_are_read(lettered: Draw) -> None:
    turned = fit(lettered("NIGHT TRAIN").rotate(180))
    assert " ".join(word.word for word in read_words(turned)) == "NIGHT TRAIN"


def test_a_line_is_split_along_its_box() -> None:
    line = np.array([[0, 0], [10, 0], [10, 2], [0, 2]], np.float32)
    (first, left), (second, right) = split_line("ab  cdefgh", line)
    assert (first, second) == ("ab", "cdefgh")
    np.testing.assert_allclose(left, [[0, 0], [2, 0], [2, 2], [0, 2]])
    np.testing.assert_allclose(right, [[4, 0], [10, 0], [10, 2], [4, 2]])
