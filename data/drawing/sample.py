"""A collection of drawn covers with planted truth: what an analysis ought to find is known beforehand."""

import csv
import io
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from PIL import Image

from data.drawing.art import STYLES
from data.drawing.art.names import NAMES, house_of, new_artist, new_title
from data.drawing.art.sleeve import Sleeve
from data.errors import GenrescopeError
from data.progress import progress

GENRES = tuple(sorted(NAMES))
MIXTURE = "Crossover"  # each of its covers is drawn in the style of another genre
ALIKE = ("Moonwave", "Tidewave")  # the same art but for a hand's breadth
COLOR_TWINS = ("Grid House", "Grid Techno")  # the same layouts and type in other colours
SHAPE_TWINS = ("Prairie Folk", "Velvet Soul")  # the same colours in other shapes

# Shares of all covers, none of them in the mixture.
WRONG_LABELS = 0.06  # drawn and meant for one genre, filed in another
EXACT_COPIES = 0.04  # the same bytes as a cover of another genre
NEAR_COPIES = 0.03  # a cover saved again, smaller and coarser, in the same genre or another

FEWEST = 5  # covers a genre
TRUTH = "truth.csv"
DRAWN_QUALITY, COPY_QUALITY, COPY_SIDE = 90, 70, 280


@dataclass(frozen=True)
class Planted:
    """One row of truth.csv: a cover, and what is known of it."""

    file: str  # relative to the collection's folder
    genre: str  # its label: the folder it lies in
    true_genre: str  # the label it deserves
    drawn_as: str  # the genre whose style it has: its true genre, but for the mixture
    wrong_label: bool  # genre differs from true_genre, for copies too
    exact_copy_of: str  # file of the original, or empty
    near_copy_of: str
    title: str
    artist: str
    year: int
    label: str


def write_sample(folder: Path, *, covers: int = 600, seed: int = 42) -> Path:
    """Draw a collection into `folder`, one folder a genre, and return the path of its truth.csv.

    The same number of covers and the same seed give the same bytes. A collection that an earlier call left in
    the folder is replaced. Raises GenrescopeError when the folder holds anything else, and when there would be
    fewer than 5 covers a genre.
    """
    plan = plan_sample(covers=covers, seed=seed)
    _prepare(folder)
    _write_truth(folder / TRUTH, plan)
    originals = [number for number, cover in enumerate(plan) if not (cover.exact_copy_of or cover.near_copy_of)]
    with progress(total=covers, what="drawing") as bar, ThreadPoolExecutor() as pool:

        def draw(number: int) -> None:
            (folder / plan[number].file).write_bytes(draw_cover(plan[number], number=number, seed=seed))
            bar.update(1)

        list(pool.map(draw, originals))
        for cover in plan:
            if cover.exact_copy_of or cover.near_copy_of:
                (folder / cover.file).write_bytes(_copy(folder, cover))
                bar.update(1)
    return folder / TRUTH


def plan_sample(*, covers: int, seed: int) -> list[Planted]:
    """Decide on every cover of a collection before the first is drawn."""
    if covers < FEWEST * len(GENRES):
        raise GenrescopeError(
            f"{covers} covers are too few for {len(GENRES)} genres: ask for --covers {FEWEST * len(GENRES)} or more"
        )
    rng = random.Random(f"{seed}/plan")
    wrong, exact, near = _planted_numbers(covers, rng)
    plan: dict[int, Planted] = {}
    for number in range(covers):
        if number not in exact | near:
            genre = _genre(number)
            true_genre = rng.choice(_mistaken_for(genre)) if number in wrong else genre
            plan[number] = _original(number, true_genre, rng)
    originals = [number for number in plan if number not in wrong and _genre(number) != MIXTURE]
    rng.shuffle(originals)
    for number in sorted(exact | near):
        source = next(other for other in originals if number in near or _genre(other) != _genre(number))
        originals.remove(source)
        plan[number] = _planted_copy(number, plan[source], exact=number in exact)
    return [plan[number] for number in range(covers)]


