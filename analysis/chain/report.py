"""The answer in one table: per embedding, and per genre, how well genres separate and how well they are told apart."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.store.covers import collection, read_covers
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace

SEPARABILITY = (("purity", "purity"), ("silhouette", "silhouette"), ("auc", "probe AUC"))


def results_table(workspace: Workspace) -> str:
    """The results of the current runs as Markdown: one table over all genres, one a genre; values with 95 % intervals.

    purity, silhouette, probe AUC: macro averages of `analysis.separability`. Accuracy and recall a genre: on the test
    side of the split, from `analysis.evaluation`; recall for the classifier that is best on average. Chance: for purity
    the expected one of random neighbours, the sum of the squared shares of the genres; for accuracy the share of the
    most frequent genre.
    """
    genres = read_covers(workspace, collection(workspace)).genre.value_counts().sort_index()
    scores = _scores(workspace)
    names = sorted(scores, key=lambda name: scores[name].get(("auc", None), (0.0,))[0])
    columns = [(key, title) for key, title in [*SEPARABILITY, *_classifiers(scores)]]
    chance = ["chance", f"{(genres / genres.sum()).pow(2).sum():.3f}", "", "0.500"]
    chance += [f"{genres.max() / genres.sum():.3f}"] * (len(columns) - len(SEPARABILITY))
    overall = [chance, *([name, *(_cell(scores[name], (key, None)) for key, _ in columns)] for name in names)]
    head = ["embedding", *(title for _, title in columns)]
    blocks = [_markdown(head, overall)]
    for key, title in [*SEPARABILITY[::2], *_best(scores)]:
        rows = [[str(genre), *(_cell(scores[name], (key, genre)) for name in names)] for genre in genres.index]
        blocks.append(_markdown([f"{title.replace('accuracy', 'recall')} per genre", *names], rows))
    return "\n\n".join(blocks)


def _scores(workspace: Workspace) -> dict[str, dict[tuple[str, Any], tuple[float, ...]]]:
    """Per embedding: (metric, genre or None) -> (value, low, high)."""
    from analysis.evaluation.predictions import read_predictions
    from analysis.evaluation.scores import score

    scores: dict[str, dict[tuple[str, Any], tuple[float, ...]]] = {}
    for run in reversed(current_runs(workspace, "separability")):
        scores.setdefault(run.name, {}).update(_separability(workspace, run))
    for run in reversed(current_runs(workspace, "classifier")):
        found = scores.setdefault(run.results["embedding"], {})
        for row in score(read_predictions(workspace, run)).itertuples():
            wanted = {"accuracy": None, "recall": row.genre}
            if row.metric in wanted and row.genre == wanted[row.metric]:
                found[_column(run), row.genre] = (row.value, row.low, row.high)
    return scores


def _separability(workspace: Workspace, run: Run) -> Mapping[tuple[str, Any], tuple[float, ...]]:
    with workspace.read() as con:
        rows = con.execute(
            "SELECT metric, genre, value, low, high FROM metrics "
            "WHERE run_id = ? AND other_genre IS NULL AND value IS NOT NULL",
            [run.run_id],
        ).fetchall()
    return {(metric, genre): tuple(numbers) for metric, genre, *numbers in rows}


def _column(run: Run) -> str:
    split = run.results["split"]
    return run.name if split == "grouped" else f"{run.name}, {split} split"


def _classifiers(scores: Mapping[str, Mapping[tuple[str, Any], Any]]) -> list[tuple[str, str]]:
    separability = {key for key, _ in SEPARABILITY} | {"lift", "ari", "ami", "homogeneity", "completeness", "v_measure"}
    found = dict.fromkeys(key for columns in scores.values() for key, _ in columns if key not in separability)
    return [(key, f"{key} accuracy") for key in found]


def _best(scores: Mapping[str, Mapping[tuple[str, Any], tuple[float, ...]]]) -> list[tuple[str, str]]:
    """The classifier of the highest mean accuracy over the embeddings, as a list of one; of none, if there is none."""

    def mean_accuracy(column: tuple[str, str]) -> float:
        found = [values[column[0], None][0] for values in scores.values() if (column[0], None) in values]
        return sum(found) / len(found)

    return sorted(_classifiers(scores), key=mean_accuracy)[-1:]


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
