"""Names for what never existed: titles, artists and record labels of every genre."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The vocabulary of a genre. A title puts words of the first and the second kind into one of the patterns."""

    years: tuple[int, int]  # of the genre's first and last record
    artists: tuple[str, ...]
    labels: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    patterns: tuple[str, ...]


GUESTS = ("", " & Ives", " & Moreau", " & Okafor", " & Tanaka", " & Petrov", " & Salazar", " & Novak", " & Byrne",
          " & Haddad", " & Lund", " & Amari")  # fmt: skip


def new_title(names: Names, rng: random.Random) -> str:
    """A new title."""
    return rng.choice(names.patterns).format(rng.choice(names.first), rng.choice(names.second))


def new_artist(names: Names, rng: random.Random) -> str:
    """One of the genre's artists, alone or with a guest: sixty a genre, so that artists are groups and not genres."""
    return rng.choice(names.artists) + rng.choice(GUESTS)


def house_of(names: Names, artist: str) -> int:
    """Number of the house that an artist belongs to: with or without a guest, the sleeves have one style."""
    return next(number for number, name in enumerate(names.artists) if artist.startswith(name))


def _names(years: tuple[int, int], artists: str, labels: str, first: str, second: str, patterns: str) -> Names:
    return Names(years, _list(artists), _list(labels), _list(first), _list(second), _list(patterns))


def _list(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


_SEA_FIRST = "Slow, Silent, Distant, Pale, Inner, Weightless, Halcyon, Northern, Soft, Hollow, Drifting, Last"
_SEA_SECOND = "Water, Harbour, Tide, Light, Horizon, Orbit, Shoreline, Meridian, Weather, Room, Island, Air"
_SEA_PATTERNS = "{} {}, {} {}, {1}, {0} {1} II"
_GRID_FIRST = "Signal, Vector, Phase, Carrier, Static, Delta, Modular, Linear, Binary, Sector, Null, Pulse"
_GRID_SECOND = "Drift, Study, Loop, System, State, Array, Object, Theory, Motion, Field, Memory, Exit"
_GRID_PATTERNS = "{} {}, {} {}, {0}, {1} Nine"

NAMES = {
    "Cellar Bop": _names(
        (1955, 1968),
        "Otis Vandermeer, Dolores Quay Trio, Lowell Finch, Mabel Cordray Five, Hank Abernetti",
        "Lantern, Basement",
        "Midnight, Uptown, Cobalt, Sweet, Crooked, Late, Easy, Second, Lonely, Smoky, Velvet, Left",
        "Alley, Stairs, Blues, Corner, Session, Hour, Avenue, Groove, Tempo, Window, Steps, Train",
        "{} {}, {} {}, {} {}, The {0} {1}, {1} for Two, After the {1}",
    ),
    "Chamber Minimal": _names(
        (1962, 2019),
        "Ilse Marenholt, Quartetto Verano, Anselm Riedgott, Noor van Asch, The Halden Consort",
        "Edition Weiss, Ars Serena",
        "Eleven, Winter, Three, Seven, Quiet, Small, Nocturnal, Unfinished, Autumn, Twelve, Early, Five",
        "Preludes, Etudes, Elegies, Variations, Canons, Inventions, Miniatures, Letters, Mirrors, Studies, Trios",
        "{} {}, {} {}, {1} for Strings, {1} in Grey",
    ),
    "Doomcraft": _names(
        (1986, 2021),
        "Gravewright, Ashen Maw, Thornvigil, Molder King, Wyrmhollow",
        "Black Anvil, Tomb Tapes",
        "Crown, Throne, Hymn, Oath, Plague, Altar, Wound, Temple, Choir, March, Feast, Relic",
        "Ash, Iron, Wolves, Ruin, Frost, Bone, Thorns, Dusk, Serpents, Silence, Ravens, Stone",
        "{} of {}, {} of {}, {} of {}, {1} Eternal, Beneath the {0}, {0} and {1}",
    ),
    "Grid House": _names(
        (1988, 2018),
        "Kassia Lumen, Palmetto 88, Rosa Delay, Club Mirador, Sunny Vance",
        "Terrace, Night Plaza",
        _GRID_FIRST,
        _GRID_SECOND,
        _GRID_PATTERNS,
    ),
    "Grid Techno": _names(
        (1988, 2018),
        "Unit Kessler, Halbton, Marek Voss, Object Nine, Nadja Ferro",
        "Werk Sieben, Raster Sud",
        _GRID_FIRST,
        _GRID_SECOND,
        _GRID_PATTERNS,
    ),
    "Moonwave": _names(
        (1978, 2021),
        "Selene Park, Far Lagoon, Oriel, Low Apogee, Mira Sund",
        "Afterglow, Quiet Bay",
        _SEA_FIRST,
        _SEA_SECOND,
        _SEA_PATTERNS,
    ),
    "Prairie Folk": _names(
        (1966, 1981),
        "Clem Hartley, The Dry Creek Sisters, Wade Sorrel, Annie Lark, Juniper & Roy",
        "Wagon Wheel, Big Sky",
        "Dusty, Lonesome, Golden, Wild, Long, Open, Copper, Broken, Sweet, Western, Homeward, Empty",
        "Road, Prairie, River, Mile, Rose, Lantern, Saddle, Canyon, Fence, Horses, Valley, Sundown",
        "{} {}, {} {}, {0} {1} Home, The {0} {1}",
    ),
    "Tidewave": _names(
        (1978, 2021),
        "Inlet, Hanne Solberg, Grey Estuary, Moth & Tide, Kelp Choir",
        "Saltmarsh, Stillwater",
        _SEA_FIRST,
        _SEA_SECOND,
        _SEA_PATTERNS,
    ),
    "Velvet Soul": _names(
        (1966, 1981),
        "Loretta Fain, The Sable Brothers, Curtis Amory, Honey Delacroix, Sweet Meridian",
        "Satin, Motorway",
        "Tender, Real, Sugar, Deep, Golden, Higher, Honest, Warm, Velvet, Mellow, Brand New, True",
        "Love, Feeling, Heart, Fire, Baby, Time, Rhythm, Soul, Lovin, Touch, Morning, Devotion",
        "{} {}, {} {}, {} {}, {} {}, More {1}, Give Me {1}",
    ),
    "Crossover": _names(
        (1971, 2021),
        "Patchwork Radio, Mona Lorca, Everything Club, Jun & the Others, Atlas Motel",
        "Borderline, Open Format",
        "Borrowed, Other, Many, Mixed, Foreign, Double, Several, New, Strange, Common, Loose, Second",
        "Rooms, Voices, Maps, Places, Colours, Languages, Doors, Weathers, Tongues, Signals, Hats, Streets",
        "{} {}, {} {}, {1} Everywhere, All {1}",
    ),
}
