"""What a researcher does, in a real browser. The `page` fixture fails a test whose console shows an error."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Page, expect

from analysis.predicting.predict import predict
from data.store.runs import find_runs
from data.store.workspace import Workspace

pytestmark = pytest.mark.browser
T = TypeVar("T")

PAGES = {
    "Overview": "a probe that ranks covers it has not seen",
    "Map": "Colour by",
    "Separability": "By pair",
    "Classifiers": "covers right on average; chance is",
    "Search": "Some covers",
    "Audit": "What counts as one cover",
}
# Where the points of the map are on the screen, in pixels, in draw order.
POINTS = """() => {
    const graph = document.querySelector("#map .js-plotly-plot"), layout = graph._fullLayout;
    const box = graph.getBoundingClientRect(), {xaxis, yaxis} = layout, trace = graph._fullData[0];
    return Array.from(trace.x, (x, i) => [
        box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(trace.y[i]),
    ]);
}"""


def points(page: Page) -> list[list[float]]:
    """Places of the map's points, once it is drawn."""
    page.wait_for_selector("#map .gl-canvas-focus, #map .gl-canvas")
    page.wait_for_function("() => document.querySelector('#map .js-plotly-plot')?._fullData?.[0]?.x?.length > 0")
    return settled(page, lambda: page.evaluate(POINTS))


def settled(page: Page, read: Callable[[], T]) -> T:
    """What `read` gives once nothing is on its way and three looks in a row see the same; the last look after 20 s."""
    looks: list[T] = []
    for _ in range(100):
        page.wait_for_load_state("networkidle")
        expect(page.locator("[data-dash-is-loading=true]")).to_have_count(0)
        looks = [*looks[-2:], read()]
        if len(looks) == 3 and looks[0] == looks[1] == looks[2]:
            break
        page.wait_for_timeout(200)
    return looks[-1]


def test_every_page_opens(page: Page) -> None:
    page.goto("/")
    for name, words in PAGES.items():
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("#page")).to_contain_text(words)
        expect(page.locator(".bar nav a[aria-current]")).to_have_text(name)


def test_hover_shows_the_cover_and_a_click_opens_it_beside_its_neighbours(page: Page) -> None:
    page.goto("/map")
    x, y = points(page)[5]
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    expect(page.locator(".tooltip img")).to_be_visible()
    # Plotly throttles hovering: what stands there first may be the cover next to it, left a moment ago.
    hovered = settled(page, lambda: page.locator(".tooltip img").get_attribute("src") or "")
    page.mouse.click(x, y)
    panel = page.locator("#panel")
    expect(panel.locator(".large img")).to_be_visible()
    sha256 = re.findall("[0-9a-f]{64}", hovered)[0]
    assert sha256 in (panel.locator(".large img").get_attribute("src") or "")
    expect(panel.locator(".grid .card")).to_have_count(12)
    assert "cover=" in page.url
    page.keyboard.press("Escape")
    expect(panel.locator(".large")).to_have_count(0)
    # The map takes the room of the panel again; then the same point can be clicked once more.
    page.wait_for_function(f"() => Math.abs(({POINTS})()[5][0] - {x}) < 1")
    page.mouse.move(x - 1, y)
    page.mouse.click(x, y)
    expect(panel.locator(".large img")).to_be_visible()


def test_recolouring_keeps_the_points_and_the_open_cover(page: Page) -> None:
    page.goto("/map?cover=3")
    before = points(page)
    sent: list[str] = []
    page.on("response", lambda answer: sent.append(answer.text()) if "_dash-update" in answer.url else None)
    page.get_by_role("link", name="Cluster", exact=True).click()
    expect(page.locator(".key")).to_contain_text("noise")
    assert points(page) == before
    assert "cover=3" in page.url
    assert not any('"x":{"dtype"' in text for text in sent), "coordinates travel once"


def test_a_genre_chip_filters_the_map(page: Page) -> None:
    page.goto("/map")
    points(page)
    page.locator(".chip").first.click()
    expect(page.locator(".chip.clear")).to_be_visible()
    expect(page.locator(".chip[aria-current]")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('#map .js-plotly-plot')._fullData[0].marker.color.includes(0)")
    page.go_back()
    expect(page.locator(".chip.clear")).to_have_count(0)


def test_a_lasso_gathers_covers(page: Page) -> None:
    page.goto("/map")
    places = points(page)
    page.locator("#map .modebar-btn[data-val=select]").click()
    left, right = min(x for x, _ in places), max(x for x, _ in places)
    top, bottom = min(y for _, y in places), max(y for _, y in places)
    page.mouse.move(left - 3, top - 3)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2, steps=5)
    page.mouse.move(right + 3, bottom + 3, steps=5)
    page.mouse.up()
    expect(page.locator(".tray")).to_contain_text(f"{len(places)} covers")
    expect(page.locator(".tray .card").first).to_be_visible()


