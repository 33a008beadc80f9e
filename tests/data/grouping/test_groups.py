"""Groups against walking from cover to cover, by columns written by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from data.errors import GenrescopeError
from data.grouping.duplicates import find_duplicates
from data.grouping.folds import make_folds
from data.grouping.groups import NOBODY, chosen_columns, duplicates_behind, groups_behind, make_groups, read_group_ids
from data.grouping.splits import make_split
from data.store.runs import start_run
from data.store.workspace import Workspace

Enter = Callable[..., None]


def artists(*names: str | None) -> list[dict[str, str]]:
    return [{} if name is None else {"artist": name} for name in names]


def test_artists_are_joined_by_default_and_over_steps(workspace: Workspace, enter: Enter) -> None:
    """0 and 1 share a picture, 1 and 3 an artist, 2 and 5 an artist, 4 has nobody's."""
    names = artists("Ann", " BEA ", "Cid", "bea", None, "cid")
    enter(["Jazz"] * 6, contents=["a", "a", "b", "c", "d", "e"], metadata=names)
    run = make_groups(workspace)
    assert run.name == "picture+artist"
    found = read_group_ids(workspace, run)
    assert (found.dtype, found.tolist()) == (np.int32, [0, 0, 2, 0, 4, 2])
    expected = {"columns": ["artist"], "groups": 3, "largest": 3, "joined": 5, "by_picture": 5}
    assert run.results == expected
    assert make_groups(workspace, columns=["artist"]) == run


def test_groups_by_picture_alone_are_the_near_duplicates(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 3, contents=["a", "b", "a"], metadata=artists("Ann", "Ann", "Bea"))
    run = make_groups(workspace, columns=[])
    assert (run.name, read_group_ids(workspace, run).tolist()) == ("picture", [0, 1, 0])


def test_without_artists_pictures_alone_are_joined(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 2, metadata=[{"title": "One"}, {"title": "One"}])
    assert make_groups(workspace).name == "picture"
    assert make_groups(workspace) == make_groups(workspace, columns=[])


def test_several_columns_are_joined_in_any_order(workspace: Workspace, enter: Enter) -> None:
    facts = [("Ann", "X"), ("Ann", "Y"), ("Bea", "Y"), ("Cid", "Z"), ("Dan", 7), ("Eve", 7)]
    enter(["Jazz"] * 6, metadata=[{"artist": artist, "label": label} for artist, label in facts])
    run = make_groups(workspace, columns=["label", "artist", "label"])
    assert run.name == "picture+artist+label"
    assert read_group_ids(workspace, run).tolist() == [0, 0, 0, 3, 4, 4]
    assert make_groups(workspace, columns=["artist", "label"]) == run
    assert read_group_ids(workspace, make_groups(workspace, columns=["label"])).tolist() == [0, 1, 1, 3, 4, 4]


def test_nobody_has_nothing_in_common(workspace: Workspace, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name of nobody twice, then an artist twice."""
    names = np.repeat([*NOBODY, "Various Artists", "  Unknown ", "\t", "N/A", "Ann"], 2).tolist()
    enter(["Jazz"] * len(names), metadata=artists(*names))
    found = read_group_ids(workspace, make_groups(workspace)).tolist()
    assert found == [*range(len(names) - 1), len(names) - 2]
    monkeypatch.setattr("data.grouping.groups.NOBODY", (*NOBODY, "ann"))  # another list is another run
    assert read_group_ids(workspace, make_groups(workspace)).tolist() == [*range(len(names))]


def test_columns_of_any_name_are_found(workspace: Workspace, enter: Enter) -> None:
    """Of ten covers, each column has one value on cover 0 and on the cover of its own number, another on cover 10."""
    columns = ['the "artist"', "a.b", "Künstler 🎷", "artist's", "$", "a[0]", "*", "back\\slash", "a/b~c"]
    own = [{column: "x"} for column in columns]
    enter(["Jazz"] * 11, metadata=[dict.fromkeys(columns, "x"), *own, {"artist": "y"} | dict.fromkeys(columns, "z")])
    for number, column in enumerate(columns, start=1):
        found = read_group_ids(workspace, make_groups(workspace, columns=[column])).tolist()
        assert found == [0 if cover == number else cover for cover in range(11)]


def test_a_column_that_no_cover_has_is_refused_with_those_there_are(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 2, metadata=[{"label": "x"}, {"year": 1970}])
    with pytest.raises(GenrescopeError, match="no cover has a metadata column 'band': there are: label, year"):
        make_groups(workspace, columns=["band"])


def test_what_group_by_names() -> None:
    assert chosen_columns([]) is None
    assert chosen_columns(["none"]) == []
    assert chosen_columns(["label", "artist"]) == ["label", "artist"]


def test_runs_know_their_groups(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz", "Pop"] * 6, metadata=artists(*"AABBCCDDEEFF"))
    groups, duplicates = make_groups(workspace), find_duplicates(workspace)
    for run in (make_folds(workspace, groups, folds=2), make_split(workspace, groups=groups)):
        assert groups_behind(workspace, run) == groups
        assert duplicates_behind(workspace, run) == duplicates
        assert read_group_ids(workspace, run).tolist() == np.repeat(range(0, 12, 2), 2).tolist()
    assert read_group_ids(workspace, duplicates).tolist() == list(range(12))


def test_groups_are_found_behind_any_input_of_a_run(workspace: Workspace, enter: Enter) -> None:
    """As a classifier's: the embedding, its first input, knows no groups; the folds, its second, do."""
    enter(["Jazz", "Pop"] * 6, metadata=artists(*"AABBCCDDEEFF"))
    groups = make_groups(workspace)
    embedding = start_run(workspace, "embedding", params={}, inputs=[groups.inputs[0]])
    inputs = [embedding.run_id, make_folds(workspace, groups, folds=2).run_id]
    classifier = start_run(workspace, "classifier", params={}, inputs=inputs)
    assert groups_behind(workspace, classifier) == groups
    assert read_group_ids(workspace, classifier).tolist() == np.repeat(range(0, 12, 2), 2).tolist()
    with pytest.raises(GenrescopeError, match=r"embedding .* was made from no groups or duplicates"):
        read_group_ids(workspace, embedding)


def test_a_sleeve_is_one_group_whatever_is_asked_for(workspace: Workspace, enter: Enter) -> None:
    albums = ["x", "y", "x", None]
    enter(["Jazz"] * 4, metadata=[{"release_group_id": album, "year": 1970 + n} for n, album in enumerate(albums)])
    for columns in (None, [], ["year"]):
        run = make_groups(workspace, columns=columns)
        assert read_group_ids(workspace, run).tolist() == [0, 1, 0, 3]
        assert "release_group_id" in run.results["columns"]
    assert make_groups(workspace, columns=["release_group_id"]).name == "picture+release_group_id"
