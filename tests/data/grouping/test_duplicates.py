"""Duplicate groups against brute force, and on covers whose copies are known."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance

from data.grouping import pairs
from data.grouping.duplicates import count_groups, find_duplicates, join_groups, join_pairs, read_groups
from data.grouping.likeness import SAME
from data.grouping.pairs import (
    BITS,
    DOUBTFUL,
    SURE,
    UNSEEN,
    Pairs,
    between,
    close_pairs,
    joining_pairs,
    judge,
    nearest_pairs,
)
from data.intake.importing import import_covers
from data.store.runs import Run
from data.store.workspace import Workspace

Enter = Callable[..., None]
Drawing = Callable[[int], Image.Image]


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
    """40 hashes, each followed by nine others that differ in 1 to 48 bits, some strewn at random, some evenly.

    Without files: judged by hash alone.
    """
    dice = np.random.default_rng(5)
    bases = dice.integers(0, 256, (40, BITS // 8), dtype=np.uint8)
    family = [bases]
    for _ in range(6):
        strewn = [flipped(base, dice.choice(BITS, dice.integers(1, 49), replace=False)) for base in bases]
        family.append(np.array(strewn))
    for count in (UNSEEN - 1, UNSEEN, UNSEEN + 1):
        family.append(flipped(bases, np.linspace(0, BITS - 1, count).astype(int)))
    return np.stack(family, axis=1).reshape(-1, BITS // 8)


@pytest.mark.parametrize("radius", [UNSEEN, DOUBTFUL])
def test_close_pairs_are_all_that_brute_force_finds(hashes: np.ndarray, radius: int) -> None:
    distances = hamming(hashes)
    found = {}
    for left, right, bits in close_pairs(hashes, radius):
        found |= dict(zip(zip(left.tolist(), right.tolist(), strict=True), bits.tolist(), strict=True))
    left, right = np.nonzero(np.triu(distances <= radius, k=1))
    assert found == {(a, b): distances[a, b] for a, b in zip(left.tolist(), right.tolist(), strict=True)}
    assert UNSEEN in found.values()  # the farthest that counts is there


def test_the_nearest_pairs_are_kept_however_they_come(hashes: np.ndarray) -> None:
    (every,) = close_pairs(hashes)
    dice, dropped = np.random.default_rng(8), []
    order = dice.permutation(len(every.bits))
    chunks = [Pairs(*(part[some] for part in every)) for some in np.array_split(order, 7)]
    kept = nearest_pairs(chunks, 100, dropped.append)
    expected = sorted(zip(every.bits.tolist(), every.left.tolist(), every.right.tolist(), strict=True))
    assert list(zip(kept.bits.tolist(), kept.left.tolist(), kept.right.tolist(), strict=True)) == expected[:100]
    rest = [row for part in dropped for row in zip(part.bits, part.left, part.right, strict=True)]
    assert sorted(rest) == expected[100:]


def test_a_pair_is_judged_by_its_looks_and_unseen_by_its_hash() -> None:
    bits = np.array([SURE, SURE + 1, SURE + 1, UNSEEN, UNSEEN + 1, DOUBTFUL, DOUBTFUL])
    alike = np.array([np.nan, 0.69, 0.71, np.nan, np.nan, 0.71, 0.69])
    assert judge(bits, alike).tolist() == [True, False, True, True, False, True, False]


def test_groups_are_counted_by_radius() -> None:
    """Six covers: 0-1 at 2 bits, 1-2 at 9, 3-4 at 9, 0-2 at 12 (joined already), 4-5 at 40."""
    pairs = Pairs(np.array([0, 1, 3, 0, 4]), np.array([1, 2, 4, 2, 5]), np.array([2, 9, 9, 12, 40]))
    assert count_groups(np.arange(6), pairs, [0, 2, 8, 9, 12, 39, 40]) == [6, 5, 5, 3, 3, 3, 2]
    assert count_groups(np.array([0, 1, 2, 3, 3, 5]), pairs, [0, 64]) == [5, 2]


def test_groups_are_those_of_brute_force(workspace: Workspace, enter: Enter, hashes: np.ndarray) -> None:
    dice = np.random.default_rng(6)
    hashes = hashes[dice.permutation(len(hashes))]
    contents = dice.integers(0, 330, len(hashes))
    named = [bytes(row).hex() if dice.random() < 0.9 else None for row in hashes]
    enter(["Rock"] * len(hashes), contents=contents, hashes=named)
    exact, near = read_groups(workspace, find_duplicates(workspace))
    same = contents[:, None] == contents[None]
    hashed = np.array([name is not None for name in named])
    close = (hamming(hashes) <= UNSEEN) & hashed[:, None] & hashed[None]
    assert exact.dtype == near.dtype == np.int32
    assert exact.tolist() == smallest_reachable(same)
    assert near.tolist() == smallest_reachable(same | close)


def test_covers_without_a_hash_are_not_each_others_copies(workspace: Workspace, enter: Enter) -> None:
    enter(["Rock"] * 4, contents=["a", "b", "c", "b"])
    run = find_duplicates(workspace)
    exact, near = read_groups(workspace, run)
    assert exact.tolist() == near.tolist() == [0, 1, 2, 1]
    counts = {"distinct": 3, "exact_groups": 1, "near_groups": 1, "largest": 2}
    assert run.results == counts | dict.fromkeys(("sure", "verified", "refused", "unread", "left_out"), 0)
    assert find_duplicates(workspace) == run


def test_what_is_left_out_is_judged_by_hash_and_counted(workspace: Workspace, enter: Enter, hashes: np.ndarray) -> None:
    enter(["Rock"] * len(hashes), hashes=[bytes(row).hex() for row in hashes])
    full, few = find_duplicates(workspace), find_duplicates(workspace, limit=50)
    assert full.run_id != few.run_id
    assert read_groups(workspace, few)[1].tolist() == read_groups(workspace, full)[1].tolist()
    doubtful = full.results["unread"]
    assert (full.results["left_out"], few.results["left_out"], few.results["unread"]) == (0, doubtful - 50, 50)
    assert full.results["sure"] == few.results["sure"] > 0


def test_sure_pairs_take_no_place_of_doubtful_ones(shelf: Workspace, enter: Enter) -> None:
    """Beside the shelf ten covers all alike by hash: 45 sure pairs, more than the limit."""
    doubtful = int((pair_rows(shelf, find_duplicates(shelf)).bits > SURE).sum())
    base = np.random.default_rng(3).integers(0, 256, BITS // 8, dtype=np.uint8)
    enter(["Rock"] * 10, hashes=[bytes(flipped(base, np.array([bit]))).hex() for bit in range(10)])
    run = find_duplicates(shelf, limit=doubtful)
    assert read_groups(shelf, run)[1].tolist() == [0, 0, 0, *range(3, 13), *[13] * 10]
    assert (run.results["sure"], run.results["left_out"]) == (9, 0)


@pytest.mark.parametrize("gathered", [20, 10**6])
def test_joining_pairs_join_at_every_radius_what_all_do(
    hashes: np.ndarray, gathered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "GATHERED", gathered)
    (every,) = close_pairs(hashes)
    chunks = [Pairs(*(part[some] for part in every)) for some in np.array_split(np.arange(len(every.bits)), 40)]
    forest = joining_pairs(chunks, len(hashes))
    assert len(forest.bits) == len(hashes) - len(set(join_pairs(np.arange(len(hashes)), every.left, every.right)))
    own = np.arange(len(hashes))
    assert count_groups(own, forest, range(DOUBTFUL + 1)) == count_groups(own, every, range(DOUBTFUL + 1))
    left, right = forest.left, forest.right
    assert (hamming(hashes)[left, right] == forest.bits).all()


def test_between_two_groups_the_nearest_pair_stands_for_all() -> None:
    groups = np.array([0, 0, 2, 2, 4])
    every = Pairs(np.array([0, 0, 1, 1, 0, 2]), np.array([1, 2, 2, 3, 4, 4]), np.array([3, 40, 30, 35, 20, 50]))
    (kept,) = between([every], groups)
    found = zip(kept.left.tolist(), kept.right.tolist(), kept.bits.tolist(), strict=True)
    assert sorted(found) == [(0, 4, 20), (1, 2, 30), (2, 4, 50)]


def pair_rows(workspace: Workspace, run: Run) -> pd.DataFrame:
    with workspace.read() as con:
        return con.execute(
            "SELECT * FROM near_pairs WHERE run_id = ? ORDER BY bits, cover_id, other_id", [run.run_id]
        ).df()


@pytest.fixture
def shelf(workspace: Workspace, tmp_path: Path, drawing: Drawing) -> Workspace:
    """One picture four times: as it is, cropped and tinted, with a sticker, with other noise; and ten others."""
    folder = tmp_path / "covers" / "Jazz"
    folder.mkdir(parents=True)
    original = drawing(0)
    cropped = ImageEnhance.Brightness(original.crop((9, 6, 291, 288))).enhance(1.2)
    sticker = original.copy()
    sticker.paste("yellow", (20, 20, 95, 95))
    for number, image in enumerate([original, cropped, sticker, *(drawing(seed) for seed in range(1, 11))]):
        image.save(folder / f"{number:02}.png")
    import_covers(workspace, folder.parent)
    return workspace


def test_doubtful_pairs_are_looked_at(shelf: Workspace) -> None:
    run = find_duplicates(shelf)
    rows = pair_rows(shelf, run)
    _, near = read_groups(shelf, run)
    assert near.tolist() == [0, 0, 0, *range(3, 13)]
    seen = rows[rows.bits > SURE]
    assert len(seen) >= 2
    assert (seen.same == (seen.likeness >= SAME)).all()
    assert rows[rows.bits <= SURE].likeness.isna().all()
    assert (rows.cover_id < rows.other_id).all()
    assert run.results["verified"] == seen.same.sum()


def test_a_picture_that_cannot_be_read_any_more_is_judged_by_its_hash(shelf: Workspace, tmp_path: Path) -> None:
    with shelf.read() as con:
        sha256, path = con.sql("SELECT sha256, path FROM covers WHERE cover_id = 1").fetchall()[0]
    shelf.thumbnail(sha256).write_bytes(b"broken")
    Path(path).write_bytes(b"gone")
    run = find_duplicates(shelf)
    rows = pair_rows(shelf, run)
    lost = rows[((rows.cover_id == 1) | (rows.other_id == 1)) & (rows.bits > SURE)]
    assert run.results["unread"] == len(lost) > 0
    assert lost.likeness.isna().all()
    assert (lost.same == (lost.bits <= UNSEEN)).all()


def test_without_a_thumbnail_the_cover_itself_is_looked_at(shelf: Workspace) -> None:
    shutil.rmtree(shelf.folder / "thumbnails")
    run = find_duplicates(shelf)
    assert run.results["unread"] == 0
    assert read_groups(shelf, run)[1].tolist() == [0, 0, 0, *range(3, 13)]


def test_the_curves_end_with_the_groups_there_are(shelf: Workspace) -> None:
    run = find_duplicates(shelf)
    with shelf.read() as con:
        curves = con.execute("SELECT curve, x, value FROM curves WHERE run_id = ? ORDER BY x", [run.run_id]).df()
    looked = curves[curves.curve == "groups_looked_at"]
    assert looked.x.tolist() == list(range(0, DOUBTFUL + 1, 4))
    assert looked.value.iloc[-1] == len(set(read_groups(shelf, run)[1]))
    by_hash = curves[curves.curve == "groups_by_hash"]
    assert (by_hash.value.to_numpy() <= looked.value.to_numpy()).all()


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
    assert run.results["largest"] < 10  # a threshold too low would chain different covers together
    assert (run.results["unread"], run.results["left_out"]) == (0, 0)
    assert 270 < run.results["verified"] <= 345  # of the pairs looked at one, two record labels, is different by eye
