"""How far genres separate in each embedding, before any classifier."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.figures.dendrogram import dendrogram_figure
from analysis.figures.intervals import intervals_figure
from analysis.figures.maps import MOST, map_figure
from analysis.figures.matrices import pairs_figure
from analysis.figures.numbers import place, shown_p
from analysis.report.blocks import Block, Collage, Figure, Section, Table, Text, add_measure, missing
from analysis.report.pictures import Shelf
from analysis.report.study import Measured, Study
from analysis.separability.kinship import current_kinship
from analysis.separability.memberships import current_membership, said
from analysis.separability.separability import read_metrics
from data.listing import listed

MEASURES = {
    "separability": "Separability",
    "purity_above_chance": "Purity above chance",
    "silhouette": "Silhouette",
}
# More embeddings than this are too many for one figure; the table has them all.
IN_FIGURE = 5


def separability(study: Study, shelf: Shelf) -> Section:
    """The league of embeddings, the genres, their pairs, and the map of the best embedding."""
    title = "How far genres separate"
    if not study.measured:
        return Section("separability", title, "", [missing("Separability is", "genrescope analyze")])
    first = study.measured[0]
    blocks: list[Block] = [
        _league(study),
        _by_genre(study, shelf),
        _genres(first),
        *_pairs(first, shelf),
        *_behind(study),
    ]
    lead = (
        "Separability is 2 AUC − 1 of a linear probe that ranks covers it has not seen: 0 is chance, 1 is perfect. "
        "Intervals are of 95 %, over which covers happen to be in the collection; the embedding is held fixed."
    )
    beside = [*_kin(study, first, shelf), *_membership(study, first)]
    return Section("separability", title, lead, [*blocks, *beside, *_map(study, first, shelf)])


def _league(study: Study) -> Table:
    names = [each.name for each in study.measured]
    frame, seen = pd.DataFrame({"embedding": names}), pd.DataFrame({"Embedding": names})
    for metric, title in MEASURES.items():
        add_measure(frame, seen, metric, title, [each.overall(metric) for each in study.measured])
    caption = "Embeddings, means over the genres, the highest separability first."
    return Table("embeddings", caption, frame, seen, ["Embedding"])


def _by_genre(study: Study, shelf: Shelf) -> Figure:
    """Each genre in each embedding; genres by their separability in the first."""
    drawn = study.measured[:IN_FIGURE]
    table = pd.concat([each.rows("separability").assign(embedding=each.name) for each in drawn]).reset_index()
    title = "Separability of each genre"
    drawing = intervals_figure(table, series="embedding", chance=0, colors=shelf.colors, title=title)
    return Figure("separability-by-genre", f"{title}; the dashed line is chance.", drawing)


def _genres(measured: Measured) -> Table:
    rows = measured.rows("separability").sort_values("value", ascending=False)
    frame, seen = pd.DataFrame({"genre": rows.index}), pd.DataFrame({"Genre": rows.index})
    for metric, title in MEASURES.items():
        values = measured.rows(metric).reindex(rows.index)[["value", "low", "high"]]
        add_measure(frame, seen, metric, title, values.to_numpy())
    tested = ["p_value", "p_adjusted", "rank_low", "rank_high"]
    frame[tested] = rows[tested].to_numpy()
    seen.insert(1, "Place", [place(row.rank_low, row.rank_high) for row in rows.itertuples()])
    seen.insert(3, "p, corrected", [shown_p(value) for value in rows.p_adjusted])
    small = measured.run.results["too_small"]
    said = f" Too small for a claim: {listed(small)}." if small else ""
    caption = f"Genres in {measured.name}. Between these places each stands, all genres at once.{said}"
    return Table("separability", caption, frame, seen, ["Genre"])


def _behind(study: Study) -> list[Text]:
    """What controls and confounds come to, in the words of their runs."""
    measured = {each.run.run_id for each in study.measured}
    found = [run for run in study.runs if run.kind in ("control", "confound") and run.inputs[0] in measured]
    newest = {run.name: run for run in found}
    return [Text([f"{name}: {run.results['sentence']}" for name, run in newest.items()], look="list")] if found else []


def _pairs(measured: Measured, shelf: Shelf) -> list[Figure]:
    found = measured.metrics[(measured.metrics.metric == "separability") & measured.metrics.other_genre.notna()]
    found = found[found.value.notna()]
    if found.empty:
        return []
    title = f"Separability of pairs of genres in {measured.name}"
    caption = f"Separability of each pair of genres in {measured.name}: the fainter, the harder to tell apart."
    return [Figure("separability-of-pairs", caption, pairs_figure(found, colors=shelf.colors, title=title))]


def _kin(study: Study, measured: Measured, shelf: Shelf) -> list[Block]:
    run = current_kinship(study.workspace, measured.run)
    if run is None or not run.results["linkage"]:
        return []
    found = run.results
    title = f"Which genres are kin in {measured.name}"
    tree = (found["linkage"], found["names"], found["genres"], found["support"])
    caption = f"{title}: numbers are in how many of 100 resamples the same genres hang together. {found['sentence']}"
    return [Figure("kinship", caption, dendrogram_figure(*tree, colors=shelf.colors, title=title))]


def _membership(study: Study, measured: Measured) -> list[Block]:
    """Each genre as a question of yes or no, beside the figure by primary genre; nothing without such covers."""
    run = current_membership(study.workspace, measured.run)
    if run is None:
        return []
    rows = read_metrics(study.workspace, run)
    own = rows[(rows.metric == "membership_separability") & rows.genre.notna() & rows.other_genre.isna()]
    own = own.sort_values("value", ascending=False)
    frame, seen = pd.DataFrame({"genre": own.genre}), pd.DataFrame({"Genre": own.genre})
    by_membership, strict = (each[["value", "low", "high"]] for each in (own, measured.rows("separability")))
    add_measure(frame, seen, "membership_separability", "By membership", by_membership.to_numpy())
    add_measure(frame, seen, "separability", "By primary genre", strict.reindex(own.genre).to_numpy())
    return [Table("membership", said(run), frame, seen, ["Genre"])]


def _map(study: Study, measured: Measured, shelf: Shelf) -> list[Block]:
    run = measured.projection
    if run is None:
        return []
    with study.workspace.read() as con:
        query = "SELECT cover_id, x, y FROM projections WHERE run_id = ? ORDER BY cover_id"
        found = con.execute(query, [run.run_id]).df()
    found["genre"] = study.covers.genre.loc[found.cover_id].to_numpy()
    drawing = map_figure(found, colors=shelf.colors, title=f"Map of {measured.name}")
    blocks: list[Block] = [Figure("map", _map_caption(measured, run.results, len(found)), drawing)]
    if shelf.shown:
        picture = shelf.collage(*(found[name].to_numpy() for name in ("cover_id", "x", "y")))
        blocks.append(Collage("The same map made of covers, framed in the colours of their genres.", picture))
    return blocks


def _map_caption(measured: Measured, results: Mapping[str, Any], count: int) -> str:
    said = [f"Map of {measured.name} (UMAP), a point a cover; choose a genre in the key to light it up."]
    said += [f"{MOST:,} of {count:,} covers, drawn at random."] if count > MOST else []
    trust = [
        f"{name} {results[name]:.2f}" for name in ("trustworthiness", "continuity") if results.get(name) is not None
    ]
    said += [f"{' and '.join(trust).capitalize()}, of 1."] if trust else []
    if measured.stability and measured.stability.results.get("ari") is not None:
        found = measured.stability.results
        said.append(
            f"With another seed {found['map']:.0%} of a cover's nearest on the map stay: read tables, not distances."
        )
    return " ".join(said)
