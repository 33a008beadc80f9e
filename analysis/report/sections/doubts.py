"""What in the collection is doubted: likely wrong labels, and what is likely no cover, with the first few of each."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from analysis.behind.labels.labels import read_doubts, sentences
from analysis.behind.labels.words import judge
from analysis.behind.oddities.oddities import read_oddities
from analysis.behind.oddities.words import in_words
from analysis.report.blocks import Block, Covers, Text, missing
from analysis.report.pictures import Shelf
from analysis.report.study import Study
from data.store.about.set_aside import SET_ASIDE
from data.store.runs import Run

SHOWN = 10
# So many rows of the list are looked at for SHOWN pictures: copies show nothing new.
LOOKED_AT = 60


def doubts(study: Study, shelf: Shelf) -> list[Block]:
    """Likely wrong labels and what is likely no cover, or the commands that look for them."""
    return [*_labels(study, shelf), *_oddities(study, shelf)]


def set_aside(study: Study) -> str:
    """How many covers the user has set aside, and why; '' where there are none."""
    found = study.audit.set_aside
    if not found:
        return ""
    said = Counter(reason.removeprefix(SET_ASIDE) for reason in found.values())
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in said.most_common())
    return f"Set aside by the user's word: {len(found):,} covers ({reasons}). Nothing here counts them."


def _labels(study: Study, shelf: Shelf) -> list[Block]:
    run = _newest(study, "labels")
    if run is None:
        return [missing("Likely wrong labels are", "genrescope labels")]
    listed = read_doubts(study.workspace, run, limit=LOOKED_AT)
    rows = listed.iloc[_one_a_group(study, listed.cover_id.to_numpy())]
    notes = [f"{row.suggested} {row.suggested_probability:.0%}" for row in rows.itertuples()]
    caption = f"Labels most in doubt, and the genre suggested by {judge(run)}"
    return [Text(sentences(study.workspace, run), look="list"), *_covers(shelf, caption, rows.cover_id, notes)]


def _oddities(study: Study, shelf: Shelf) -> list[Block]:
    run = _newest(study, "oddities")
    if run is None:
        return [missing("What is likely no cover is", "genrescope oddities")]
    rows = read_oddities(study.workspace, run).head(SHOWN)
    notes = [f"{row.reason} {row.score:.2f}" for row in rows.itertuples()]
    return [Text([in_words(run)], look="list"), *_covers(shelf, "Most likely no cover", rows.cover_id, notes)]


def _newest(study: Study, kind: str) -> Run | None:
    return next((run for run in reversed(study.runs) if run.kind == kind), None)


def _one_a_group(study: Study, cover_ids: np.ndarray) -> np.ndarray:
    """Rows of the first SHOWN covers (n,) of different groups, in order."""
    return np.sort(np.unique(study.groups[cover_ids], return_index=True)[1])[:SHOWN]


def _covers(shelf: Shelf, caption: str, cover_ids: Sequence[int], notes: Sequence[str]) -> list[Block]:
    thumbs = shelf.thumbs(list(cover_ids), notes)
    return [Covers(caption, thumbs)] if thumbs else []
