"""Numbers about how words stand: by hand on a few boxes."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from embeddings.lettering.standing import MOST, describe, learn_standing

Table = Callable[[Sequence[str]], pd.DataFrame]


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([left, top, right, top, right, bottom, left, bottom], np.float32)


def words(*rows: tuple[int, int, str, float, float, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["row", "line", "word", "confidence", "contrast", "box"])


def test_two_words_by_hand() -> None:
    """'LOVE' twice as high and thrice as large as 'and2', side by side; and a cover without words."""
    found = describe(
        words((0, 0, "LOVE", 0.9, 0.8, box(0.0, 0.0, 0.3, 0.2)), (0, 1, "and2", 0.6, 0.2, box(0.5, 0.0, 0.7, 0.1))), 2
    )
    one, none = found.iloc[0], found.iloc[1]
    assert one.words == pytest.approx(np.log(3))
    assert one.letters == pytest.approx(np.log(9))
    assert one.lines == pytest.approx(np.log(3))
    assert one.covered == pytest.approx(np.sqrt(0.06 + 0.02))
    assert (one.largest, one.middle, one.smallest) == pytest.approx((0.2, 0.15, 0.1))
    assert one.sizes == pytest.approx(np.log(2) / 2)
    assert one.x == pytest.approx(0.75 * 0.15 + 0.25 * 0.6)
    assert one.across == pytest.approx(np.sqrt(0.75 * 0.25) * 0.45)
    assert (one.capitals, one.digits, one.foreign) == pytest.approx((4 / 8, 1 / 8, 0))
    assert one.length == pytest.approx(4)
    assert one.contrast == pytest.approx(0.75 * 0.8 + 0.25 * 0.2)
    assert (one.angle, one.tilted, one.upright) == (0, 0, 0)
    assert none[["words", "letters", "lines", "covered", "field_4"]].tolist() == [0] * 5
    assert none[["largest", "x", "capitals", "contrast"]].isna().all()


def test_a_word_along_a_row_of_fields_is_spread_over_them() -> None:
    found = describe(words((0, 0, "wide", 1, 1, box(0, 0, 1, 0.3))), 1)
    fields = found.filter(like="field_").to_numpy()[0]
    np.testing.assert_allclose(fields**2, [0.9] * 3 + [0] * 6, atol=1e-6)


def test_letters_on_end_and_letters_of_other_alphabets() -> None:
    upward = np.array([0.1, 0.9, 0.1, 0.1, 0.2, 0.1, 0.2, 0.9], np.float32)
    found = describe(words((0, 0, "КИНО", 1, 1, upward)), 1).iloc[0]
    assert found.angle == pytest.approx(90)
    assert (found.tilted, found.upright, found.foreign, found.capitals) == (1, 1, 1, 1)
    assert found.largest == pytest.approx(0.1)


def test_vectors_are_standard_scores_and_those_without_words_lie_together(table: Table) -> None:
    texts = ["one", "two words", "", "three lines\nof\nwords", "", "FOUR"]
    numbers = describe(table(texts), len(texts))
    vectors = learn_standing(numbers)(numbers)
    assert vectors.shape == (6, numbers.shape[1] + 1)
    assert vectors[:, -1].tolist() == [0, 0, 1, 0, 1, 0]
    assert (vectors[2] == vectors[4]).all()
    spoken = vectors[vectors[:, -1] == 0]
    np.testing.assert_allclose(spoken[:, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(spoken[:, 0].std(), 1, atol=1e-6)
    assert np.abs(vectors).max() <= MOST


def test_nobody_has_words(table: Table) -> None:
    numbers = describe(table(["", ""]), 2)
    np.testing.assert_array_equal(learn_standing(numbers)(numbers)[:, -1], [1, 1])
