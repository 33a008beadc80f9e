"""How well classifiers tell genres apart, and what they take for what."""

import numpy as np
import pandas as pd

from analysis.evaluation.credit import any_chance
from analysis.evaluation.scores import confusion, most_confused_pairs
from analysis.evaluation.sure.reliability import reliability
from analysis.evaluation.sure.sets import read_set_scores
from analysis.figures.intervals import intervals_figure
from analysis.figures.matrices import confusion_figure
from analysis.figures.numbers import place, shown, shown_p
from analysis.figures.reliability import reliability_figure
from analysis.report.blocks import Block, Covers, Figure, Section, Table, Text, add_measure, missing
from analysis.report.findings import NO_CLAIM, described
from analysis.report.pictures import Shelf
from analysis.report.study import Judged, Study
from data.listing import listed

# Metrics in files, and their titles where they are shown, too.
METRICS = {
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "macro_f1": "",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
}
# Where covers have several genres.
CREDITED = {
    "balanced_accuracy_any": "Balanced accuracy, any of a cover's genres right",
    "accuracy_any": "",
}
SET_METRICS = {
    "set_coverage": "Genre in its set",
    "set_size": "Genres in a set",
    "set_single": "One genre alone",
    "set_empty": "None",
}
# So many covers stand for a genre or a confusion, and so many confusions are shown.
SHOWN, CONFUSIONS = 10, 5


def classifiers(study: Study, shelf: Shelf) -> Section:
    """All classifiers, the best one's genres and confusions, comparisons and the study's findings."""
    title = "How well classifiers tell them apart"
    if not study.classifiers:
        return Section("classifiers", title, "", [missing("Classifiers are", "genrescope train")])
    best = study.classifiers[0]
    lead = (
        "Out of fold every cover is judged by classifiers that have not seen its group; every genre counts the same. "
        "Intervals are of 95 %, over which covers happen to be in the collection; the fitted classifiers are fixed."
    )
    blocks: list[Block] = [_league(study), *_members(study), *_findings(study), _recalls(best, shelf), _genres(best)]
    blocks += [
        _confusion(best, shelf),
        _reliability(best),
        *_sets(study, best),
        *_ends(best, shelf),
        *_confused(best, shelf),
        *_comparisons(study),
    ]
    return Section("classifiers", title, lead, blocks)


def _league(study: Study) -> Table:
    rows = study.classifiers
    facts = [(each.run.name, each.embedding, described(each.predictions)[1], each.run.run_id) for each in rows]
    frame = pd.DataFrame(facts, columns=["classifier", "embedding", "division", "run_id"])
    seen = pd.DataFrame({"Classifier": [each.title for each in rows]})
    credited = CREDITED if all(each.predictions.member is not None for each in rows) else {}
    for metric, title in (METRICS | credited).items():
        add_measure(frame, seen, metric, title, [each.overall(metric) for each in rows])
    chance = rows[0].chance
    caption = (
        f"All classifiers by balanced accuracy, those out of fold first; guessing reaches {chance:.3f}. "
        "The highest of many is a little too high."
    )
    if credited and (guess := any_chance(rows[0].predictions)):
        caption += f" Where any of a cover's genres is right, saying always the same reaches {guess.balanced:.3f}."
    return Table("classifiers", caption, frame, seen, ["Classifier"], look="wide")


def _members(study: Study) -> list[Text]:
    """Who votes in the votes."""
    votes = [each for each in study.classifiers if each.run.results.get("members")]
    said = [f"{each.title}: {each.embedding.replace(',', ', ')}." for each in votes]
    return [Text(said, look="fine")] if said else []


def _findings(study: Study) -> list[Table]:
    if study.findings is None:
        return []
    frame = study.findings
    seen = pd.DataFrame(
        {
            "Finding": frame.finding.str.capitalize(),
            "Genre": frame.genre.fillna(""),
            "By": frame.classifier + ", " + frame.division,
            "Measure": frame.measure.str.replace("_", " "),
            "Value": [shown(row.value, row.low, row.high) for row in frame.itertuples()],
            "Place": [
                place(row.rank_low, row.rank_high) if row.rank_low == row.rank_low else "" for row in frame.itertuples()
            ],
            "Not told apart from it": [listed(names.split(", ")) for names in frame.not_told_apart],
        }
    )
    caption = (
        "Findings. 'Called wrongly' is the share of the other genres' covers that are called so. The older study's "
        "protocol is a nearest neighbour on a random split (80/20), copies on both sides, and plain accuracy."
    )
    if frame.genre.isna().all():
        caption += f" {NO_CLAIM}"
    return [Table("findings", caption, frame, seen, [name for name in seen if name not in ("Value", "Place")], "wide")]


def _recalls(best: Judged, shelf: Shelf) -> Figure:
    title = f"Recall by {best.title}"
    drawing = intervals_figure(best.recalls.reset_index(), chance=best.chance, colors=shelf.colors, title=title)
    return Figure("recall-by-genre", f"Recall of each genre by {best.title}; the dashed line is chance.", drawing)


