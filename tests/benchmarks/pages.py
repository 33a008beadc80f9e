"""What each page sends, and how long the server takes for it, by number of genres.

Floor: a page's limit is 2 MB and 2 s, whatever the number of genres. First: a server that has read nothing yet; again:
the same view once more, which is what a visitor who moves about meets. The longest callback counts, as they answer side
by side. A folder with a workspace as its argument measures that one instead of drawn ones.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, tests are no package of the path

from dashboard.app import PAGES, create_app
from dashboard.reading import chains
from data.store.workspace import Workspace, open_workspace
from tests.dashboard.driving import answers
from tests.dashboard.many import fill_many

GENRES = (13, 60, 300, 1_000)


def measure(workspace: Workspace, genres: str) -> None:
    """A row a page."""
    runs = chains.classifiers(workspace)
    compared = f"?classifier={runs[0].run_id}&other={runs[1].run_id}" if len(runs) > 1 else ""
    views = [*((page.PATH, "") for page in PAGES), ("/classifiers", compared)]
    client = create_app(workspace).server.test_client()
    for path, search in views:
        first, again = (list(answers(client, path, search)) for _ in range(2))
        size = sum(len(text.encode()) for _, text in first)
        slowest = [max(seconds for seconds, _ in each) for each in (first, again)]
        name = f"{path}{', two compared' if search else ''}"
        print(f"| {genres} | {name} | {size / 1e6:.2f} MB | {slowest[0]:.2f} s | {slowest[1]:.2f} s |", flush=True)


def main(folders: list[str]) -> None:
    print("| genres | page | sent | first | again |")
    print("|-------:|------|-----:|------:|------:|")
    for folder in folders:
        workspace = open_workspace(Path(folder))
        measure(workspace, f"{len(chains.queries.covers(workspace).genres):,}")
    for genres in GENRES if not folders else ():
        with tempfile.TemporaryDirectory() as folder:
            workspace = open_workspace(Path(folder), create=True)
            fill_many(workspace, genres)
            started = time.perf_counter()
            measure(workspace, f"{genres:,}")
            print(f"{genres:,} genres: {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
