"""A local server that answers like MusicBrainz and the Cover Art Archive, in the shapes that lie in `shapes`.

One server plays all hosts: /ws/2 is MusicBrainz, /caa the archive's redirects, /archive where the files are. `faults`
says what goes wrong with the next requests for a path.
"""

import io
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

from data.fetching.services import Services

SHAPES = Path(__file__).parent / "shapes"
# What may go wrong: what a fault does to the answer that would have been given.
Fault = Callable[["Handler"], None]


def shape(name: str) -> Any:
    """A documented answer."""
    return json.loads((SHAPES / name).read_text())


def album_id(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-00000000a001"


def release_id(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-00000000b001"


@dataclass
class Disc:
    """An album of the world that is replayed: votes by tag, which sides the archive has, its year, artist and label."""

    number: int
    votes: dict[str, int]
    sides: tuple[str, ...] = ("front",)
    artist: str = ""
    title: str = ""
    barcode: str = ""
    discogs: str = ""
    other_album: int | None = None

    def album(self) -> dict[str, Any]:
        entry = shape("release-groups.json")["release-groups"][0]
        entry |= {"id": album_id(self.number), "title": self.title or f"Album {self.number}"}
        entry |= {"first-release-date": f"{1950 + self.number}-05-01", "tags": self._tags()}
        entry["artist-credit"][0]["artist"] |= {"id": f"{self.number:08d}-0000-4000-8000-00000000c001"}
        entry["artist-credit"][0]["artist"] |= {"name": self.artist or f"Artist {self.number // 2}"}
        return entry

    def release(self) -> dict[str, Any]:
        entry = shape("releases.json")["releases"][0]
        entry |= {"id": release_id(self.number), "title": self.album()["title"], "barcode": self.barcode}
        entry |= {"artist-credit": self.album()["artist-credit"], "date": f"{1960 + self.number}-01-02"}
        entry["release-group"]["id"] = album_id(self.other_album or self.number)
        entry["label-info"][1]["label"]["name"] = f"Label {self.number}"
        return entry

    def index(self) -> dict[str, Any]:
        entry = shape("index.json")
        entry["release"] = f"http://musicbrainz.org/release/{release_id(self.number)}"
        entry["images"] = [image for image in entry["images"] if any(image[side] for side in self.sides)]
        return entry

    def _tags(self) -> list[dict[str, Any]]:
        return [{"name": name, "count": count} for name, count in self.votes.items()]


@dataclass
class World:
    """What there is to be found, what goes wrong, and what was asked for (path with query, headers)."""

    discs: list[Disc]
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    asked: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    base: str = ""
    clock: Callable[[], float] = time.monotonic
    page: int = 100
    etags: bool = False

    def services(self, **changes: Any) -> Services:
        """The real client's view of it: no pause, hardly any patience."""
        host = urlsplit(self.base).netloc
        usual: dict[str, Any] = {"pause": 0.0, "patience": 0.001, "hosts": (host,)}
        return Services(musicbrainz=f"{self.base}/ws/2", coverart=f"{self.base}/caa", **(usual | changes))

    def paths(self, part: str) -> list[str]:
        """What was asked for with this in its path, in order."""
        return [path for path, _, _ in self.asked if part in path]


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    world: World

    def do_GET(self) -> None:
        self.world.asked.append((self.path, dict(self.headers.items()), self.world.clock()))
        for part, faults in self.world.faults.items():
            if part in self.path and faults:
                return faults.popleft()(self)
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        for pattern, answer in _ROUTES:
            if found := re.fullmatch(pattern, url.path):
                return answer(self, query, *found.groups())
        return self.say(404, shape("error.json"))

    def say(self, status: int, content: Any, *, kind: str = "application/json", **headers: str) -> None:
        """Send a whole answer."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        etag = f'"{hash(body)}"'
        if self.world.etags and status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        if self.world.etags:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_on(self, target: str, status: int = 307) -> None:
        """Redirect, as the archive does."""
        self.say(status, f"See: {target}\n".encode(), kind="text/plain", Location=target)

    def log_message(self, *_: Any) -> None:
        """Silent."""


def _genres(handler: Handler, _query: Any) -> None:
    handler.say(200, (SHAPES / "genres.txt").read_bytes(), kind="text/plain; charset=utf-8")


def _search_albums(handler: Handler, query: dict[str, list[str]]) -> None:
    text = query["query"][0]
    if text.startswith("rgid:"):
        found = [disc for disc in handler.world.discs if album_id(disc.number) in text]
    else:
        (tag,) = re.findall(r'tag:"([^"]+)"', text)
        found = [disc for disc in handler.world.discs if tag in disc.votes]
    _answer(handler, "release-groups", [disc.album() for disc in found], query)


def _search_releases(handler: Handler, query: dict[str, list[str]]) -> None:
    text = query["query"][0]
    releases = [disc.release() for disc in handler.world.discs]
    if text.startswith("artist:"):
        words = re.findall(r'"([^"]+)"', text)
        found = [each for each in releases if any(_like(word, each) for word in words)]
    else:
        wanted = set(re.findall(r"[\w-]{8,}", text.partition(":")[2]))
        fields = {
            "reid": lambda r: r["id"],
            "rgid": lambda r: r["release-group"]["id"],
            "barcode": lambda r: r["barcode"],
        }
        found = [each for each in releases if fields[text.partition(":")[0]](each) in wanted]
    _answer(handler, "releases", found, query)


def _like(word: str, release: dict[str, Any]) -> bool:
    return word.lower()[:4] in (release["title"] + release["artist-credit"][0]["artist"]["name"]).lower()


def _answer(handler: Handler, name: str, found: list[Any], query: dict[str, list[str]]) -> None:
    offset, limit = int(query["offset"][0]), min(int(query["limit"][0]), handler.world.page)
    handler.say(200, {"count": len(found), "offset": offset, name: found[offset : offset + limit]})


def _urls(handler: Handler, query: dict[str, list[str]]) -> None:
    found = []
    for resource in query["resource"]:
        discs = [disc for disc in handler.world.discs if disc.discogs and resource.endswith(f"/{disc.discogs}")]
        if discs:
            entry = shape("urls.json")["urls"][0] | {"resource": resource}
            relation = entry["relations"][0]
            entry["relations"] = [
                relation | {"release": relation["release"] | {"id": release_id(disc.number)}} for disc in discs
            ]
            found.append(entry)
    if len(query["resource"]) > 1:
        handler.say(200, {"url-count": len(found), "url-offset": 0, "urls": found})
    elif found:
        handler.say(200, found[0])
    else:
        handler.say(404, shape("error.json") | {"error": "Not Found"})


def _index(handler: Handler, _query: Any, identity: str) -> None:
    disc = next((disc for disc in handler.world.discs if album_id(disc.number) == identity), None)
    if disc is None or "front" not in disc.sides:
        return handler.say(404, b"No cover art found for release group", kind="text/html")
    return handler.send_on(f"{handler.world.base}/archive/download/mbid-{release_id(disc.number)}/index.json")


def _stored(handler: Handler, _query: Any, identity: str, name: str) -> None:
    """archive.org sends on to the machine that has the item."""
    handler.send_on(f"{handler.world.base}/ia801507/items/mbid-{identity}/{name}", 302)


def _item(handler: Handler, _query: Any, identity: str, name: str) -> None:
    disc = next(disc for disc in handler.world.discs if release_id(disc.number) == identity)
    if name == "index.json":
        return handler.say(200, disc.index())
    return handler.say(200, picture(disc.number, back="829521843" in name), kind="image/jpeg")


def _picture(handler: Handler, _query: Any, identity: str, number: str, size: str) -> None:
    target = f"mbid-{identity}/mbid-{identity}-{number}_thumb{size}.jpg"
    handler.send_on(f"{handler.world.base}/archive/download/{target}")


_ROUTES: list[tuple[str, Callable[..., None]]] = [
    ("/ws/2/genre/all", _genres),
    ("/ws/2/release-group", _search_albums),
    ("/ws/2/release", _search_releases),
    ("/ws/2/url", _urls),
    ("/caa/release-group/([^/]+)", _index),
    (r"/caa/release/([^/]+)/(\d+)-(250|500|1200).jpg", _picture),
    ("/archive/download/mbid-([^/]+)/(.+)", _stored),
    ("/ia801507/items/mbid-([^/]+)/(.+)", _item),
]


def picture(number: int, *, back: bool = False) -> bytes:
    """A cover that no other looks like."""
    dice = np.random.default_rng([number, back])
    pattern = Image.fromarray(dice.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    content = io.BytesIO()
    pattern.resize((64, 64), Image.Resampling.NEAREST).save(content, "JPEG", quality=90)
    return content.getvalue()


# Faults.


def busy(status: int = 503, **headers: str) -> Fault:
    """A status and the documented words for it."""
    return lambda handler: handler.say(status, shape("error.json"), **headers)


def half_sent(handler: Handler) -> None:
    """Promises more bytes than come, and hangs up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(picture(1)[:300])
    handler.close_connection = True


def hung_up(handler: Handler) -> None:
    """Says nothing at all."""
    handler.close_connection = True


def elsewhere(target: str) -> Fault:
    """Sends on to another host."""
    return lambda handler: handler.send_on(target)


def sending(content: bytes, kind: str = "image/jpeg") -> Fault:
    """Answers with something else."""
    return lambda handler: handler.say(200, content, kind=kind)


@contextmanager
def replayed(world: World) -> Any:
    """Serve a world while the `with` block lasts."""
    handler = type("Replay", (Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    world.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
