"""The resumable loop: every cover once, whatever happens in between."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import BadVectors, GenrescopeError
from data.intake.importing import import_covers
from data.store.runs import Run, find_runs
from data.store.workspace import Workspace
from embeddings import embed as module
from embeddings.embed import embed
from embeddings.encoders.families.color import make
from embeddings.vectors import read_vectors

ROOT = Path(__file__).parents[2]


class Counted:
    """Stands in for get_encoder: `color`, counting the covers it encodes; `fail(n)` is called before each batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.covers = 0
        self.fail: Callable[[int], object] = lambda _: None
        monkeypatch.setattr(module, "get_encoder", self.get_encoder)

    def get_encoder(self, name: str, **_: object):
        color = make(name)

        def encode(batch: np.ndarray) -> np.ndarray:
            self.fail(self.covers)
            self.covers += len(batch)
            return color.encode(batch)

        return replace(color, encode=encode)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def path_of(workspace: Workspace, cover_id: int) -> Path:
    with workspace.read() as con:
        return Path(con.execute("SELECT path FROM covers WHERE cover_id = ?", [cover_id]).fetchall()[0][0])


def left_out(workspace: Workspace, run_id: str) -> dict[int, str]:
    with workspace.read() as con:
        return dict(con.execute("SELECT cover_id, reason FROM left_out WHERE run_id = ?", [run_id]).fetchall())


def test_every_cover_gets_its_vector_and_copies_are_encoded_once(filled: Workspace, counted: Counted) -> None:
    run = embed(filled, "color")
    cover_ids, vectors = read_vectors(filled, run)
    assert cover_ids.tolist() == list(range(30))
    assert counted.covers == 28
    with filled.read() as con:
        twins = con.sql("SELECT list(cover_id) FROM covers GROUP BY sha256 HAVING count(*) > 1").fetchall()
    assert len(twins) == 2
    for ((first, second),) in twins:
        np.testing.assert_array_equal(vectors[first], vectors[second])
    assert {key: run.results[key] for key in ("covers", "dimension", "left_out", "backend", "weights_file")} == {
        "covers": 30,
        "dimension": 293,
        "left_out": 0,
        "backend": "numpy",
        "weights_file": None,
    }


def test_a_finished_embedding_is_found_whatever_the_batch_size(filled: Workspace, counted: Counted) -> None:
    run = embed(filled, "color", batch_size=7)
    assert embed(filled, "color", batch_size=3) == run
    assert counted.covers == 28


def test_added_covers_cost_only_themselves(filled: Workspace, counted: Counted, draw: Callable, tmp_path: Path) -> None:
    first = embed(filled, "color")
    draw(tmp_path / "covers", 40)  # 12 new ones, of which numbers 28 and 29 lie where the copies do in the other genre
    import_covers(filled, tmp_path / "covers")
    (tmp_path / "covers" / "jazz" / "copy.png").write_bytes(path_of(filled, 5).read_bytes())
    import_covers(filled, tmp_path / "covers")
    counted.covers = 0
    second = embed(filled, "color")
    assert counted.covers == 12
    assert second.run_id != first.run_id
    cover_ids, vectors = read_vectors(filled, second)
    assert cover_ids.tolist() == list(range(43))
    np.testing.assert_array_equal(vectors[:30], read_vectors(filled, first)[1])
    np.testing.assert_array_equal(vectors[42], vectors[5])


@pytest.mark.parametrize("finished", [True, False])
def test_vectors_of_other_parameters_are_not_copied(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, finished: bool
) -> None:
    """Such as other weights under the same name: same covers, other vectors."""
    color = make("color")

    def with_params(shift: float) -> Run:
        encoder = replace(
            color, params={**color.params, "shift": shift}, encode=lambda batch: color.encode(batch) + np.float32(shift)
        )
        monkeypatch.setattr(module, "get_encoder", lambda *_, **__: encoder)
        return embed(filled, "color")

    first = with_params(0)
    if not finished:
        with filled.write() as con:
            con.execute("UPDATE runs SET finished = NULL, results = '{}' WHERE kind = 'embedding'")
    second = with_params(1)
    assert second.results["backend"] == "numpy"
    np.testing.assert_allclose(read_vectors(filled, second)[1], read_vectors(filled, first)[1] + 1, atol=1e-6)


