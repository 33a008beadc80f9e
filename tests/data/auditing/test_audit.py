"""The audit against counts made independently."""

import csv
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from data.auditing.audit import LISTED, audit
from data.auditing.audit_command import audit_command
from data.errors import GenrescopeError
from data.grouping.duplicates import find_duplicates
from data.intake.importing import import_covers
from data.store.runs import finish_run, start_run
from data.store.workspace import Workspace

Enter = Callable[..., None]


def test_an_empty_workspace_says_what_to_do(workspace: Workspace) -> None:
    with pytest.raises(GenrescopeError, match="genrescope import"):
        audit(workspace)


def test_counts_and_the_accuracy_ceiling(workspace: Workspace, enter: Enter) -> None:
    genres = ["Jazz", "Jazz", "Jazz", "Pop", "Pop", "Rock"]
    enter(genres, contents=["a", "a", "b", "a", "c", "b"])
    found = audit(workspace)
    assert (found.covers, found.distinct) == (6, 3)
    assert found.genres == {"Jazz": 3, "Pop": 2, "Rock": 1}
    assert found.imbalance == 3
    shares = (3 / 6, 2 / 6, 1 / 6)
    assert found.balance == pytest.approx(-sum(p * math.log(p, 3) for p in shares), abs=1e-6)
    # File a is right for two of three covers, b for one of two, c for its only one.
    assert found.accuracy_ceiling == pytest.approx(4 / 6)
    assert [(group.cover_ids, group.genres) for group in found.exact_groups] == [
        ([0, 1, 3], ["Jazz", "Pop"]),
        ([2, 5], ["Jazz", "Rock"]),
    ]
    assert found.exact_groups[0].paths[2] == "/covers/Pop/00003.jpg"
    assert found.contradictory_groups == found.exact_groups
    assert found.near_groups == []


def test_the_ceiling_is_what_the_best_lookup_table_gets(workspace: Workspace, enter: Enter) -> None:
    dice = np.random.default_rng(3)
    genres, contents = dice.choice(["Jazz", "Pop", "Rock"], 500), dice.integers(0, 150, 500)
    enter(genres, contents=contents)
    seen = defaultdict(Counter)
    for genre, content in zip(genres, contents, strict=True):
        seen[content][genre] += 1
    right = sum(seen[content].most_common(1)[0][1] for content in seen)
    assert audit(workspace).accuracy_ceiling == pytest.approx(right / 500)


def test_near_groups_are_those_of_different_files(workspace: Workspace, enter: Enter) -> None:
    one, other = "0" * 64, "f" * 64
    enter(["Jazz", "Pop", "Jazz", "Jazz"], contents=["a", "b", "c", "c"], hashes=[one, one, other, other])
    found = audit(workspace)
    assert [group.cover_ids for group in found.near_groups] == [[0, 1]]
    assert [group.cover_ids for group in found.exact_groups] == [[2, 3]]


def test_the_curve_and_the_groups_are_told(workspace: Workspace, enter: Enter) -> None:
    """Covers without files, judged by hash: 0-1 at 4 bits, 1-2 at 16, both sure; 2-3 at 20 in doubt; 4 alone."""
    hashes = [f"{(1 << bits) - 1:064x}" for bits in (0, 4, 20, 40)]
    artists = [{"artist": "A"}, {"artist": "B"}, {"artist": "C"}, {"artist": "D"}, {"artist": "d "}]
    enter(["Jazz"] * 5, hashes=[*hashes, "f" * 64], metadata=artists)
    found = audit(workspace)
    pairs = found.near_pairs
    assert (pairs.sure, pairs.verified, pairs.refused, pairs.unread, pairs.left_out) == (2, 0, 0, 1, 0)
    points = {point.bits: (point.by_hash, point.looked_at) for point in pairs.curve}
    assert (points[0], points[4], points[16], points[20], points[64]) == ((5, 5), (4, 4), (3, 3), (2, 2), (2, 2))
    groups = found.independence
    assert (groups.columns, groups.groups, groups.by_picture, groups.largest) == (["artist"], 1, 2, 5)
    text = CliRunner().invoke(audit_command, ["--workspace", str(workspace.folder)]).output
    assert "2 sure by hash; of the doubtful ones, looked at, 0 are one picture, 0 are not; 1 by hash alone" in text
    assert "Independent groups: 1 by picture and artist (largest 5, 5 covers share one)\n  2 by picture alone" in text
    assert re.search(r"groups as looked at +5 +3 +2 +2 +2\n", text)


