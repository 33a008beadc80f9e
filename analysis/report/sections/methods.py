"""How everything was measured: the definitions of docs/methods.md, the one place where they stand."""

import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup, escape

from analysis.report.blocks import Section, Text

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "methods.md"
# What is quoted, by heading: the beginnings of its paragraphs. A test holds that each is there.
QUOTED = {
    "What counts as one piece of evidence": ("**Near-duplicates**", "**Groups**", "**Folds**", "**The labels**"),
    "Separability, the primary measure": (
        "**`separability`**",
        "*The probe*",
        "*Interval.*",
        "*p-value",
        "*When not",
    ),
    "Ranks and claims": ("*Places*", "*The sentence*", "*When not"),
    "Purity and silhouette": ("**`purity`**", "**`silhouette`**"),
    "The neighbour graph, the map and the clusters": ("*Map*",),
    "Classifiers": ("*Out of fold*", "*Weighted.*"),
    "Scores": ("*Interval*", "*When not"),
    "Comparing two classifiers": ("`compare A B`", "*p-value", "*Verdicts*"),
    "Intervals": ("Every interval",),
}
# Where in the code something lies is of no use on paper.
CODE_PLACE = re.compile(r" \(`[\w/]+\.py`\)")
MARKS = ((r"\*\*(.+?)\*\*", r"<b>\1</b>"), (r"\*(.+?)\*", r"<em>\1</em>"), (r"`(.+?)`", r"<code>\1</code>"))


def methods() -> Section:
    """The definitions of what the report shows, with their sources."""
    lead = "In short: docs/methods.md of genrescope has all of it, and how often the intervals held a known truth."
    if not DOCUMENT.exists():
        return Section("methods", "How it was measured", "docs/methods.md of genrescope defines every figure.")
    blocks = [Text([Markup(f"<h3>{escape(heading)}</h3>"), *found], look="methods") for heading, found in quoted()]
    return Section("methods", "How it was measured", lead, blocks)


def quoted() -> Iterator[tuple[str, list[Markup]]]:
    """Each heading of QUOTED with its paragraphs, as HTML."""
    parts = re.split(r"^#+ (.*)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    for heading, beginnings in QUOTED.items():
        paragraphs = re.split(r"\n\s*\n", sections.get(heading, "").strip())
        # After a full stop, a line that begins in italics begins a paragraph, too.
        lines = [line for text in paragraphs for line in re.split(r"(?<=\.)\n(?=\*[A-Z])", text)]
        found = [line for start in beginnings for line in lines if line.startswith(start)]
        yield heading, [as_html(line) for line in found]


def as_html(text: str) -> Markup:
    """A paragraph of Markdown with its bold, italic and code."""
    html = str(escape(CODE_PLACE.sub("", " ".join(text.split()))))
    for mark, tag in MARKS:
        html = re.sub(mark, tag, html)
    return Markup(html)