def test_a_backend_that_is_not_here_is_told_before_anything_is_done(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRESCOPE_BACKEND", "abacus")
    with pytest.raises(GenrescopeError, match="GENRESCOPE_BACKEND names an unknown backend 'abacus'"):
        embed(filled, "color")
    assert find_runs(filled, "embedding", finished=False) == []


def test_unreadable_covers_are_left_out_and_the_rest_goes_on(filled: Workspace) -> None:
    path_of(filled, 4).unlink()
    path_of(filled, 7).write_bytes(b"not what it was")
    run = embed(filled, "color", batch_size=4)
    assert left_out(filled, run.run_id) == {4: "missing", 7: "changed since import"}
    assert run.results["left_out"] == 2
    assert run.results["covers"] == 28
    assert set(read_vectors(filled, run)[0]) == set(range(30)) - {4, 7}


def test_a_copy_stands_in_for_a_missing_file(filled: Workspace) -> None:
    with filled.read() as con:
        first, second = con.sql("SELECT list(cover_id) FROM covers GROUP BY sha256 HAVING count(*) > 1").fetchall()[0][
            0
        ]
    path_of(filled, first).unlink()
    run = embed(filled, "color")
    assert {first, second} <= set(read_vectors(filled, run)[0])
    assert run.results["left_out"] == 0


def test_nothing_readable_is_an_error_and_mended_by_bringing_the_covers_back(filled: Workspace, tmp_path: Path) -> None:
    (tmp_path / "covers").rename(tmp_path / "unmounted")
    with pytest.raises(GenrescopeError, match=r"none of the 30 covers can be read: missing \(30\)"):
        embed(filled, "color")
    assert find_runs(filled, "embedding") == []
    (tmp_path / "unmounted").rename(tmp_path / "covers")
    assert embed(filled, "color").results["covers"] == 30


def test_no_covers_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(GenrescopeError, match="holds no covers yet"):
        embed(workspace, "color")


def test_vectors_that_are_no_numbers_are_refused(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = replace(make("color"), encode=lambda batch: np.full((len(batch), 293), np.nan, np.float32))
    monkeypatch.setattr(module, "get_encoder", lambda *_, **__: bad)
    with pytest.raises(BadVectors, match="NaN"):
        embed(filled, "color")
    assert find_runs(filled, "embedding") == []
    assert find_runs(filled, "embedding", finished=False) == [], "no run is left that could never be finished"


def test_two_that_embed_at_once_encode_each_cover_once(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In two threads here, which the lock keeps apart as it does processes: tests/data/store/test_two_processes.py."""
    encoder, met, encoded = make("color"), threading.Event(), []
    caplog.set_level(logging.INFO, logger="data.store.disk.locks")
    monkeypatch.setattr(caplog.handler, "emit", lambda _: met.set())

    def encode(batch: np.ndarray) -> np.ndarray:
        encoded.append(len(batch))
        met.wait(20)
        return encoder.encode(batch)

    monkeypatch.setattr(module, "get_encoder", lambda *_, **__: replace(encoder, encode=encode))
    with ThreadPoolExecutor(2) as pool:
        runs = [each.result() for each in [pool.submit(embed, filled, "color", batch_size=30) for _ in range(2)]]
    assert runs[0] == runs[1]
    assert met.is_set(), "the later one waited"
    assert runs[0].results["covers"] == 30


def test_ctrl_c_keeps_what_was_encoded(filled: Workspace, counted: Counted) -> None:
    def interrupt(done: int) -> None:
        if done >= 12:
            raise KeyboardInterrupt

    counted.fail = interrupt
    with pytest.raises(KeyboardInterrupt):
        embed(filled, "color", batch_size=4)
    (unfinished,) = find_runs(filled, "embedding", finished=False)
    assert len(read_vectors(filled, unfinished)[0]) >= 12
    counted.fail = lambda _: None
    counted.covers = 0
    run = embed(filled, "color", batch_size=4)
    assert run.run_id == unfinished.run_id
    assert counted.covers == 28 - 12
    assert read_vectors(filled, run)[0].tolist() == list(range(30))


# Says so when its third batch is stored and the fourth in hand, and then waits to be killed.
SLOWED = """
import sys, time
from data.store.workspace import open_workspace
from embeddings import embed as module
from embeddings.encoders.families.color import encode
module.WRITE_SECONDS = 0
module.WRITE_ROWS = 1
batches = 0
def slowly(batch):
    global batches
    batches += 1
    if batches == 4:
        print("three", flush=True)
        time.sleep(3600)
    return encode(batch)
real = module.get_encoder
module.get_encoder = lambda name, **options: __import__("dataclasses").replace(real(name, **options), encode=slowly)
module.embed(open_workspace(sys.argv[1]), "color", batch_size=3)
"""


def test_kill_9_and_resume_gives_what_an_undisturbed_run_gives(
    filled: Workspace, counted: Counted, tmp_path: Path
) -> None:
    undisturbed = Workspace(shutil.copytree(filled.folder, tmp_path / "undisturbed"))
    command = [sys.executable, "-c", SLOWED, str(filled.folder)]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    said = writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    _, errors = writer.communicate()
    assert (said, writer.returncode) == ("three\n", -signal.SIGKILL), errors
    with filled.read() as con:
        before = con.sql("SELECT count(*) FROM vectors").fetchall()[0][0]
    assert 9 <= before < 30
    (unfinished,) = find_runs(filled, "embedding", finished=False)
    run = embed(filled, "color")
    assert run.run_id == unfinished.run_id
    assert counted.covers == 28 - 9, "what was there is not computed again"
    with filled.read() as con:
        counts = con.sql("SELECT count(*), count(DISTINCT cover_id) FROM vectors").fetchall()[0]
    assert counts == (30, 30), "no row lost, none twice"
    expected = embed(undisturbed, "color")
    assert expected.run_id == run.run_id
    np.testing.assert_allclose(read_vectors(filled, run)[1], read_vectors(undisturbed, expected)[1], atol=1e-6)


@pytest.mark.slow
def test_a_network_resumes_to_the_same_vectors(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, cosines: Callable
) -> None:
    """Interrupted, other batches meet in the network than undisturbed; the vectors are the same all the same."""
    from embeddings.encoders.registry import get_encoder

    encoder = get_encoder("resnet18-untrained")
    calls = iter(range(100))

    def interrupted(batch: np.ndarray) -> np.ndarray:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return encoder.encode(batch)

    with monkeypatch.context() as patched:
        patched.setattr(module, "get_encoder", lambda *_, **__: replace(encoder, encode=interrupted, network=None))
        with pytest.raises(KeyboardInterrupt):
            embed(filled, "resnet18-untrained", batch_size=5)
    run = embed(filled, "resnet18-untrained", batch_size=16)
    vectors = read_vectors(filled, run)[1]
    images = np.stack([encoder.prepare(_open(path_of(filled, cover_id))) for cover_id in range(30)])
    assert cosines(vectors, encoder.encode(images)).min() > 0.99999


def _open(path: Path):
    from data.intake.images import load_cover

    return load_cover(path)
