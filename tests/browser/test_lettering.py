"""Words on covers, in a real browser: sought, framed on the picture, on the map."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from data.store.runs import Run
from data.store.workspace import Workspace, open_workspace

pytestmark = pytest.mark.browser
COLORS = "() => document.querySelector('#map .js-plotly-plot')?._fullData?.[0]?.marker?.color"


@pytest.fixture(scope="module")
def address(
    demo: Workspace, serving, letter: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A copy of the demo workspace: every third cover reads Night, every sixth Night Train, the others nothing."""
    folder = shutil.copytree(demo.folder, tmp_path_factory.mktemp("lettered") / "workspace")
    workspace = open_workspace(Path(folder))
    texts = {i: "" if i % 3 else "Night" if i % 6 else "Night TRAIN\nlive & well" for i in range(240)}
    letter(workspace, texts, languages=dict.fromkeys(range(0, 240, 6), "en"))
    with serving(workspace) as address:
        yield address


def drawn(page: Page) -> int:
    """How many points of the map are not faded."""
    page.wait_for_function(f"() => ({COLORS})()?.length > 0")
    return page.evaluate(f"() => Array.from(({COLORS})()).filter((code) => code !== 0).length")


def test_from_a_word_to_its_cover_its_box_and_the_map(page: Page) -> None:
    page.goto("/search")
    page.locator("#search-written").fill('"night train"')
    page.wait_for_url(re.compile("written="))
    expect(page.locator("#search-found h2")).to_have_text('40 covers with "night train" written on them')
    expect(page.locator("#search-found .mix tbody tr").first).to_be_visible()

    page.locator("#search-found .card").first.click()
    words = page.locator("#panel .written")
    expect(words.locator("li")).to_have_count(2)
    expect(page.locator("#panel .boxes")).to_have_count(0)
    words.locator(".show-words").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .boxes")).to_be_visible()
    picture, boxes = (page.locator(f"#panel .large img{kind}").bounding_box() for kind in (":not(.boxes)", ".boxes"))
    assert picture == pytest.approx(boxes, abs=1), "they lie over the picture"
    loaded = page.locator("#panel .boxes").evaluate("each => each.decode().then(() => each.naturalWidth > 0)")
    assert loaded, "the browser reads the SVG"
    assert "boxes=on" in page.url

    words.get_by_role("link", name="Covers with TRAIN").click()
    expect(page.locator("#search-found h2")).to_have_text("40 covers with “TRAIN” written on them")
    expect(page.locator("#search-written")).to_have_value("TRAIN")
    expect(words).to_be_visible()

    page.get_by_role("link", name="On the map").click()
    expect(page.locator("#map-written")).to_have_value("TRAIN")
    expect(page.locator(".lettered .left")).to_contain_text("40 covers left")
    assert drawn(page) == 40
    page.get_by_role("link", name="Lettering").click()
    expect(page.locator("#map-note .key")).to_contain_text("no words 160")
    page.locator(".lettered").get_by_role("link", name="Clear").click()
    page.wait_for_function(f"() => Array.from(({COLORS})()).every((code) => code !== 0)")
    page.locator(".lettered").get_by_role("link", name="Without").click()
    page.wait_for_function(f"() => Array.from(({COLORS})()).filter((code) => code !== 0).length === 160")
    assert "lettered=without" in unquote(page.url)


def test_one_question_at_a_time_and_near_spellings_are_said(page: Page) -> None:
    page.goto("/search?query=a")
    expect(page.locator("#search-query")).to_have_value("a")
    page.locator("#search-written").fill("nlght trian")
    expect(page.locator("#search-found h2")).to_have_text("40 covers with words near “nlght trian”")
    expect(page.locator("#search-found .lead")).to_contain_text("“nlght” as night; “trian” as train")
    expect(page.locator("#search-query")).to_have_value("")
    page.locator("#search-query").fill("cover")
    page.wait_for_url("**/search?query=cover")
    expect(page.locator("#search-written")).to_have_value("")


def test_boxes_stay_while_one_cover_after_the_other_is_opened(page: Page) -> None:
    page.goto("/search?written=train&cover=0&boxes=on")
    expect(page.locator("#panel .boxes")).to_be_visible()
    page.locator("#search-found .card").nth(1).click()
    expect(page.locator("#search-found h2")).to_have_text("40 covers with “train” written on them")
    page.wait_for_url(lambda url: "cover=0&" not in url and "boxes=on" in url)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_empty()
    assert page.url.endswith("/search?written=train")


def test_whoever_asks_for_boxes_waits_for_no_map(page: Page) -> None:
    page.goto("/map?cover=0")
    controls = page.locator("#map-controls > .controls").first
    expect(controls).to_be_visible()
    controls.evaluate("each => each.dataset.before = 'yes'")
    page.locator("#panel .show-words").click()
    expect(page.locator("#panel .boxes")).to_be_visible()
    expect(page.locator("#panel .show-words")).to_have_text("Hide the boxes")
    page.wait_for_load_state("networkidle")
    assert controls.get_attribute("data-before") == "yes", "the page was made anew"
