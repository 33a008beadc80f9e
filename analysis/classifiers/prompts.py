"""What CLIP is asked: genres in words, and the templates that these are put into. See docs/methods.md."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from data.errors import GenrescopeError

# A genre's text vector is the mean over all of them: single wordings vary by several points of accuracy (Radford et
# al. 2021, Learning Transferable Visual Models From Natural Language Supervision, section 3.1.4).
TEMPLATES = (
    "an album cover of {} music",
    "the cover of a {} album",
    "the sleeve of a {} record",
    "the front of a {} LP",
    "cover art for {} music",
    "a photo of a {} album cover",
    "the cover of a CD by a {} artist",
)

Names = Mapping[str, Sequence[str]]


def spoken(genre: str) -> str:
    """A genre's label as words: 'HipHop' and 'hip_hop' are two."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", genre).replace("_", " ").strip()


def read_names(file: Path) -> dict[str, list[str]]:
    """What genres are called, from a JSON object (genre: name, or a list of names) or a CSV of columns genre and name.

    Raises GenrescopeError when the file is neither, or gives a genre no name.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        found = _from_json(text) if file.suffix == ".json" else _from_csv(text)
    except OSError as error:
        raise GenrescopeError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise GenrescopeError(
            f'{file} names no genres: write JSON, {{"HipHop": ["hip hop", "rap"]}}, or a CSV with the columns '
            "genre and name"
        ) from error
    empty = [genre for genre, names in found.items() if not names or not all(name.strip() for name in names)]
    if empty:
        raise GenrescopeError(f"{file} gives {', '.join(empty)} an empty name: write one, or leave the genre out")
    return found


def names_of(genres: Sequence[str], given: Names | None = None) -> dict[str, list[str]]:
    """Names of each genre: those given, else its label as words; raises GenrescopeError for a name of no genre."""
    unknown = sorted(set(given or {}) - set(genres))
    if unknown:
        raise GenrescopeError(f"there is no genre {', '.join(unknown)} here to name: there are {', '.join(genres)}")
    return {genre: list((given or {}).get(genre, [spoken(genre)])) for genre in genres}


def prompts_of(names: Sequence[str]) -> list[str]:
    """Every template with every name in it."""
    return [template.replace("{}", name) for name in names for template in TEMPLATES]


def mean_direction(vectors: np.ndarray) -> np.ndarray:
    """The mean (d,) of directions (n, d), at length 1."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    mean = unit.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _from_json(text: str) -> dict[str, list[str]]:
    found = json.loads(text)
    return {
        genre: [names] if isinstance(names, str) else [str(name) for name in names] for genre, names in found.items()
    }


def _from_csv(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["genre"].strip(), []).append((row["name"] or "").strip())
    if not found:
        raise ValueError("no rows")
    return found
