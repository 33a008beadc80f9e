"""Covers of several genres: which one is primary, that no genre vanishes, and what an import says of them."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.intake.primary import Rule, put_first
from data.store.about.memberships import read_memberships
from data.store.about.set_aside import set_aside
from data.store.covers import collection, read_covers
from data.store.workspace import Workspace

GENRES = ("Ambient", "Bop", "Country", "Disco", "Emo")


@pytest.fixture(scope="module")
def symmetric(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty covers, six of every two of five genres, as a table of lists and as one with a row a label, by genre."""
    folder = tmp_path_factory.mktemp("symmetric")
    dice, rows = np.random.default_rng(1), []
    for number, (one, other) in enumerate(list(combinations(GENRES, 2)) * 6):
        Image.fromarray(dice.integers(256, size=(8, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
        rows.append({"path": f"{number}.png", "genre": f"{one}|{other}", "turned": f"{other}|{one}"})
    table = pd.DataFrame(rows)
    table.to_csv(folder / "lists.csv", index=False)
    labels = table.assign(genre=table.genre.str.split("|")).explode("genre").sort_values(["genre", "path"])
    labels[["path", "genre"]].to_csv(folder / "labels.csv", index=False)
    return folder


@pytest.mark.parametrize("table", ["lists.csv", "labels.csv"])
def test_of_five_symmetric_genres_none_vanishes(workspace: Workspace, symmetric: Path, table: str) -> None:
    """By the alphabet Ambient had 24 covers and Emo none."""
    summary = import_covers(workspace, symmetric / table)
    assert (summary.several, summary.rule, summary.genres, summary.never_primary) == (60, "drawn", 5, ())
    covers = read_covers(workspace, collection(workspace))
    counts = Counter(covers.genre)
    assert set(counts) == set(GENRES)
    assert min(counts.values()) >= 5
    assert all(row.genres[0] == row.genre and len(row.genres) == 2 for row in covers.itertuples())
    found = read_memberships(workspace, collection(workspace))
    assert found.names.tolist() == list(GENRES)
    assert found.member.sum(axis=0).tolist() == [24] * 5
    assert found.several.all()


def test_an_order_of_the_source_s_own_is_kept(workspace: Workspace, symmetric: Path) -> None:
    summary = import_covers(workspace, symmetric / "lists.csv", genre_column="turned")
    assert (summary.rule, summary.why) == ("first", "the source's own order")
    assert summary.never_primary == ("Ambient",)
    assert "no cover has Ambient as its primary genre" in " ".join(summary.lines())


def test_the_summary_says_how_many_which_rule_and_what_others(workspace: Workspace, symmetric: Path) -> None:
    text = "\n".join(import_covers(workspace, symmetric / "lists.csv").lines())
    assert "60 covers with several genres" in text
    assert "rule 'drawn': the source names them in alphabetical order, which says nothing" in text
    assert "--primary first or rarest" in text


def test_a_workspace_keeps_its_rule_and_refuses_another(workspace: Workspace, symmetric: Path) -> None:
    import_covers(workspace, symmetric / "lists.csv", primary="rarest")
    again = import_covers(workspace, symmetric / "labels.csv")
    assert (again.added, again.rule, again.why) == (0, "rarest", "as of the covers that were there")
    with pytest.raises(GenrescopeError, match="60 covers of several genres are here by the rule 'rarest'"):
        import_covers(workspace, symmetric / "lists.csv", primary="first")
    with pytest.raises(GenrescopeError, match=r"no rule 'best'.*first, drawn, rarest"):
        import_covers(workspace, symmetric / "lists.csv", primary="best")


def test_what_is_drawn_hangs_on_the_file_alone() -> None:
    for start in range(4):
        sha256 = f"{start:016x}"
        drawn = {put_first(order, Rule("drawn", "", {}), sha256=sha256)[0] for order in (("A", "B"), ("B", "A"))}
        assert drawn == {"AB"[start % 2]}
    sizes = {"Pop": 90, "Zydeco": 3, "Bop": 3}
    firsts = {put_first(["Pop", "Zydeco", "Bop"], Rule("rarest", "", sizes), sha256=f"{i:016x}")[0] for i in range(3)}
    assert firsts == {"Zydeco", "Bop"}


def test_copies_in_two_folders_are_of_both_genres(workspace: Workspace, tmp_path: Path) -> None:
    for number, name in enumerate(("Jazz/a.png", "Soul/a.png", "Soul/b.png")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8), "red" if number < 2 else "blue").save(tmp_path / name)
    summary = import_covers(workspace, tmp_path)
    assert (summary.several, summary.filed_twice) == (0, 2)
    found = read_memberships(workspace, collection(workspace))
    assert found.member.tolist() == [[True, True], [True, True], [False, True]]
    set_aside(workspace, [0], reason="a vinyl label")
    found = read_memberships(workspace, collection(workspace))
    assert found.names.tolist() == ["Soul"]
