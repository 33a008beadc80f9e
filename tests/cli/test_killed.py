"""kill -9 at random moments of a whole `run`: in the end there is what an undisturbed one leaves, bit by bit."""

import csv
import os
import random
import secrets
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from analysis.chain.export import TABLES, export
from data.drawing.sample import write_sample
from data.errors import GenrescopeError
from data.store.runs import find_runs
from data.store.workspace import open_workspace

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
GENRES = 3

# Runs the command line, each time in a process of its own that has imported already what takes longer than the work:
# a kill is to hit the work. Reads the words of a command, says the process's number, then its exit status.
FORKING = """
import os, sys
import cleanlab.rank, faiss, hdbscan, imagehash, skops.io, sklearn.linear_model, sklearn.calibration, torch
import analysis.chain.pipeline, analysis.report.results_table, genrescope
from analysis.geometry.layout import _compiled_umap
_compiled_umap()
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        os.dup2(2, 1)
        sys.argv[1:] = line.rstrip("\\n").split("\\t")
        genrescope.main()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Desk:
    """Three drawn genres, what an undisturbed `run` makes of them, and the fewest seconds that one took."""

    folder: Path
    forking: subprocess.Popen[str]
    undisturbed: dict[str, bytes] = field(default_factory=dict)
    seconds: float = float("inf")

    def run(self, workspace: str, *, kill_after: float | None = None) -> bool:
        """`run` into a workspace, killed after so many seconds; returns whether it came to its end before."""
        begin, anew = time.monotonic(), not (self.folder / workspace).exists()
        words = ["run", str(self.folder / "covers" / "three.csv"), "--workspace", str(self.folder / workspace)]
        assert self.forking.stdin
        assert self.forking.stdout
        print("\t".join([*words, "--encoder", "color", "--classifier", "knn"]), file=self.forking.stdin, flush=True)
        child = int(self.forking.stdout.readline())
        done = bool(select.select([self.forking.stdout], [], [], kill_after)[0])
        if not done:
            with suppress(ProcessLookupError):  # it has no group yet
                os.killpg(child, signal.SIGKILL)
            os.kill(child, signal.SIGKILL)
        status = int(self.forking.stdout.readline())
        assert status == (0 if done else -signal.SIGKILL), (self.folder / "said").read_text()[-4000:]
        if done and anew:
            self.seconds = min(self.seconds, time.monotonic() - begin)
        return done


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    write_sample(folder / "covers", covers=80)
    choose(folder / "covers" / "truth.csv", folder / "covers" / "three.csv")
    pipe = subprocess.PIPE
    with (folder / "said").open("ab") as said:
        command = [sys.executable, "-c", FORKING]
        forking = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=said, text=True)
    try:
        assert forking.stdout
        assert forking.stdout.readline() == "ready\n", (folder / "said").read_text()
        desk = Desk(folder, forking)
        assert desk.run("undisturbed")
        desk.undisturbed = exports(folder / "undisturbed")
        yield desk
    finally:
        forking.kill()
        forking.communicate()


def choose(truth: Path, file: Path) -> None:
    """Write the rows of the first genres."""
    rows = list(csv.DictReader(truth.read_text().splitlines()))
    chosen = sorted({row["genre"] for row in rows})[:GENRES]
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=rows[0])
        writer.writeheader()
        writer.writerows(row for row in rows if row["genre"] in chosen)


def exports(folder: Path) -> dict[str, bytes]:
    """Every table that there is, as CSV; of covers all but when they were imported."""
    found = {}
    file = folder.with_suffix(".csv")
    for table in TABLES:
        with suppress(GenrescopeError):  # there is none
            export(open_workspace(folder), table, file)
            found[table] = file.read_bytes()
            if table == "covers":
                found[table] = repr(duckdb.read_csv(str(file)).project("* EXCLUDE (imported)").fetchall()).encode()
    return found


def check(desk: Desk, workspace: str, told: str) -> None:
    """Nothing is missing, nothing is left over, and every number is the same."""
    opened, undisturbed = (open_workspace(desk.folder / name) for name in (workspace, "undisturbed"))
    assert {run.run_id for run in find_runs(opened)} == {run.run_id for run in find_runs(undisturbed)}, told
    assert not find_runs(opened, finished=False), told
    found = exports(opened.folder)
    assert set(found) == set(desk.undisturbed), told
    different = [table for table in found if found[table] != desk.undisturbed[table]]
    assert not different, f"{told}: {different}"
    thumbnails = {path.name for path in opened.folder.rglob("*.webp")}
    assert thumbnails == {path.name for path in undisturbed.folder.rglob("*.webp")}, told


def test_whatever_was_killed_ends_as_if_nothing_had_been(desk: Desk, record_property: Callable[..., None]) -> None:
    """GENRESCOPE_SEED=N repeats the moments, as far as a clock can."""
    seed = int(os.environ.get("GENRESCOPE_SEED") or secrets.randbelow(2**32))
    dice, told, kills, finished = random.Random(seed), f"GENRESCOPE_SEED={seed}, killed after", 0, 0
    for left in reversed(range(2 * KILLS)):
        moment = dice.uniform(0, 0.9 * desk.seconds) if left and kills < KILLS else None
        if not desk.run("killed", kill_after=moment):
            kills, told = kills + 1, f"{told} {moment:.2f}"
            continue
        check(desk, "killed", told)
        finished += 1
        if moment is None:
            break
        shutil.rmtree(desk.folder / "killed")
        told += " (finished)"
    record_property("measured", f"{told} s; {finished} whole runs compared, {len(desk.undisturbed)} tables each")
    assert finished, told
