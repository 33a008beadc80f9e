"""The README's picture of an export to PostgreSQL: python -m tests.browser.terminal WORKSPACE FILE.png.

What stands there was really said, by genrescope and psql to a server that is started for it; only the folder of its
socket is called localhost.
"""

import html
import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.screenshots import ARGUMENTS
from tests.data.postgres.conftest import PASSWORD, USER, folders, running

QUERY = """SELECT name AS embedding, genre, round(value::numeric, 3) AS separability,
               round(low::numeric, 3) AS low, round(high::numeric, 3) AS high
        FROM genrescope.metrics JOIN genrescope.runs USING (run_id)
        WHERE kind = 'separability' AND metric = kind AND genre <> '' AND other_genre IS NULL
        ORDER BY value DESC LIMIT 6;"""
STYLE = """
body { margin: 0; background: #fff; }
pre { box-sizing: border-box; width: 900px; margin: 0; padding: 22px 26px;
      border: 1px solid #e3e3e1; border-radius: 10px; background: #fafaf9; color: #3d3d3a;
      font: 14px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
b { color: #111; font-weight: 600; } i { color: #0f766e; font-style: normal; }
"""


def session(workspace: Path) -> list[tuple[str, str, str]]:
    """(prompt, what is typed, what is answered), one after the other."""
    with running(folders(), "PostgreSQL") as server:
        place = {"PGHOST": str(server.folder), "PGUSER": USER, "PGPASSWORD": PASSWORD, "PGDATABASE": "music"}
        server.ask("CREATE DATABASE music")

        def said(*words: str | Path) -> str:
            environment = {**os.environ, **place}
            done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
            return done.stdout.rstrip().replace(str(server.folder), "localhost")

        export = [sys.executable, "-m", "genrescope", "export", "--to", "postgresql://", "--workspace", workspace]
        typed = "genrescope export --to postgresql:// --workspace study"
        return [
            *(("$", typed, said(*export)) for _ in range(2)),
            ("$", "psql music", said("psql", "--version")),
            ("music=>", QUERY, said("psql", "-X", "-c", QUERY)),
        ]


def main(workspace: Path, file: Path) -> None:
    """Draw the session as a light terminal."""
    parts = [
        f"<i>{html.escape(prompt)}</i> <b>{html.escape(typed)}</b>\n{html.escape(answer)}\n\n"
        for prompt, typed, answer in session(workspace)
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1000, "height": 900}, device_scale_factor=1.4)
        page.set_content(f"<style>{STYLE}</style><pre>{''.join(parts).rstrip()}</pre>")
        page.locator("pre").screenshot(path=file)
        browser.close()
    Image.open(file).convert("RGB").quantize(64, kmeans=3).save(file, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
