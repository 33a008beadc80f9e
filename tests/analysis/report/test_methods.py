"""The methods of a report are those of docs/methods.md."""

import html
import re

import pytest

from analysis.report.sections.methods import CODE_PLACE, DOCUMENT, QUOTED, as_html, quoted


@pytest.mark.parametrize("heading", QUOTED)
def test_every_paragraph_that_is_quoted_is_there(heading: str) -> None:
    found = dict(quoted())[heading]
    assert len(found) >= len(QUOTED[heading])


def test_a_quotation_is_whole() -> None:
    text = re.sub(r"[*`]", "", CODE_PLACE.sub("", " ".join(DOCUMENT.read_text().split())))
    for _, paragraphs in quoted():
        for paragraph in paragraphs:
            plain = html.unescape(re.sub(r"</?(b|em|code)>", "", paragraph))
            assert plain in text
            assert plain.endswith((".", ":"))


def test_marks_become_tags_and_text_is_escaped() -> None:
    assert as_html("**`a`** <b> *is* `x < y` (`analysis/x.py`).") == (
        "<b><code>a</code></b> &lt;b&gt; <em>is</em> <code>x &lt; y</code>."
    )
