"""What colour each point of the map has: by genre, cluster, prediction, trust, lettering and more; and the filter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.figures.palette import PALETTE
from dashboard.parts.answering.stability import clusters_between_seeds, map_between_seeds
from dashboard.parts.lettering.coloring import by_lettering
from dashboard.parts.lettering.coloring import kept as kept_by_lettering
from dashboard.reading import judged, lettering, queries
from dashboard.reading.behind import agreements
from dashboard.reading.behind.agreements import Beside
from dashboard.reading.chains import Chain
from dashboard.state.colors import FADED, NOISE, RIGHT, TRUST, WRONG
from dashboard.state.view import View
from data.store.runs import Run

COLORINGS = {
    "genre": "Genre",
    "cluster": "Cluster",
    "predicted": "Predicted genre",
    "right": "Right or wrong",
    "trust": "Map trust",
    "agreement": "Agreement",
    "lettering": "Lettering",
}
NEEDS_CLASSIFIER = ("predicted", "right")
# Of neighbours that another embedding shares, as shares: none, less than a quarter, a half, three quarters, more.
SHARED_EDGES = (0.001, 0.25, 0.5, 0.75)
TRUST_EDGES = (0.6, 0.75, 0.85, 0.95)


@dataclass(frozen=True, eq=False)
class Coloring:
    """codes: (n,) uint8 into colors, 0 for faded points. legend: (name, colour) each, where it is not the genres."""

    codes: np.ndarray
    colors: tuple[str, ...]
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""


def coloring(view: View, chain: Chain, classifier: Run | None, cover_ids: np.ndarray) -> Coloring:
    """Colours of these covers in the state's colouring, those that are filtered out, by genre or lettering, faded."""
    kind = view.state.color
    if kind == "cluster" and chain.clustering:
        found = _by_cluster(view, chain, chain.clustering, cover_ids)
    elif kind == "trust" and chain.projection:
        found = _by_trust(view, chain, chain.projection)
    elif kind == "agreement" and (other := compared_with(view, chain)):
        found = _by_agreement(view, chain, other, cover_ids)
    elif kind == "lettering" and (run := lettering.current(view.workspace)):
        found = Coloring(*by_lettering(view, run.run_id, cover_ids))
    elif kind in NEEDS_CLASSIFIER and classifier:
        found = _by_prediction(view, classifier, cover_ids)
    else:
        found = Coloring(view.covers.genre[cover_ids] + 1, (FADED, *view.colors.values()))
    codes, colors = _once(np.where(kept(view, cover_ids), found.codes, 0).astype(int), found.colors)
    return Coloring(codes.astype(np.uint8), colors, found.legend, found.note)


def _once(codes: np.ndarray, colors: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The same colours, each once where genres are more than a byte can tell apart: colours then repeat anyway."""
    if len(colors) <= np.iinfo(np.uint8).max:
        return codes, tuple(colors)
    kept = {color: place for place, color in enumerate(dict.fromkeys(colors))}
    return np.array([kept[color] for color in colors])[codes], tuple(kept)


def kept(view: View, cover_ids: np.ndarray) -> np.ndarray:
    """Which of these covers (n,) the filters by genre and lettering leave."""
    return _kept_by_genre(view, cover_ids) & kept_by_lettering(view, cover_ids)


def _kept_by_genre(view: View, cover_ids: np.ndarray) -> np.ndarray:
    wanted = [code for code, genre in enumerate(view.covers.genres) if genre in view.state.genres]
    if not wanted:
        return np.ones(len(cover_ids), dtype=bool)
    return np.isin(view.covers.genre[cover_ids], wanted)


def _by_cluster(view: View, chain: Chain, run: Run, cover_ids: np.ndarray) -> Coloring:
    ids, labels = queries.clusters(view.workspace, run.run_id)
    labels = _aligned(ids, labels, cover_ids, missing=-1)
    count = int(labels.max(initial=-1)) + 1
    codes = np.where(labels < 0, 1, 2 + labels % len(PALETTE))
    note = f"{count:,} clusters" + (", colours repeat. " if count > len(PALETTE) else ". ")
    note += clusters_between_seeds(chain.stability)
    noise = float((labels < 0).mean()) if len(labels) else 0.0
    return Coloring(codes, (FADED, NOISE, *PALETTE), ((f"noise, {noise:.0%}", NOISE),), note)


def _by_trust(view: View, chain: Chain, run: Run) -> Coloring:
    trust = queries.projection(view.workspace, run.run_id).trustworthiness
    codes = np.where(np.isnan(trust), 0, 1 + np.digitize(trust, TRUST_EDGES))
    names = ("below 0.60", "to 0.75", "to 0.85", "to 0.95", "above")
    note = "Share of a point's neighbours on the map that are near it in the embedding too. "
    note += map_between_seeds(chain.stability)
    return Coloring(codes, (FADED, *TRUST), tuple(zip(names, TRUST, strict=True)), note)


def compared_with(view: View, chain: Chain) -> Beside | None:
    """The embedding that this one's neighbours are compared with: the one asked for, else the best separated."""
    found = agreements.beside(view.workspace, chain)
    asked = [each for each in found if each.chain.embedding.run_id == view.state.beside]
    return next(iter([*asked, *found]), None)


def _by_agreement(view: View, chain: Chain, other: Beside, cover_ids: np.ndarray) -> Coloring:
    ids, shares = agreements.shared(view.workspace, other.run.run_id)
    found = _aligned(ids, shares, cover_ids, missing=np.nan)
    codes = np.where(np.isnan(found), 0, 1 + np.digitize(found, SHARED_EDGES))
    k = other.run.results["k"]
    names = ("none", "below a quarter", "to a half", "to three quarters", "more")
    note = f"Share of the {k} nearest in {chain.label} that are nearest in {other.chain.label}, too: "
    note += f"{np.nanmean(shares):.0%} on average."
    return Coloring(codes, (FADED, *TRUST), tuple(zip(names, TRUST, strict=True)), note)


def _by_prediction(view: View, run: Run, cover_ids: np.ndarray) -> Coloring:
    found = judged.verdicts(view.workspace, run.run_id)
    left = len(cover_ids) - len(np.intersect1d(found.cover_ids, cover_ids))
    note = f"{left:,} covers were not judged and are faded." if left else ""
    if view.state.color == "right":
        values = np.where(found.predicted == found.truth, 1, 2)
        colors: tuple[str, ...] = (FADED, RIGHT, WRONG)
        right = int((values == 1).sum())
        legend: tuple[tuple[str, str], ...] = (
            (f"right {right:,}", RIGHT),
            (f"wrong {len(values) - right:,}", WRONG),
        )
    else:
        values = found.predicted + 1
        colors = (FADED, *(view.colors.get(genre, NOISE) for genre in found.classes))
        legend = ()
    return Coloring(_aligned(found.cover_ids, values, cover_ids, missing=0), colors, legend, note)


def _aligned(ids: np.ndarray, values: np.ndarray, cover_ids: np.ndarray, *, missing: float) -> np.ndarray:
    """Values of the covers asked for, out of values of the covers in `ids`, which ascend."""
    if not len(ids):
        return np.full(len(cover_ids), missing)
    rows = np.searchsorted(ids, cover_ids).clip(max=len(ids) - 1)
    return np.where(ids[rows] == cover_ids, values[rows], missing)
