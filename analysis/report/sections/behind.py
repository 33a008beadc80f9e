"""What lies behind the answer: would more covers help, and do embeddings see the same."""

import pandas as pd

from analysis.behind.agreement.agreement import read_agreement_metrics
from analysis.behind.agreement.words import seen_by_one, seen_in_words, sentences
from analysis.behind.learning_curves.learning_curve import read_curves, read_gains
from analysis.behind.learning_curves.words import sentences as learning_sentences
from analysis.figures.learning import learning_figure
from analysis.report.blocks import Block, Figure, Section, Table, Text, add_measure, missing
from analysis.report.pictures import Shelf
from analysis.report.study import Study
from data.store.runs import Run

LEAD = (
    "Every genre's probe learns from ever larger shares of the groups. A law of such curves, fitted to what was "
    "measured, says what twice and four times as many groups would give; its band of 95 % knows nothing of covers "
    "of another kind."
)


def behind(study: Study, shelf: Shelf) -> Section:
    """Learning curves in the best embedding that has them, and every comparison of embeddings."""
    blocks = [*_learning(study, shelf), *_agreement(study)]
    return Section("behind", "What lies behind it", LEAD, blocks)


def _learning(study: Study, shelf: Shelf) -> list[Block]:
    runs = {run.name: run for run in study.runs if run.kind == "curve"}
    name = next((each.name for each in study.measured if each.name in runs), None)
    if name is None:
        return [missing("Learning curves are", "genrescope learning-curve")]
    run = runs[name]
    curves, gains = read_curves(study.workspace, run), read_gains(study.workspace, run)
    said = Text(learning_sentences(run.results["verdicts"], curves, gains))
    if curves.empty:
        return [said]
    title = f"Learning curves in {name}"
    drawing = learning_figure(curves, colors=shelf.colors, title=title)
    caption = f"{title}: separability by groups of the genre that teach. Dots are measured, line and band foretold."
    return [Figure("learning-curves", caption, drawing), said]


def _agreement(study: Study) -> list[Block]:
    runs = list({run.name: run for run in study.runs if run.kind == "agreement"}.values())
    if not runs:
        return [missing("The agreement of embeddings is", "genrescope agreement")]
    return [_table(study, runs), Text([_said(study, run) for run in runs], look="fine")]


def _table(study: Study, runs: list[Run]) -> Table:
    names = [f"{run.results['first']} and {run.results['second']}" for run in runs]
    frame, seen = pd.DataFrame({"embeddings": names}), pd.DataFrame({"Embeddings": names})
    found = [read_agreement_metrics(study.workspace, run) for run in runs]
    overall = [each[each.genre.isna()].set_index("metric")[["value", "low", "high"]] for each in found]
    for metric, title in (("shared_neighbors", "Shared neighbours"), ("shared_by_chance", "By chance"), ("cka", "CKA")):
        add_measure(frame, seen, metric, title, [each.loc[metric].astype(float) for each in overall])
    caption = "Do embeddings agree: share of a cover's nearest that both give it, and debiased linear CKA."
    return Table("agreement", caption, frame, seen, ["Embeddings"])


def _said(study: Study, run: Run) -> str:
    seen = seen_in_words(run, seen_by_one(study.workspace, run))
    return " ".join([*sentences(run, read_agreement_metrics(study.workspace, run)), seen]).strip()
