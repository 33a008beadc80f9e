"""What lies behind an answer, in a real browser: the sections that open on demand, and the audit's newer ones."""

import re
import shutil
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from analysis.behind.agreement.agreement import measure_agreement
from analysis.behind.controls.control import measure_controls
from analysis.behind.labels.labels import doubt_labels, read_doubts
from analysis.behind.learning_curves.learning_curve import measure_learning_curve
from analysis.behind.oddities.oddities import find_oddities
from analysis.geometry.neighbors import build_neighbors
from analysis.separability.separability import measure_separability
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.images import write_thumbnail
from data.store.runs import Run, current_runs, finish_run, latest_run, start_run
from data.store.workspace import Workspace, open_workspace
from embeddings.changing.setting_aside import exclude, include
from embeddings.vectors import append_vectors

pytestmark = pytest.mark.browser
BLANK = 5  # the cover of which only a blank thumbnail is left


@pytest.fixture(scope="module")
def looked(demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the demo workspace with an embedding of noise beside its own and all that lies behind the answer."""
    folder = shutil.copytree(demo.folder, tmp_path_factory.mktemp("looked") / "workspace")
    workspace = open_workspace(folder)
    color, folds = latest_run(workspace, "embedding"), make_folds(workspace, make_groups(workspace))
    graphs = [latest_run(workspace, "neighbors"), _noise(workspace, color, folds)]
    measure_controls(workspace)
    measure_learning_curve(workspace, color, folds)
    measure_agreement(workspace, graphs[0], graphs[1], make_groups(workspace), resamples=50)
    doubt_labels(workspace)
    with workspace.read() as con:
        sha256 = con.sql(f"SELECT sha256 FROM covers WHERE cover_id = {BLANK}").fetchall()[0][0]
    workspace.thumbnail(sha256).unlink()
    write_thumbnail(workspace, sha256, Image.new("RGB", (60, 60), "white"))
    find_oddities(workspace)
    return workspace


def _noise(workspace: Workspace, beside: Run, folds: Run) -> Run:
    """The neighbour graph of an embedding of noise, measured."""
    ids, dice = np.arange(beside.results["covers"], dtype=np.int32), np.random.default_rng(0)
    run = start_run(workspace, "embedding", name="noise", params={}, inputs=beside.inputs)
    append_vectors(workspace, run, ids, dice.normal(size=(len(ids), 8)))
    noise = finish_run(workspace, run, results={"dimension": 8, "covers": len(ids), "left_out": 0})
    graph = build_neighbors(workspace, noise)
    run = start_run(workspace, "clustering", name="noise", params={}, inputs=[graph.run_id])
    rows = {"cover_id": ids, "cluster": ids % 2, "membership": np.ones(len(ids), np.float32)}
    clusters = finish_run(workspace, run, tables={"clusters": pa.table(rows)})
    measure_separability(workspace, graph, clusters, folds, resamples=50, permutations=19)
    return graph


@pytest.fixture(scope="module")
def address(looked: Workspace, serving) -> Iterator[str]:
    with serving(looked) as address:
        yield address


def opened(page: Page, title: str):
    """The part of a page that opens under a title, opened."""
    part = page.locator("details.more").filter(has=page.locator("summary", has_text=title))
    part.locator("summary").first.click()
    inside = part.locator(".opened").first
    expect(inside).to_be_visible()
    return inside


def test_an_embedding_stands_beside_its_control(page: Page) -> None:
    page.goto("/separability?embedding=noise")
    part = opened(page, "Is it only colour?")
    expect(part).to_contain_text("Beside color")
    expect(part.locator("ul.plain li").first).to_contain_text("noise")
    tracks = part.locator(".tracks").first
    expect(tracks.locator("tbody tr")).to_have_count(11)
    expect(tracks.locator("tbody tr").first).to_contain_text(re.compile(r"All genres.*−0\.\d\d"))


def test_learning_curves_are_drawn_for_every_genre(page: Page) -> None:
    page.goto("/separability?embedding=color")
    part = opened(page, "Would more covers help")
    curves = part.locator(".curve")
    expect(curves.last.locator(".js-plotly-plot .scatterlayer .point").nth(3)).to_be_visible()
    assert curves.count() == 11
    expect(curves.last.locator("h4")).to_have_text("Mean over the genres")
    expect(curves.last.locator("p")).not_to_be_empty()
    widths = curves.locator(".main-svg:first-child").evaluate_all("all => all.map(each => each.clientWidth)")
    assert min(widths) > 150


def test_agreement_leads_to_the_map_coloured_by_it(page: Page) -> None:
    page.goto("/separability?embedding=color")
    part = opened(page, "Do embeddings agree")
    expect(part.locator("table").first.locator("tbody tr")).to_have_text(re.compile(r"^noise0\.\d{3}"))
    expect(part.locator("table").nth(1).locator("tbody tr")).to_have_count(10)
    part.get_by_role("link", name="Where on the map").click()
    expect(page).to_have_url(re.compile(r"/map\?.*color=agreement"))
    expect(page.locator(".key")).to_contain_text("none")
    page.wait_for_function("() => document.querySelector('#map .js-plotly-plot')?._fullData?.[0]?.x?.length > 0")


def test_the_tree_of_kin_has_a_leaf_a_genre_and_orders_both_matrices(page: Page) -> None:
    page.goto("/separability?embedding=color&order=kin")
    part = opened(page, "Which genres are kin")
    leaves = part.locator(".tree .leaves .name").all_text_contents()
    assert len(leaves) == 10
    assert leaves != sorted(leaves)
    expect(part.locator(".tree .fork")).to_have_count(9)
    expect(part.locator("table.forks tbody tr")).to_have_count(9)
    expect(page.locator(".matrix tbody th")).to_have_text(leaves[1:])
    page.goto("/classifiers?order=kin")
    expect(page.locator("#classifiers-confusion .matrix tbody th")).to_have_text(leaves)


def test_how_sure_shows_reliability_and_the_sets(page: Page) -> None:
    page.goto("/classifiers")
    part = opened(page, "How sure its predictions are")
    expect(part.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(3)
    expect(part.locator(".js-plotly-plot .scatterlayer .trace").last.locator(".point").first).to_be_visible()
    expect(part.locator("table tbody tr")).to_have_count(11)
    expect(part.locator("table tbody tr").last).to_contain_text("mean of genres")
    expect(part).to_contain_text(re.compile(r"Sets that hold the genre in 90% of the cases name \d\.\d of 10 genres"))


def test_doubted_labels_stand_beside_their_neighbours(page: Page, looked: Workspace) -> None:
    listed = read_doubts(looked, next(iter(current_runs(looked, "labels"))), limit=12)
    page.goto("/audit")
    doubts = page.locator(".section", has=page.get_by_role("heading", name="Labels in doubt"))
    expect(doubts.locator(".doubt")).to_have_count(12)
    expect(doubts.locator(".doubt .beside .card")).to_have_count(48)
    for row, doubt in zip(listed.itertuples(), doubts.locator(".doubt").all(), strict=True):
        expect(doubt.locator(".reasons")).to_contain_text(f"{row.suggested} {row.suggested_probability:.0%}")
    table = opened(page, "Estimates by genre and pair").locator("tbody tr")
    expect(table).to_have_count(10)
    doubts.locator(".doubted .card").first.click()
    expect(page.locator("#panel")).to_contain_text("What classifiers said")
    assert f"cover={listed.cover_id[0]}" in page.url


def test_what_is_likely_no_cover_shows_its_picture_and_its_id(page: Page) -> None:
    page.goto("/audit")
    part = page.locator(".section", has=page.get_by_role("heading", name="Likely no cover"))
    expect(part).to_contain_text("1 with one colour and nothing else")
    card = part.locator(".card", has_text="blank 1.00")
    expect(card.locator("img")).to_be_visible()
    card.click()
    expect(page.locator("#panel dl").last).to_contain_text(f"Cover id{BLANK}")


def test_what_is_set_aside_is_counted_shown_and_changes_what_the_app_opens_with(page: Page, looked: Workspace) -> None:
    exclude(looked, [BLANK], reason="blank scan")
    try:
        page.goto("/")
        expect(page.locator("#overview")).to_contain_text("Other covers count now than were measured")
        page.get_by_role("link", name="1 cover set aside").click()
        part = page.locator(".section", has=page.get_by_role("heading", name="Set aside"))
        expect(part.locator(".card")).to_have_count(1)
        expect(part.locator(".card")).to_contain_text("blank scan")
        page.goto("/map")
        expect(page.locator("#map-note")).to_contain_text("No map of this embedding yet")
        expect(page.locator("#map")).to_be_hidden()
        page.goto("/separability")
        expect(page.locator(".control", has_text="Embedding").locator("summary")).not_to_contain_text("other covers")
        expect(page.locator("#separability")).to_contain_text("This embedding is not measured yet")
        expect(page.locator(".league")).to_contain_text("color (other covers)")
    finally:
        include(looked)
    page.goto("/")
    expect(page.locator("#overview")).not_to_contain_text("set aside")
    expect(page.locator("#overview")).to_contain_text("In color, a probe")