def _genres(best: Judged) -> Table:
    order = best.recalls.index
    frame, seen = pd.DataFrame({"genre": order}), pd.DataFrame({"Genre": order})
    for metric in ("recall", "precision", "f1"):
        values = best.by_genre(metric).loc[order, ["value", "low", "high"]]
        add_measure(frame, seen, metric, metric.capitalize(), values.to_numpy())
    frame["covers"] = best.by_genre("support").loc[order].value.round().astype(int).to_numpy()
    seen["Covers"] = frame.covers.map("{:,}".format)
    return Table("recall", f"Genres by {best.title}.", frame, seen, ["Genre"])


def _confusion(best: Judged, shelf: Shelf) -> Figure:
    counts, names = confusion(best.predictions), best.predictions.classes
    links = {(names.index(genre), names.index(said)): f"#{anchor}" for anchor, genre, said in _pairs(best, shelf)}
    drawing = confusion_figure(counts, names, colors=shelf.colors, links=links, title=best.title)
    return Figure("confusion", f"What {best.title} takes for what: percent of the genre's covers.", drawing)


def _reliability(best: Judged) -> Figure:
    caption = (
        f"When {best.title} says how sure it is, is it as often right? On the diagonal it is, below it is too sure. "
        "Points in the grey bars are what chance alone gives where every probability is right (consistency band); the "
        "bars at the bottom are how many covers."
    )
    return Figure("reliability", caption, reliability_figure(reliability(best.predictions), title=best.title))


def _sets(study: Study, best: Judged) -> list[Table]:
    """What its prediction sets are worth, by genre; nothing where there are none."""
    sets = next((run for run in study.runs if run.kind == "sets" and run.inputs[0] == best.run.run_id), None)
    if sets is None:
        return []
    frame = read_set_scores(study.workspace, sets)
    wide = frame.assign(seen=[shown(row.value, row.low, row.high) for row in frame.itertuples()])
    wide = wide.assign(genre=wide.genre.fillna("mean of genres")).pivot(index="genre", columns="metric", values="seen")
    seen = wide[list(SET_METRICS)].rename(columns=SET_METRICS).reset_index().rename(columns={"genre": "Genre"})
    return [
        Table("prediction-sets", f"Prediction sets by {best.title}. {sets.results['sentence']}", frame, seen, ["Genre"])
    ]


def _pairs(best: Judged, shelf: Shelf) -> list[tuple[str, str, str]]:
    """Anchors of the commonest confusions, those whose covers are shown."""
    found = most_confused_pairs(confusion(best.predictions), best.predictions.classes, count=CONFUSIONS)
    rows = enumerate(found.itertuples(), 1) if shelf.shown else ()
    return [(f"confusion-{i}", row.genre, row.predicted) for i, row in rows]


def _ends(best: Judged, shelf: Shelf) -> list[Covers]:
    """The genre told best with what was surest right, and the one told worst with what was surest wrong."""
    if len(best.recalls) < 2:
        return []
    first, last = best.recalls.index[[0, -1]]
    rows = [
        Covers(f"{first}, highest recall: surest told right", _surest(best, shelf, first, first)),
        Covers(f"{last}, lowest recall: surest told wrong, and as what", _surest(best, shelf, last, None)),
    ]
    return [row for row in rows if row.thumbs]


def _confused(best: Judged, shelf: Shelf) -> list[Covers]:
    found = [
        Covers(f"{genre} taken for {said}: the surest", _surest(best, shelf, genre, said), anchor)
        for anchor, genre, said in _pairs(best, shelf)
    ]
    return [row for row in found if row.thumbs]


def _surest(best: Judged, shelf: Shelf, genre: str, said: str | None) -> list:
    """Covers of a genre that were called `said`, or, without it, another genre, the surest first."""
    found = best.verdicts
    inside = (found.truth == found.classes.index(genre)) & (
        found.predicted != found.truth if said is None else found.predicted == found.classes.index(said)
    )
    rows = np.flatnonzero(inside)
    sure = found.probabilities[rows, found.predicted[rows]]
    rows = rows[np.argsort(-sure, kind="stable")]
    # One cover a group: copies show nothing new.
    rows = rows[np.sort(np.unique(found.groups[rows], return_index=True)[1])][:SHOWN]
    notes = [
        f"{found.probabilities[row, found.predicted[row]]:.0%}"
        + ("" if said else f" {found.classes[found.predicted[row]]}")
        for row in rows
    ]
    return shelf.thumbs(found.cover_ids[rows].tolist(), notes)


def _comparisons(study: Study) -> list[Table]:
    if study.pairs is None:
        return []
    frame = study.pairs
    seen = pd.DataFrame(
        {
            "A": frame.a.str.replace(", out of fold", ""),
            "B": frame.b.str.replace(", out of fold", ""),
            "A − B in balanced accuracy": [shown(r.difference, r.low, r.high, signs=True) for r in frame.itertuples()],
            "p, corrected": frame.p_adjusted.map(shown_p),
            "Verdict": frame.verdict,
            "Same answer": frame.agreement.map("{:.1%}".format),
        }
    )
    caption = (
        "The best classifier of each embedding against the others', over covers that both judged; intervals and "
        "p-values are for procedures fitted anew on other covers of the kind."
    )
    return [Table("comparisons", caption, frame, seen, ["A", "B", "Verdict"], look="wide")]
