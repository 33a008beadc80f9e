"""The answer in one table: per embedding, and per genre, how well genres separate and how well they are told apart."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.separability.pure.agreement import SCORES
from data.listing import ends
from data.store.covers import collection, counting, read_covers
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace

SEPARABILITY = (
    ("separability", "separability"),
    ("purity_above_chance", "purity above chance"),
    ("silhouette", "silhouette"),
)
# Every metric of a separability run: what else is scored is a classifier.
MEASURES = {"separability", "purity", "purity_above_chance", "silhouette", *SCORES}


def results_table(workspace: Workspace) -> str:
    """The results of the current runs as Markdown: one table over all genres, one a genre; values with 95 % intervals.

    separability, purity, silhouette: macro averages of `analysis.separability`; embeddings stand by separability, the
    highest last. Balanced accuracy and, a genre, recall: out of fold, from `analysis.evaluation`; recall for the
    classifier that is best on average. Chance is 0 for the former, 1 / genres for the latter. Votes, which are on no
    one embedding, are left to `compare` and the app. The answers, a sentence an embedding, come first.
    """
    snapshot = collection(workspace)
    genres = sorted(read_covers(workspace, snapshot)[counting(workspace, snapshot)].genre.unique())
    scores, said = _scores(workspace), _sentences(workspace)
    names = sorted(scores, key=lambda name: scores[name].get(("separability", None), (-2.0,))[0])
    columns = [*SEPARABILITY, *_classifiers(scores)]
    guess = f"{1 / len(genres):.3f}"
    chance = ["chance", "0", "0", "", *[guess] * (len(columns) - len(SEPARABILITY))]
    overall = [chance, *([name, *(_cell(scores[name], (key, None)) for key, _ in columns)] for name in names)]
    blocks = ["\n".join(f"{name}: {said[name]}" for name in reversed(names) if name in said)]
    blocks.append(_markdown(["embedding", *(title for _, title in columns)], overall))
    for key, title in [*SEPARABILITY[:2], *_best(scores)]:
        rows = [[genre, *(_cell(scores[name], (key, genre)) for name in names)] for genre in genres]
        rows = ends(rows, lambda left: [f"... {left:,} more: 'genrescope export metrics' has all", *[""] * len(names)])
        blocks.append(_markdown([f"{title.replace('balanced accuracy', 'recall')} per genre", *names], rows))
    return "\n\n".join(block for block in blocks if block)


def _sentences(workspace: Workspace) -> dict[str, str]:
    """What may be said of the genres in each embedding."""
    found = reversed(current_runs(workspace, "separability"))
    return {run.name: run.results["sentence"] for run in found if "sentence" in run.results}


def _scores(workspace: Workspace) -> dict[str, dict[tuple[str, Any], tuple[float, ...]]]:
    """Per embedding: (metric, genre or None) -> (value, low, high)."""
    from analysis.evaluation.predictions import read_predictions
    from analysis.evaluation.scores import score

    scores: dict[str, dict[tuple[str, Any], tuple[float, ...]]] = {}
    for run in reversed(current_runs(workspace, "separability")):
        scores.setdefault(run.name, {}).update(_separability(workspace, run))
    trained = [run for run in current_runs(workspace, "classifier") if "members" not in run.results]
    for run in reversed(trained):
        found, column = scores.setdefault(run.results["embedding"], {}), _column(workspace, run)
        for row in score(read_predictions(workspace, run)).itertuples():
            wanted = {"balanced_accuracy": None, "recall": row.genre}
            if row.metric in wanted and row.genre == wanted[row.metric]:
                found[column, row.genre] = (row.value, row.low, row.high)
    return scores


def _separability(workspace: Workspace, run: Run) -> Mapping[tuple[str, Any], tuple[float, ...]]:
    with workspace.read() as con:
        rows = con.execute(
            "SELECT metric, genre, value, low, high FROM metrics "
            "WHERE run_id = ? AND other_genre IS NULL AND value IS NOT NULL",
            [run.run_id],
        ).fetchall()
    return {(metric, genre): tuple(numbers) for metric, genre, *numbers in rows}


def _column(workspace: Workspace, run: Run) -> str:
    from analysis.evaluation.predictions import division_of

    division = division_of(workspace, run)
    return run.name if division.kind == "folds" else f"{run.name}, {division.name} split"


def _classifiers(scores: Mapping[str, Mapping[tuple[str, Any], Any]]) -> list[tuple[str, str]]:
    """Columns of the classifiers: those of scores that are no measure of separability."""
    found = dict.fromkeys(key for columns in scores.values() for key, _ in columns)
    return [(key, f"{key} balanced accuracy") for key in found if key not in MEASURES]


def _best(scores: Mapping[str, Mapping[tuple[str, Any], tuple[float, ...]]]) -> list[tuple[str, str]]:
    """The classifier of the highest mean balanced accuracy over the embeddings, as a list of one, or of none."""

    def mean_balanced(column: tuple[str, str]) -> float:
        found = [values[column[0], None][0] for values in scores.values() if (column[0], None) in values]
        return sum(found) / len(found)

    return sorted(_classifiers(scores), key=mean_balanced)[-1:]


def _cell(scores: Mapping[tuple[str, Any], tuple[float, ...]], key: tuple[str, Any]) -> str:
    if key not in scores:
        return "-"
    value, low, high = scores[key]
    interval = f" [{low:.3f}, {high:.3f}]" if low is not None and low == low else ""
    return f"{value:.3f}{interval}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
