"""Decoding in threads: batches in order, and what cannot be read beside them."""

import hashlib
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embeddings.decode import Content, decode_batches


@pytest.fixture
def contents(tmp_path: Path) -> list[Content]:
    """20 images, number i of colour (i, i, i)."""

    def write(number: int) -> Content:
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (4, 4), (number,) * 3).save(path)
        return Content(hashlib.sha256(path.read_bytes()).hexdigest(), (number,), (str(path),))

    return [write(number) for number in range(20)]


def slowly(image: Image.Image) -> np.ndarray:
    """Takes longer for the early ones, so that threads finish out of order."""
    pixels = np.asarray(image)
    time.sleep(0.002 * (20 - pixels[0, 0, 0]))
    return pixels


def test_batches_come_in_order(contents: list[Content]) -> None:
    batches = list(decode_batches(contents, slowly, size=8))
    assert [len(batch.contents) for batch in batches] == [8, 8, 4]
    assert [content for batch in batches for content in batch.contents] == contents
    assert np.concatenate([batch.images for batch in batches])[:, 0, 0, 0].tolist() == list(range(20))


def test_unreadable_ones_are_named_and_batches_stay_full(contents: list[Content]) -> None:
    Path(contents[3].paths[0]).unlink()
    Path(contents[4].paths[0]).write_bytes(Path(contents[5].paths[0]).read_bytes())
    Path(contents[19].paths[0]).write_bytes(b"")
    batches = list(decode_batches(contents, np.asarray, size=8))
    assert [len(batch.contents) for batch in batches] == [8, 8, 1]
    left_out = {content.cover_ids[0]: reason for batch in batches for content, reason in batch.left_out}
    assert left_out == {3: "missing", 4: "changed since import", 19: "changed since import"}


def test_nothing_readable_gives_one_batch_without_images(contents: list[Content]) -> None:
    for content in contents:
        Path(content.paths[0]).unlink()
    (batch,) = decode_batches(contents, np.asarray, size=8)
    assert batch.contents == []
    assert len(batch.left_out) == 20


def test_a_copy_stands_in_for_a_missing_file(contents: list[Content]) -> None:
    first = contents[0]
    content = Content(first.sha256, (0, 7), ("/nowhere/0.png", *first.paths))
    (batch,) = decode_batches([content], np.asarray, size=8)
    assert batch.contents == [content]
    assert batch.left_out == []


def test_runs_ahead_but_not_away(contents: list[Content]) -> None:
    """While the first batch is in use the next two are decoded, and no more: memory stays bounded."""
    decoded: list[int] = []

    def prepare(image: Image.Image) -> np.ndarray:
        decoded.append(1)
        return np.asarray(image)

    batches = decode_batches(contents, prepare, size=4)
    next(batches)
    time.sleep(0.3)
    assert 4 <= len(decoded) <= 12
    batches.close()


def test_leaving_early_ends_the_threads(contents: list[Content]) -> None:
    batches = decode_batches(contents, slowly, size=2)
    next(batches)
    batches.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_errors_of_an_encoder_are_not_hidden(contents: list[Content]) -> None:
    def prepare(image: Image.Image) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(decode_batches(contents, prepare, size=2))
