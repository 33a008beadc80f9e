"""Matrices of many genres: they fit into the page, are walked through by keys, and show any genre that is sought."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from analysis.classifiers.training import train
from analysis.geometry.neighbors import build_neighbors
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.importing import import_covers
from data.store.workspace import Workspace, open_workspace
from embeddings.embed import embed

pytestmark = pytest.mark.browser
Serve = Callable[[Workspace], AbstractContextManager[str]]


def drawn(folder: Path, genres: int) -> Workspace:
    """Six covers of noise a genre, with a classifier."""
    dice = np.random.default_rng(3)
    for genre in range(genres):
        (folder / "covers" / f"A genre called {genre:03d}").mkdir(parents=True)
        for number in range(6):
            image = Image.fromarray(dice.integers(0, 256, (12, 12, 3), dtype=np.uint8)).resize((96, 96))
            image.save(folder / "covers" / f"A genre called {genre:03d}" / f"{number}.png")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, folder / "covers")
    embedding = embed(workspace, "color")
    build_neighbors(workspace, embedding)
    train(workspace, "knn", embedding, make_folds(workspace, make_groups(workspace)))
    return workspace


@pytest.fixture(scope="module", params=[13, 60])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, serving: Serve) -> Iterator[tuple]:
    with serving(drawn(tmp_path_factory.mktemp("many"), request.param)) as address:
        yield request.param, address


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (900, 700)])
def test_the_matrix_fits_its_place(browser: Browser, at: tuple[int, str], width: int, height: int) -> None:
    genres, address = at
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{address}/classifiers")
    expect(page.locator(".matrix tbody tr")).to_have_count(min(genres, 40))
    frame = page.locator(".matrix-frame").evaluate("each => [each.clientWidth, each.scrollWidth]")
    assert frame[1] <= frame[0], "no part of it is cut"
    right = page.locator(".matrix th.column > div").evaluate_all(
        "all => Math.max(...all.map(each => each.getBoundingClientRect().right))"
    )
    inside = page.locator("#page").evaluate("each => each.getBoundingClientRect().left + each.clientWidth")
    assert right <= inside, "the last title is not cut"
    page.close()


def test_search_reaches_a_genre_that_is_not_shown(browser: Browser, at: tuple[int, str]) -> None:
    genres, address = at
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/classifiers")
    expect(page.locator(".matrix tbody tr").first).to_be_visible()
    if genres <= 40:
        expect(page.locator("#classifiers-find")).to_be_hidden()
    else:
        shown = set(page.locator(".matrix tbody .name").all_inner_texts())
        hidden = next(name for name in (f"A genre called {code:03d}" for code in range(genres)) if name not in shown)
        page.locator("#classifiers-find").press_sequentially(hidden[-3:], delay=30)
        page.wait_for_url(f"**/classifiers?find={hidden[-3:]}")
        expect(page.locator(".matrix tbody .name", has_text=hidden)).to_be_visible()
        expect(page.locator("#classifiers-scores .tracks tbody tr")).to_have_count(1)
    walk(page)
    page.close()


def walk(page: Page) -> None:
    """Arrows lead from cell to cell, and the key of a link opens the covers in one."""
    cells = page.locator(".matrix td a")
    expect(page.locator(".matrix td a[tabindex='0']")).to_have_count(1)
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    focused = "() => document.activeElement.dataset.place"
    assert page.evaluate(focused) is not None
    page.keyboard.press("Enter")
    expect(page.locator(".section.cell")).to_contain_text("the surest first")
    assert "pair=" in page.url
