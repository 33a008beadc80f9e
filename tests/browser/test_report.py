"""The report in a real Chromium: no request to anywhere, no error, a genre lights up, and it prints."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis.report.page import write_report
from data.store.workspace import Workspace

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a copy of the demo workspace: it trains what its findings need."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copytree(demo.folder, folder / "workspace")
    write_report(Workspace(folder / "workspace"), folder / "report.html")
    return folder / "report.html"


@pytest.fixture
def sheet(browser: Browser, file: Path) -> Iterator[Page]:
    """The report opened from disk, in a browser that may ask nobody for anything; it must end without a complaint."""
    context = browser.new_context(viewport={"width": 900, "height": 700}, offline=True)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert [url for url in asked if not url.startswith("data:image/webp")] == [file.as_uri()]
    assert troubles == []
    context.close()


def test_nothing_is_wider_than_the_window_and_every_cover_is_drawn(sheet: Page) -> None:
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 900
    sheet.evaluate("document.querySelectorAll('img').forEach((each) => (each.loading = 'eager'))")
    sheet.wait_for_function("[...document.images].every((each) => each.complete)")
    widths = sheet.evaluate("[...document.images].map((each) => each.naturalWidth)")
    assert len(widths) > 20
    assert min(widths) > 0


def test_a_genre_of_the_key_lights_up_and_goes_out(sheet: Page) -> None:
    key = sheet.locator(".key").nth(2)
    lit = sheet.locator("svg.lit path.on")
    key.click()
    assert lit.count() > 0
    assert set(lit.evaluate_all("all => all.map((each) => each.getAttribute('class'))")) == {"genre-2 on"}
    key.press("Enter")
    expect(sheet.locator("svg.lit")).to_have_count(0)


def test_a_cell_of_the_matrix_leads_to_its_covers(sheet: Page) -> None:
    link = sheet.locator("figure[data-name=confusion] a").first
    target = link.get_attribute("href")
    link.click()
    expect(sheet.locator(f"{target} img").first).to_be_in_viewport()


def test_it_prints_black_on_white_without_its_menu(sheet: Page) -> None:
    sheet.emulate_media(media="print", color_scheme="dark")
    expect(sheet.locator("nav")).to_be_hidden()
    assert sheet.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert sheet.pdf(prefer_css_page_size=True).startswith(b"%PDF")
