"""Duplicate groups against brute force, and on covers whose copies are known."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data.grouping.duplicates import BITS, RADIUS, close_pairs, find_duplicates, join_groups, read_groups
from data.store.workspace import Workspace

Enter = Callable[..., None]


def flipped(hashes: np.ndarray, positions: np.ndarray) -> np.ndarray:
    bits = np.unpackbits(hashes, axis=-1)
    bits[..., positions] ^= 1
    return np.packbits(bits, axis=-1)


def hamming(hashes: np.ndarray) -> np.ndarray:
    return np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=2)


def smallest_reachable(linked: np.ndarray) -> list[int]:
    """For each index the smallest one it is linked to over any number of steps, by walking."""
    found = []
    for start in range(len(linked)):
        seen, todo = {start}, [start]
        while todo:
            for other in np.flatnonzero(linked[todo.pop()]):
                if other not in seen:
                    seen.add(int(other))
                    todo.append(int(other))
        found.append(min(seen))
    return found


@pytest.fixture
def hashes() -> np.ndarray:
    """40 hashes, each followed by nine others that differ in 1 to 48 bits, some strewn at random, some evenly."""
    dice = np.random.default_rng(5)
    bases = dice.integers(0, 256, (40, BITS // 8), dtype=np.uint8)
    family = [bases]
    for _ in range(6):
        strewn = [flipped(base, dice.choice(BITS, dice.integers(1, 49), replace=False)) for base in bases]
        family.append(np.array(strewn))
    for count in (RADIUS - 1, RADIUS, RADIUS + 1):
        family.append(flipped(bases, np.linspace(0, BITS - 1, count).astype(int)))
    return np.stack(family, axis=1).reshape(-1, BITS // 8)


def test_close_pairs_are_all_that_brute_force_finds(hashes: np.ndarray) -> None:
    found = set()
    for left, right in close_pairs(hashes):
        found |= set(zip(left.tolist(), right.tolist(), strict=True))
    expected = set(zip(*(side.tolist() for side in np.nonzero(hamming(hashes) <= RADIUS)), strict=True))
    assert found == expected
    assert RADIUS in {hamming(hashes[[a, b]])[0, 1] for a, b in found}  # the farthest that counts


def test_groups_are_those_of_brute_force(workspace: Workspace, enter: Enter, hashes: np.ndarray) -> None:
    dice = np.random.default_rng(6)
    hashes = hashes[dice.permutation(len(hashes))]
    contents = dice.integers(0, 330, len(hashes))
    named = [bytes(row).hex() if dice.random() < 0.9 else None for row in hashes]
    enter(["Rock"] * len(hashes), contents=contents, hashes=named)
    exact, near = read_groups(workspace, find_duplicates(workspace))
    same = contents[:, None] == contents[None]
    hashed = np.array([name is not None for name in named])
    close = (hamming(hashes) <= RADIUS) & hashed[:, None] & hashed[None]
    assert exact.dtype == near.dtype == np.int32
    assert exact.tolist() == smallest_reachable(same)
    assert near.tolist() == smallest_reachable(same | close)


def test_covers_without_a_hash_are_not_each_others_copies(workspace: Workspace, enter: Enter) -> None:
    enter(["Rock"] * 4, contents=["a", "b", "c", "b"])
    run = find_duplicates(workspace)
    exact, near = read_groups(workspace, run)
    assert exact.tolist() == near.tolist() == [0, 1, 2, 1]
    assert run.results == {"distinct": 3, "exact_groups": 1, "near_groups": 1, "largest": 2}
    assert find_duplicates(workspace) == run


def test_groups_join_over_several_steps() -> None:
    assert join_groups(np.array([0, 0, 2, 3, 4]), np.array([0, 1, 1, 3, 3])).tolist() == [0, 0, 0, 3, 3]


@pytest.mark.slow
def test_real_covers_are_grouped_as_their_manifest_says(real_workspace: Workspace, real_covers: Path) -> None:
    with (real_covers / "manifest.csv").open(newline="") as file:
        sha1 = {row["file"]: row["sha1"] for row in csv.DictReader(file)}
    with real_workspace.read() as con:
        paths = [path for (path,) in con.sql("SELECT path FROM covers ORDER BY cover_id").fetchall()]
    contents = [sha1[str(Path(path).relative_to(real_covers))] for path in paths]
    first = {content: number for number, content in reversed(list(enumerate(contents)))}
    run = find_duplicates(real_workspace)
    exact, near = read_groups(real_workspace, run)
    assert exact.tolist() == [first[content] for content in contents]
    assert run.results["distinct"] == len(first) == 4702
    assert (near[exact] == near).all()
    assert run.results["largest"] < 10  # a radius too large would chain different covers together
