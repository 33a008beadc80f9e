"""HTTP as a good guest: we say who we are, ask one thing at a time and not too often, wait when told to, and follow
nobody to hosts that we do not expect. The manners are MusicBrainz' own, see tests/data/fetching/shapes.
"""

import json
import logging
import random
import time
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from data.errors import GenrescopeError
from data.fetching.answers import Kept, read_kept, write_kept
from data.fetching.services import Services, agent, usual_services

if TYPE_CHECKING:
    import requests

log = logging.getLogger(__name__)

# How often a request is made before it is given up: where nobody has answered yet, there may be no network at all.
TRIES, TRIES_AT_FIRST = 5, 2
# How often we may be sent on.
HOPS = 5
# Seconds to connect, and between two pieces of an answer.
TIMEOUT = (10, 60)
# Bytes that an answer may have: some four hundred covers of 1,200 pixels.
LARGEST = 100_000_000
# Who asks us to wait for more seconds than this is not waited for.
LONGEST_WAIT = 300.0
# Statuses that pass: too many requests, or a server that is busy or has just fallen over.
BUSY = (429, 500, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)


class Unreachable(GenrescopeError):
    """A service that does not answer, or not now; what was fetched is kept, and the same command goes on."""


class Refused(Unreachable):
    """A service that answers something else than what was asked for."""


