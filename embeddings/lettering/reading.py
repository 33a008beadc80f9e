"""`read-text`: the words on every cover, resumable at batch grain."""

import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.progress import progress
from data.store.covers import collection, left_out_table, read_covers, set_aside_in, unread_in
from data.store.runs import Run, append_rows, computing, find_runs, finish_run
from data.store.workspace import Workspace
from embeddings.decode import Content, contents_of, decode_batches
from embeddings.lettering.languages import language_of, script_of
from embeddings.lettering.ocr import Word, fit, read_words, reader_params

# Covers whose words are stored in one transaction: some ten seconds' work, which a kill may lose.
COVERS = 32
KIND = "text"

# Contents with the words on them.
Read = list[tuple[Content, list[Word]]]


def read_text(workspace: Workspace) -> Run:
    """Read the words on all covers of a workspace; returns the finished run.

    What an earlier run has read with the same reader is copied, covers with the same bytes are read once, and a run
    that was killed goes on where it stopped. Covers that cannot be read as images stand in left_out.
    Results: covers (read), words, without (covers on which no word was found), left_out, seconds.
    Raises GenrescopeError where the extra is not installed, and without covers.
    """
    started, params, snapshot = time.monotonic(), reader_params(), collection(workspace)
    aside = set_aside_in(workspace, snapshot)
    with computing(workspace, KIND, name=params["reader"], params=params, inputs=[snapshot.run_id]) as run:
        if run.finished:
            return run
        _copy_known(workspace, run, snapshot)
        left_out = _read_missing(workspace, run, snapshot, list(aside)) | aside
        return _finish(workspace, run, left_out, seconds=time.monotonic() - started)


def carry_text(workspace: Workspace) -> bool:
    """Make the newest run of words anew for the covers that count now, from words that are there; nothing is read.

    Whether that gave the words of all of them; else the rest is left to `genrescope read-text`.
    """
    known, snapshot = next(iter(find_runs(workspace, KIND)), None), collection(workspace)
    if known is None:
        return False
    with computing(workspace, KIND, name=known.name, params=known.params, inputs=[snapshot.run_id]) as run:
        if run.finished:
            return True
        _copy_known(workspace, run, snapshot)
        left_out = unread_in(workspace, known) | set_aside_in(workspace, snapshot)
        whole = _counts(workspace, run)["covers"] + len(left_out) >= snapshot.params["covers"]
        if whole:
            _finish(workspace, run, left_out, seconds=0)
        return whole


def _finish(workspace: Workspace, run: Run, left_out: Mapping[int, str], *, seconds: float) -> Run:
    results = _counts(workspace, run) | {"left_out": len(left_out), "seconds": round(seconds, 2)}
    return finish_run(workspace, run, tables={"left_out": left_out_table(left_out)}, results=results)


def _copy_known(workspace: Workspace, run: Run, snapshot: Run) -> None:
    """Copy what earlier runs like this one have read, to every cover with the same bytes that counts."""
    earlier = find_runs(workspace, KIND) + find_runs(workspace, KIND, finished=False)
    for known in earlier:
        if known.run_id != run.run_id and known.params == run.params:
            for table in ("words", "texts"):  # texts last: they say which covers are read
                _copy(workspace, table, known, run, snapshot)


def _copy(workspace: Workspace, table: str, known: Run, run: Run, snapshot: Run) -> None:
    columns = "word.* EXCLUDE (run_id, cover_id)"
    with workspace.write() as con:
        con.execute(
            f"INSERT OR IGNORE INTO {table} BY NAME SELECT ? AS run_id, covers.cover_id, {columns} "
            f"FROM (SELECT sha256, min(cover_id) AS cover_id FROM texts JOIN covers USING (cover_id) WHERE run_id = ? "
            f"GROUP BY sha256) AS source JOIN {table} AS word USING (cover_id) JOIN covers USING (sha256) "
            "WHERE word.run_id = ? AND covers.cover_id < ? AND covers.cover_id NOT IN "
            "(SELECT cover_id FROM left_out WHERE run_id = ?)",
            [run.run_id, known.run_id, known.run_id, snapshot.params["covers"], snapshot.run_id],
        )


