"""Decoders and table readers against garbage: a value or one line of what is wrong, in bounded time and memory."""

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from data.errors import GenrescopeError, UnreadableImage
from data.intake.images import FORMATS, REASONS, decode, perceptual_hash
from data.intake.importing import import_covers
from data.intake.tables import DATABASES, READERS, read_table
from data.store.workspace import Workspace
from tests.garbage import bounded, damaged, often


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def images() -> list[bytes]:
    """A small image in every format, and in those modes that are decoded on ways of their own."""
    picture = Image.radial_gradient("L").resize((40, 30)).convert("RGB")
    grey = picture.convert("L")
    exif = Image.Exif()
    exif[0x0112] = 6
    return [
        *(saved(picture, kind) for kind in FORMATS),
        saved(picture, "JPEG", exif=exif, progressive=True),
        saved(picture.convert("CMYK"), "JPEG"),
        saved(grey.convert("I;16"), "PNG"),
        saved(picture.quantize(16), "PNG", transparency=0),
        saved(grey.convert("F"), "TIFF"),
        saved(grey.convert("I"), "TIFF", compression="tiff_lzw"),
        saved(picture, "GIF", save_all=True, append_images=[picture.rotate(90)]),
    ]


IMAGES = images()
HEADS = [content[:16] for content in IMAGES]


@often(200)
@given(
    st.one_of(
        damaged(IMAGES),
        st.binary(max_size=200),
        st.builds(lambda head, tail: head + tail, st.sampled_from(HEADS), st.binary(max_size=200)),
    )
)
def test_any_bytes_are_an_image_or_have_a_reason(content: bytes) -> None:
    with bounded():
        try:
            found = decode(content)
        except UnreadableImage as error:
            reason, line = error.reason, str(error)
        else:
            assert found.image.mode == "RGB"
            assert found.format in FORMATS
            perceptual_hash(found.image)
            return
    assert reason in REASONS
    assert "\n" not in line


def tables() -> dict[str, bytes]:
    """A small table as a file of each kind, by ending."""
    rows = [{"path": f"{i}.jpg", "genre": "Jazz|Pop" if i % 2 else "Rock", "year": 1960 + i} for i in range(20)]
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    text = "\n".join(lines)
    return {
        ".csv": text.encode(),
        ".tsv": text.replace(",", "\t").encode(),
        ".parquet": parquet.getvalue(),
        ".json": json.dumps(rows).encode(),
        ".jsonl": "\n".join(map(json.dumps, rows)).encode(),
    }


TABLES = tables()


def ask(read: Callable[[], object]) -> None:
    """Call it: it gives something, or refuses in one line."""
    line = ""
    with bounded():
        try:
            assert read()
        except GenrescopeError as error:
            line = str(error)
    assert "\n" not in line


@pytest.mark.parametrize("suffix", [*READERS, *DATABASES])
def test_any_bytes_are_a_table_or_refused_in_one_line(suffix: str, tmp_path: Path) -> None:
    @often(12)
    @given(st.one_of(st.binary(max_size=300), damaged(list(TABLES.values()))))
    def check(content: bytes) -> None:
        (tmp_path / f"table{suffix}").write_bytes(content)
        ask(lambda: read_table(tmp_path / f"table{suffix}"))

    check()


@pytest.mark.parametrize("suffix", [*TABLES, ".duckdb"])
def test_a_damaged_table_is_read_or_refused_in_one_line(suffix: str, tmp_path: Path) -> None:
    if suffix == ".duckdb":
        with duckdb.connect(tmp_path / "whole.duckdb") as con:
            con.execute("CREATE TABLE covers AS SELECT i || '.jpg' AS path, 'Jazz' AS genre FROM range(20) t(i)")
        whole = (tmp_path / "whole.duckdb").read_bytes()
    else:
        whole = TABLES[suffix]

    @often(12)
    @given(damaged([whole]))
    def check(content: bytes) -> None:
        (tmp_path / f"table{suffix}").write_bytes(content)
        ask(lambda: read_table(tmp_path / f"table{suffix}"))

    check()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ODD = st.sampled_from(["", " ", "\x00", "a\x00b", "\x1b[31m", "=1+1", "a" * 5000, "[]", "['Jazz']", "|;,", "‮", "🎷"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), TEXTS, ODD),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"genre": st.one_of(VALUES, st.just("Jazz")), "path": st.one_of(VALUES, st.just("good.png"))}
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_any_values_are_imported_or_refused_in_one_line(
    suffix: str, tmp_path: Path, new_workspace: Callable[[], Workspace]
) -> None:
    """Any text as a path or genre, any value as metadata, of a cover that is there and of others that are not."""
    workspace = new_workspace()
    Image.radial_gradient("L").save(tmp_path / "good.png")
    file = tmp_path / f"table{suffix}"

    @often(60)
    @given(ROWS, st.dictionaries(TEXTS, VALUES, max_size=3))
    def check(rows: list[dict[str, Any]], metadata: dict[str, Any]) -> None:
        rows = [{**metadata, **row} for row in rows]
        try:
            if suffix == ".parquet":
                pq.write_table(pa.Table.from_pylist(rows), file)
            else:
                file.write_text(json.dumps(rows))
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            assume(False)
        with workspace.write() as con:
            con.execute("DELETE FROM covers")
        ask(lambda: import_covers(workspace, file))

    check()


def test_not_a_number_within_a_list_is_no_metadata(tmp_path: Path, workspace: Workspace) -> None:
    Image.radial_gradient("L").save(tmp_path / "good.png")
    rows = [{"path": "good.png", "genre": "Jazz", "bpm": [1.5, math.nan], "more": {"key": math.inf}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "table.parquet")
    assert import_covers(workspace, tmp_path / "table.parquet").added == 1


def test_a_path_with_a_null_is_left_out_with_its_reason(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "table.json").write_text(json.dumps([{"path": "a\x00b.png", "genre": "Jazz"}]))
    assert import_covers(workspace, tmp_path / "table.json").rejected == 1