class Answer(NamedTuple):
    """What a service answered: status, bytes, the address that gave them in the end, and the Content-Type."""

    status: int
    content: bytes
    url: str
    kind: str = ""

    def text(self) -> str:
        """The bytes as UTF-8."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> dict[str, Any]:
        """The JSON object in it; raises Refused for anything else."""
        try:
            found = json.loads(self.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Refused(f"{_host(self.url)} answered what is no JSON: report it, this is no answer of theirs")
        return found


class Client:
    """Asks web services, one request at a time; not for several threads.

    contact: see `agent`. cache: a folder for answers; without one every question is asked anew.
    """

    def __init__(self, contact: str | None, *, services: Services | None = None, cache: Path | None = None) -> None:
        import requests

        self.services = services or usual_services()
        self.cache = cache
        self.requests = 0
        self._next = 0.0
        self._met = False
        self._session = requests.Session()
        self._session.headers["User-Agent"] = agent(contact)
        self._session.auth = lambda request: request  # else requests sends what ~/.netrc holds for the host
        own = (urlsplit(address).netloc for address in (self.services.musicbrainz, self.services.coverart))
        self._hosts = (*own, *self.services.hosts)

    def ask(self, url: str, params: Any = ()) -> Answer:
        """A text answer, from the cache where that is fresh, else by asking whether it has changed.

        Statuses 200 and 404 are answers, and kept; else, and for a web page instead of one, raises `Refused`, or
        `Unreachable` where nobody answers.
        """
        import requests

        address = str(requests.Request("GET", url, params=params).prepare().url)
        kept = read_kept(self.cache, address) if self.cache else None
        if kept is None or not kept.fresh():
            kept = self._asked(address, kept)
        return Answer(kept.status, kept.text.encode(), address)

    def load(self, url: str) -> Answer:
        """The bytes at an address, never from the cache; statuses as `ask`."""
        return _checked(self._patiently(url, {})[0])

    def _asked(self, address: str, kept: Kept | None) -> Kept:
        answer, conditions = self._patiently(address, kept.conditions if kept else {})
        if kept is not None and answer.status == 304:
            kept = kept._replace(asked=time.time())
        else:
            kept = Kept(_checked(answer).status, answer.text(), time.time(), conditions)
        if self.cache:
            write_kept(self.cache, address, kept)
        return kept

    def _patiently(self, url: str, headers: dict[str, str]) -> tuple[Answer, dict[str, str]]:
        """An answer that is not a passing failure, and the conditions to ask for a change of it."""
        import requests

        passing = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
        tried = 0
        while True:
            try:
                response, content = self._followed(url, headers)
                if response.status_code not in BUSY:
                    kind = response.headers.get("Content-Type", "")
                    return Answer(response.status_code, content, response.url, kind), _conditions(response)
                trouble, wait = f"is busy (status {response.status_code})", _retry_after(response)
            except passing as error:
                trouble, wait = _broken(error), None
            tried += 1
            if tried == (TRIES if self._met else TRIES_AT_FIRST):
                times = f"{tried} times over: try the same command later, it goes on from here"
                raise Unreachable(f"{_host(url)} {trouble}, {times}")
            self._wait(url, trouble, wait, tried - 1)

    def _followed(self, url: str, headers: dict[str, str]) -> "tuple[requests.Response, bytes]":
        """The response at the end of redirects, and its bytes."""
        for _ in range(HOPS):
            self._pace(url)
            with self._session.get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=TIMEOUT
            ) as response:
                self._met = True
                if response.status_code not in REDIRECTS:
                    return response, _content(response)
                url = self._expected(url, urljoin(url, response.headers.get("Location", "")))
        raise GenrescopeError(
            f"{_host(url)} sends us on more than {HOPS} times: report it, this is no answer of theirs"
        )

    def _expected(self, before: str, url: str) -> str:
        """The address we are sent on to, where we go there; raises GenrescopeError where not."""
        found = urlsplit(url)
        safe = found.scheme == "https" or found.scheme == urlsplit(before).scheme == "http"
        if not safe or not any(fnmatchcase(found.netloc.lower(), host) for host in self._hosts):
            raise GenrescopeError(
                f"{_host(before)} sends us on to {found.scheme}://{found.netloc}, which is none of theirs: not followed"
            )
        return url

    def _pace(self, url: str) -> None:
        """Wait until MusicBrainz may be asked again."""
        if url.startswith(self.services.musicbrainz):
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self.services.pause
        self.requests += 1

    def _wait(self, url: str, trouble: str, wait: float | None, tried: int) -> None:
        """Wait before the next try: as long as told, else twice as long each time, give or take a quarter."""
        if wait is not None and wait > LONGEST_WAIT:
            raise Unreachable(f"{_host(url)} asks to be left alone for {wait:.0f} s: try the same command after that")
        usual = self.services.patience * 2**tried * random.uniform(0.75, 1.25)
        seconds = max(usual, wait or 0.0)
        log.info("%s %s: once more in %.0f s", _host(url), trouble, seconds)
        time.sleep(seconds)


def _content(response: "requests.Response") -> bytes:
    """The whole body; raises requests' errors where it ends too early, GenrescopeError where it does not end."""
    pieces, size = [], 0
    for piece in response.iter_content(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise GenrescopeError(f"{_host(response.url)} sends more than {LARGEST // 10**6} MB: no cover is so large")
    return b"".join(pieces)


def _checked(answer: Answer) -> Answer:
    if answer.status == 200 and "html" in answer.kind:
        raise Refused(f"{_host(answer.url)} answered with a web page: is there a proxy or a login page between?")
    if answer.status not in (200, 404):
        said = " ".join(answer.text().split())[:160]
        raise Refused(f"{_host(answer.url)} refuses {urlsplit(answer.url).path} (status {answer.status}: {said})")
    return answer


def _conditions(response: "requests.Response") -> dict[str, str]:
    asked = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    return {ask: response.headers[header] for ask, header in asked.items() if header in response.headers}


def _retry_after(response: "requests.Response") -> float | None:
    """Seconds that the header Retry-After asks for, as a number or as a date; None without."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _broken(error: Exception) -> str:
    """In words what a connection died of."""
    text = str(error)
    if "resolve" in text or "Name or service" in text:
        return "cannot be found (is there a network?)"
    if "refused" in text or "unreachable" in text:
        return "does not take our call (is there a network?)"
    return "took too long" if "timed out" in text else "broke off in the middle"


def _host(url: str) -> str:
    return urlsplit(url).netloc
