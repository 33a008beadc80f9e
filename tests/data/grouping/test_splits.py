"""Splits: groups stay whole, genres keep their shares, the seed decides, and leaks are told."""

import logging
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import CliRunner

from data.errors import GenrescopeError
from data.grouping.duplicates import find_duplicates, read_groups
from data.grouping.groups import make_groups, read_group_ids
from data.grouping.split_command import split_command
from data.grouping.splits import make_split, read_split
from data.store.runs import find_runs
from data.store.workspace import Workspace

Enter = Callable[..., None]
NewWorkspace = Callable[[], Workspace]
genres = np.repeat(["Jazz", "Pop", "Rock"], [1000, 400, 200])


@pytest.fixture(scope="module")
def collected(new_workspace: NewWorkspace, enter_into: Enter) -> Workspace:
    """1,600 covers, about a third of them in duplicate groups that go across genres."""
    dice = np.random.default_rng(4)
    contents = np.arange(1600)
    copies = dice.choice(1600, 500, replace=False)
    contents[copies] = dice.choice(200, 500) + 5000
    artists = [
        {"artist": f" Artist {number} "} if dice.random() < 0.8 else {} for number in dice.integers(0, 400, 1600)
    ]
    workspace = new_workspace()
    enter_into(workspace, genres, contents=contents, metadata=artists)
    return workspace


def sides(workspace: Workspace, **options: object) -> np.ndarray:
    """For each cover whether it is in test; checks that each cover is on exactly one side."""
    run = make_split(workspace, groups=make_groups(workspace, columns=[]), **options)
    train, test = read_split(workspace, run)
    assert train.dtype == test.dtype == np.int32
    assert sorted([*train, *test]) == list(range(1600))
    assert (len(train), len(test)) == (run.results["train"], run.results["test"])
    return np.isin(np.arange(1600), test)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.35, 0.5, 0.8])
def test_groups_are_whole_and_genres_keep_their_share(collected: Workspace, share: float) -> None:
    in_test = sides(collected, test_share=share)
    _, near = read_groups(collected, find_duplicates(collected))
    assert not set(near[in_test]) & set(near[~in_test])
    for genre in ("Jazz", "Pop", "Rock"):
        assert in_test[genres == genre].sum() == pytest.approx(share * (genres == genre).sum(), abs=1)
    several = np.bincount(near)[near] > 1  # copies go to test as often as the others, neither more nor less
    assert in_test[several].mean() == pytest.approx(share, abs=0.03)


def test_the_seed_decides(collected: Workspace) -> None:
    first, other = sides(collected), sides(collected, seed=43)
    assert 0 < (first != other).mean() < 0.5
    run = make_split(collected)
    assert make_split(collected) == run
    with collected.write() as con:
        con.execute("DELETE FROM splits")
        con.execute("DELETE FROM runs WHERE kind = 'split'")
    assert np.array_equal(sides(collected), first)
    assert make_split(collected).started > run.started


