"""What each page sends, and how long the server takes for it, by number of genres.

Floor: a page's limit is 2 MB and 2 s, whatever the number of genres. First: a server, a process of its own for every
view, that has read nothing yet; again: the same view once more, which is what a visitor who moves about meets. The
longest callback counts, as they answer side by side; work: processor time of all the callbacks together, in one thread,
which others on the machine hardly change. A folder with a workspace as its argument measures that one instead of drawn
ones.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, tests are no package of the path
os.environ.setdefault("OMP_NUM_THREADS", "1")

from dashboard.app import PAGES, create_app
from dashboard.reading import chains
from dashboard.serve import import_ahead
from dashboard.serving.memory import keep_large_blocks_apart
from data.store.workspace import Workspace, open_workspace
from tests.dashboard.driving import answers
from tests.dashboard.many import fill_many

GENRES = (13, 60, 300, 1_000)


def measure(workspace: Workspace, genres: str) -> None:
    """A row a page."""
    runs = chains.classifiers(workspace)
    compared = f"?classifier={runs[0].run_id}&other={runs[1].run_id}" if len(runs) > 1 else ""
    views = [*((page.PATH, "") for page in PAGES), *([("/classifiers", compared)] if compared else [])]
    for path, search in views:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as server:
            size, first, work, again = server.submit(look, workspace.folder, path, search).result()
        name = f"{path}{', two compared' if search else ''}"
        print(f"| {genres} | {name} | {size / 1e6:.2f} MB | {first:.2f} s | {work:.2f} s | {again:.2f} s |", flush=True)


def look(folder: Path, path: str, search: str) -> tuple[int, float, float, float]:
    """Bytes, seconds of the longest callback, processor time of all, seconds of the longest at the second look."""
    keep_large_blocks_apart()
    client = create_app(open_workspace(folder)).server.test_client()
    import_ahead()
    started = time.process_time()
    first = list(answers(client, path, search))
    work = time.process_time() - started
    again = max(seconds for seconds, _ in answers(client, path, search))
    return sum(len(text.encode()) for _, text in first), max(seconds for seconds, _ in first), work, again


def main(folders: list[str]) -> None:
    print("| genres | page | sent | first | work | again |")
    print("|-------:|------|-----:|------:|-----:|------:|")
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
