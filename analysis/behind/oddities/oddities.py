"""What is likely no cover at all: vinyl labels and discs, blank pictures, placeholders; a run of kind `oddities`.

Nothing is left out by it: that takes the user's word, `genrescope exclude`. See docs/methods.md, "What is no cover".
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
from PIL import Image

from analysis.behind.oddities import suspicion
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import embedding_of, read_neighbors
from data.errors import RunNotFound, UnreadableImage
from data.grouping.duplicates import read_groups
from data.grouping.groups import NOBODY, duplicates_behind, groups_behind, read_group_ids
from data.intake.images import load_cover
from data.progress import progress
from data.store.covers import collection, read_covers
from data.store.runs import Outcome, Run, compute_run, current_runs
from data.store.workspace import Workspace
from embeddings.encoders.families.finetuned import TRAINED_ON
from embeddings.vectors import read_vectors

METHOD = 1
# Neighbours whose own likeness to a disc counts beside a picture's.
K = 10
# A picture of which this much is one colour begins to look blank; at 1 it is.
NEARLY_BLANK = 0.99
# One picture on covers of so many artists, or where artists are not known on so many covers of so many genres, is a
# placeholder. On 5,000 real covers without artists 8 groups of 5 to 7 covers, up to four genres, were all one album.
ARTISTS, COVERS, GENRES = 3, 10, 3
# From this score on a picture is listed.
LISTED = 0.9
DISC, BLANK, PLACEHOLDER = "disc", "blank", "placeholder"
REASONS = {
    DISC: "a round label or disc with a hole, among others",
    BLANK: "one colour and nothing else",
    PLACEHOLDER: "the same picture on many different albums",
}


def find_oddities(workspace: Workspace) -> Run:
    """Score every cover that counts for being no cover: table oddities, a row a cover, score 0 to 1 and its reason.

    disc: the root of a picture's own likeness to a disc (see `suspicion.disc`) times the mean of its K neighbours
    outside its group in the embedding that separates best and was not trained on the covers: labels of records lie
    together, covers with something round on them do not. blank: how far the share of one colour is beyond NEARLY_BLANK.
    placeholder: 1 for a picture on many albums. The score is the largest of the three.
    Results: embedding, covers, unread (files that are gone), listed (scores of LISTED or more, by reason).
    Raises RunNotFound without a neighbour graph.
    """
    graph = _graph(workspace)
    groups = groups_behind(workspace, _separability(workspace, graph) or graph)
    params = {"method": METHOD, "k": K, "blank": NEARLY_BLANK, "many": [ARTISTS, COVERS, GENRES], "listed": LISTED}
    inputs = [graph.run_id, groups.run_id]
    return compute_run(workspace, "oddities", lambda: _compute(workspace, graph, groups), params=params, inputs=inputs)


def read_oddities(workspace: Workspace, run: Run, *, least: float = LISTED) -> pd.DataFrame:
    """The pictures that may be no cover, the most suspicious first: cover_id, path, genre, reason, score, disc,
    neighbors_disc, one_color."""
    with workspace.read() as con:
        return con.execute(
            "SELECT cover_id, path, genre, reason, score, disc, neighbors_disc, one_color FROM oddities "
            "JOIN covers USING (cover_id) WHERE run_id = ? AND score >= ? ORDER BY score DESC, cover_id",
            [run.run_id, least],
        ).df()


def disc_score(own: np.ndarray, around: np.ndarray) -> np.ndarray:
    """The geometric mean (n,) of how like a disc covers are and how like one their neighbours are; 0 where unknown."""
    return np.asarray(np.sqrt(np.nan_to_num(own) * np.nan_to_num(around)))


def blank_score(one_color: np.ndarray) -> np.ndarray:
    """How far shares of one colour (n,) are beyond NEARLY_BLANK: 0 to 1 (n,); 0 where unknown."""
    return np.asarray(np.clip((np.nan_to_num(one_color) - NEARLY_BLANK) / (1 - NEARLY_BLANK), 0, 1))


def placeholders(groups: np.ndarray, artists: np.ndarray, genres: np.ndarray) -> np.ndarray:
    """Covers (n,) whose picture stands on many albums, bool: groups (n,) of one picture; artists (n,) '' if unknown."""
    frame = pd.DataFrame({"group": groups, "artist": [name or None for name in artists], "genre": genres})
    by_group = frame.groupby("group")
    named = by_group.artist.transform("nunique") >= ARTISTS
    unnamed = by_group.artist.transform("count") == 0
    often = (by_group.genre.transform("size") >= COVERS) & (by_group.genre.transform("nunique") >= GENRES)
    return (named | (unnamed & often)).to_numpy()


def _graph(workspace: Workspace) -> Run:
    graphs = [
        run for run in current_runs(workspace, "neighbors") if TRAINED_ON not in embedding_of(workspace, run).params
    ]
    if not graphs:
        raise RunNotFound(f"no neighbour graph of the covers there are now in {workspace.folder}: 'genrescope analyze'")
    return max(graphs, key=lambda run: _value(_separability(workspace, run)))


def _separability(workspace: Workspace, graph: Run) -> Run | None:
    made = (run for run in current_runs(workspace, "separability") if graph.run_id in run.inputs)
    return next(made, None)


def _value(separability: Run | None) -> float:
    return (separability.results.get("separability") or -1.0) if separability else -2.0


def _compute(workspace: Workspace, graph: Run, groups: Run) -> Outcome:
    cover_ids, vectors = read_vectors(workspace, embedding_of(workspace, graph))
    looks = np.array(list(_looks(workspace, cover_ids)))
    group_ids = read_group_ids(workspace, groups)[cover_ids]
    near = independent_neighbors(vectors, read_neighbors(workspace, graph).rows, group_ids, k=K)
    around = _mean_of(looks[:, 0], near)
    scores = {
        DISC: disc_score(looks[:, 0], around),
        BLANK: blank_score(looks[:, 1]),
        PLACEHOLDER: _shared(workspace, groups, cover_ids).astype(float),
    }
    table = np.stack(list(scores.values()))
    reason, score = np.array(list(scores), dtype=object)[table.argmax(axis=0)], table.max(axis=0)
    rows = {"cover_id": pa.array(cover_ids, pa.int32()), "reason": pa.array(reason, pa.string()), "score": score}
    seen = {"disc": looks[:, 0], "neighbors_disc": around, "one_color": looks[:, 1]}
    rows |= {name: pa.array(values, from_pandas=True) for name, values in seen.items()}
    listed = {name: int(((reason == name) & (score >= LISTED)).sum()) for name in scores}
    unread = int(np.isnan(looks[:, 0]).sum())
    return {"oddities": pa.table(rows)}, {
        "embedding": graph.name,
        "covers": len(cover_ids),
        "unread": unread,
        "listed": listed,
    }


def _mean_of(values: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Mean of the values (n,) over each row's neighbours (n, k), -1 for none; NaN without any."""
    known = (near >= 0) & np.isfinite(values[near])
    count = known.sum(axis=1)
    total = np.where(known, np.nan_to_num(values[near]), 0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)


