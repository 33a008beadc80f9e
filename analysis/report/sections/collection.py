"""The covers and what is wrong with them."""

import numpy as np
import pandas as pd

from analysis.report.blocks import Block, Covers, Section, Table, Text
from analysis.report.pictures import Shelf
from analysis.report.sections.doubts import doubts, set_aside
from analysis.report.study import Study

# So many covers of each genre are shown, fewer where there are many genres.
SHOWN, SHOWN_OF_MANY, MANY = 10, 6, 8
# Of more genres the covers of the largest are shown.
SHOWN_GENRES = 40


def collection(study: Study, shelf: Shelf) -> Section:
    """Sizes of the genres, what they look like, the faults that the audit found, and what is doubted."""
    found = study.audit
    lead = (
        f"{found.covers:,} covers in {len(found.genres)} genres, {found.distinct:,} distinct images, "
        f"{found.independence.groups:,} independent groups."
    )
    blocks: list[Block] = [_genres(study), *_examples(study, shelf), _faults(study), *doubts(study, shelf)]
    return Section("data", "The covers and their faults", lead, blocks)


def _genres(study: Study) -> Table:
    found = study.audit
    groups = study.covers.assign(group=study.groups[study.covers.index]).groupby("genre").group.nunique()
    frame = pd.DataFrame(
        {
            "genre": list(found.genres),
            "covers": list(found.genres.values()),
            "share": [count / found.covers for count in found.genres.values()],
            "groups": [int(groups[genre]) for genre in found.genres],
        }
    )
    shown = pd.DataFrame(
        {
            "Genre": frame.genre,
            "Covers": frame.covers.map("{:,}".format),
            "Share": frame.share.map("{:.1%}".format),
            "Independent groups": frame.groups.map("{:,}".format),
        }
    )
    caption = f"Sizes of the genres: largest to smallest {found.imbalance:.1f} to 1."
    return Table("genres", caption, frame, shown, ["Genre"])


def _examples(study: Study, shelf: Shelf) -> list[Covers]:
    """Some covers of each genre, drawn at random, of different groups."""
    dice = np.random.default_rng(42)
    count = SHOWN if len(study.genres) <= MANY else SHOWN_OF_MANY
    found = []
    largest = sorted(study.genres, key=lambda genre: -study.audit.genres[genre])[:SHOWN_GENRES]
    for genre in (genre for genre in study.genres if genre in largest):
        rows = dice.permutation(study.covers.index[study.covers.genre == genre].to_numpy())
        _, first = np.unique(study.groups[rows], return_index=True)
        thumbs = shelf.thumbs(rows[np.sort(first)[:count]].tolist())
        found += [Covers(f"{genre}, drawn at random", thumbs)] if thumbs else []
    return found


def _faults(study: Study) -> Text:
    found = study.audit
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in found.reasons.items())
    copies = sum(len(group.cover_ids) for group in found.exact_groups)
    near, joined = found.near_pairs, found.independence
    lines = [
        f"Left out: {len(found.rejected):,} files{f' ({reasons})' if reasons else ''}.",
        f"{copies:,} covers are byte for byte the same as another one ({len(found.exact_groups):,} groups); "
        f"{len(found.contradictory_groups):,} of these groups carry several genres. No classifier that sees only the "
        f"cover can therefore be right in more than {found.accuracy_ceiling:.1%} of the cases.",
        f"{near.sure + near.verified:,} further pairs of files show one picture ({near.sure:,} sure by hash, "
        f"{near.verified:,} looked at; {near.refused:,} that were looked at are different pictures).",
        f"Covers of one {' or one '.join(['picture', *joined.columns])} count as one piece of evidence: "
        f"{joined.joined:,} covers share a group, the largest has {joined.largest:,}.",
    ]
    if aside := set_aside(study):
        lines.insert(1, aside)
    if not joined.columns:
        lines.append("Artists are not known or not used, so covers of one artist count as independent.")
    return Text(lines, look="list")
