"""Covers as a network takes them, decoded and resized once, in a file that all trainings of a workspace share."""

import itertools
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from data.errors import GenrescopeError
from data.progress import progress
from data.store.workspace import Workspace
from embeddings.decode import Batch, Content, decode_batches
from embeddings.encoders.torch_encoder import resize_whole

log = logging.getLogger(__name__)

BATCH = 256
# What must stay free beside the file.
SPARE = 200_000_000


@dataclass(frozen=True)
class Covers:
    """images: uint8 (n, size, size, 3), mapped from the file, row i is cover i; left_out: reason by cover_id."""

    images: np.ndarray
    left_out: dict[int, str]


def cached_covers(workspace: Workspace, covers: pd.DataFrame, *, size: int) -> Covers:
    """The covers (see `read_covers`) resized whole to size x size, as `Network.prepare` does it.

    The file lies in the workspace's folder cache, 150 kB a cover of 224 pixels; it may be deleted. Beside it stands
    what each row was made of: a file that was cut short goes on where it ends, covers that were added are appended,
    rows of other covers are made anew. Raises GenrescopeError where there is no room.
    """
    file = workspace.folder / "cache" / f"covers-{size}.uint8"
    file.parent.mkdir(exist_ok=True)
    index, row = file.with_suffix(".txt"), size * size * 3
    with FileLock(file.with_suffix(".lock")):
        known = _known(file, index, covers.sha256.tolist(), row=row)
        if len(known) < len(covers):
            _check_room(file, (len(covers) - len(known)) * row)
            _append(file, index, covers.iloc[len(known) :], size=size)
        lines = _mend(file, index, covers, size=size)
    left_out = {i: reason for i, line in enumerate(lines) if (reason := line[65:])}
    return Covers(np.memmap(file, np.uint8, mode="r", shape=(len(covers), size, size, 3)), left_out)


def _known(file: Path, index: Path, contents: Sequence[str], *, row: int) -> list[str]:
    """The lines of the index, 'sha256 reason', as far as they are of these contents and have their row in the file.

    What is beyond that is cut off.
    """
    lines = index.read_text().split("\n")[:-1] if index.exists() else []
    rows = file.stat().st_size // row if file.exists() else 0
    pairs = itertools.takewhile(lambda pair: pair[0][:64] == pair[1], zip(lines[:rows], contents, strict=False))
    known = [line for line, _ in pairs]
    if len(known) < len(contents):
        index.write_text("".join(f"{line}\n" for line in known))
        with open(file, "ab") as images:
            images.truncate(len(known) * row)
    return known


def _mend(file: Path, index: Path, covers: pd.DataFrame, *, size: int) -> list[str]:
    """Try again what could not be read before; gives the lines of these covers."""
    lines = index.read_text().split("\n")[:-1]
    bad = [i for i, line in enumerate(lines[: len(covers)]) if line[64:]]
    if bad:
        images = np.memmap(file, np.uint8, mode="r+", shape=(len(lines), size, size, 3))
        for batch in decode_batches(_contents(covers.iloc[bad]), resize_whole((size, size)), size=BATCH):
            for content, image in zip(batch.contents, batch.images, strict=True):
                images[content.cover_ids[0]], lines[content.cover_ids[0]] = image, content.sha256
        index.write_text("".join(f"{line}\n" for line in lines))
    return lines[: len(covers)]


def _contents(covers: pd.DataFrame) -> list[Content]:
    return [Content(row.sha256, (row.cover_id,), (row.path,)) for row in covers.itertuples()]


def _check_room(file: Path, needed: int) -> None:
    free = shutil.disk_usage(file.parent).free
    if free < needed + SPARE:
        raise GenrescopeError(
            f"the resized covers need {needed / 1e6:,.0f} MB in {file.parent} and {SPARE / 1e6:,.0f} MB beside them, "
            f"{free / 1e6:,.0f} MB are free: make room, or choose a smaller --size"
        )


def _append(file: Path, index: Path, covers: pd.DataFrame, *, size: int) -> None:
    """Decode and write, batch by batch, the images first: a row without its line is cut off, not believed."""
    contents = _contents(covers)
    batches = decode_batches(contents, resize_whole((size, size)), size=BATCH)
    bar = progress(total=len(contents), what=f"resizing covers to {size} pixels")
    with bar, open(file, "ab") as images, open(index, "a") as lines:
        for batch in batches:
            rows, reasons = _in_order(batch, size)
            try:
                images.write(rows.tobytes())
                images.flush()
                lines.write("".join(f"{line}\n" for line in reasons))
                lines.flush()
            except OSError as error:
                raise GenrescopeError(f"cannot write {file}: {error.strerror}; make room, then try again") from error
            bar.update(len(rows))


def _in_order(batch: Batch, size: int) -> tuple[np.ndarray, list[str]]:
    """Images (m, size, size, 3) and index lines of a batch, by cover_id; black where a cover cannot be read."""
    black = np.zeros((size, size, 3), np.uint8)
    found = [(content, image, "") for content, image in zip(batch.contents, batch.images, strict=True)]
    found += [(content, black, f" {reason}") for content, reason in batch.left_out]
    found.sort(key=lambda each: each[0].cover_ids)
    return np.stack([image for _, image, _ in found]), [f"{content.sha256}{reason}" for content, _, reason in found]
