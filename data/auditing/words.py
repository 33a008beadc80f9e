"""What the audit found, in sentences: what anything learned from these covers can be worth."""

from data.auditing.audit import Audit

# Genres count as about equally large up to so many covers of the largest per cover of the smallest.
EQUAL = 1.5


def in_sentences(found: Audit) -> list[str]:
    """How many covers are evidence of their own and what no classifier can exceed; then sizes, and what was left out.

    The first sentence is the answer.
    """
    return [f"{_independent(found)}; {_ceiling(found)}.", _sizes(found), _left_out(found)]


def _independent(found: Audit) -> str:
    groups = found.independence.groups
    if groups == found.covers:
        return f"All {found.covers:,} covers are independent of each other"
    return f"{found.covers:,} covers are only {groups:,} independent {'one' if groups == 1 else 'ones'}"


def _ceiling(found: Audit) -> str:
    count = len(found.contradictory_groups)
    if not count:
        return "no file lies in several genres"
    files = "one file lies" if count == 1 else f"{count:,} files lie"
    return f"{files} in several genres, so that no classifier can be right about more than {_rounded(found)} of them"


def _rounded(found: Audit) -> str:
    """The ceiling with as many decimals as it takes not to read 100%."""
    places = next(places for places in range(1, 9) if found.accuracy_ceiling < 1 - 0.005 / 10**places)
    return f"{found.accuracy_ceiling:.{places}%}"


def _sizes(found: Audit) -> str:
    if len(found.genres) == 1:
        return f"There is one genre, {next(iter(found.genres))}."
    if found.imbalance < EQUAL:
        return f"The {len(found.genres):,} genres are about equally large."
    largest, *_, smallest = found.genres
    return f"{largest}, the largest genre, has {found.imbalance:.1f} times the covers of {smallest}, the smallest."


def _left_out(found: Audit) -> str:
    count = len(found.rejected)
    if not count:
        return "Every file is a usable cover."
    return "One file was left out." if count == 1 else f"{count:,} files were left out."