def test_a_random_split_leaks_and_says_how_much(collected: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        in_test = sides(collected, kind="random")
    run = make_split(collected, kind="random", groups=make_groups(collected, columns=[]))
    _, near = read_groups(collected, find_duplicates(collected))
    leaking = [cover for cover in np.flatnonzero(in_test) if near[cover] in set(near[~in_test])]
    assert run.name == "random"
    assert run.results["leaking_covers"] == len(leaking) > 50
    assert run.results["leaking_groups"] == len({near[cover] for cover in leaking})
    assert f"{len(leaking)} of 320 test covers have a cover of their group in train" in caplog.text
    for genre, expected in (("Jazz", 200), ("Pop", 80), ("Rock", 40)):
        assert in_test[genres == genre].sum() == expected


def test_a_grouped_split_does_not_leak(collected: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        run = make_split(collected)
    assert (run.results["leaking_groups"], run.results["leaking_covers"], caplog.text) == (0, 0, "")


def test_equal_metadata_stays_on_one_side_also_through_duplicates(workspace: Workspace, enter: Enter) -> None:
    """Covers 0 to 4 hang together: 0-1 by artist, 1-2 as copies, 2-3 by artist again, 3-4 by the same in capitals."""
    names = ["Duo", "duo ", "Trio", "Trio", "TRIO", None, None, "", ""]
    many = [f"Artist {number}" for number in range(91)]
    contents = [0, 1, 1, *range(2, 99)]
    metadata = [{"artist": name} if name is not None else {} for name in names + many]
    enter(["Jazz"] * 100, contents=contents, metadata=metadata)
    for seed in range(4):
        run = make_split(workspace, groups=make_groups(workspace, columns=["artist"]), seed=seed)
        _, test = read_split(workspace, run)
        assert len(set(range(5)) & set(test)) in (0, 5)
        assert len(test) == 20
    drawn = [set(read_split(workspace, run)[1]) & {5, 6, 7, 8} for run in find_runs(workspace, "split")]
    assert any(0 < len(some) < 4 for some in drawn)  # covers without an artist do not hang together


def test_artists_are_kept_together_by_default_and_a_random_split_says_so(collected: Workspace) -> None:
    groups = read_group_ids(collected, make_groups(collected))
    train, test = read_split(collected, make_split(collected))
    assert not set(groups[train]) & set(groups[test])
    drawn = make_split(collected, kind="random", seed=7)
    train, test = read_split(collected, drawn)
    assert drawn.results["leaking_covers"] == np.isin(groups[test], groups[train]).sum() > 200


def test_an_unknown_column_is_named_and_leaves_no_run_behind(collected: Workspace) -> None:
    with pytest.raises(GenrescopeError, match="no cover has a metadata column 'singer': there are: artist"):
        make_groups(collected, columns=["singer"])
    assert find_runs(collected, "groups", finished=False) == []


def test_a_column_of_any_name_can_be_grouped_by(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 10, metadata=[{'the "real" $.name': number // 5} for number in range(10)])
    _, test = read_split(
        workspace, make_split(workspace, groups=make_groups(workspace, columns=['the "real" $.name']), test_share=0.5)
    )
    assert sorted(test.tolist()) in ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9])


def test_genres_too_small_for_two_sides_go_to_train(
    workspace: Workspace, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    genres = ["Jazz"] * 50 + ["Lonely"] + ["Copied"] * 3 + ["Few"] * 2
    enter(genres, contents=[*range(51), 99, 99, 99, 100, 101])
    with caplog.at_level(logging.WARNING):
        run = make_split(workspace)
    _, test = read_split(workspace, run)
    assert run.results["one_sided"] == ["Copied", "Lonely"]
    assert "only one side of: Copied, Lonely" in caplog.text
    assert sorted({genres[cover] for cover in test}) == ["Few", "Jazz"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "clever"}, "no split of kind 'clever'"),
        ({"name": "folds"}, "'folds' cannot name a split"),
        ({"test_share": 1.0}, "between 0 and 1"),
        ({"test_share": 0.0}, "between 0 and 1"),
    ],
)
def test_impossible_wishes_are_refused(collected: Workspace, options: dict[str, object], message: str) -> None:
    with pytest.raises(GenrescopeError, match=message):
        make_split(collected, **options)
    assert find_runs(collected, "split", finished=False) == []


def test_the_verb_names_the_split(collected: Workspace) -> None:
    arguments = ["--workspace", str(collected.folder), "--group-by", "artist", "--name", "strict", "--seed", "1"]
    result = CliRunner().invoke(split_command, arguments)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("split 'strict': 1,280 covers to learn from, 320 to test on")
    (run,) = find_runs(collected, "split", name="strict")
    assert (run.seed, run.params["kind"]) == (1, "grouped")


def test_a_large_collection_is_shared_out_exactly(workspace: Workspace, enter: Enter) -> None:
    dice = np.random.default_rng(1)
    enter(dice.choice([f"Genre {n}" for n in range(20)], 20_000), contents=dice.integers(0, 16_000, 20_000))
    run = make_split(workspace)
    assert run.results["test"] == pytest.approx(4_000, abs=20)
