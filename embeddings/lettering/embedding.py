"""Embeddings by `text`, `text-without-names` and `lettering`: made of the words on all covers at once."""

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.errors import TooLittle
from data.grouping.groups import make_groups, read_group_ids
from data.store.covers import collection, read_covers
from data.store.runs import Run, computing, current_runs, finish_run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.families.lettered import LETTERING, METHOD, SENTENCES, WITHOUT_NAMES, folder_of
from embeddings.lettering.names import names_among
from embeddings.lettering.ocr import Word, fit, read_words
from embeddings.lettering.reading import KIND, read_boxes, read_text, read_texts, text_of
from embeddings.lettering.sentences import digest_of, sentence_vectors
from embeddings.lettering.standing import describe, learn_standing
from embeddings.lettering.wording import learn_wording
from embeddings.vectors import append_vectors

# Vectors stored in one transaction.
ROWS = 10_000
# Covers that say the same, or nothing, would have one and the same vector, and of equally near covers the first
# imported are everyone's neighbours, genre by genre. So each is nudged, by this much of its length, in a direction of
# its own.
NUDGE = 0.02

# Texts (m,) and the words on these covers, as `describe` takes them, to vectors (m, d).
Vectorize = Callable[[Sequence[str], pd.DataFrame], np.ndarray]
# cover_ids (m,), their texts, and the words on them.
Words = tuple[np.ndarray, list[str], pd.DataFrame]


def embed_words(workspace: Workspace, name: str, *, preprocessing: str = "whole") -> Run:
    """The vectors of all covers by an encoder of words; reads the words first where they are not; the finished run.

    What is learnt from the words of all covers (weights of n-grams, scales) is learnt without their genres: a
    classifier's test covers have a share in it, though not what they are. Only `text-without-names` looks at the names
    of genres, to leave them out; `text:FOLDER` learns nothing.
    Inputs: the collection, the words, and for `text-without-names` the groups. Results: as of `embed`, and without
    (covers on which nothing counts). Raises TooLittle where no two covers have a word in common, and as
    `embeddings.lettering.sentences`.
    """
    started, snapshot, read = time.monotonic(), collection(workspace), _words(workspace)
    groups = [make_groups(workspace)] if name == WITHOUT_NAMES else []
    with computing(
        workspace,
        "embedding",
        name=name,
        params=_params(name, preprocessing=preprocessing),
        inputs=[snapshot.run_id, *(each.run_id for each in (read, *groups))],
    ) as run:
        if run.finished:
            return run
        found = _said(workspace, read)
        cover_ids, texts, words = found
        vectors = _learn(workspace, run, found)(texts, words)
        digests = read_covers(workspace, snapshot).sha256.to_numpy()[cover_ids]
        nudged = apart(vectors, [bytes.fromhex(digest) for digest in digests])
        for start in range(0, len(cover_ids), ROWS):
            rows = slice(start, start + ROWS)
            append_vectors(workspace, run, cover_ids[rows], nudged[rows])
        left_out = _left_out(workspace, read)
        results = {
            "dimension": vectors.shape[1],
            "covers": len(cover_ids),
            "without": int(vectors[:, -1].sum()),
            "left_out": len(left_out),
            "seconds": round(time.monotonic() - started, 2),
            "backend": "words",
            "weights_file": None,
        }
        return finish_run(workspace, run, tables={"left_out": left_out}, results=results)


def words_encoder(workspace: Workspace, run: Run) -> Encoder:
    """The encoder of further images that made a finished embedding of words: it reads them, and learns again."""
    vectorize = _learn(workspace, run, _said(workspace, get_run(workspace, run.inputs[1])))

    def encode(batch: np.ndarray) -> np.ndarray:
        read = [read_words(square) for square in batch]
        vectors = vectorize([text_of(words) for words in read], _as_table(read))
        return apart(vectors, [hashlib.sha256(square.tobytes()).digest() for square in batch])

    return Encoder(
        name=run.name, dimension=int(run.results["dimension"]), params=run.params, prepare=fit, encode=encode
    )


def _learn(workspace: Workspace, run: Run, said: Words) -> Vectorize:
    """What an embedding of words, finished or not, makes of texts and words; learnt from those of its covers."""
    cover_ids, texts, words = said
    if run.name.startswith(SENTENCES):
        return lambda texts, _: sentence_vectors(folder_of(run.name), texts)
    if run.name == LETTERING:
        standing = learn_standing(describe(words, len(texts)))
        return lambda texts, placed: standing(describe(placed, len(texts)))
    names: frozenset[str] = frozenset()
    if run.name == WITHOUT_NAMES:
        groups = read_group_ids(workspace, get_run(workspace, run.inputs[2]))[cover_ids]
        genres = read_covers(workspace, get_run(workspace, run.inputs[0])).genre.unique()
        names = names_among(texts, groups, genres)
    wording = learn_wording(texts, names=names)
    if wording is None:
        raise TooLittle(f"{run.name}: no two covers have a word in common, or the reader found none")
    return lambda texts, _: wording(texts)


def apart(vectors: np.ndarray, digests: Sequence[bytes]) -> np.ndarray:
    """Vectors (m, d), each nudged by NUDGE of its length (or of 1, if it has none) as its cover's digest has it."""
    lengths = np.linalg.norm(vectors, axis=1)
    nudges = np.stack(
        [np.random.default_rng(int.from_bytes(digest[:8])).normal(size=vectors.shape[1]) for digest in digests]
    )
    nudges *= (NUDGE * np.where(lengths > 0, lengths, 1) / np.linalg.norm(nudges, axis=1))[:, None]
    return (vectors + nudges).astype(np.float32)


def _params(name: str, *, preprocessing: str) -> dict[str, Any]:
    """What decides the vectors beside the words, which stand in the inputs."""
    own: dict[str, Any] = {"method": METHOD, "preprocessing": preprocessing}
    return own | ({"model": digest_of(folder_of(name))} if name.startswith(SENTENCES) else {})


def _words(workspace: Workspace) -> Run:
    """The newest run of words on all covers, else one that is made now."""
    return next(iter(current_runs(workspace, KIND)), None) or read_text(workspace)


def _said(workspace: Workspace, read: Run) -> Words:
    """cover_ids (m,) of the covers read, their texts, and their words with a column row."""
    cover_ids, texts = read_texts(workspace, read)
    words = read_boxes(workspace, read)
    return cover_ids, texts, words.assign(row=np.searchsorted(cover_ids, words.cover_id.to_numpy()))


def _as_table(read: Sequence[Sequence[Word]]) -> pd.DataFrame:
    rows = [(row, *word[:-1], word.box.ravel()) for row, words in enumerate(read) for word in words]
    return pd.DataFrame(rows, columns=["row", "line", "word", "confidence", "contrast", "box"])


def _left_out(workspace: Workspace, read: Run) -> pa.Table:
    with workspace.read() as con:
        query = "SELECT cover_id, reason FROM left_out WHERE run_id = ? ORDER BY cover_id"
        return con.sql(query, params=[read.run_id]).to_arrow_table()