def test_files_gone_or_changed_since_import_are_listed(workspace: Workspace, zoo: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf" / "Jazz"
    shelf.mkdir(parents=True)
    for name in ("plain.jpg", "cmyk.jpg", "cover.webp", "empty.jpg"):
        (shelf / name).write_bytes((zoo / "Jazz" / name).read_bytes())
    import_covers(workspace, shelf.parent)
    (shelf / "plain.jpg").unlink()
    (shelf / "cmyk.jpg").write_bytes(b"other")
    found = audit(workspace)
    assert {(Path(file.path).name, file.reason) for file in found.rejected} == {
        ("empty.jpg", "empty file"),
        ("plain.jpg", "missing"),
        ("cmyk.jpg", "changed since import"),
    }
    assert found.reasons == {"changed since import": 1, "empty file": 1, "missing": 1}
    assert found.formats == {"JPEG": 2, "WEBP": 1}
    assert found.modes == {"RGB": 2, "CMYK": 1}
    assert found.sizes == {"120 x 100": 3}


def neighbors(workspace: Workspace, name: str, ids: list[list[int]], similarities: list[list[float]]) -> None:
    run = start_run(workspace, "neighbors", name=name, params={})
    rows = {
        "cover_id": pa.array(range(len(ids)), pa.int32()),
        "neighbor_ids": pa.array(ids, pa.list_(pa.int32())),
        "similarities": pa.array(similarities, pa.list_(pa.float32())),
    }
    finish_run(workspace, run, tables={"neighbors": pa.table(rows)})


def test_embeddings_add_pairs_that_are_in_no_common_group(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 12, contents=["a", "a", *range(10)])
    find_duplicates(workspace)
    nobody = [[] for _ in range(10)]
    neighbors(workspace, "clip", [[1, 2], [0], *nobody], [[1.0, 0.99], [1.0], *nobody])
    (pairs,) = audit(workspace).similar
    assert (pairs.embedding, pairs.found) == ("clip", 1)
    assert [(a, b) for a, b, _ in pairs.pairs] == [(0, 2)]
    assert pairs.pairs[0][2] == pytest.approx(0.99)


def test_pairs_count_once_and_below_the_threshold_not_at_all(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 12)
    nobody = [[] for _ in range(10)]
    neighbors(workspace, "clip", [[1, 2], [0, -1], *nobody], [[0.985, 0.97], [0.985, math.nan], *nobody])
    (pairs,) = audit(workspace).similar
    assert (pairs.found, [(a, b) for a, b, _ in pairs.pairs]) == (1, [(0, 1)])


def test_an_encoder_that_sees_all_covers_alike_is_counted_but_not_listed(workspace: Workspace, enter: Enter) -> None:
    enter(["Jazz"] * 300)
    neighbors(workspace, "untrained", [[(i + 1) % 300] for i in range(300)], [[0.999]] * 300)
    neighbors(workspace, "clip", [[i + 1] if i % 11 == 0 else [] for i in range(300)], [[0.999]] * 300)
    clip, untrained = audit(workspace).similar
    assert (untrained.found, untrained.pairs) == (300, [])
    assert (clip.found, len(clip.pairs)) == (28, 28)
    assert LISTED > 28


def test_the_verb_lists_reasons_and_answers_json(workspace: Workspace, zoo: Path) -> None:
    summary = import_covers(workspace, zoo)
    arguments = ["--workspace", str(workspace.folder)]
    text = CliRunner().invoke(audit_command, arguments)
    assert text.exit_code == 0
    for expected in ("20 covers, 20 distinct images, 3 genres", "bomb.png: 30000 x 30000 pixels", "truncated, 1 ("):
        assert expected in text.output
    assert f"Left out: {summary.rejected} files" in text.output
    facts = json.loads(CliRunner().invoke(audit_command, [*arguments, "--json"]).output)
    assert (facts["covers"], facts["contradictory_groups"]) == (20, 0)
    assert facts["reasons"]["not an image"] == 2
    assert len(facts["rejected"]) == summary.rejected


@pytest.mark.slow
def test_real_covers(real_workspace: Workspace, real_covers: Path) -> None:
    """5,000 covers, 4,702 distinct images, 250 groups with several genres; all recounted from the manifest."""
    seen = defaultdict(Counter)
    with (real_covers / "manifest.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            seen[row["sha1"]][row["genre"]] += 1
    found = audit(real_workspace)
    assert (found.covers, found.distinct, len(found.contradictory_groups)) == (5000, 4702, 250)
    assert len(seen) == found.distinct
    assert sum(len(genres) > 1 for genres in seen.values()) == len(found.contradictory_groups)
    ceiling = sum(max(genres.values()) for genres in seen.values()) / 5000
    assert found.accuracy_ceiling == pytest.approx(ceiling)
    assert found.genres == dict.fromkeys(("Country", "Electronic", "HipHop", "Pop", "Rock"), 1000)
    assert found.rejected == []
    assert found.sizes == {"300 x 300": 5000}
