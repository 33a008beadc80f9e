"""Where the web services are, and who we say we are."""

import importlib.metadata
import os
import re
from dataclasses import dataclass

from data.errors import GenrescopeError

_CONTACT = re.compile(r"[^\s@()]+@[^\s@()]+\.[^\s@()]+|https?://[^\s()]+\.[^\s()]+")


@dataclass(frozen=True)
class Services:
    """Where the services are, the hosts that they may send us on to, and how long we wait, in seconds.

    pause: from one request to MusicBrainz to the next (their rule: one a second). patience: the first wait after a
    failure, doubled each time. hosts: patterns as `*.archive.org`, with the port where it is not the usual one.
    """

    musicbrainz: str = "https://musicbrainz.org/ws/2"
    coverart: str = "https://coverartarchive.org"
    hosts: tuple[str, ...] = ("archive.org", "*.archive.org")
    pause: float = 1.0
    patience: float = 2.0


def usual_services() -> Services:
    """The services, or the mirrors of them that GENRESCOPE_MUSICBRAINZ and GENRESCOPE_COVERART name."""
    usual = Services()
    return Services(
        musicbrainz=os.environ.get("GENRESCOPE_MUSICBRAINZ", usual.musicbrainz).rstrip("/"),
        coverart=os.environ.get("GENRESCOPE_COVERART", usual.coverart).rstrip("/"),
    )


def agent(contact: str | None) -> str:
    """The User-Agent: program, version, and how to reach who runs it, as MusicBrainz asks for.

    contact: a mail address or web address, by default GENRESCOPE_CONTACT. Raises GenrescopeError without either.
    """
    given = (contact or os.environ.get("GENRESCOPE_CONTACT") or "").strip()
    if not _CONTACT.fullmatch(given) or not given.isascii():
        what = f"'{given}' is neither a mail address nor a web address" if given else "say how you can be reached"
        raise GenrescopeError(
            f"{what}: MusicBrainz turns away programs without a contact; --contact MAIL_OR_URL, or GENRESCOPE_CONTACT"
        )
    return f"genrescope/{importlib.metadata.version('genrescope')} ( {given} )"
