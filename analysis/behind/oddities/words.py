"""What an oddities run found, in a sentence: the same in app and terminal."""

from analysis.behind.oddities.oddities import REASONS
from data.store.runs import Run


def in_words(run: Run) -> str:
    """How many pictures are listed, by reason, and that nothing is left out by that."""
    counts = [(count, REASONS[name]) for name, count in run.results["listed"].items() if count]
    if not counts:
        return "No picture was found that is likely no cover."
    said = ", ".join(f"{count:,} with {what}" for count, what in counts)
    return f"Likely no cover: {said}. Each counts until you set it aside."
