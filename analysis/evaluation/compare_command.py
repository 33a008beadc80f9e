"""The verb `compare`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import OUT_OF_FOLD, json_option, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from analysis.evaluation.comparison import Comparison
    from data.store.runs import Run
    from data.store.workspace import Workspace

BESIDE = ("recall", "precision", "f1", "predicted_share")


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.argument("others", metavar="[C ...]", nargs=-1)
@click.option("--split", metavar="NAME", default=OUT_OF_FOLD, show_default=True, help="Where A or B is no run id.")
@click.option("--margin", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="What counts as equal.")
@seed_option
@json_option
@workspace_option
def compare_command(
    a: str,
    b: str,
    others: tuple[str, ...],
    split: str,
    margin: float,
    seed: int,
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Tell whether classifier A beats classifier B, or whether it is noise.

    A, B, ... are CLASSIFIER@EMBEDDING or run ids; they are compared on the covers that both judged, more than two in
    all pairs. Over all the mean recall of the genres decides (balanced accuracy), within a genre the AUC of its
    probability, which a classifier that merely says the genre more often does not win; its recall, precision and
    share of the predictions stand beside. Differences are A - B with 95 % intervals; p-values come from swapping whole
    groups of covers, corrected for the number of genres or pairs (Holm). Defined in docs/methods.md.

    \b
    Examples:
      genrescope compare logistic@resnet18 knn@resnet18
      genrescope compare logistic@resnet18 logistic@color --split grouped
      genrescope compare logistic@resnet18 knn@resnet18 rbf-svm@resnet18 --margin 0.01
    """
    from analysis.evaluation.comparison import compare, compare_all
    from analysis.evaluation.predictions import read_predictions
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    runs = [find_classifier(opened, which, split=split) for which in (a, b, *others)]
    predictions = [read_predictions(opened, run) for run in runs]
    if others:
        table = compare_all(predictions, margin=margin, seed=seed)
        click.echo(_json(table) if as_json else _pairs(table))
    else:
        found = compare(*predictions, margin=margin, seed=seed)
        click.echo(json.dumps(as_dict(found), indent=2) if as_json else _text(found))


def find_classifier(workspace: "Workspace", which: str, *, split: str) -> "Run":
    """The newest run of a CLASSIFIER@EMBEDDING on that split, or the run with this id; raises RunNotFound."""
    from analysis.evaluation.predictions import division_of
    from data.errors import RunNotFound
    from data.store.runs import find_runs, get_run

    classifier, at, embedding = which.partition("@")
    if not at:
        run = get_run(workspace, which)
        if run.kind == "classifier" and run.finished:
            return run
        raise RunNotFound(f"run {which} is no finished classifier: name one as CLASSIFIER@EMBEDDING, or by its run id")
    wanted = ("folds" if split == OUT_OF_FOLD else "split", split)
    for run in find_runs(workspace, "classifier", name=classifier):
        division = division_of(workspace, run)
        if run.results["embedding"] == embedding and (division.kind, division.name) == wanted:
            return run
    raise RunNotFound(
        f"no {classifier} on {embedding}, split '{split}', in {workspace.folder}: make it with "
        f"'{_making(classifier, embedding, split=split)}'"
    )


def _making(classifier: str, embedding: str, *, split: str) -> str:
    """The command that makes CLASSIFIER@EMBEDDING; of a vote the embedding says who its members are."""
    name, _, search = classifier.partition(":")
    if name == "vote":
        return f"genrescope vote {embedding.replace(',', ' ')} --split {split}"
    option = f" --search {search}" if search else ""
    return f"genrescope train --classifier {name}{option} --embedding {embedding} --split {split}"


def as_dict(found: "Comparison") -> dict[str, Any]:
    """A comparison for JSON: its facts, the sentence, and its tables as lists of rows."""
    facts = ("title_a", "title_b", "covers", "groups", "repeats", "folds", "margin")
    return {
        **{name: getattr(found, name) for name in facts},
        "sentence": sentence(found),
        "holds": found.holds(),
        **{name: json.loads(_json(getattr(found, name))) for name in ("measures", "overlap", "matrix")},
    }


def sentence(found: "Comparison") -> str:
    """What the comparison shows over all, in one sentence."""
    row = found.primary().iloc[0]
    return _in_words(found.title_a, found.title_b, row.a, row.b, row)


def pair_sentence(row: Any) -> str:
    """What a row of `compare_all` shows, in one sentence."""
    return _in_words(row.a, row.b, row.value_a, row.value_b, row)


def _in_words(title_a: str, title_b: str, a: float, b: float, row: Any) -> str:
    from analysis.evaluation.words import said

    words = said(row.verdict, title_a, title_b)
    return f"{words}: balanced accuracy {a:.3f} and {b:.3f}, {_difference(row)}, p {_p(row.p_adjusted)}."


def _text(found: "Comparison") -> str:
    from analysis.evaluation.words import overlap_in_words

    heading = [sentence(found), f"A: {found.title_a}", f"B: {found.title_b}"]
    heading.append(f"{found.covers:,} covers in {found.groups:,} groups; intervals and p-values hold {found.holds()}.")
    shared = overlap_in_words(found.overlap.iloc[0], "A", "B")
    return "\n".join([*heading, "", *_overall(found), "", *_genres(found), "", shared])


def _overall(found: "Comparison") -> list[str]:
    rows = found.measures[found.measures.genre.isna()]
    lines = [f"{'over all':<20} {'A':>6} {'B':>6}  {'A - B':<24} p"]
    for row in rows.itertuples():
        name = row.measure.replace("_", " ")
        lines.append(f"{name:<20} {row.a:>6.3f} {row.b:>6.3f}  {_difference(row):<24} {_p(row.p_adjusted)}")
    return lines


def _genres(found: "Comparison") -> list[str]:
    """A line a genre: the primary measure with its verdict, and what moved beside it."""
    head = f"{'AUC by genre':<20} {'covers':>6} {'A':>6} {'B':>6}  {'A - B':<24} {'p':<7} {'verdict':<24}"
    lines = [head + " A - B in recall, precision, F1, share of predictions"]
    values = found.measures.set_index(["genre", "measure"]).difference
    for row in found.primary().iloc[1:].itertuples():
        beside = " ".join(f"{values[row.genre, name]:+.3f}" for name in BESIDE)
        lines.append(
            f"{row.genre:<20} {row.covers:>6} {row.a:>6.3f} {row.b:>6.3f}  {_difference(row):<24} "
            f"{_p(row.p_adjusted):<7} {row.verdict:<24} {beside}"
        )
    return lines


def _pairs(table: "pd.DataFrame") -> str:
    lines = ["Balanced accuracy, all pairs; p after Holm's correction for their number."]
    for row in table.itertuples():
        lines += ["", f"A: {row.a}   {row.value_a:.3f}", f"B: {row.b}   {row.value_b:.3f}"]
        lines.append(f"{row.verdict}: {_difference(row)}, p {_p(row.p_adjusted)}; same answer on {row.agreement:.1%}")
    return "\n".join(lines)


def _difference(row: Any) -> str:
    return f"{row.difference:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"


def _p(value: float) -> str:
    return "-" if value != value else f"{value:.2g}"


def _json(table: "pd.DataFrame") -> str:
    return str(table.to_json(orient="records", indent=2, double_precision=15))
