"""Duplicate groups: covers that are byte for byte the same file, and covers that show the same picture."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from data.store.covers import collection
from data.store.runs import Outcome, Run, compute_run
from data.store.workspace import Workspace

# Covers whose perceptual hashes differ in at most RADIUS of BITS bits show the same picture. Seen pair by pair on 4,702
# distinct real covers: up to 58 bits all pairs were one picture (another scan, sticker, crop or tint), and the first
# different ones, labels and sleeves of a series, came at 60. Half of that finds 139 pairs, and keeps apart the drawn
# covers, whose house styles make different ones as near as 32. A radius of 10 would find 34: it bears saving again as
# JPEG (at most 9 bits for 99 % of covers at quality 50), but no crop by 1 % (31 bits for 99 %, 16 for half of them).
# It matters: the 1-nearest-neighbour accuracy of ResNet18 on those covers is 0.355 in splits grouped by identical file,
# 0.336 in those grouped by 30 bits, 0.316 by 58 (means over 12 seeds, standard errors 0.003 to 0.004).
BITS = 256
RADIUS = 30
# Hashes searched for at a time: bounds what the found pairs take in memory.
CHUNK = 20_000


def find_duplicates(workspace: Workspace) -> Run:
    """Group the covers by content and by picture: one run per collection, rows in the table duplicates.

    exact_group joins files of equal sha256. near_group joins these and all whose perceptual hashes differ in at
    most RADIUS of 256 bits, also over several steps. Each group is named by its smallest cover_id; a cover on its
    own is a group. Results: distinct (images), exact_groups and near_groups (of two covers or more), largest.
    """
    covers = collection(workspace)
    params = {"radius": RADIUS, "bits": BITS}
    return compute_run(
        workspace, "duplicates", lambda: _compute(workspace, covers), params=params, inputs=[covers.run_id]
    )


def _compute(workspace: Workspace, covers: Run) -> Outcome:
    with workspace.read() as con:
        table = con.sql(
            """SELECT phash, min(cover_id) OVER (PARTITION BY sha256) AS exact_group,
                min(cover_id) OVER (PARTITION BY phash) AS same_hash
            FROM covers WHERE cover_id < ? ORDER BY cover_id""",
            params=[covers.params["covers"]],
        ).to_arrow_table()
    exact = table["exact_group"].to_numpy()
    near = _near_groups(exact, table["same_hash"].to_numpy(), table["phash"].to_pylist())
    rows = pa.table({"cover_id": np.arange(len(exact), dtype=np.int32), "exact_group": exact, "near_group": near})
    return {"duplicates": rows}, _summary(exact, near)


def read_groups(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """exact_group and near_group, both int32 (n,) and indexed by cover_id."""
    with workspace.read() as con:
        rows = con.sql(
            "SELECT exact_group, near_group FROM duplicates WHERE run_id = ? ORDER BY cover_id", params=[run.run_id]
        ).to_arrow_table()
    return rows["exact_group"].to_numpy(), rows["near_group"].to_numpy()


def join_groups(*groupings: np.ndarray) -> np.ndarray:
    """Groups, int32 (n,), of what any grouping joins, also over several steps; named by their smallest index.

    A grouping names for every index another one (or itself) that it belongs with.
    """
    n = len(groupings[0])
    return _components(n, np.tile(np.arange(n), len(groupings)), np.concatenate(groupings))


def _near_groups(exact: np.ndarray, same_hash: np.ndarray, hashes: list[str | None]) -> np.ndarray:
    with_hash = np.array([value is not None for value in hashes])
    same_hash = np.where(with_hash, same_hash, np.arange(len(exact)))
    ids = np.flatnonzero(with_hash & (same_hash == np.arange(len(exact))))
    bits = np.frombuffer(bytes.fromhex("".join(hashes[i] or "" for i in ids)), np.uint8).reshape(len(ids), BITS // 8)
    everyone = np.arange(len(exact))
    left, right = [everyone, everyone], [exact, same_hash]
    for a, b in close_pairs(bits):
        left.append(ids[a])
        right.append(ids[b])
    return _components(len(exact), np.concatenate(left), np.concatenate(right))


def close_pairs(hashes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All pairs of rows of uint8 (n, 32) at most RADIUS bits apart, in chunks; each in both directions.

    Compares all with all, 1.6 ns a pair and core: 8 s for 100,000 on two cores. Up to a million that is a small part
    of what importing takes; faiss's IndexBinaryMultiHash, exact with 11 tables of 23 bits and 2 flips, only halves it.
    """
    import faiss

    index = faiss.IndexBinaryFlat(BITS)
    index.add(hashes)
    for start in range(0, len(hashes), CHUNK):
        limits, _, found = index.range_search(hashes[start : start + CHUNK], RADIUS + 1)  # nearer than, not up to
        counts = limits[1:].astype(np.int64) - limits[:-1].astype(np.int64)
        yield np.repeat(np.arange(start, start + len(counts)), counts), found


def _components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, labels = connected_components(edges, directed=False)
    _, first = np.unique(labels, return_index=True)
    return first[labels].astype(np.int32)


def _summary(exact: np.ndarray, near: np.ndarray) -> dict[str, int]:
    exact_sizes, near_sizes = (np.unique(groups, return_counts=True)[1] for groups in (exact, near))
    return {
        "distinct": len(exact_sizes),
        "exact_groups": int((exact_sizes > 1).sum()),
        "near_groups": int((near_sizes > 1).sum()),
        "largest": int(near_sizes.max()),
    }
