"""The verb `audit`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.listing import ends
from data.options import json_option, workspace_option
from data.texts import clean

if TYPE_CHECKING:
    from data.auditing.audit import Audit, Group

# Of long lists the text shows so many; the JSON has them all.
SHOWN = 20
# Every so many bits the text shows the curve over the radius.
STEP = 16


@click.command("audit", short_help="Find broken files, duplicates and contradictory labels.")
@json_option
@workspace_option
def audit_command(as_json: bool, workspace: Path | None) -> None:
    """Look the covers through before anything is learned from them.

    Says which files were left out and why; which covers are byte for byte the same or show the same picture, and
    which of these carry several genres; how large the genres are; the accuracy that no classifier can exceed,
    because the labels contradict each other; and how many covers are independent evidence. After 'genrescope
    analyze' it also lists covers that an embedding takes for copies.

    \b
    Examples:
      genrescope audit --workspace study
      genrescope audit --json | jq '.reasons'
    """
    from data.auditing.audit import audit
    from data.store.workspace import open_workspace

    found = audit(open_workspace(workspace))
    if as_json:
        facts = {"reasons": found.reasons, "contradictory_groups": len(found.contradictory_groups)}
        click.echo(json.dumps(facts | asdict(found), indent=2, ensure_ascii=False))
        return
    for text in _text(found):
        for line in text.split("\n"):
            click.echo(clean(line))  # files may be named in a way that a terminal obeys


def _text(found: "Audit") -> Iterator[str]:
    yield f"{found.covers:,} covers, {found.distinct:,} distinct images, {len(found.genres)} genres"
    yield f"\nGenres (largest to smallest {found.imbalance:.1f} : 1, balance {found.balance:.2f} of 1)"
    rows = [(genre, f"{n:,}", f"{100 * n / found.covers:.1f} %") for genre, n in found.genres.items()]
    yield from _table(ends(rows, lambda left: (f"... {left:,} more: --json lists them all", "", "")))
    yield from _duplicates(found)
    yield from _independence(found)
    yield from _similar(found)
    for title, counts in (("Formats", found.formats), ("Modes", found.modes), ("Sizes in pixels", found.sizes)):
        yield f"\n{title}"
        yield from _shortened(_table((what, f"{n:,}") for what, n in counts.items()))
    yield from _left_out(found)
    if found.set_aside:
        yield f"\nSet aside by the user's word: {len(found.set_aside):,} covers"
        yield from _shortened(_table((f"cover {cover_id}", why) for cover_id, why in found.set_aside.items()))


def _duplicates(found: "Audit") -> Iterator[str]:
    for title, groups in (("Identical files", found.exact_groups), ("Same picture, other file", found.near_groups)):
        several = sum(len(group.genres) > 1 for group in groups)
        covers = sum(len(group.cover_ids) for group in groups)
        yield f"\n{title}: {len(groups):,} groups of {covers:,} covers; {several:,} groups carry several genres"
        yield from _shortened(_table((_line(group) for group in groups), right=False), shown=5)
    yield f"\nAccuracy ceiling: {found.accuracy_ceiling:.4f}, as identical files in several genres cannot all be right"


def _independence(found: "Audit") -> Iterator[str]:
    pairs, groups = found.near_pairs, found.independence
    unseen = (("unreadable", pairs.unread), ("too many to look at", pairs.left_out))
    by_hash = "".join(f"; {count:,} by hash alone ({why})" for why, count in unseen if count)
    looked_at = f"looked at, {pairs.verified:,} are one picture, {pairs.refused:,} are not{by_hash}"
    yield f"\nPairs of near-duplicates: {pairs.sure:,} sure by hash; of the doubtful ones, {looked_at}"
    points = [point for point in pairs.curve if point.bits % STEP == 0]
    rows = {"bits apart at most": "bits", "groups by hash alone": "by_hash", "groups as looked at": "looked_at"}
    yield from _table((title, *(f"{getattr(point, name):,}" for point in points)) for title, name in rows.items())
    size = f"largest {groups.largest:,}, {groups.joined:,} covers share one"
    yield f"\nIndependent groups: {groups.groups:,} by {' and '.join(['picture', *groups.columns])} ({size})"
    if groups.columns:
        yield f"  {groups.by_picture:,} by picture alone"


def _line(group: "Group") -> tuple[str, str, str]:
    return f"{len(group.cover_ids)} covers", ", ".join(group.genres), group.paths[0]


def _similar(found: "Audit") -> Iterator[str]:
    for similar in found.similar:
        yield f"\nPossible copies by {similar.embedding}: {similar.found:,} further pairs"
        if similar.found and not similar.pairs:
            yield "  not listed: it sees too many covers alike"
        yield from _shortened(_table((f"cover {a}", f"cover {b}", f"{s:.4f}") for a, b, s in similar.pairs))


def _left_out(found: "Audit") -> Iterator[str]:
    from data.intake.images import REASONS

    yield f"\nLeft out: {len(found.rejected):,} files"
    for reason, count in found.reasons.items():
        yield f"  {reason}, {count:,} ({REASONS.get(reason, '')})"
        files = (file for file in found.rejected if file.reason == reason)
        yield from _shortened(f"    {file.path}{': ' if file.detail else ''}{file.detail}" for file in files)


def _shortened(lines: Iterable[str], *, shown: int = SHOWN) -> Iterator[str]:
    lines = list(lines)
    yield from lines[:shown]
    if len(lines) > shown:
        yield f"  ... and {len(lines) - shown:,} more: --json lists them all"


def _table(rows: Iterable[tuple[str, ...]], *, right: bool = True) -> Iterator[str]:
    """Rows in columns: the first aligned to the left, the others to the right if they are numbers."""
    rows = list(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    for first, *others in rows:
        cells = [f"{cell:{'>' if right else '<'}{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield ("  " + "  ".join([first.ljust(widths[0]), *cells])).rstrip()
