"""Which of a cover's several genres is its primary one: the label that strict figures are measured against.

See docs/methods.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from data.errors import GenrescopeError
from data.intake.sources import Source
from data.store.workspace import Workspace

# The rules, and which genre each takes.
RULES = {
    "first": "the first that the source names",
    "drawn": "one drawn at random, the same for the same file everywhere",
    "rarest": "the one that the fewest covers of the source have",
}
# So many covers whose genres all stand in alphabetical order are no accident: of two genres each, one in a thousand.
ALPHABETICAL = 10


class Rule(NamedTuple):
    """A key of RULES, why it holds, in words, and how many covers of the source have each genre."""

    name: str
    why: str
    sizes: Mapping[str, int]


def rule_for(workspace: Workspace, source: Source, asked: str | None) -> Rule:
    """The rule by which this source's covers get their primary genre.

    What was asked for; else what chose the genres of the covers that are in the workspace already; else 'first' where
    the source's order may mean something, and 'drawn' where it does not. Raises GenrescopeError for an unknown rule and
    for one that is not that of the covers there: these never change.
    """
    if asked is not None and asked not in RULES:
        raise GenrescopeError(f"there is no rule '{asked}' for the primary genre: choose from {', '.join(RULES)}")
    there, count = _rule_there(workspace)
    sizes = Counter(genre for entry in source.entries for genre in entry.genres)
    if there is None:
        return Rule(asked, "as asked for", sizes) if asked else Rule(*_usual(source), sizes)
    if asked not in (None, there):
        raise GenrescopeError(
            f"{count:,} covers of several genres are here by the rule '{there}', and covers never change: leave "
            f"--primary out, or import into a new --workspace"
        )
    return Rule(there, "as of the covers that were there", sizes)


def put_first(genres: Sequence[str], rule: Rule, *, sha256: str) -> list[str]:
    """A cover's genres, the primary one before the others, which keep their order.

    sha256: of the file, in hex; what is drawn is drawn by it, so that the same file has the same genre in any workspace
    and whatever came along. Of equally rare genres one is drawn.
    """
    if len(genres) < 2 or rule.name == "first":
        return list(genres)
    names = sorted(genres)
    start = int(sha256[:16], 16) % len(names)
    turned = names[start:] + names[:start]
    chosen = turned[0] if rule.name == "drawn" else min(turned, key=lambda genre: rule.sizes[genre])
    return [chosen, *(genre for genre in genres if genre != chosen)]


def _usual(source: Source) -> tuple[str, str]:
    several = [entry.genres for entry in source.entries if len(entry.genres) > 1]
    if not source.ordered:
        return "drawn", "the source names them in several rows, whose order says nothing"
    if source.voted:
        return "first", "the one with the most votes"
    if len(several) >= ALPHABETICAL and all(list(genres) == sorted(genres, key=str.casefold) for genres in several):
        return "drawn", "the source names them in alphabetical order, which says nothing"
    return "first", "the source's own order"


def _rule_there(workspace: Workspace) -> tuple[str | None, int]:
    """The rule of the covers of several genres that are there, None without any, and how many these are."""
    with workspace.read() as con:
        return con.sql("SELECT any_value(primary_by), count(*) FROM covers WHERE len(genres) > 1").fetchall()[0]
