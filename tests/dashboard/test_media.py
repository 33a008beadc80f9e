"""Covers over HTTP: only covers of the workspace, by content hash, cached for ever."""

import hashlib
import html
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dashboard.app import create_app
from dashboard.reading import queries
from data.intake.importing import import_covers
from data.store.workspace import Workspace, open_workspace
from tests.dashboard.driving import open_page


@pytest.fixture(scope="module")
def client(filled: Workspace) -> Any:
    return create_app(filled).server.test_client()


def sha256_of(workspace: Workspace, cover_id: int = 0) -> str:
    return str(queries.covers(workspace).sha256[cover_id])


def test_a_thumbnail_is_made_when_missing_and_cached_for_ever(client: Any, filled: Workspace) -> None:
    sha256 = sha256_of(filled, 3)
    filled.thumbnail(sha256).unlink(missing_ok=True)
    answer = client.get(f"/thumbnails/{sha256}.webp")
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert max(Image.open(io.BytesIO(answer.data)).size) <= 256
    assert filled.thumbnail(sha256).exists()


def test_a_thumbnail_comes_from_memory_where_none_can_be_written(client: Any, filled: Workspace) -> None:
    sha256 = sha256_of(filled, 7)
    folder = filled.thumbnail(sha256).parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()  # a file where the folder would be: nobody writes there, not even root
    try:
        answer = client.get(f"/thumbnails/{sha256}.webp")
    finally:
        folder.unlink()
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.data)).size == (256, 256)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_original_is_served_byte_for_byte(client: Any, filled: Workspace) -> None:
    sha256 = sha256_of(filled)
    answer = client.get(f"/covers/{sha256}")
    assert answer.mimetype == "image/jpeg"
    assert hashlib.sha256(answer.data).hexdigest() == sha256
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/covers/" + "0" * 64,
        "/covers/{upper}",
        "/covers/{short}",
        "/covers/{sha256}/../../genrescope.duckdb",
        "/covers/..%2f..%2fgenrescope.duckdb",
        "/covers/%2e%2e/genrescope.duckdb",
        "/covers//etc/passwd",
        "/covers/%2fetc%2fpasswd",
        "/thumbnails/../genrescope.duckdb",
        "/thumbnails/..%2fgenrescope.duckdb",
        "/thumbnails/" + "f" * 64 + ".webp",
        "/thumbnails/{sha256}.webp%00.html",
        "/static/genrescope.duckdb",
        "/genrescope.duckdb",
        "/assets/../cli.py",
        "/assets/%2e%2e/cli.py",
    ],
)
def test_nothing_else_is_served(client: Any, filled: Workspace, path: str) -> None:
    sha256 = sha256_of(filled)
    answer = client.get(path.format(sha256=sha256, upper=sha256.upper(), short=sha256[:63]))
    # Addresses outside these routes get the app's own empty page, which holds nothing of the workspace.
    assert answer.status_code == 404 or b"react-entry-point" in answer.data


def test_a_file_that_is_no_longer_the_cover_is_not_served(tmp_path: Path) -> None:
    folder = tmp_path / "covers" / "Rock"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 40), "red").save(folder / "a.png")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    import_covers(workspace, folder.parent)
    client = create_app(workspace).server.test_client()
    sha256 = sha256_of(workspace)
    assert client.get(f"/covers/{sha256}").status_code == 200
    (folder / "a.png").write_text("a secret")
    assert client.get(f"/covers/{sha256}").status_code == 404
    (folder / "a.png").rename(tmp_path / "b.png")
    answer = client.get(f"/covers/{sha256}")
    assert answer.status_code == 404
    assert "genrescope relocate FOLDER" in html.unescape(answer.text)
    assert "is not there: if the covers have moved" in open_page(client, "/map", "?cover=0")


@pytest.mark.parametrize(("mode", "suffix"), [("CMYK", "jpg"), ("RGB", "tiff"), ("RGB", "bmp")])
def test_formats_that_browsers_cannot_show_are_converted(tmp_path: Path, mode: str, suffix: str) -> None:
    folder = tmp_path / "covers" / "Rock"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 30), "teal").convert(mode).save(folder / f"a.{suffix}")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    import_covers(workspace, folder.parent)
    answer = create_app(workspace).server.test_client().get(f"/covers/{sha256_of(workspace)}")
    assert answer.mimetype == "image/webp"
    assert Image.open(io.BytesIO(answer.data)).size == (40, 30)


def test_pages_may_load_nothing_from_elsewhere(client: Any) -> None:
    answer = client.get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b"https://" not in answer.data
    assert b"cdn" not in answer.data.lower()
