"""What the report says of likely wrong labels, of what is no cover, and of what was set aside."""

from collections.abc import Callable

import pytest

from analysis.behind.labels.labels import doubt_labels, read_doubts, sentences
from analysis.behind.oddities.oddities import find_oddities
from analysis.figures.palette import genre_colors
from analysis.report.blocks import Covers, Section, Text
from analysis.report.pictures import Shelf
from analysis.report.sections.collection import collection
from analysis.report.sections.records import reproduce
from analysis.report.study import Study, read_study
from data.store.workspace import Workspace
from embeddings.changing.setting_aside import exclude

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(partly: Callable[..., Workspace]) -> Workspace:
    """Covers of one colour each, with a classifier and a neighbour graph."""
    return partly("embed", "analyze", "train")


@pytest.fixture(scope="module")
def before(workspace: Workspace) -> Section:
    """The section before anybody has looked for anything."""
    return section(read_study(workspace))


@pytest.fixture(scope="module")
def study(workspace: Workspace, before: Section) -> Study:
    """The same once labels were doubted and oddities sought."""
    doubt_labels(workspace)
    find_oddities(workspace)
    return read_study(workspace)


def section(study: Study) -> Section:
    return collection(study, Shelf(study, genre_colors(study.genres)))


def said(found: Section) -> str:
    return " ".join(text for block in found.blocks if isinstance(block, Text) for text in block.paragraphs)


def test_before_it_names_the_commands(before: Section) -> None:
    assert "'genrescope labels' makes it" in said(before)
    assert "'genrescope oddities' makes it" in said(before)


def test_the_first_of_the_list_are_shown_one_of_a_group(study: Study) -> None:
    found = section(study)
    run = next(run for run in study.runs if run.kind == "labels")
    assert all(sentence in said(found) for sentence in sentences(study.workspace, run))
    (row,) = [block for block in found.blocks if isinstance(block, Covers) and "in doubt" in block.caption]
    listed = read_doubts(study.workspace, run)
    first = listed.drop_duplicates("cover_id").assign(group=study.groups[listed.cover_id]).drop_duplicates("group")
    notes = [f"{each.suggested} {each.suggested_probability:.0%}" for each in first.head(10).itertuples()]
    assert [thumb.note for thumb in row.thumbs] == notes


def test_what_is_no_cover_is_shown_with_its_reason(study: Study) -> None:
    found = section(study)
    assert "one colour and nothing else" in said(found)
    (row,) = [block for block in found.blocks if isinstance(block, Covers) and "no cover" in block.caption]
    assert {thumb.note for thumb in row.thumbs} == {"blank 1.00"}


def test_nothing_that_run_makes_by_itself_is_a_further_command(study: Study) -> None:
    lines = [line for block in reproduce(study).blocks if block.kind == "commands" for line in block.lines]
    assert not [line for line in lines if line.startswith("#")]
    assert lines[-1] == "genrescope labels --workspace study"


def test_what_was_set_aside_stands_there_with_its_reason(study: Study) -> None:
    exclude(study.workspace, [3, 4], reason="vinyl label")
    assert "Set aside by the user's word: 2 covers (2 vinyl label)" in said(section(read_study(study.workspace)))