def _read_missing(workspace: Workspace, run: Run, snapshot: Run, aside: list[int]) -> dict[int, str]:
    """Read and store what has no text yet; returns what cannot be decoded, with the reason."""
    with workspace.read() as con:
        query = "SELECT cover_id FROM texts WHERE run_id = ?"
        done = {*aside, *con.sql(query, params=[run.run_id]).to_arrow_table().column(0).to_pylist()}
    covers = read_covers(workspace, snapshot)
    contents = contents_of(covers[~covers.cover_id.isin(done)])
    left_out: dict[int, str] = {}
    total = covers.sha256.nunique()
    bar = progress(total=total, initial=total - len(contents), what="read text")
    with bar, ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="read") as pool:
        for batch in decode_batches(contents, fit, size=COVERS):
            words = []
            for found in pool.map(read_words, batch.images):
                words.append(found)
                bar.update(1)
            _store(workspace, run, list(zip(batch.contents, words, strict=True)))
            for content, reason in batch.left_out:
                left_out |= dict.fromkeys(content.cover_ids, reason)
            bar.update(len(batch.left_out))
    return left_out


def _store(workspace: Workspace, run: Run, read: Read) -> None:
    of_words, of_texts = word_rows(read), text_rows(read)
    with workspace.write() as con:
        append_rows(con, run, "words", of_words)
        append_rows(con, run, "texts", of_texts)


def word_rows(read: Read) -> pa.Table:
    """Rows of the table words, but for their run: every word on every cover that has the content."""
    rows: list[dict[str, Any]] = [
        {"cover_id": cover_id, "place": place, **word._asdict(), "box": word.box.ravel()}
        for content, words in read
        for cover_id in content.cover_ids
        for place, word in enumerate(words)
    ]
    types = {"cover_id": pa.int32(), "place": pa.int16(), "line": pa.int16(), "word": pa.string()}
    types |= {"confidence": pa.float32(), "contrast": pa.float32(), "box": pa.list_(pa.float32())}
    return pa.Table.from_pylist(rows, pa.schema(types))


def text_rows(read: Read) -> pa.Table:
    """Rows of the table texts, but for their run: one a cover, also where no word was found."""
    rows = []
    for content, words in read:
        text = text_of(words)
        said = {"text": text, "script": script_of(text), "language": language_of(text)}
        rows += [{"cover_id": cover_id, **said} for cover_id in content.cover_ids]
    types = {"cover_id": pa.int32(), "text": pa.string(), "script": pa.string(), "language": pa.string()}
    return pa.Table.from_pylist(rows, pa.schema(types))


def text_of(words: Iterable[Word]) -> str:
    """The words of a cover as text, line by line."""
    lines: dict[int, list[str]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word.word)
    return "\n".join(" ".join(line) for line in lines.values())


def _counts(workspace: Workspace, run: Run) -> dict[str, int]:
    with workspace.read() as con:
        query = "SELECT count(*), count(*) FILTER (text = '') FROM texts WHERE run_id = ?"
        covers, without = con.execute(query, [run.run_id]).fetchall()[0]
        (words,) = con.execute("SELECT count(*) FROM words WHERE run_id = ?", [run.run_id]).fetchall()[0]
    return {"covers": covers, "words": words, "without": without}


def read_boxes(workspace: Workspace, run: Run) -> pd.DataFrame:
    """All words of a run in order of cover and place: columns cover_id, line, word, confidence, contrast, box."""
    with workspace.read() as con:
        columns = "cover_id, line, word, confidence, contrast, box"
        query = f"SELECT {columns} FROM words WHERE run_id = ? ORDER BY cover_id, place"
        return con.execute(query, [run.run_id]).df()


def read_texts(workspace: Workspace, run: Run) -> tuple[np.ndarray, list[str]]:
    """What is written on the covers of a run: cover_ids (m,) int32 ascending, and their texts."""
    with workspace.read() as con:
        query = "SELECT cover_id, text FROM texts WHERE run_id = ? ORDER BY cover_id"
        found = con.sql(query, params=[run.run_id]).to_arrow_table()
    return found["cover_id"].to_numpy(), found["text"].to_pylist()
