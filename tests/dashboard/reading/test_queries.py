"""What pages read: the right rows, fresh when the workspace grows, cached when it does not."""

import numpy as np

from dashboard.reading import chains, queries, results
from data.store.runs import finish_run, start_run
from data.store.workspace import Workspace


def test_covers_are_columns_by_id(filled: Workspace) -> None:
    covers = queries.covers(filled)
    assert len(covers) == 200
    assert covers.genres == tuple(sorted(covers.genres))
    assert sum(covers.counts) == 200
    cover = queries.cover(filled, 7)
    assert cover is not None
    assert cover.sha256 == covers.sha256[7]
    assert cover.genre == covers.genre_of(7)
    assert cover.metadata["title"] == "Title & <b>7</b>"
    assert queries.cover(filled, 10_000) is None


def test_search_looks_into_names_genres_and_metadata_and_takes_signs_as_they_are(filled: Workspace) -> None:
    assert queries.find_covers(filled, "COVER & 017") == [17]
    assert queries.find_covers(filled, "title & <b>42<") == [42]
    assert len(queries.find_covers(filled, "techno")) == 40
    assert queries.find_covers(filled, "%") == []
    assert queries.find_covers(filled, "_ov") == []
    assert queries.find_covers(filled, "'; DROP TABLE covers; --") == []
    assert len(queries.find_covers(filled, "cover", limit=9)) == 9


def test_finished_runs_are_read_once(filled: Workspace) -> None:
    chain = chains.chains(filled)[0]
    assert chain.projection is not None
    assert queries.projection(filled, chain.projection.run_id) is queries.projection(filled, chain.projection.run_id)


def test_the_list_of_runs_follows_the_database(workspace: Workspace) -> None:
    assert queries.runs(workspace) == ()
    run = start_run(workspace, "collection", params={"covers": 0})
    assert [found.finished for found in queries.runs(workspace)] == [None]
    finish_run(workspace, run)
    assert queries.runs(workspace)[0].finished is not None


def test_embeddings_are_ranked_by_purity_and_lead_to_what_was_made_from_them(filled: Workspace) -> None:
    first, second = chains.chains(filled)
    assert (first.embedding.name, second.embedding.name) == ("shapes", "color")
    assert first.neighbors is not None
    assert first.projection is not None
    assert first.embedding.run_id in first.neighbors.inputs
    assert first.neighbors.run_id in first.projection.inputs
    assert chains.chosen(filled, "color") == second
    assert chains.chosen(filled, second.embedding.run_id) == second
    assert chains.chosen(filled, "no such run") == first
    assert {run.results["embedding"] for run in chains.classifiers(filled, second)} == {"color"}


def test_neighbors_come_nearest_first_and_never_the_cover_itself(filled: Workspace) -> None:
    chain = chains.chains(filled)[0]
    assert chain.neighbors is not None
    found = results.neighbors_of(filled, chain.neighbors.run_id, 11, k=5)
    similarities = [similarity for _, similarity in found]
    assert len(found) == 5
    assert similarities == sorted(similarities, reverse=True)
    assert 11 not in [cover_id for cover_id, _ in found]
    assert results.neighbors_of(filled, chain.neighbors.run_id, 5_000, k=5) == []


def test_cells_of_the_matrix_hold_as_many_covers_as_they_say(filled: Workspace) -> None:
    run = chains.classifiers(filled)[0]
    found = results.predictions(filled, run.run_id)
    counts = results.confusion(filled, run.run_id)
    assert counts.sum() == len(found.cover_ids)
    for i, truth in enumerate(found.classes):
        for j, predicted in enumerate(found.classes):
            cell = results.cell(filled, run.run_id, truth, predicted)
            assert len(cell) == counts[i, j]
            assert {genre for _, genre, _ in cell} <= {predicted}
            assert all(queries.covers(filled).genre_of(cover_id) == truth for cover_id, _, _ in cell)
    assert results.cell(filled, run.run_id, "no such genre", truth) == []


def test_the_border_holds_covers_of_one_genre_beside_the_other(filled: Workspace) -> None:
    chain = chains.chains(filled)[-1]
    assert chain.neighbors is not None
    covers = queries.covers(filled)
    found = results.border(filled, chain.neighbors.run_id, "Blues", "Disco")
    assert found
    for cover_id, similarity in found:
        assert covers.genre_of(cover_id) == "Blues"
        near = results.neighbors_of(filled, chain.neighbors.run_id, cover_id, k=20)
        disco = [value for neighbor, value in near if covers.genre_of(neighbor) == "Disco"]
        assert np.isclose(max(disco), similarity)


def test_disagreement_counts_match_the_comparison(filled: Workspace) -> None:
    first, second = chains.classifiers(filled, chains.chains(filled)[0])
    overall = next(row for row in results.comparison(filled, first.run_id, second.run_id) if row["genre"] is None)
    assert len(results.only_right(filled, first.run_id, second.run_id)) == overall["only_a"]
    assert len(results.only_right(filled, second.run_id, first.run_id)) == overall["only_b"]
