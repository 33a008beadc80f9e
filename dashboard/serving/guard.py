"""Who is answered: requests to a name that is ours, from pages of ours, and with the token where there is one.

Any site may let its name point to 127.0.0.1 (DNS rebinding) and have a browser ask us as if we were that site: its
name in Host gives it away. Any site may have forms posted to us: Origin names it, and browsers always send it there.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, redirect, request

from data.errors import GenrescopeError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
EVERY_NETWORK = ("0.0.0.0", "::", "")
SHORTEST_TOKEN = 16

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_OTHER_NAME = (
    "genrescope does not answer to this name. Open it as localhost, or let it answer to the name: "
    "genrescope serve --allow-host NAME"
)
_OTHER_SITE = "genrescope takes this from its own pages only. Behind a proxy, let that hand on the Host header."
_NO_TOKEN = "genrescope wants its token here: open the address that 'genrescope serve' printed."


@dataclass(frozen=True)
class Access:
    """Who is answered. names: hosts in lower case; numbers: any IP address, too; token: '' where none is wanted.

    An IP address in Host is no rebinding: the page that asks was then loaded from this very address.
    """

    names: frozenset[str] = LOOPBACK
    numbers: bool = False
    token: str = ""

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names us; on which port does not matter."""
        found = _HOST.fullmatch(host)
        name = found[1].lower() if found else ""
        return name in self.names or (self.numbers and _is_number(name))

    @property
    def cookie(self) -> tuple[str, str]:
        """Name and value of the cookie that stands for the token, without giving it away to other ports of the host."""
        name = hashlib.sha256(self.token.encode()).hexdigest()[:8]
        return f"genrescope-{name}", hmac.new(self.token.encode(), b"cookie", "sha256").hexdigest()


def access_for(host: str, allowed: Iterable[str] = (), *, token: str = "") -> Access:
    """What listening at `host` means: loopback's names, that host's, those allowed beside.

    Of every network: this machine's name and any IP address. Raises GenrescopeError for what is no name, and for a
    token that can be guessed.
    """
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii()):
        raise GenrescopeError(f"a token has {SHORTEST_TOKEN} characters of ASCII at least; --token alone makes one")
    everywhere = host in EVERY_NETWORK
    own = socket.gethostname() if everywhere else host
    names = LOOPBACK | {_name(each) for each in allowed}
    return Access(names | ({_name(own)} if _named(own) else set()), everywhere, token)


def new_token() -> str:
    """A token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def is_loopback(address: str) -> bool:
    """Whether nobody but this machine can reach an IP address."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def register(server: Flask, access: Access) -> None:
    """Let only who may ask come to any route: pages, callbacks, covers and assets alike."""

    @server.before_request
    def refuse() -> Response | None:
        if not access.answers_to(request.headers.get("Host", "")):
            return _refusal(403, _OTHER_NAME)
        if request.method not in _SAFE_METHODS and not _from_own_page():
            return _refusal(403, _OTHER_SITE)
        return _without_token(access) if access.token else None

    @server.after_request
    def keep_private(response: Response) -> Response:
        if access.token and response.cache_control.public:
            response.cache_control.public = False
            response.cache_control.private = True
        return response


def _from_own_page() -> bool:
    """Whether Origin is where the request goes; programs, which no site can make ask us, send none."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("Host", "").lower()


def _without_token(access: Access) -> Response | None:
    """None for who has the cookie; who has the token gets the cookie and the clean address, others are refused."""
    name, value = access.cookie
    if _same(request.cookies.get(name, ""), value) and "token" not in request.args:
        return None
    if request.method in ("GET", "HEAD") and _same(request.args.get("token", ""), access.token):
        answer = redirect(_clean_address(), 303)
        answer.set_cookie(name, value, httponly=True, samesite="Lax", secure=request.is_secure)
        return answer  # type: ignore[return-value]
    return _refusal(401, _NO_TOKEN)


def _clean_address() -> str:
    """The address asked for, without the token; never that of another host, which would begin with two slashes."""
    path = "/" + quote(request.path).lstrip("/\\")
    query = urlencode([(name, value) for name, value in request.args.items(multi=True) if name != "token"])
    return f"{path}?{query}" if query else path


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _refusal(status: int, text: str) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")


def _named(host: str) -> bool:
    return bool(_HOST.fullmatch(_bracketed(host)))


def _name(host: str) -> str:
    """A host as Host headers have it; raises GenrescopeError for anything else, as an address with a scheme."""
    found = _HOST.fullmatch(_bracketed(host))
    if found is None:
        raise GenrescopeError(f"{host!r} is no name of a host: --allow-host takes one such as covers.example.org")
    return found[1].lower()


def _bracketed(host: str) -> str:
    """An IPv6 address in its brackets; a name beyond ASCII as DNS has it; else as it is."""
    if host.count(":") > 1 and not host.startswith("["):
        return f"[{host.partition('%')[0]}]"
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _is_number(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return False
