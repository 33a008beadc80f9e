"""What else is known of every cover: its brightness, palette, lettering, file, and the columns that came along.

See docs/methods.md.

A confound is columns of numbers about each cover (n, q), to be probed and regressed out, and, where it has levels that
can be left out (an artist, a label, a decade), the level of each cover.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import GenrescopeError
from data.grouping.groups import NOBODY
from data.intake.tables import VOTES_COLUMN
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace
from embeddings.encoders.families.color import GRID, LEVELS, TINTS
from embeddings.vectors import read_vectors

# Confounds that are made of an embedding's vectors, and of which.
MADE_OF = {"brightness": "color", "palette": "color", "lettering": "lettering"}
PALETTE = LEVELS * TINTS * TINTS
# A level of fewer covers than this has no column of its own; nor have those beyond the MOST frequent ones.
FEWEST, MOST = 5, 50
FEW_NUMBERS = 8  # so many different numbers at most are levels
REPEATED = 0.2  # a column of which fewer covers share their value with another one names covers, and confounds nothing


@dataclass(frozen=True)
class Confound:
    """design: (n, q) float64. levels: (n,) codes, -1 for unknown, or None. level: what one is called ("decade")."""

    name: str
    design: np.ndarray
    levels: np.ndarray | None = None
    level: str = ""


def of_file(covers: pd.DataFrame) -> Confound:
    """Width, height, aspect, bytes and bytes a pixel, each by `smooth`, with format and mode as levels."""
    pixels = covers.width * covers.height
    numbers = [covers.width, covers.height, covers.width / covers.height, covers.bytes, covers.bytes / pixels]
    parts = [smooth(number.to_numpy(float)) for number in numbers]
    parts += [indicators(coded(covers[name].astype(str))) for name in ("format", "mode")]
    return Confound("file", _varying(np.hstack(parts)))


def of_color(vectors: np.ndarray) -> dict[str, Confound]:
    """Brightness, a cover's mean L* by `smooth`, and its palette and layout, from vectors (n, 293) of `color`."""
    length = np.linalg.norm(vectors[:, :PALETTE], axis=1)
    fields = vectors[:, PALETTE:].reshape(len(vectors), GRID * GRID, 3) / np.maximum(length, 1e-9)[:, None, None]
    lightness = 50 + 50 * GRID * fields[:, :, 0].mean(axis=1)
    return {
        "brightness": Confound("brightness", smooth(lightness.astype(float))),
        "palette": Confound("palette", _varying(vectors.astype(float))),
    }


def of_lettering(vectors: np.ndarray) -> dict[str, Confound]:
    """How words stand on covers, from vectors (n, 31) of `lettering`, their squares beside them."""
    numbers = vectors.astype(float)
    return {"lettering": Confound("lettering", _varying(np.hstack([numbers, numbers**2])))}


