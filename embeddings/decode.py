"""Covers into batches: decoding and preparing run in threads, ahead of the forward pass."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.errors import UnreadableImage
from data.intake.images import load_cover
from embeddings.encoders.encoder import Prepare


class Content(NamedTuple):
    """One distinct image: its SHA-256, and the covers that have it, each with its path."""

    sha256: str
    cover_ids: tuple[int, ...]
    paths: tuple[str, ...]


def contents_of(covers: pd.DataFrame) -> list[Content]:
    """The distinct images among covers, in order of their first cover; columns cover_id, path, sha256."""
    grouped = covers.groupby("sha256", sort=False)[["cover_id", "path"]].agg(tuple)
    return [Content(*row) for row in grouped.itertuples()]


class Batch(NamedTuple):
    """Prepared images (n, height, width, 3) of `contents`, and what could not be read beside them, with the reason."""

    contents: list[Content]
    images: np.ndarray
    left_out: list[tuple[Content, str]]


def decode_batches(contents: Iterable[Content], prepare: Prepare, *, size: int) -> Iterator[Batch]:
    """Batches of `size` readable contents, in order; the last one may be smaller, or hold no images at all.

    While the caller is busy with one batch, threads decode the next two.
    """
    good: list[tuple[Content, np.ndarray]] = []
    left_out: list[tuple[Content, str]] = []
    for content, outcome in _in_threads(contents, prepare, ahead=2 * size):
        if isinstance(outcome, UnreadableImage):
            left_out.append((content, outcome.reason))
        else:
            good.append((content, outcome))
        if len(good) == size:
            yield _batch(good, left_out)
            good, left_out = [], []
    if good or left_out:
        yield _batch(good, left_out)


def _batch(good: list[tuple[Content, np.ndarray]], left_out: list[tuple[Content, str]]) -> Batch:
    images = np.stack([image for _, image in good]) if good else np.empty((0, 0, 0, 3), np.uint8)
    return Batch([content for content, _ in good], images, left_out)


def _in_threads(
    contents: Iterable[Content], prepare: Prepare, *, ahead: int
) -> Iterator[tuple[Content, np.ndarray | UnreadableImage]]:
    """Each content with what `_read` makes of it, in order, with at most `ahead` of them decoded or waiting."""
    contents = iter(contents)
    waiting: deque[tuple[Content, Future[np.ndarray | UnreadableImage]]] = deque()
    pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="decode")
    try:
        waiting.extend((content, pool.submit(_read, content, prepare)) for content in islice(contents, ahead))
        while waiting:
            content, outcome = waiting.popleft()
            waiting.extend((later, pool.submit(_read, later, prepare)) for later in islice(contents, 1))
            yield content, outcome.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _read(content: Content, prepare: Callable[..., np.ndarray]) -> np.ndarray | UnreadableImage:
    """Prepare the first of a content's files that can be read and still holds it."""
    for path in content.paths:
        try:
            return prepare(load_cover(path, content.sha256))
        except UnreadableImage as error:
            failure = error
    return failure
