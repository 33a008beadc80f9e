"""`embed`: the vectors of every cover by one encoder, resumable at batch grain."""

import logging
import time
from collections import Counter
from pathlib import Path
from types import TracebackType

import numpy as np

from data.errors import GenrescopeError
from data.intake.images import MOVED
from data.progress import progress
from data.store.covers import collection, left_out_table, read_covers, set_aside_in
from data.store.runs import Run, computing, finish_run
from data.store.workspace import Workspace
from embeddings import backends
from embeddings.carrying import copy_known
from embeddings.decode import Content, contents_of, decode_batches
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.families import joined, lettered, own_vectors
from embeddings.encoders.registry import get_encoder
from embeddings.joining import join
from embeddings.lettering.embedding import embed_words
from embeddings.vectors import append_vectors

log = logging.getLogger(__name__)

# Vectors are written when so many wait, or the oldest has waited so long: a kill loses no more than that.
WRITE_ROWS = 4096
WRITE_SECONDS = 2.0

# Reason by cover_id.
LeftOut = dict[int, str]


def embed(
    workspace: Workspace,
    name: str,
    *,
    weights: Path | None = None,
    preprocessing: str = "whole",
    batch_size: int | None = None,
) -> Run:
    """Embed the covers of a workspace with the encoder `name`; returns the finished run.

    A run that is finished already is found, not computed again; one that was killed goes on where it stopped. Covers
    with the same bytes are encoded once, and vectors that an earlier embedding with the same encoder and parameters
    holds are copied. Covers that cannot be read go into left_out. `batch_size` decides speed and memory only, and so
    does the backend, as far as `embeddings.backends` promises: it is in the results (the last one of a resumed run).
    `concat:A+B` joins embeddings that are there, see `embeddings.joining`; `text` and its like are made of words that
    were read, see `embeddings.lettering.embedding`.
    Raises MissingWeights, BadVectors, and GenrescopeError for an unknown encoder, when no cover can be read, or when
    GENRESCOPE_BACKEND names what is not here.
    """
    started = time.monotonic()
    backends.asked_for()
    encoder = get_encoder(name, weights=weights, preprocessing=preprocessing, workspace=workspace)
    if joined.is_joined(name):
        return join(workspace, name, preprocessing=preprocessing)
    if lettered.is_lettered(name):
        return embed_words(workspace, name, preprocessing=preprocessing)
    snapshot = collection(workspace)
    covers, aside = read_covers(workspace, snapshot), set_aside_in(workspace, snapshot)
    own = own_vectors.match(name, covers) if own_vectors.is_own(name) else None
    with computing(workspace, "embedding", name=name, params=encoder.params, inputs=[snapshot.run_id]) as run:
        if run.finished:
            return run
        if own:
            own.row_of[list(aside)] = -1
            backend = "file"
            left_out = dict.fromkeys(own_vectors.store(workspace, run, own).tolist(), own_vectors.NO_VECTOR)
        else:
            copy_known(workspace, run, snapshot)
            contents = contents_of(covers[~covers.cover_id.isin(list(aside))])
            backend, left_out = _encode_missing(workspace, run, encoder, contents, batch_size=batch_size)
        return _finish(workspace, run, encoder, left_out | aside, backend=backend, seconds=time.monotonic() - started)


def _encode_missing(
    workspace: Workspace, run: Run, encoder: Encoder, contents: list[Content], *, batch_size: int | None
) -> tuple[str, LeftOut]:
    """Encode and store what has no vector yet; returns the backend's name and what cannot be read."""
    to_do = _without_vectors(workspace, run, contents)
    left_out: LeftOut = {}
    backend = None
    batches = decode_batches(to_do, encoder.prepare, size=batch_size or backends.batch_size(encoder))
    bar = progress(total=len(contents), initial=len(contents) - len(to_do), what=f"embed {run.name}")
    with bar, _Writer(workspace, run) as writer:
        for batch in batches:
            if batch.contents:
                backend = backend or backends.fastest(encoder, batch.images, covers=len(to_do))
                writer.add(batch.contents, backend.encode(batch.images))
            for content, reason in batch.left_out:
                left_out |= dict.fromkeys(content.cover_ids, reason)
            bar.update(len(batch.contents) + len(batch.left_out))
    return backend.name if backend else "copied", left_out


def _without_vectors(workspace: Workspace, run: Run, contents: list[Content]) -> list[Content]:
    with workspace.read() as con:
        query = con.sql("SELECT cover_id FROM vectors WHERE run_id = ?", params=[run.run_id])
        stored = set(query.to_arrow_table().column(0).to_pylist())
    return [content for content in contents if not stored.issuperset(content.cover_ids)]


class _Writer:
    """Gathers vectors and stores them batch by batch; at the end of its `with` block the rest, on Ctrl-C too."""

    def __init__(self, workspace: Workspace, run: Run) -> None:
        self.workspace, self.run = workspace, run
        self._clear()

    def _clear(self) -> None:
        self.cover_ids: list[int] = []
        self.vectors: list[np.ndarray] = []
        self.since = time.monotonic()

    def add(self, contents: list[Content], vectors: np.ndarray) -> None:
        """Take the vectors (n, d) of n contents, each for all covers that have it."""
        self.cover_ids += [cover_id for content in contents for cover_id in content.cover_ids]
        self.vectors.append(np.repeat(vectors, [len(content.cover_ids) for content in contents], axis=0))
        if len(self.cover_ids) >= WRITE_ROWS or time.monotonic() - self.since >= WRITE_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Store what waits, in one transaction."""
        cover_ids, vectors = self.cover_ids, self.vectors
        self._clear()
        if cover_ids:
            append_vectors(self.workspace, self.run, np.array(cover_ids), np.concatenate(vectors))

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.flush()


def _finish(
    workspace: Workspace, run: Run, encoder: Encoder, left_out: LeftOut, *, backend: str, seconds: float
) -> Run:
    with workspace.read() as con:
        stored = con.execute("SELECT count(*) FROM vectors WHERE run_id = ?", [run.run_id]).fetchall()[0][0]
    if not stored:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in Counter(left_out.values()).most_common(3))
        raise GenrescopeError(
            f"none of the {len(left_out)} covers can be read: {reasons}. 'genrescope audit' lists them; {MOVED}"
        )
    results = {
        "dimension": encoder.dimension,
        "covers": stored,
        "left_out": len(left_out),
        "seconds": round(seconds, 2),
        "backend": backend,
        "weights_file": str(encoder.weights_file) if encoder.weights_file else None,
    }
    return finish_run(workspace, run, tables={"left_out": left_out_table(left_out)}, results=results)
