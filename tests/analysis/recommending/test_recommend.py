"""Recommended covers on drawn ones: what never stands in a list, the reasons, and the verb."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.recommending.recommend import MOST, Recommendation, albums, best_embedding, recommend
from data.errors import GenrescopeError
from data.grouping.duplicates import find_duplicates
from data.grouping.groups import read_group_ids
from data.store.covers import collection, read_covers
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors
from genrescope import cli

Drawn = tuple[Workspace, Run, Run]


def cosine(workspace: Workspace, embedding: Run, one: int, other: int) -> float:
    _, vectors = read_vectors(workspace, embedding)
    first, second = vectors[one], vectors[other]
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_each_is_near_to_the_liked_cover_that_is_named(drawn: Drawn) -> None:
    workspace, embedding, groups = drawn
    found = recommend(workspace, [3, 50], [90], embedding=embedding, groups=groups, k=8)
    assert len(found) == 8
    for each in found:
        near = {liked: cosine(workspace, embedding, each.cover_id, liked) for liked in (3, 50)}
        assert each.near_to == max(near, key=lambda liked: near[liked])
        assert each.similarity == pytest.approx(near[each.near_to], abs=1e-4)
        assert each.disliked == 90
        assert each.similarity_to_disliked == pytest.approx(cosine(workspace, embedding, each.cover_id, 90), abs=1e-4)


def test_disliking_moves_the_list_away(drawn: Drawn) -> None:
    workspace, embedding, groups = drawn

    def alike(disliked: list[int], away: int) -> float:
        found = recommend(workspace, [3], disliked, embedding=embedding, groups=groups, k=10)
        return float(np.mean([cosine(workspace, embedding, each.cover_id, away) for each in found]))

    first = recommend(workspace, [3], embedding=embedding, groups=groups, k=10)[1].cover_id
    assert alike([first], first) < alike([], first)
    (only,) = recommend(workspace, [3], embedding=embedding, groups=groups, k=1)
    alone = pytest.approx(cosine(workspace, embedding, only.cover_id, 3), abs=1e-4)
    assert only == Recommendation(only.cover_id, alone, near_to=3, similarity=alone)


def test_nothing_of_the_own_groups_and_no_two_of_one(drawn: Drawn) -> None:
    workspace, embedding, groups = drawn
    ids = read_group_ids(workspace, groups)
    several = [i for i in range(160) if (ids == ids[i]).sum() > 1]
    assert several
    for cover_id in several[::5]:
        found = [each.cover_id for each in recommend(workspace, [cover_id], embedding=embedding, groups=groups, k=150)]
        assert ids[cover_id] not in ids[found]
        assert len(set(ids[found])) == len(found) == len(set(ids)) - 1


def test_an_album_is_left_out_also_where_artists_are_no_groups(drawn: Drawn) -> None:
    workspace, _, groups = drawn
    pictures = find_duplicates(workspace)
    covers = read_covers(workspace, collection(workspace), metadata=True)
    known = covers.metadata.map(json.loads)
    with workspace.write() as con:  # another picture of the same album
        con.execute("UPDATE covers SET metadata = ? WHERE cover_id = 1", [json.dumps(known[0])])
    try:
        assert read_group_ids(workspace, pictures)[0] != read_group_ids(workspace, pictures)[1]
        albums.cache_clear()  # type: ignore[attr-defined]
        joined = albums(workspace, groups.run_id, without="artist")
        assert joined[0] == joined[1]
    finally:
        with workspace.write() as con:
            con.execute("UPDATE covers SET metadata = ? WHERE cover_id = 1", [covers.metadata[1]])
        albums.cache_clear()  # type: ignore[attr-defined]
    apart = albums(workspace, groups.run_id, without="artist")
    assert apart[0] != apart[1]
    assert len(set(apart)) > len(set(albums(workspace, groups.run_id)))


def test_across_genres(drawn: Drawn) -> None:
    workspace, embedding, groups = drawn
    genres = read_covers(workspace, collection(workspace)).genre
    own = {genres[3], genres[12]}
    found = recommend(workspace, [3, 12], embedding=embedding, groups=groups, k=200, across_genres=True)
    assert found
    assert own.isdisjoint({genres[each.cover_id] for each in found})
    anywhere = recommend(workspace, [3, 12], embedding=embedding, groups=groups, k=200)
    assert own & {genres[each.cover_id] for each in anywhere}


@pytest.mark.parametrize(
    ("liked", "disliked", "said"),
    [
        ([], [], "nothing is liked"),
        ([3], [3], "both liked and disliked"),
        ([9999], [], "no vector of a cover 9999"),
        ([3], [9999], "no vector of a cover 9999"),
        (list(range(MOST + 1)), [], "too many"),
    ],
)
def test_mistakes_are_said(drawn: Drawn, liked: list[int], disliked: list[int], said: str) -> None:
    workspace, embedding, groups = drawn
    with pytest.raises(GenrescopeError, match=said):
        recommend(workspace, liked, disliked, embedding=embedding, groups=groups)


def test_the_verb_says_what_the_function_gives(drawn: Drawn) -> None:
    workspace, embedding, groups = drawn
    command = ["recommend", "--like", "3", "--unlike", "90", "-k", "4", "--workspace", str(workspace.folder)]
    command += ["--embedding", "color"]
    found = recommend(workspace, [3], [90], embedding=embedding, groups=groups, k=4)
    answer = json.loads(CliRunner().invoke(cli, [*command, "--json"], catch_exceptions=False).output)
    assert [row["cover_id"] for row in answer["recommendations"]] == [each.cover_id for each in found]
    assert answer["recommendations"][0]["near_to"] == 3
    lines = CliRunner().invoke(cli, command, catch_exceptions=False).output.splitlines()
    assert len(lines) == 4
    assert f"cover {found[0].cover_id:>6}" in lines[0]
    assert "near to 3 (" in lines[0]


def test_the_best_embedding_is_the_one_that_separates_best(embedded: tuple[Workspace, Run]) -> None:
    workspace, gaussians = embedded
    assert best_embedding(workspace) == gaussians
    other = start_run(workspace, "embedding", name="other", params={}, inputs=gaussians.inputs)
    finish_run(workspace, other, results={"dimension": 2})
    assert best_embedding(workspace).name == "other", "the newest, as long as none is measured"
    for run, separability in ((gaussians, 0.5), (other, 0.2)):
        graph = start_run(workspace, "neighbors", name=run.name, params={}, inputs=[run.run_id])
        finish_run(workspace, graph)
        measured = start_run(workspace, "separability", name=run.name, params={}, inputs=[graph.run_id])
        finish_run(workspace, measured, results={"separability": separability})
    assert best_embedding(workspace).name == "gaussians"
