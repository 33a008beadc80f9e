"""How the words stand on a cover, in numbers: how many, how large, where, how upright, how loud. Pure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

FIELDS = 3  # a cover is FIELDS x FIELDS of them
TILTED, UPRIGHT = 5.0, 45.0  # degrees from level
# Numbers beyond so many standard deviations count as that many: one cover full of small print is no axis of its own.
MOST = 4.0
_ALONG = np.array([1 / 6, 1 / 2, 5 / 6])


@dataclass(frozen=True)
class Standing:
    """How numbers about covers (n, q), as `describe` has them, become vectors (n, q + 1): less `centre`, by `scale`.

    Where a number is unknown it is 0, the middle. The last number is 1 where a cover has no words at all.
    """

    centre: np.ndarray
    scale: np.ndarray

    def __call__(self, numbers: pd.DataFrame) -> np.ndarray:
        """The vectors (n, q + 1) float32."""
        standard = (numbers.to_numpy(float) - self.centre) / self.scale
        without = numbers.words.to_numpy() == 0
        standard[without] = 0
        known = np.nan_to_num(standard.clip(-MOST, MOST))
        return np.column_stack([known, without]).astype(np.float32)


def learn_standing(numbers: pd.DataFrame) -> Standing:
    """Mean and standard deviation of each number over the covers with words, without their genres."""
    known = numbers[numbers.words > 0].to_numpy(float)
    if not len(known):
        return Standing(np.zeros(numbers.shape[1]), np.ones(numbers.shape[1]))
    centre = np.array([column[np.isfinite(column)].mean() for column in known.T])
    spread = np.array([column[np.isfinite(column)].std() for column in known.T])
    return Standing(centre, np.where(spread > 1e-9, spread, 1))


def describe(words: pd.DataFrame, covers: int) -> pd.DataFrame:
    """Numbers (covers, q) about the words on each cover; NaN where there are none to be asked.

    words: columns row (0 to covers - 1), line, word, confidence, contrast, box ((8,) as of `ocr.Word`), in order. All
    lengths in shares of the cover's longer side. The columns, "weighted" by the area of each word:
    words, letters, lines: counts, as log(1 + count). covered: share of the square of the longer side that words take,
    its square root. largest, middle, smallest: heights of words. sizes: standard deviation of log heights. x, y:
    middle, weighted; across, down: its weighted standard deviations. field_0 to field_8: square roots of the shares
    that words take of the 3 x 3 fields, each word spread over three points along it. capitals, digits, foreign (not
    Latin): shares of letters and digits. length: letters a word. contrast, confidence: weighted means. angle: mean of
    degrees from level, of up to 90, weighted; tilted, upright: weighted shares of words further than TILTED and UPRIGHT
    from it.
    """
    row = words.row.to_numpy(int)
    box = np.array(words.box.tolist(), float).reshape(-1, 4, 2)
    shape = _shapes(box)
    text = [str(word) for word in words.word]

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(row, values, minlength=covers)

    area = total(shape["area"])

    def weighted(values: np.ndarray) -> np.ndarray:
        return _ratio(total(values * shape["area"]), area)

    counts = _letters(text)
    written = total(counts["letters"] + counts["digits"])
    heights = pd.Series(shape["height"]).groupby(row)
    x, y = box.mean(axis=1).T
    numbers = {
        "words": np.log1p(total(np.ones(len(row)))),
        "letters": np.log1p(written),
        "lines": np.log1p(_lines(row, words.line.to_numpy(int), covers)),
        "covered": np.sqrt(area),
        "largest": _of(heights.max(), covers),
        "middle": _of(heights.median(), covers),
        "smallest": _of(heights.min(), covers),
        "sizes": _of(pd.Series(np.log(shape["height"])).groupby(row).std(ddof=0), covers),
        "x": weighted(x),
        "y": weighted(y),
        "across": _spread(weighted, x),
        "down": _spread(weighted, y),
        **_fields(row, box, shape["area"], covers),
        "capitals": _ratio(total(counts["capitals"]), written),
        "digits": _ratio(total(counts["digits"]), written),
        "foreign": _ratio(total(counts["foreign"]), written),
        "length": _ratio(written, total(np.ones(len(row)))),
        "contrast": weighted(words.contrast.to_numpy(float)),
        "confidence": weighted(words.confidence.to_numpy(float)),
        "angle": weighted(shape["angle"]),
        "tilted": weighted(shape["angle"] > TILTED),
        "upright": weighted(shape["angle"] > UPRIGHT),
    }
    return pd.DataFrame(numbers)


def _shapes(box: np.ndarray) -> dict[str, np.ndarray]:
    """height, area and angle (degrees from level, 0 to 90) of boxes (m, 4, 2)."""
    upper_left, upper_right, lower_right, lower_left = box.transpose(1, 0, 2)
    along = (upper_right - upper_left + lower_right - lower_left) / 2
    height = (np.linalg.norm(lower_left - upper_left, axis=1) + np.linalg.norm(lower_right - upper_right, axis=1)) / 2
    height = np.maximum(height, 1e-3)
    area = np.maximum(height * np.linalg.norm(along, axis=1), 1e-6)
    angle = np.degrees(np.arctan2(np.abs(along[:, 1]), np.abs(along[:, 0])))
    return {"height": height, "area": area, "angle": angle}


def _letters(text: list[str]) -> dict[str, np.ndarray]:
    kinds = {"letters": str.isalpha, "digits": str.isdigit, "capitals": str.isupper, "foreign": _is_foreign}
    return {name: np.array([sum(map(is_one, word)) for word in text], float) for name, is_one in kinds.items()}


def _is_foreign(letter: str) -> bool:
    """Beyond the Latin blocks of Unicode."""
    return letter.isalpha() and ord(letter) > 0x24F


def _lines(row: np.ndarray, line: np.ndarray, covers: int) -> np.ndarray:
    return np.bincount(np.unique(np.column_stack([row, line]), axis=0)[:, 0], minlength=covers)


def _fields(row: np.ndarray, box: np.ndarray, area: np.ndarray, covers: int) -> dict[str, np.ndarray]:
    middle_left, middle_right = (box[:, 0] + box[:, 3]) / 2, (box[:, 1] + box[:, 2]) / 2
    points = middle_left[:, None] + _ALONG[:, None] * (middle_right - middle_left)[:, None]
    column, line = np.floor(points * FIELDS).astype(int).clip(0, FIELDS - 1).transpose(2, 0, 1)
    cell = row[:, None] * FIELDS**2 + line * FIELDS + column
    share = np.bincount(cell.ravel(), np.repeat(area / 3, 3), minlength=covers * FIELDS**2) * FIELDS**2
    return {f"field_{number}": each for number, each in enumerate(np.sqrt(share).reshape(covers, -1).T)}


def _spread(weighted, values: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.sqrt(np.maximum(weighted(values**2) - weighted(values) ** 2, 0))


def _of(by_row: pd.Series, covers: int) -> np.ndarray:
    return by_row.reindex(range(covers)).to_numpy(float)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
