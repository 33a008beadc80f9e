"""Covers that the user has set aside: no covers, or none that this study is about. They stay, and can come back.

Nothing sets a cover aside but the user's word. The collection then is another one, and so is what is computed of it;
what was computed before stays, and is found again once the covers are back. See `data.store.covers.collection`.
"""

import hashlib
from collections.abc import Iterable

from data.errors import GenrescopeError
from data.store.workspace import Workspace

# Before the user's own words, where a run says why a cover was left out.
SET_ASIDE = "set aside: "


def read_set_aside(workspace: Workspace) -> dict[int, str]:
    """The covers that are set aside now, by ascending id, each with the reason."""
    with workspace.read() as con:
        return dict(con.sql("SELECT cover_id, reason FROM set_aside ORDER BY cover_id").fetchall())


def fingerprint(cover_ids: Iterable[int]) -> str:
    """What tells one set of covers set aside from another: 16 hex digits, '' for none."""
    ids = ",".join(map(str, sorted(cover_ids)))
    return hashlib.sha256(ids.encode()).hexdigest()[:16] if ids else ""


def set_aside(workspace: Workspace, cover_ids: Iterable[int], *, reason: str) -> int:
    """Set covers aside, or give those that are a new reason; returns how many were not set aside before.

    Raises GenrescopeError for a cover that is not there, without a reason, and where no two covers would be left.
    """
    wanted = sorted(set(cover_ids))
    if not reason.strip():
        raise GenrescopeError("covers are set aside for a reason: say it with --reason, it stands in every report")
    with workspace.write() as con:
        (covers,) = con.execute("SELECT count(*) FROM covers").fetchall()[0]
        _check(wanted, covers)
        before = {row[0] for row in con.execute("SELECT cover_id FROM set_aside").fetchall()}
        if len(before.union(wanted)) > covers - 2:
            raise GenrescopeError(f"that would leave fewer than two of {covers:,} covers: set fewer of them aside")
        rows = [[cover_id, reason.strip()] for cover_id in wanted]
        if rows:
            con.executemany("INSERT OR REPLACE INTO set_aside VALUES (?, ?, current_timestamp::TIMESTAMP)", rows)
    return len(set(wanted) - before)


def take_back(workspace: Workspace, cover_ids: Iterable[int] | None = None) -> int:
    """Count covers again that were set aside, by default all; returns how many were. Raises as `set_aside`."""
    with workspace.write() as con:
        (covers,) = con.execute("SELECT count(*) FROM covers").fetchall()[0]
        wanted = None if cover_ids is None else sorted(set(cover_ids))
        _check(wanted or [], covers)
        where = "" if wanted is None else "WHERE list_contains(?, cover_id)"
        values = [] if wanted is None else [wanted]
        return len(con.execute(f"DELETE FROM set_aside {where} RETURNING cover_id", values).fetchall())


def _check(cover_ids: list[int], covers: int) -> None:
    unknown = [cover_id for cover_id in cover_ids if not 0 <= cover_id < covers]
    if unknown:
        raise GenrescopeError(
            f"there is no cover number {unknown[0]}, they go from 0 to {covers - 1:,}: "
            "'genrescope export covers covers.csv' lists them"
        )