def of_column(name: str, values: pd.Series, *, genres: Collection[str]) -> Confound | str:
    """A metadata column (n,) as a confound; as numbers by `smooth`, years by decade, else by its levels.

    Values that name nobody are a level of their own, and in numbers a column of their own. Instead of a confound the
    reason why it is none: constant, a name of nearly every cover, the genre itself.
    """
    text = values.astype("str").str.strip().str.lower()
    text = text.mask(text.isin([*NOBODY, "nan"]))
    if text.nunique(dropna=False) < 2:
        return "is the same for every cover"
    numbers = pd.to_numeric(text, errors="coerce")
    if numbers[text.notna()].notna().all() and numbers.nunique() > FEW_NUMBERS:
        if ((numbers.dropna() % 1 == 0) & numbers.dropna().between(1850, 2100)).all():
            codes = coded((numbers // 10 * 10).astype("Int64").astype("str").mask(numbers.isna()))
            return Confound(name, indicators(codes), codes, "decade")
        return Confound(name, smooth(numbers.to_numpy(float)))
    if set(text.dropna().unique()) <= {str(genre).strip().lower() for genre in genres}:
        return "is the genre itself"
    if text.duplicated(keep=False)[text.notna()].sum() < REPEATED * len(text):
        return "names covers one by one"
    codes = coded(text)
    return Confound(name, indicators(codes), codes, name)


def smooth(numbers: np.ndarray) -> np.ndarray:
    """Numbers (n,) as columns of variance 1, (n, up to 4): normal scores of their ranks, their squares and cubes.

    So what a confound does may bend, and no scale or outlier of it matters. NaN: a column of its own, else the middle.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    known = np.isfinite(numbers)
    score = np.zeros(len(numbers))
    score[known] = ndtri((rankdata(numbers[known]) - 0.5) / max(known.sum(), 1))
    columns = np.stack([score, score**2 - 1, score**3 - 3 * score, ~known], axis=1).astype(float)
    spread = columns.std(axis=0)
    return (columns[:, spread > 1e-9] - columns[:, spread > 1e-9].mean(axis=0)) / spread[spread > 1e-9]


def indicators(codes: np.ndarray) -> np.ndarray:
    """A column of 0 and 1 for each of the MOST frequent levels of FEWEST covers or more, and for the unknown (n, q)."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    kept = [code for code in np.argsort(-counts, kind="stable")[:MOST] if counts[code] >= FEWEST]
    return np.stack([codes == code for code in [*kept, -1]], axis=1).astype(float)


def coded(text: pd.Series) -> np.ndarray:
    """Levels as codes (n,), -1 where there is none."""
    return pd.factorize(text, sort=True)[0]


def known_confounds(
    workspace: Workspace, covers: pd.DataFrame, *, grouped: Sequence[str]
) -> tuple[dict[str, Confound], dict[str, str]]:
    """All confounds of covers (as `read_covers` has them, with metadata), by name; and why other columns are none.

    Each is of all covers, indexed by cover_id. grouped: columns that the groups keep together already.
    """
    found: dict[str, Confound] = {"file": of_file(covers)}
    left_out: dict[str, str] = {}
    for encoder, make in (("color", of_color), ("lettering", of_lettering)):
        embedding = embedding_behind(workspace, encoder)
        if embedding is None:
            lacking = [name for name, behind in MADE_OF.items() if behind == encoder]
            left_out |= dict.fromkeys(lacking, f"needs the embedding {encoder}: 'genrescope embed --encoder {encoder}'")
        else:
            cover_ids, vectors = read_vectors(workspace, embedding)
            found |= {name: spread_out(each, cover_ids, len(covers)) for name, each in make(vectors).items()}
    metadata = pd.DataFrame([json.loads(text) for text in covers.metadata], index=covers.index)
    for name in sorted(metadata.columns):
        if name in grouped:
            left_out[name] = "is kept together by the groups: no probe is tested on one that it learnt from"
            continue
        if name == VOTES_COLUMN:
            left_out[name] = "is the genre itself"
            continue
        made = of_column(name, metadata[name], genres=covers.genre)
        if isinstance(made, str):
            left_out[name] = made
        else:
            found[name] = made
    flat = [name for name, each in found.items() if each.design.shape[1] == 0]
    left_out |= dict.fromkeys(flat, "is the same for every cover")
    return {name: each for name, each in found.items() if name not in flat}, left_out


def embedding_behind(workspace: Workspace, encoder: str | None) -> Run | None:
    """The newest current embedding by an encoder."""
    return next((run for run in current_runs(workspace, "embedding") if run.name == encoder), None)


def chosen(found: dict[str, Confound], left_out: dict[str, str], names: Sequence[str]) -> list[Confound]:
    """Those named, by default all; raises GenrescopeError for one that is none, saying why."""
    for name in names:
        if name not in found:
            raise GenrescopeError(
                f"{name} {left_out[name]}: no confound"
                if name in left_out
                else f"there is no confound {name}: choose from {', '.join(found)}"
            )
    return [found[name] for name in (names or found)]


def spread_out(confound: Confound, cover_ids: np.ndarray, n: int) -> Confound:
    """A confound of some covers as one of all n, with zeros for the others, which no embedding has either."""
    design = np.zeros((n, confound.design.shape[1]))
    design[cover_ids] = confound.design
    return Confound(confound.name, design)


def _varying(design: np.ndarray) -> np.ndarray:
    return design[:, design.std(axis=0) > 1e-9]
