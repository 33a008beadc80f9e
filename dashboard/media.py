"""Covers and thumbnails over HTTP: by content hash, only covers of the workspace, nothing else."""

import contextlib
import hashlib
import io
import re
from functools import lru_cache

from flask import Flask, Response, abort, send_file

from dashboard.reading import queries
from dashboard.reading.queries import Covers
from data.errors import UnreadableImage
from data.intake.images import MOVED, read_file, read_image, thumbnail_of, write_thumbnail
from data.store.workspace import Workspace

SHA256 = re.compile(r"[0-9a-f]{64}")
# What every browser shows as it is; the rest is converted. By the format that the bytes have, not the name.
SHOWN_BY_BROWSERS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
# Addresses name the content, so what they give never changes, and workspaces on one port never mix.
FOR_EVER = "public, max-age=31536000, immutable"
# The pages need nothing from any other host; this makes browsers hold them to it.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
)


def register(server: Flask, workspace: Workspace) -> None:
    """Add the routes /thumbnails/<sha256>.webp and /covers/<sha256>, and the headers that every answer carries."""

    @server.get("/thumbnails/<name>")
    def thumbnail(name: str) -> Response:
        sha256 = name.removesuffix(".webp")
        cover_id = _cover_id(workspace, sha256)
        path = workspace.thumbnail(sha256)
        if path.exists():
            return _for_ever(send_file(path, mimetype="image/webp"))
        image = read_image(_content(_cover(workspace, cover_id)))
        with contextlib.suppress(OSError):  # nobody may write there, or nothing more fits
            write_thumbnail(workspace, sha256, image)
        return _for_ever(send_file(io.BytesIO(thumbnail_of(image)), mimetype="image/webp"))

    @server.get("/covers/<sha256>")
    def original(sha256: str) -> Response:
        cover = _cover(workspace, _cover_id(workspace, sha256))
        content = _content(cover)
        if cover.format in SHOWN_BY_BROWSERS and cover.mode != "CMYK":
            return _for_ever(send_file(io.BytesIO(content), mimetype=SHOWN_BY_BROWSERS[cover.format]))
        converted = io.BytesIO()
        read_image(content).save(converted, "WEBP", quality=90)
        converted.seek(0)
        return _for_ever(send_file(converted, mimetype="image/webp"))

    @server.after_request
    def guard(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _cover_id(workspace: Workspace, sha256: str) -> int:
    """The first cover with this content; 404 for anything that is not the hash of a cover."""
    found = _ids(queries.covers(workspace)).get(sha256) if SHA256.fullmatch(sha256) else None
    return abort(404) if found is None else found


def _cover(workspace: Workspace, cover_id: int) -> queries.Cover:
    return queries.cover(workspace, cover_id) or abort(404)


@lru_cache(maxsize=4)
def _ids(covers: Covers) -> dict[str, int]:
    return {sha256: i for i, sha256 in reversed(list(enumerate(covers.sha256.tolist())))}


def _content(cover: queries.Cover) -> bytes:
    """The bytes that were imported; 404 when the file has gone or become another, which may be no cover at all."""
    try:
        content = read_file(cover.path)
    except UnreadableImage:
        abort(404, f"The file is not where it was: {MOVED}.")
    if hashlib.sha256(content).hexdigest() != cover.sha256:
        abort(404, f"The file is no longer what it was: {MOVED}.")
    return content


def _for_ever(response: Response) -> Response:
    response.headers["Cache-Control"] = FOR_EVER
    return response
