"""The audit in sentences that its counts support."""

import re
from collections.abc import Callable

import pytest

from data.auditing.audit import audit
from data.auditing.words import in_sentences
from data.store.workspace import Workspace

Enter = Callable[..., None]


def test_a_clean_collection_is_said_to_be_one(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz", "Pop", "Pop", "Jazz"], hashes=[None] * 4)
    found = [sentence for sentence in in_sentences(audit(workspace)) if "left out" not in sentence]
    assert found == [
        "All 4 covers count as independent, and no file lies in several genres.",
        "The 2 genres are about equally large.",
    ]


def test_copies_contradictions_and_unequal_genres_are_named(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz", "Jazz", "Pop", "Jazz", "Jazz"], contents=["a", "b", "a", "c", "c"], hashes=[None] * 5)
    first, why, sizes, left_out = in_sentences(audit(workspace))
    assert first == "5 covers count as 3, and no classifier can tell more than 80.0% of them right."
    assert why == "Copies count as one; one file lies in several genres."
    assert sizes == "Jazz, the largest genre, has 4.0 times the covers of Pop, the smallest."
    assert left_out == "5 files were left out.", "these covers have no files"


def test_what_counts_as_one_is_said(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz", "Pop"], hashes=[None] * 2, metadata=[{"artist": "A"}, {"artist": "a"}])
    first, why, *_ = in_sentences(audit(workspace))
    assert first == "2 covers count as 1, and no file lies in several genres."
    assert why == "Copies and equal artist count as one."


@pytest.mark.parametrize(("covers", "places"), [(100, 1), (2_500, 2), (30_000, 3)])
def test_a_ceiling_below_all_never_reads_as_all(workspace: Workspace, enter: Enter, covers: int, places: int) -> None:
    enter(["Jazz"] * (covers - 1) + ["Pop"], contents=[*range(covers - 1), 0], hashes=[None] * covers)
    said = re.search(r"more than ([0-9.]+)% of them", in_sentences(audit(workspace))[0])
    assert said is not None
    assert float(said[1]) < 100
    assert len(said[1].partition(".")[2]) == places
