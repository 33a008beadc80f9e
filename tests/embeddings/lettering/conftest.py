"""Covers with words on them, drawn; and words that nobody had to read."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageFont

from data.store.covers import collection, read_covers
from data.store.runs import Run, append_rows, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.decode import Content
from embeddings.lettering.ocr import Word, split_line
from embeddings.lettering.reading import KIND, text_rows, word_rows

Write = Callable[[Workspace, Sequence[str]], Run]


def placed(text: str, *, height: float = 0.1) -> list[Word]:
    """Words as if they stood in lines from the upper left corner, letters half as wide as high."""
    words: list[Word] = []
    for number, line in enumerate(text.splitlines()):
        left, right, top = 0.1, 0.1 + len(line) * height / 2, 0.1 + 1.5 * number * height
        box = np.array([[left, top], [right, top], [right, top + height], [left, top + height]], np.float32)
        words += [Word(number, word, 0.9, 0.5, part) for word, part in split_line(line, box)]
    return words


@pytest.fixture(scope="session")
def write() -> Write:
    """Stores texts, in order of cover id, as a finished run of words."""

    def write(workspace: Workspace, texts: Sequence[str]) -> Run:
        snapshot = collection(workspace)
        covers = read_covers(workspace, snapshot)
        read = [
            (Content(row.sha256, (row.cover_id,), (row.path,)), placed(text))
            for row, text in zip(covers.itertuples(), texts, strict=True)
        ]
        run = start_run(workspace, KIND, name="by hand", params={"reader": "by hand"}, inputs=[snapshot.run_id])
        with workspace.write() as con:
            append_rows(con, run, "words", word_rows(read))
            append_rows(con, run, "texts", text_rows(read))
        words, without = sum(len(found) for _, found in read), sum(not text for text in texts)
        results = {"covers": len(texts), "words": words, "without": without, "left_out": 0, "seconds": 0.0}
        return finish_run(workspace, run, results=results)

    return write


@pytest.fixture(scope="session")
def lettered() -> Callable[[str], Image.Image]:
    """A cover of 300 x 300 pixels with lines of black on cream."""

    def draw(text: str) -> Image.Image:
        image = Image.new("RGB", (300, 300), "#f3ecdc")
        font = ImageFont.load_default(34)
        ImageDraw.Draw(image).multiline_text((20, 40), text, fill="black", font=font, spacing=24)
        return image

    return draw


@pytest.fixture
def table() -> Callable[[Sequence[str]], pd.DataFrame]:
    """The words of texts as `describe` takes them."""

    def make(texts: Sequence[str]) -> pd.DataFrame:
        rows = [(row, *word[:-1], word.box.ravel()) for row, text in enumerate(texts) for word in placed(text)]
        return pd.DataFrame(rows, columns=["row", "line", "word", "confidence", "contrast", "box"])

    return make