def test_a_cell_of_the_confusion_matrix_opens_its_covers(page: Page) -> None:
    page.goto("/classifiers")
    page.locator(".matrix td.hit a").first.click()
    expect(page.locator(".section.cell")).to_contain_text("the surest first")
    shown = page.locator(".section.cell .card")
    expect(page.locator(".section.cell .lead")).to_contain_text(re.compile(f"^{shown.count()} covers? "))
    page.locator(".section.cell .card").first.click()
    expect(page.locator("#panel")).to_contain_text("What classifiers said")


def test_two_classifiers_side_by_side(page: Page) -> None:
    page.goto("/classifiers")
    page.locator(".control", has_text="Compare with").locator("summary").click()
    page.locator("details[open] .options a").nth(1).click()
    expect(page.locator("#classifiers-answer")).to_contain_text(
        re.compile("is better than|No difference shown|are equal")
    )
    expect(page.locator("#classifiers-scores .tracks tbody tr")).to_have_count(11)
    page.get_by_text("Where the two matrices differ").click()
    expect(page.locator("#classifiers-more .matrix td a").first).to_be_visible()
    page.get_by_role("link", name=re.compile("Only .* right")).first.click()
    expect(page.locator("#classifiers-duel .card").first).to_be_visible()


def test_a_pair_of_genres_opens_the_covers_on_their_border(page: Page) -> None:
    page.goto("/separability")
    page.locator(".matrix td a").first.click()
    expect(page.locator(".section.border")).to_be_visible()


def test_kin_order_the_matrices_and_their_tree_opens(page: Page) -> None:
    page.goto("/separability")
    page.get_by_role("link", name="Kin").click()
    expect(page).to_have_url(re.compile("order=kin"))
    page.locator("summary", has_text="Which genres are kin").click()
    leaves = page.locator(".tree .leaves .name")
    expect(leaves.first).to_be_visible()
    expect(page.locator(".matrix thead .column")).to_have_text(leaves.all_text_contents()[:-1])
    page.goto("/classifiers?order=kin")
    expect(page.locator(".matrix thead .column").first).to_be_visible()
    assert page.locator("#classifiers-confusion .matrix tbody th").count() > 2


def test_an_uploaded_cover_finds_itself(page: Page, picture: Path) -> None:
    page.goto("/search")
    page.locator("#search-upload input[type=file]").set_input_files(picture)
    nearest = page.locator("#search-uploaded .card").first
    expect(nearest).to_be_visible()
    assert float(nearest.locator(".note").text_content() or 0) > 0.999


def test_an_upload_gets_what_predict_says(page: Page, demo: Workspace, picture: Path) -> None:
    page.goto("/search")
    page.locator("#search-upload input[type=file]").set_input_files(picture)
    said = page.locator("#search-uploaded .said li")
    expect(said).to_have_count(3)
    expect(page.locator("#search-uploaded .query")).to_contain_text(re.compile(r"answered in \d+\.\d\d s"))
    expect(page.locator("#search-uploaded .place .js-plotly-plot")).to_be_visible()
    labels = said.locator(".by").all_inner_texts()
    keys = {
        "knn on color": ("knn", "folds"),
        "logistic on color": ("logistic", "folds"),
        "logistic on color, grouped split": ("logistic", "grouped"),
    }
    assert sorted(labels) == sorted(keys)
    runs = {(run.name, run.results["split"]): run for run in find_runs(demo, "classifier")}
    for row, label in enumerate(labels):
        (answer,) = predict(demo, runs[keys[label]], [picture])
        assert said.nth(row).locator(".genre").first.inner_text() == answer.predicted
        assert said.nth(row).locator(".number").inner_text() == f"{answer.probabilities[0][1]:.0%}"


