"""The audit: what is wrong or odd about a collection, before anything is learned from it. See docs/methods.md."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.auditing.independence import Joined, NearPairs, joined, near_pairs
from data.grouping.duplicates import read_groups
from data.grouping.groups import make_groups
from data.store.covers import counting, read_covers, set_aside_in
from data.store.runs import Run, find_runs, get_run
from data.store.shown import line_of, table_of
from data.store.workspace import Workspace

# Cosine similarity from which two covers are listed as possible copies that the perceptual hash did not find.
SIMILAR = 0.98
# An encoder that holds more than this share of the covers for possible copies sees all covers alike (controls do);
# its pairs are counted, not listed. Of the others so many are listed, the most similar ones.
ALL_ALIKE = 0.2
LISTED = 100


@dataclass(frozen=True)
class Rejected:
    """A file that was left out at import, or is no longer as it was imported."""

    path: str
    genre: str | None
    reason: str
    detail: str


@dataclass(frozen=True)
class Group:
    """Covers of one duplicate group, cover_ids ascending, paths in their order; genres each once, sorted."""

    cover_ids: list[int]
    paths: list[str]
    genres: list[str]


@dataclass(frozen=True)
class SimilarPairs:
    """Pairs of covers that one embedding takes for copies though they are in different near groups.

    pairs: (cover_id, cover_id, cosine similarity), most similar first, at most LISTED; `found` counts all.
    """

    embedding: str
    run_id: str
    found: int
    pairs: list[tuple[int, int, float]]


@dataclass(frozen=True, repr=False)
class Audit:
    """What there is to know about a collection; all counts are of covers unless they say otherwise.

    It shows itself as a line, in a notebook as a short table.
    Covers set aside (reason by cover_id) are counted nowhere else, and in no group.
    imbalance: covers of the largest genre per cover of the smallest. balance: entropy of the genre shares over
    that of equal shares, 1 where all genres are equally large. accuracy_ceiling: share of covers that the best
    possible rule gets right when it sees nothing but the image, and so must say one genre for all files of equal
    content: the sum over exact groups of the count of their commonest genre, over all covers.
    """

    covers: int
    distinct: int
    genres: dict[str, int]
    imbalance: float
    balance: float
    accuracy_ceiling: float
    rejected: list[Rejected]
    set_aside: dict[int, str]
    exact_groups: list[Group]
    near_groups: list[Group]
    near_pairs: NearPairs
    independence: Joined
    similar: list[SimilarPairs]
    formats: dict[str, int]
    modes: dict[str, int]
    sizes: dict[str, int]

    def __repr__(self) -> str:
        return line_of("audit", self._facts())

    def _repr_html_(self) -> str:
        return table_of("audit", self._facts())

    def _facts(self) -> dict[str, object]:
        return {
            "covers": self.covers,
            "count as": self.independence.groups,
            "accuracy ceiling": self.accuracy_ceiling,
            "genres": [f"{genre} {count:,}" for genre, count in self.genres.items()],
            "largest genre per smallest": self.imbalance,
            "distinct images": self.distinct,
            "groups of equal files": len(self.exact_groups),
            "of them in several genres": len(self.contradictory_groups),
            "groups of near-duplicates": len(self.near_groups),
            "files left out": [f"{reason} {count:,}" for reason, count in self.reasons.items()],
        }

    @property
    def contradictory_groups(self) -> list[Group]:
        """Exact duplicate groups that carry several genres."""
        return [group for group in self.exact_groups if len(group.genres) > 1]

    @property
    def reasons(self) -> dict[str, int]:
        """How many files were left out, by reason, commonest first."""
        return _counts(file.reason for file in self.rejected)


def audit(workspace: Workspace) -> Audit:
    """Look the collection through, and group it where that is not done yet. Raises GenrescopeError without a cover."""
    return read_audit(workspace, make_groups(workspace))


def read_audit(workspace: Workspace, groups: Run) -> Audit:
    """The audit of the covers that a groups run was made of; reads the workspace, and writes nothing.

    Groups are those of its duplicates run, of two covers or more, largest first; near groups are only those that hold
    more than one exact group. Files are compared by size with what was imported; their content is not read again.
    """
    snapshot, duplicates = (get_run(workspace, run_id) for run_id in groups.inputs)
    counts_in, aside = counting(workspace, snapshot), set_aside_in(workspace, snapshot)
    covers = read_covers(workspace, snapshot)[counts_in]
    exact, near = (groups[counts_in] for groups in read_groups(workspace, duplicates))
    genres = covers.genre.to_numpy(dtype=object)
    sizes = covers.width.astype(str) + " x " + covers.height.astype(str)
    counts = _counts(genres)
    return Audit(
        covers=len(covers),
        distinct=len(np.unique(exact)),
        genres=counts,
        imbalance=max(counts.values()) / min(counts.values()),
        balance=_balance(list(counts.values())),
        accuracy_ceiling=float(1 - contradicted(exact, genres)[1].mean()),
        rejected=[*_rejected(workspace), *_changed(covers.path, covers.bytes, genres)],
        exact_groups=_groups(exact, covers),
        near_groups=_groups(near, covers, apart=exact),
        near_pairs=near_pairs(workspace, duplicates),
        independence=joined(groups),
        set_aside=aside,
        similar=_similar(workspace, duplicates, list(aside), all_alike=round(ALL_ALIKE * len(covers))),
        formats=_counts(covers.format),
        modes=_counts(covers["mode"]),
        sizes=_counts(sizes),
    )


def _counts(values: Iterable[str]) -> dict[str, int]:
    """How often each value occurs, commonest first."""
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _balance(counts: Sequence[int]) -> float:
    if len(counts) == 1:
        return 1.0
    shares = np.array(counts) / sum(counts)
    return round(float(-(shares * np.log(shares)).sum() / math.log(len(counts))), 6)


def contradicted(exact: np.ndarray, genres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which covers lie in several genres as the same file, bool (n,), and which of these no rule can tell right, if it
    tells as many as can be: all but those of the group's commonest genre (of equally frequent ones the first).

    exact (n,): groups of files of equal content. genres (n,).
    """
    _, codes = np.unique(genres, return_inverse=True)
    pairs, pair, counts = np.unique(np.stack([exact, codes]), axis=1, return_inverse=True, return_counts=True)
    order = np.lexsort((-counts, pairs[0]))
    best = np.zeros(len(counts), bool)
    best[order[np.diff(pairs[0][order], prepend=-1) != 0]] = True
    several = np.bincount(pairs[0])[exact] > 1
    return several, ~best[pair.ravel()]