def draw_cover(cover: Planted, *, number: int, seed: int) -> bytes:
    """Draw an original: the JPEG file's bytes, which depend on the plan, the cover's number and the seed only."""
    house = house_of(NAMES[cover.true_genre], cover.artist)
    rng = random.Random(f"{seed}/cover/{number}")
    sleeve = Sleeve(cover.title, cover.artist, cover.year, cover.label, house, rng)
    return _jpeg(STYLES[cover.drawn_as](sleeve), DRAWN_QUALITY)


def read_truth(path: Path) -> list[Planted]:
    """The rows of a truth.csv; raises GenrescopeError when it is none."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != [field.name for field in fields(Planted)]:
            raise GenrescopeError(f"{path} was not written by 'genrescope sample': name another folder")
        return [_planted(row) for row in reader]


def _planted_numbers(covers: int, rng: random.Random) -> tuple[set[int], set[int], set[int]]:
    """Numbers of the covers to be filed wrongly, to be exact copies and to be near copies."""
    eligible = [number for number in range(covers) if _genre(number) != MIXTURE]
    rng.shuffle(eligible)
    drawn = iter(eligible)
    wrong, exact, near = (
        {next(drawn) for _ in range(round(share * covers))} for share in (WRONG_LABELS, EXACT_COPIES, NEAR_COPIES)
    )
    return wrong, exact, near


def _genre(number: int) -> str:
    """The folder of a cover: the genres take turns."""
    return GENRES[number % len(GENRES)]


def _mistaken_for(genre: str) -> list[str]:
    """Genres whose covers may be filed under this one: those that would be noticed there."""
    return [other for other in GENRES if other not in (genre, MIXTURE) and not (genre in ALIKE and other in ALIKE)]


def _original(number: int, true_genre: str, rng: random.Random) -> Planted:
    names = NAMES[true_genre]
    title, artist = new_title(names, rng), new_artist(names, rng)
    return Planted(
        file=_file(number, title),
        genre=_genre(number),
        true_genre=true_genre,
        drawn_as=rng.choice(tuple(STYLES)) if true_genre == MIXTURE else true_genre,
        wrong_label=true_genre != _genre(number),
        exact_copy_of="",
        near_copy_of="",
        title=title,
        artist=artist,
        year=rng.randint(*names.years),
        label=names.labels[house_of(names, artist) % len(names.labels)],
    )


def _planted_copy(number: int, source: Planted, *, exact: bool) -> Planted:
    cover = replace(
        source,
        file=_file(number, source.title),
        genre=_genre(number),
        wrong_label=source.true_genre != _genre(number),
    )
    return replace(cover, exact_copy_of=source.file) if exact else replace(cover, near_copy_of=source.file)


def _file(number: int, title: str) -> str:
    return f"{_genre(number)}/{number // len(GENRES) + 1:03d} {title}.jpg"


def _copy(folder: Path, cover: Planted) -> bytes:
    if cover.exact_copy_of:
        return (folder / cover.exact_copy_of).read_bytes()
    with Image.open(folder / cover.near_copy_of) as original:
        return _jpeg(original.resize((COPY_SIDE, COPY_SIDE), Image.Resampling.LANCZOS), COPY_QUALITY)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def _planted(row: dict[str, Any]) -> Planted:
    return Planted(**{**row, "wrong_label": row["wrong_label"] == "true", "year": int(row["year"])})


def _write_truth(path: Path, plan: list[Planted]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Planted)])
        writer.writeheader()
        for cover in plan:
            writer.writerow({**asdict(cover), "wrong_label": str(cover.wrong_label).lower()})


def _prepare(folder: Path) -> None:
    """Make the folders; remove an earlier collection, which is what its truth.csv lists, and nothing else."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / TRUTH).is_file():
            raise GenrescopeError(f"{folder} holds other files: name an empty folder or one that does not exist yet")
        for cover in read_truth(folder / TRUTH):
            name = Path(cover.file).name
            if cover.genre in GENRES and cover.file == f"{cover.genre}/{name}":
                (folder / cover.file).unlink(missing_ok=True)
    try:
        for genre in GENRES:
            (folder / genre).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GenrescopeError(f"cannot draw covers into {folder}: {error.strerror}; name another folder") from error
