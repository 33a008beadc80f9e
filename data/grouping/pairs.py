"""Pairs of covers that may show one picture: found by their hashes, and looked at where those leave it open.

See docs/methods.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from data.errors import UnreadableImage
from data.grouping.likeness import SAME, likeness, picture
from data.intake.images import load_cover
from data.progress import progress
from data.store.workspace import Workspace

# Covers whose perceptual hashes (BITS bits) differ in at most SURE bits show one picture; up to DOUBTFUL bits they may,
# and are looked at; one that cannot be is judged by its hash alone: one picture up to UNSEEN bits. Seen pair by pair on
# 4,702 distinct real covers: up to 58 bits all pairs were one picture (another scan, sticker, crop or tint), at 60 to
# 64 all but one of 55, at 66 to 80 three of four. But of 3,000 drawn covers, whose house styles repeat layouts and
# shapes, different ones come as near as 18 bits: 64 pairs within 30, 7,921 within 64. Saving again as JPEG moves a hash
# by at most 9 bits (for 99 % of covers at quality 50), a crop by 1 % by up to 31 (for half of them 16).
# It matters: the leave-group-out 1-nearest-neighbour accuracy of ResNet18 on all 5,000 covers is 0.367 grouped by
# identical file, 0.350 by 30 bits unseen, 0.327 by what is looked at, 0.321 by 64 bits unseen (one figure each).
BITS = 256
SURE, UNSEEN, DOUBTFUL = 16, 30, 64
# So many doubtful pairs are kept and looked at, those of the nearest hashes; at 20 ms each that is an hour.
LIMIT = 200_000
# Hashes searched for at a time: were all of 20,000 covers alike, one search would find 20 million pairs, some 300 MB.
CHUNK = 1_000
# Pairs that are gathered before they are thinned out to those that join.
GATHERED = 2_000_000
# Pictures kept in memory while pairs are looked at, 50 kB each.
KEPT = 2_000


class Pairs(NamedTuple):
    """Pairs of indices, left < right, and in how many bits their hashes differ: three arrays (p,), nearest first."""

    left: np.ndarray
    right: np.ndarray
    bits: np.ndarray


NO_PAIRS = Pairs(*(np.empty(0, kind) for kind in (np.int64, np.int64, np.int16)))


def close_pairs(hashes: np.ndarray, radius: int = DOUBTFUL) -> Iterator[Pairs]:
    """All pairs of rows of uint8 (n, 32) at most so many bits apart, each once, in chunks, in no order.

    Compares all with all, 1.6 ns a pair and core: 8 s for 100,000 on two cores. Up to a million that is a small part
    of what importing takes; faiss's IndexBinaryMultiHash, exact with 11 tables of 23 bits and 2 flips, only halves it.
    """
    import faiss

    index = faiss.IndexBinaryFlat(BITS)
    index.add(hashes)
    for start in range(0, len(hashes), CHUNK):
        limits, bits, right = index.range_search(hashes[start : start + CHUNK], radius + 1)  # nearer than, not up to
        counts = limits[1:].astype(np.int64) - limits[:-1].astype(np.int64)
        left = np.repeat(np.arange(start, start + len(counts)), counts)
        once = left < right
        yield Pairs(left[once], right[once], bits[once].astype(np.int16))


def joining_pairs(chunks: Iterable[Pairs], n: int) -> Pairs:
    """Of many pairs of n indices, each given once, those that join what all of them join, nearest first.

    A minimum spanning forest by bits, so that at every radius the same indices hang together: 10,000 copies of one
    picture are 50 million pairs, of which 9,999 say all.
    """
    kept, waiting = [NO_PAIRS], 0
    for chunk in chunks:
        kept.append(chunk)
        waiting += len(chunk.bits)
        if waiting > GATHERED:
            kept, waiting = [_forest(joined(kept), n)], 0
    return _forest(joined(kept), n)


def between(chunks: Iterable[Pairs], groups: np.ndarray) -> Iterator[Pairs]:
    """Of each chunk's pairs those between two groups (n,), and of those between the same two only the nearest."""
    for pairs in chunks:
        ends = np.sort(np.stack([groups[pairs.left], groups[pairs.right]]), axis=0)
        order = np.lexsort((pairs.right, pairs.left, pairs.bits, *ends))
        order = order[ends[0, order] != ends[1, order]]
        nearest = order[np.diff(ends[:, order], axis=1, prepend=-1).any(axis=0)]
        yield Pairs(*(part[nearest] for part in pairs))


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Several lists of pairs as one."""
    return Pairs(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _forest(pairs: Pairs, n: int) -> Pairs:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    weights = pairs.bits.astype(np.int32) + 1  # to scipy, 0 is no edge
    tree = minimum_spanning_tree(csr_array((weights, (pairs.left, pairs.right)), shape=(n, n))).tocoo()
    order = np.lexsort((tree.col, tree.row, tree.data))
    left, right = (ends.astype(np.int64)[order] for ends in (tree.row, tree.col))
    return Pairs(left, right, (tree.data[order] - 1).astype(np.int16))


def nearest_pairs(chunks: Iterable[Pairs], limit: int, drop: Callable[[Pairs], None]) -> Pairs:
    """The `limit` nearest of many pairs, sorted by bits, left and right; the others are handed to `drop`."""
    kept = NO_PAIRS
    for chunk in chunks:
        together = joined([kept, chunk])
        order = np.lexsort((together.right, together.left, together.bits))
        kept, rest = (Pairs(*(part[some] for part in together)) for some in (order[:limit], order[limit:]))
        if len(rest.left):
            drop(rest)
    return kept


def look_at(workspace: Workspace, pairs: Pairs, files: Sequence[tuple[str, str]]) -> np.ndarray:
    """Likeness of each pair of more than SURE bits, float32 (p,); NaN where it is not looked at or cannot be read.

    files: path and sha256 of each index. Reads the thumbnails, and where there is none the covers.
    """

    @lru_cache(maxsize=KEPT)
    def seen(index: int) -> np.ndarray | None:
        return _read(workspace, *files[index])

    found = np.full(len(pairs.bits), np.nan, np.float32)
    doubtful = np.flatnonzero(pairs.bits > SURE)
    with progress(total=len(doubtful), what="comparing pictures", unit=" pairs") as bar:
        for row in doubtful[np.lexsort((pairs.right[doubtful], pairs.left[doubtful]))]:  # each picture's pairs together
            one, other = seen(int(pairs.left[row])), seen(int(pairs.right[row]))
            if one is not None and other is not None:
                found[row] = likeness(one, other)
            bar.update(1)
    return found


def judge(bits: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Which pairs show one picture, bool (p,), by their bits and likeness (NaN: not looked at)."""
    by_hash = bits <= np.where(np.isnan(alike), UNSEEN, SURE)
    return by_hash | (alike >= SAME)


def _read(workspace: Workspace, path: str, sha256: str) -> np.ndarray | None:
    try:
        with Image.open(workspace.thumbnail(sha256), formats=["WEBP"]) as thumbnail:
            return picture(thumbnail)
    except OSError:
        pass
    try:
        return picture(load_cover(path, sha256))
    except UnreadableImage:
        return None