def _shared(workspace: Workspace, groups: Run, cover_ids: np.ndarray) -> np.ndarray:
    covers = read_covers(workspace, collection(workspace), metadata=True).loc[cover_ids]
    artists = covers.metadata.map(_artist).to_numpy(dtype=object)
    _, near = read_groups(workspace, duplicates_behind(workspace, groups) if groups.kind == "groups" else groups)
    return placeholders(near[cover_ids], artists, covers.genre.to_numpy(dtype=object))


def _artist(metadata: str) -> str:
    import json

    name = str(json.loads(metadata).get("artist") or "").strip().lower()
    return "" if name in NOBODY else name


def _looks(workspace: Workspace, cover_ids: np.ndarray) -> Iterator[tuple[float, float]]:
    """Likeness to a disc and share of one colour of each cover, by its thumbnail or the file; NaN if both are gone."""
    files = read_covers(workspace, collection(workspace)).loc[cover_ids, ["sha256", "path"]]
    with progress(total=len(files), what="looking for what is no cover") as bar:
        for sha256, path in files.itertuples(index=False):
            pixels = _read(workspace, sha256, path)
            yield (np.nan, np.nan) if pixels is None else (suspicion.disc(pixels), suspicion.one_color(pixels))
            bar.update(1)


def _read(workspace: Workspace, sha256: str, path: str) -> np.ndarray | None:
    try:
        with Image.open(workspace.thumbnail(sha256), formats=["WEBP"]) as thumbnail:
            return suspicion.picture(thumbnail)
    except OSError:
        pass
    try:
        return suspicion.picture(load_cover(path, sha256))
    except UnreadableImage:
        return None
