"""Which covers count as one: how much hangs on the radius of near-duplicates, and what the groups join.

See docs/methods.md.
"""

from dataclasses import dataclass

from data.store.runs import Run
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Radius:
    """How many groups of covers there are when pairs of hashes up to so many bits apart are joined.

    by_hash: all of these pairs. looked_at: those that are one picture (see data.grouping.likeness).
    """

    bits: int
    by_hash: int
    looked_at: int


@dataclass(frozen=True)
class NearPairs:
    """How pairs of distinct images were judged, and the sensitivity curve.

    sure: by hash. verified, refused: looked at, one picture or not. unread: doubtful, but a picture could not be read.
    left_out: further away than those that there was time for; these two kinds are judged by hash.
    """

    sure: int
    verified: int
    refused: int
    unread: int
    left_out: int
    curve: list[Radius]


@dataclass(frozen=True)
class Joined:
    """The groups that everything counts by: by_picture would there be by picture alone; joined are covers."""

    columns: list[str]
    groups: int
    by_picture: int
    joined: int
    largest: int


def near_pairs(workspace: Workspace, duplicates: Run) -> NearPairs:
    """What a duplicates run says of its pairs."""
    with workspace.read() as con:
        rows = con.execute(
            """SELECT x::INTEGER, max(value::BIGINT) FILTER (curve = 'groups_by_hash'),
                max(value::BIGINT) FILTER (curve = 'groups_looked_at')
            FROM curves WHERE run_id = ? GROUP BY x ORDER BY x""",
            [duplicates.run_id],
        ).fetchall()
    counts = {name: duplicates.results[name] for name in ("sure", "verified", "refused", "unread", "left_out")}
    return NearPairs(**counts, curve=[Radius(*row) for row in rows])


def joined(groups: Run) -> Joined:
    """What a groups run says that it joins."""
    return Joined(**{name: groups.results[name] for name in ("columns", "groups", "by_picture", "joined", "largest")})