def _groups(groups: np.ndarray, covers: pd.DataFrame, *, apart: np.ndarray | None = None) -> list[Group]:
    """Groups of two covers or more, largest first; with `apart`, only those that hold several groups of that."""
    members = np.flatnonzero(np.bincount(groups)[groups] > 1)
    members = members[np.argsort(groups[members], kind="stable")]
    edges = np.flatnonzero(np.diff(groups[members])) + 1
    cover_ids, paths, genres = (
        covers.cover_id.to_numpy(),
        covers.path.to_numpy(dtype=object),
        covers.genre.to_numpy(dtype=object),
    )
    found = [
        Group(cover_ids[rows].tolist(), paths[rows].tolist(), sorted(set(genres[rows])))
        for rows in np.split(members, edges)
        if len(rows) and (apart is None or len(set(apart[rows])) > 1)
    ]
    return sorted(found, key=lambda group: (-len(group.cover_ids), group.cover_ids))


def _rejected(workspace: Workspace) -> list[Rejected]:
    with workspace.read() as con:
        rows = con.sql("SELECT path, genre, reason, detail FROM rejected ORDER BY reason, path").fetchall()
    return [Rejected(*row) for row in rows]


def _changed(paths: Sequence[str], sizes: Sequence[int], genres: Sequence[str]) -> Iterator[Rejected]:
    """Imported covers whose file is gone or of another size."""
    for path, size, genre in zip(paths, sizes, genres, strict=True):
        try:
            if os.stat(path).st_size != size:
                yield Rejected(path, genre, "changed since import", "")
        except OSError as error:
            yield Rejected(path, genre, "missing", error.strerror or "")


def _similar(workspace: Workspace, duplicates: Run, aside: list[int], *, all_alike: int) -> list[SimilarPairs]:
    """Of the newest neighbour graph of each embedding, the pairs that are nearly one vector."""
    newest = {run.name: run for run in reversed(find_runs(workspace, "neighbors"))}
    return [_similar_pairs(workspace, newest[name], duplicates, aside, all_alike=all_alike) for name in sorted(newest)]


def _similar_pairs(
    workspace: Workspace, neighbors: Run, duplicates: Run, aside: list[int], *, all_alike: int
) -> SimilarPairs:
    with workspace.read() as con:
        pairs = con.execute(
            """WITH edges AS (
                SELECT cover_id, unnest(neighbor_ids) AS other, unnest(similarities) AS similarity
                FROM neighbors WHERE run_id = $neighbors
            ), pairs AS (
                SELECT least(cover_id, other) AS a, greatest(cover_id, other) AS b, max(similarity) AS similarity
                FROM edges WHERE other >= 0 AND similarity >= $similar
                    AND NOT list_contains($aside, cover_id) AND NOT list_contains($aside, other) GROUP BY a, b
            ), groups AS (SELECT cover_id, near_group FROM duplicates WHERE run_id = $duplicates)
            SELECT a, b, similarity FROM pairs
            JOIN groups AS one ON one.cover_id = a JOIN groups AS two ON two.cover_id = b
            WHERE one.near_group <> two.near_group ORDER BY similarity DESC, a, b""",
            {"neighbors": neighbors.run_id, "duplicates": duplicates.run_id, "similar": SIMILAR, "aside": aside},
        ).fetchall()
    involved = {cover_id for a, b, _ in pairs for cover_id in (a, b)}
    listed = pairs[:LISTED] if len(involved) <= all_alike else []
    return SimilarPairs(neighbors.name, neighbors.run_id, len(pairs), listed)