def test_the_panel_says_why(page: Page) -> None:
    page.goto("/map?cover=7")
    before = points(page)
    ask = page.locator("#panel .ask")
    expect(ask).to_have_count(3)
    ask.first.click()
    why = page.locator("#panel .why")
    expect(why).to_contain_text(re.compile(r"Of the \d+ training covers nearest to it \d+ are"))
    expect(why.locator(".card")).to_have_count(8)
    assert points(page) == before
    address = page.url
    assert "why=" in address
    page.reload()
    expect(why.locator(".card")).to_have_count(8)
    why.locator(".card").first.click()
    page.wait_for_url(lambda url: "why=" in url and "cover=7" not in url)
    expect(why.locator(".card")).to_have_count(8)
    page.locator("#panel .ask[aria-current]").click()
    expect(why).to_have_count(0)
    page.goto(address)
    page.get_by_role("link", name="Cluster", exact=True).click()
    page.wait_for_url(lambda url: "color=cluster" in url and "why=" in url)
    page.keyboard.press("Escape")
    expect(page.locator("#panel .large")).to_have_count(0)
    assert "why=" not in page.url


def test_a_bad_upload_is_explained(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "<b>bad & 'odd'.png"
    bad.write_text("no image")
    page.goto("/search")
    page.locator("#search-upload input[type=file]").set_input_files(bad)
    expect(page.locator("#search-uploaded")).to_contain_text("cannot be read as an image")


def test_typing_searches_and_lives_in_the_address(page: Page) -> None:
    page.goto("/search")
    page.locator("#search-query").fill("a")
    expect(page.locator("#search-found")).to_contain_text("found")
    page.wait_for_url("**/search?query=a")
    page.locator("#search-found .card").first.click()
    expect(page.locator("#search-found")).to_contain_text("Nearest to")


@pytest.mark.parametrize(
    "view",
    [
        "/map?color=right&cover=7",
        "/classifiers?values=shares&cover=7",
        "/search?cover=7",
        "/separability?metric=silhouette",
    ],
)
def test_a_reload_shows_the_same(page: Page, view: str) -> None:
    def shown() -> list[str]:
        return [
            *page.locator("#page img, #panel img").evaluate_all("all => all.map(each => each.src)"),
            page.url,
            *page.locator("[aria-current]").all_inner_texts(),
        ]

    page.goto(view)
    expect(page.locator("#page")).not_to_be_empty()
    before = settled(page, shown)
    page.reload()
    expect(page.locator("#page")).not_to_be_empty()
    assert settled(page, shown) == before


def test_the_theme_is_toggled_and_kept(page: Page) -> None:
    page.goto("/map")
    background = "() => getComputedStyle(document.body).backgroundColor"
    button = page.get_by_role("button", name="Theme")
    expect(button).to_be_visible()
    light = page.evaluate(background)
    button.click()
    page.wait_for_function(f"light => ({background})() !== light", arg=light)
    dark = page.evaluate(background)
    page.reload()
    expect(button).to_be_visible()
    page.wait_for_function(f"dark => ({background})() === dark", arg=dark)


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    page.goto("/classifiers")
    expect(page.locator(".matrix td a").first).to_be_visible()
    page.locator(".matrix td a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".section.cell")).to_contain_text("the surest first")
    page.locator(".section.cell .card").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .large")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel .large")).to_have_count(0)


def test_covers_are_liked_in_the_panel_and_others_recommended(page: Page) -> None:
    page.goto("/map?cover=7")
    page.locator("#panel .judging").get_by_text("Like", exact=True).click()
    page.wait_for_url(lambda url: "liked=7" in url)
    page.goto("/search?cover=20&liked=7")
    page.locator("#panel .judging").get_by_text("Dislike").click()
    page.wait_for_url(lambda url: "disliked=20" in url)
    # The panel is drawn anew for the new address; until then its links say what was before.
    expect(page.locator("#panel .judging > a[href*='disliked=20']")).to_be_visible()
    page.locator("#panel .judging").get_by_text("Recommendations").click()
    expect(page.locator(".recommended li")).to_have_count(24)
    expect(page.locator(".recommended .reason").first).to_have_attribute("title", re.compile("^near to .*; to "))
    genres = page.locator(".recommended .card .name")
    page.get_by_text("Other than liked").click()
    page.wait_for_url(lambda url: "across=genres" in url)
    expect(page.locator(".recommendations [aria-current]").get_by_text("Other than liked")).to_be_visible()
    expect(genres.first).to_be_visible()
    page.locator(".taste .disliked .off").click()
    expect(page.locator(".taste .disliked")).to_have_count(0)
    page.get_by_text("How good are recommendations").click()
    expect(page.locator("#search-evaluated")).to_contain_text("genrescope evaluate-recommendations")
