"""The Cover Art Archive: which pictures there are of an album, and where they lie.

Documented answers and their sources: tests/data/fetching/shapes.
"""

from typing import Any, NamedTuple

from data.fetching.client import Client
from data.fetching.musicbrainz import find_id

# Longest sides of the thumbnails that the archive makes, in pixels, and what one takes on the disk, roughly, in bytes.
SIZES = {250: 20_000, 500: 60_000, 1200: 250_000}
SIDES = ("front", "back")


class Pictures(NamedTuple):
    """The release that stands for an album in the archive, and the number of its picture of each side there is."""

    release_id: str
    numbers: dict[str, str]


def find_pictures(client: Client, album_id: str) -> Pictures | None:
    """What the archive has of an album: of the release that people chose, else of the earliest with a front.

    None where it has no front. Of several pictures of a side the first counts, as in the archive itself.
    """
    answer = client.ask(f"{client.services.coverart}/release-group/{album_id}")
    if answer.status == 404:
        return None
    found = answer.json()
    release_id = find_id(str(found.get("release", "")))
    numbers = {side: _first(found.get("images") or [], side) for side in SIDES}
    there = {side: number for side, number in numbers.items() if number}
    return Pictures(release_id, there) if release_id else None


def address(client: Client, pictures: Pictures, side: str, size: int) -> str:
    """Where a picture lies, made smaller to `size` pixels: always a JPEG, whatever was sent in."""
    return f"{client.services.coverart}/release/{pictures.release_id}/{pictures.numbers[side]}-{size}.jpg"


def _first(images: list[dict[str, Any]], side: str) -> str | None:
    numbers = (str(image.get("id")) for image in images if image.get(side) is True)
    return next((number for number in numbers if number.isascii() and number.isdigit()), None)
