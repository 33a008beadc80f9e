"""What two embeddings agree in, in words and as a list of covers. See docs/methods.md."""

import numpy as np
import pandas as pd

from analysis.behind.agreement.agreement import read_agreements
from analysis.evaluation.by_cover import only_right
from analysis.evaluation.predictions import Verdicts, division_of, read_predictions, verdicts
from data.store.covers import collection, read_covers
from data.store.runs import Run, current_runs, get_run
from data.store.workspace import Workspace


def sentences(run: Run, metrics: pd.DataFrame) -> list[str]:
    """What an agreement run found: shared neighbours, what chance gives, and CKA."""
    first, second, k = (run.results[name] for name in ("first", "second", "k"))
    overall = metrics[metrics.genre.isna()].set_index("metric")
    near, chance = overall.loc["shared_neighbors"], overall.loc["shared_by_chance"].value
    if not np.isfinite(near.value):
        return [f"{first} and {second} cannot be held against each other: no cover has a neighbour outside its group."]
    value, low, high = k * near.value, k * near.low, k * near.high
    said = [
        f"Of a cover's {k} nearest in {first}, {value:.2f} [{low:.2f}, {high:.2f}] are among its {k} in {second} "
        f"(by chance {k * chance:.2f})."
    ]
    cka = overall.loc["cka"]
    if np.isfinite(cka.value):
        said.append(f"Linear CKA is {cka.value:.2f} [{cka.low:.2f}, {cka.high:.2f}].")
    return said


def judges(workspace: Workspace, run: Run) -> tuple[Run, Run] | None:
    """The classifier of one name that was judged out of fold on both embeddings: its two runs.

    Of several the one that is best on both together, by balanced accuracy; None where there is none.
    """
    embeddings = [get_run(workspace, graph).inputs[0] for graph in run.inputs[:2]]
    found: dict[tuple[str, str], dict[str, Run]] = {}
    for each in current_runs(workspace, "classifier"):
        on = [embedding for embedding in embeddings if embedding in each.inputs]
        if len(on) == 1 and (division := division_of(workspace, each)).kind == "folds":
            found.setdefault((each.name, division.run_id), {}).setdefault(on[0], each)
    pairs = [(both[embeddings[0]], both[embeddings[1]]) for both in found.values() if len(both) == 2]
    return max(pairs, key=lambda pair: sum(each.results.get("balanced_accuracy", 0.0) for each in pair), default=None)


def seen_by_one(workspace: Workspace, run: Run) -> pd.DataFrame:
    """Covers that a classifier tells right in one embedding and wrong in the other, out of fold (see `judges`).

    Columns: cover_id, path, genre, right_in (embedding), taken_for (in the other one), classifier, shared_neighbors;
    first those of each embedding on whose genre's probability the two differ most. Without rows where no classifier
    was trained on both.
    """
    columns = ["cover_id", "path", "genre", "right_in", "taken_for", "classifier", "shared_neighbors"]
    pair = judges(workspace, run)
    if pair is None:
        return pd.DataFrame(columns=columns)
    sides = [verdicts(read_predictions(workspace, each)) for each in pair]
    names = [run.results["first"], run.results["second"]]
    parts = [_only(sides[0], sides[1], names[0]), _only(sides[1], sides[0], names[1])]
    table = pd.concat(parts, ignore_index=True).assign(classifier=pair[0].name)
    covers = read_covers(workspace, collection(workspace))[["cover_id", "path", "genre"]]
    shared = pd.DataFrame(dict(zip(("cover_id", "shared_neighbors"), read_agreements(workspace, run), strict=True)))
    return table.merge(covers, on="cover_id").merge(shared, on="cover_id", how="left")[columns]


def seen_in_words(run: Run, table: pd.DataFrame) -> str:
    """How many covers only one of the two embeddings sees right; '' without a classifier on both."""
    if table.empty:
        return ""
    count = table.right_in.value_counts()
    first, second = (run.results[name] for name in ("first", "second"))
    return (
        f"By {table.classifier.iloc[0]}, {count.get(first, 0):,} covers are seen right in {first} only, "
        f"{count.get(second, 0):,} in {second} only."
    )


def _only(winner: Verdicts, loser: Verdicts, name: str) -> pd.DataFrame:
    cover_ids, taken_for = only_right(winner, loser)
    genres = np.array(loser.classes, dtype=object)[taken_for]
    return pd.DataFrame({"cover_id": cover_ids, "right_in": name, "taken_for": genres})
