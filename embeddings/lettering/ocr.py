"""The words on an image, by RapidOCR: PaddleOCR's networks in ONNX Runtime, with their weights in its wheel."""

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from data.errors import GenrescopeError
from embeddings.encoders.weights import sha256_of

# Pixels that the longer side of a cover is read at. Of 40 real covers, 300 pixels wide, 80 lines were found at 300, 99
# at 480, 113 at 736, in .15, .31 and .65 s.
SIDE = 640
# Lines of less confidence are noise more often than not, and not kept; RapidOCR's own threshold.
CONFIDENCE = 0.5
GREY = (114, 114, 114)
# A detector, a recognizer, and what turns lines that stand on their head.
NETWORKS = 3


class Word(NamedTuple):
    """A word on a cover.

    line: the lines of a cover are counted from 0 in the order of reading. confidence (0 to 1) and contrast (see
    `contrast_of`) are of its line. box: (4, 2) float32, x and y of its corners, clockwise from the upper left of the
    word as it is read, in shares of the cover's longer side from the cover's upper left corner.
    """

    line: int
    word: str
    confidence: float
    contrast: float
    box: np.ndarray


def fit(image: Image.Image) -> np.ndarray:
    """The whole cover at the upper left of a grey square (SIDE, SIDE, 3) uint8, its longer side as long as that."""
    scale = SIDE / max(image.size)
    width, height = (max(round(length * scale), 1) for length in image.size)
    square = Image.new("RGB", (SIDE, SIDE), GREY)
    square.paste(image.resize((width, height), Image.Resampling.BICUBIC))
    return np.asarray(square)


def read_words(square: np.ndarray) -> list[Word]:
    """The words on a cover that was made ready by `fit`, in the order of reading; letters that hide may be missing.

    Raises GenrescopeError where the extra is not installed.
    """
    found = _reader()(np.ascontiguousarray(square[..., ::-1]))
    if found.boxes is None:
        return []
    words: list[Word] = []
    for line, (box, text, confidence) in enumerate(zip(found.boxes, found.txts, found.scores, strict=True)):
        contrast = contrast_of(square, box)
        for word, part in split_line(text, np.asarray(box, np.float32) / SIDE):
            words.append(Word(line, word, float(confidence), contrast, part))
    return words


def reader_params() -> dict[str, Any]:
    """What decides the words: weights and settings of the reader; raises GenrescopeError where they are not here."""
    _reader()
    import rapidocr

    weights = sorted((Path(rapidocr.__file__).parent / "models").glob("*.onnx"))
    if len(weights) < NETWORKS:  # it would ask the network for them
        raise GenrescopeError(
            f"RapidOCR's weights are missing in {Path(rapidocr.__file__).parent}: install rapidocr again, its wheel has"
            " them"
        )
    return {
        "reader": "rapidocr",
        "weights": {file.stem: sha256_of(file)[:16] for file in weights},
        "side": SIDE,
        "confidence": CONFIDENCE,
    }


def split_line(text: str, box: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The words of a line, each with its part of the line's box (4, 2): as if all letters were equally wide."""
    words, position = [], 0
    for word in text.split():
        start = text.index(word, position)
        position = start + len(word)
        words.append((word, _slice(box, start / len(text), position / len(text))))
    return words


def contrast_of(square: np.ndarray, box: np.ndarray) -> float:
    """How much lighter letters are than their ground, or darker: 0 to 1.

    The difference between the mean lightness (CIE L* / 100) of the lighter and the darker pixels in the upright
    rectangle around a box (4, 2) in pixels, parted by Otsu's threshold (IEEE Trans. Syst. Man Cybern. 9, 1979).
    """
    import cv2

    left, top = np.floor(box.min(axis=0)).astype(int).clip(0, SIDE - 1)
    right, bottom = np.ceil(box.max(axis=0)).astype(int).clip(1, SIDE)
    part = np.ascontiguousarray(square[top : max(bottom, top + 1), left : max(right, left + 1)])
    lightness = cv2.cvtColor(part, cv2.COLOR_RGB2LAB)[..., 0]
    threshold, _ = cv2.threshold(lightness, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    lighter = lightness > threshold
    if lighter.all() or not lighter.any():
        return 0.0
    return float(lightness[lighter].mean() - lightness[~lighter].mean()) / 255


def _slice(box: np.ndarray, start: float, end: float) -> np.ndarray:
    """The part of a box between two shares of its length."""
    upper_left, upper_right, lower_right, lower_left = box
    upper, lower = upper_right - upper_left, lower_right - lower_left
    return np.stack(
        [upper_left + start * upper, upper_left + end * upper, lower_left + end * lower, lower_left + start * lower]
    ).astype(np.float32)


@lru_cache(maxsize=1)
def _reader() -> Any:
    """RapidOCR, a thread a cover: the same words for any number of threads."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise GenrescopeError(
            "reading text needs RapidOCR, which is not installed: pip install 'genrescope[lettering]'; all else works "
            "without"
        ) from error
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": CONFIDENCE,
            "Det.limit_type": "max",
            "Det.limit_side_len": SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
