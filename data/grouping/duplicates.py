"""Duplicate groups: covers that are byte for byte the same file, and covers that show the same picture.

See docs/methods.md.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.grouping import likeness
from data.grouping.pairs import (
    BITS,
    DOUBTFUL,
    LIMIT,
    SURE,
    UNSEEN,
    Pairs,
    between,
    close_pairs,
    joined,
    joining_pairs,
    judge,
    look_at,
    nearest_pairs,
)
from data.store.covers import collection
from data.store.runs import Outcome, Run, compute_run
from data.store.workspace import Workspace

# Everything that decides which covers are one picture: another value is another run.
PARAMS = {
    "method": 2,  # counts changes of the method that no threshold tells of
    "bits": BITS,
    "sure": SURE,
    "unseen": UNSEEN,
    "doubtful": DOUBTFUL,
    "same": likeness.SAME,
    "looked_at": {
        name.lower(): getattr(likeness, name)
        for name in ("SIDE", "REACH", "BLOCK", "PLAY", "NOISE", "PLENTY", "COARSE", "COLORLESS")
    }
    | {"hidden": round(likeness.HIDDEN, 4), "scales": likeness.SCALES.tolist()},
}
# Radii, in bits, of the curves that say how much hangs on them.
RADII = range(0, DOUBTFUL + 1, 4)


def find_duplicates(workspace: Workspace, *, limit: int = LIMIT) -> Run:
    """Group the covers by content and by picture: one run per collection, rows in duplicates, near_pairs and curves.

    exact_group joins files of equal sha256. near_group joins these, all whose perceptual hashes differ in at most
    SURE bits, and those up to DOUBTFUL bits that are one picture when looked at (see `likeness`), also over several
    steps. Each group is named by its smallest cover_id; a cover on its own is a group.
    near_pairs: the pairs of distinct images that were judged. Of those that need no look only as many as join what
    all of them join; of the doubtful ones between two groups so joined only the nearest, and the `limit` nearest of
    these are looked at. likeness is NULL where a picture was not looked at, or could not be read: `same` is by hash
    then, up to UNSEEN bits, as it is for pairs beyond the limit.
    curves: groups_by_hash and groups_looked_at, over x bits: how many groups there were if all pairs up to x were
    joined, or those of them that are one picture.
    Files are copies whatever is set aside, so the run is one whatever is.
    Results: distinct (images), exact_groups and near_groups (of two covers or more), largest; of pairs: sure (those
    that join), verified and refused (looked at), unread (one of both could not be), left_out (beyond the limit).
    """
    covers = collection(workspace, whole=True)
    return compute_run(
        workspace,
        "duplicates",
        lambda: _compute(workspace, covers, limit),
        params=PARAMS | {"limit": limit},
        inputs=[covers.run_id],
    )


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
    return join_pairs(np.arange(n), np.tile(np.arange(n), len(groupings)), np.concatenate(groupings))


def join_pairs(groups: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Groups (n,) of indices joined further by pairs of indices; int32, named by their smallest index."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(groups)
    ends = np.concatenate([groups, right])
    edges = coo_array((np.ones(len(ends), np.int8), (np.concatenate([np.arange(n), left]), ends)), shape=(n, n))
    _, labels = connected_components(edges, directed=False)
    _, first = np.unique(labels, return_index=True)
    return first[labels].astype(np.int32)


def count_groups(groups: np.ndarray, pairs: Pairs, radii: Sequence[int]) -> list[int]:
    """How many groups there are when the pairs up to each radius, ascending, are joined as well."""
    counts, below = [], -1
    for radius in radii:
        added = (pairs.bits > below) & (pairs.bits <= radius)
        groups, below = join_pairs(groups, pairs.left[added], pairs.right[added]), radius
        counts.append(len(np.unique(groups)))
    return counts


def _compute(workspace: Workspace, covers: Run, limit: int) -> Outcome:
    table = _read(workspace, covers)
    exact, same_hash = table["exact_group"].to_numpy(), table["same_hash"].to_numpy()
    ids, hashes = _hashes(table["phash"].to_pylist(), same_hash)
    sure = _sure_pairs(exact, same_hash, ids, hashes)
    groups, left_out = exact, 0

    def join_unseen(pairs: Pairs) -> None:
        nonlocal groups, left_out
        near = pairs.bits <= UNSEEN
        groups, left_out = join_pairs(groups, pairs.left[near], pairs.right[near]), left_out + len(near)

    surely = join_pairs(exact, sure.left, sure.right)
    close = (Pairs(ids[left], ids[right], bits) for left, right, bits in close_pairs(hashes))
    pairs = joined([sure, nearest_pairs(between(close, surely), limit, join_unseen)])
    alike = look_at(workspace, pairs, list(zip(table["path"].to_pylist(), table["sha256"].to_pylist(), strict=True)))
    same = judge(pairs.bits, alike)
    near = join_pairs(groups, pairs.left[same], pairs.right[same])
    tables = {
        "duplicates": pa.table(
            {"cover_id": np.arange(len(exact), dtype=np.int32), "exact_group": exact, "near_group": near}
        ),
        "near_pairs": _pair_rows(pairs, alike, same),
        "curves": _curves(groups, pairs, same),
    }
    return tables, _summary(exact, near) | _judged(pairs, alike, same) | {"left_out": left_out}


def _read(workspace: Workspace, covers: Run) -> pa.Table:
    """path, sha256, phash, and for each cover the first one of the same content, and of the same hash (or itself)."""
    with workspace.read() as con:
        return con.sql(
            """SELECT path, sha256, phash, min(cover_id) OVER (PARTITION BY sha256) AS exact_group,
                if(phash IS NULL, cover_id, min(cover_id) OVER (PARTITION BY phash)) AS same_hash
            FROM covers WHERE cover_id < ? ORDER BY cover_id""",
            params=[covers.params["covers"]],
        ).to_arrow_table()


def _hashes(phash: list[str | None], same_hash: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first cover of every hash, (m,), and these hashes, uint8 (m, 32)."""
    ids = np.array([i for i, value in enumerate(phash) if value is not None and same_hash[i] == i], np.int64)
    joint = bytes.fromhex("".join(phash[i] or "" for i in ids))
    return ids, np.frombuffer(joint, np.uint8).reshape(len(ids), BITS // 8)


def _sure_pairs(exact: np.ndarray, same_hash: np.ndarray, ids: np.ndarray, hashes: np.ndarray) -> Pairs:
    """Pairs of distinct images that need no look, as far as they join something: of equal hashes, and of close ones."""
    twins = np.flatnonzero((exact == np.arange(len(exact))) & (same_hash < np.arange(len(exact))))
    equal = Pairs(same_hash[twins].astype(np.int64), twins, np.zeros(len(twins), np.int16))
    close = joining_pairs(close_pairs(hashes, SURE), len(ids))
    return joined([equal, Pairs(ids[close.left], ids[close.right], close.bits)])


def _pair_rows(pairs: Pairs, alike: np.ndarray, same: np.ndarray) -> pa.Table:
    rows = {"cover_id": pairs.left.astype(np.int32), "other_id": pairs.right.astype(np.int32), "bits": pairs.bits}
    return pa.table(rows | {"likeness": pa.array(alike, from_pandas=True), "same": same})


def _curves(groups: np.ndarray, pairs: Pairs, same: np.ndarray) -> pa.Table:
    counts = {
        "groups_by_hash": count_groups(groups, pairs, RADII),
        "groups_looked_at": count_groups(groups, Pairs(*(part[same] for part in pairs)), RADII),
    }
    return pa.table(
        {
            "curve": np.repeat(list(counts), len(RADII)),
            "x": np.tile(np.array(RADII, float), len(counts)),
            "value": np.concatenate(list(counts.values())).astype(float),
        }
    )


def _judged(pairs: Pairs, alike: np.ndarray, same: np.ndarray) -> dict[str, int]:
    seen, sure = ~np.isnan(alike), pairs.bits <= SURE
    kinds = {"sure": sure, "verified": seen & same, "refused": seen & ~same, "unread": ~seen & ~sure}
    return {name: int(which.sum()) for name, which in kinds.items()}


def _summary(exact: np.ndarray, near: np.ndarray) -> dict[str, int]:
    exact_sizes, near_sizes = (np.unique(groups, return_counts=True)[1] for groups in (exact, near))
    return {
        "distinct": len(exact_sizes),
        "exact_groups": int((exact_sizes > 1).sum()),
        "near_groups": int((near_sizes > 1).sum()),
        "largest": int(near_sizes.max()),
    }
