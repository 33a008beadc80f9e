"""Covers set aside by the user's word, and back."""

import numpy as np
import pytest

from data.auditing.audit import audit
from data.errors import GenrescopeError
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split, read_split
from data.store.about.set_aside import fingerprint, read_set_aside, set_aside, take_back
from data.store.covers import collection, counting, set_aside_in
from data.store.runs import current_runs
from data.store.workspace import Workspace


@pytest.fixture
def shelf(workspace: Workspace, enter) -> Workspace:
    enter(["Jazz", "Pop"] * 10, contents=[0, 0, *range(18)])
    return workspace


def test_another_collection_and_back(shelf: Workspace) -> None:
    before = collection(shelf)
    assert "set_aside" not in before.params
    assert set_aside(shelf, [3, 5], reason="label") == 2
    assert set_aside(shelf, [5], reason=" shelf ") == 0
    after = collection(shelf)
    assert after.run_id != before.run_id
    assert set_aside_in(shelf, after) == {3: "set aside: label", 5: "set aside: shelf"}
    assert np.flatnonzero(~counting(shelf, after)).tolist() == [3, 5]
    assert collection(shelf, whole=True) == before
    assert take_back(shelf, [3]) == 1
    assert collection(shelf).run_id not in (before.run_id, after.run_id)
    assert take_back(shelf) == 1
    assert read_set_aside(shelf) == {}
    assert collection(shelf) == before


def test_which_runs_are_current(shelf: Workspace) -> None:
    groups = make_groups(shelf)
    folds = make_folds(shelf, groups)
    set_aside(shelf, [3], reason="label")
    assert [run.kind for run in current_runs(shelf, "groups") + current_runs(shelf, "folds")] == []
    assert len(current_runs(shelf, "duplicates")) == 1
    other = make_groups(shelf)
    assert other.results["groups"] == groups.results["groups"] - 1
    assert other.inputs[1] == groups.inputs[1]
    assert current_runs(shelf, "groups") == [other]
    take_back(shelf)
    assert current_runs(shelf, "groups") == [groups]
    assert current_runs(shelf, "folds") == [folds]


def test_a_split_leaves_it_out_and_others_on_their_side(shelf: Workspace) -> None:
    before = read_split(shelf, make_split(shelf))
    set_aside(shelf, [4], reason="label")
    after = read_split(shelf, make_split(shelf))
    for side, same in zip(before, after, strict=True):
        assert same.tolist() == [cover_id for cover_id in side if cover_id != 4]


def test_the_audit_counts_without_it(shelf: Workspace) -> None:
    assert audit(shelf).accuracy_ceiling == pytest.approx(19 / 20)
    set_aside(shelf, [0], reason="label")
    found = audit(shelf)
    assert (found.covers, found.genres, found.set_aside) == (19, {"Pop": 10, "Jazz": 9}, {0: "set aside: label"})
    assert [group.cover_ids for group in found.exact_groups] == [[1, 2]]
    assert found.accuracy_ceiling == pytest.approx(18 / 19)


def test_what_is_refused(shelf: Workspace) -> None:
    with pytest.raises(GenrescopeError, match="no cover number 20"):
        set_aside(shelf, [1, 20], reason="label")
    with pytest.raises(GenrescopeError, match="--reason"):
        set_aside(shelf, [1], reason=" ")
    with pytest.raises(GenrescopeError, match="fewer than two"):
        set_aside(shelf, range(19), reason="all")
    assert read_set_aside(shelf) == {}


def test_fingerprints() -> None:
    assert fingerprint([]) == ""
    assert fingerprint([2, 1]) == fingerprint([1, 2]) != fingerprint([12])
