"""Screenshots of every page, for the README and for looking at: python tests/browser/screenshots.py URL FOLDER.

Takes each page at two sizes in both themes, of an app that is already served.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SIZES = {"wide": (1440, 900), "narrow": (900, 700)}
PATIENCE = 120_000  # milliseconds, as a busy machine draws slowly
THEMES = ("light", "dark")
VIEWS = {
    "overview": "/",
    "map": "/map",
    "map-cover": "/map?cover=12",
    "map-right": "/map?color=right",
    "separability": "/separability",
    "separability-pair": "/separability",
    "classifiers": "/classifiers?values=shares",
    "classifiers-cell": "/classifiers",
    "classifiers-compared": "/classifiers",
    "search": "/search?cover=12",
    "search-liked": "/search?liked=7&liked=12&disliked=20",
    "search-written": "/search?written=lantern&cover=12&boxes=on",
    "audit": "/audit",
}

# What is clicked before the picture is taken: a pair, a cell, another classifier.
CLICKS = {
    "separability-pair": (".matrix td a",),
    "classifiers-cell": (".matrix td.miss a",),
    "classifiers-compared": (".control:nth-child(2) summary", "details[open] .options a:nth-child(2)"),
}


def take(browser: Browser, address: str, folder: Path) -> None:
    """Every view, size and theme as a PNG named after the three."""
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            for name, path in VIEWS.items():
                page.goto(address + path)
                page.wait_for_timeout(1500)
                for selector in CLICKS.get(name, ()):
                    page.locator(selector).first.click()
                    page.wait_for_timeout(1500)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}-{size}-{theme}.png")
            context.close()


def main(address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        take(browser, address.rstrip("/"), folder)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
