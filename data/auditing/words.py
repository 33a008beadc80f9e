"""What the audit found, in sentences: what anything learned from these covers can be worth."""

from data.auditing.audit import Audit

# Genres count as about equally large up to so many covers of the largest per cover of the smallest.
EQUAL = 1.5


def in_sentences(found: Audit) -> list[str]:
    """How many covers are evidence of their own and what no classifier can exceed: the answer; then why, the sizes of
    the genres, and what was left out."""
    return [_answer(found), *_why(found), _sizes(found), _left_out(found)]


def _answer(found: Audit) -> str:
    groups = found.independence.groups
    independent = f"{found.covers:,} covers count as {groups:,}"
    if groups == found.covers:
        independent = f"All {found.covers:,} covers count as independent"
    if not found.contradictory_groups:
        return f"{independent}, and no file lies in several genres."
    return f"{independent}, and no classifier can tell more than {_rounded(found)} of them right."


def _why(found: Audit) -> list[str]:
    """What counts as one, and which labels contradict each other; nothing of a collection without either."""
    parts = []
    if found.independence.groups < found.covers:
        parts.append(
            " and ".join(["Copies", *(f"equal {name}" for name in found.independence.columns)]) + " count as one"
        )
    count = len(found.contradictory_groups)
    if count:
        parts.append("one file lies in several genres" if count == 1 else f"{count:,} files lie in several genres")
    return [f"{'; '.join(parts)}."] if parts else []


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
    count, aside = len(found.rejected), len(found.set_aside)
    by_word = f" {aside:,} {'is' if aside == 1 else 'are'} set aside by the user's word." if aside else ""
    if not count:
        return f"Every file is a usable cover.{by_word}"
    return ("One file was left out." if count == 1 else f"{count:,} files were left out.") + by_word
