"""What a labels run comes to, in sentences that the figures support: the same in app, terminal and report."""

from analysis.behind.labels.doubts import HEAD, PLANTED, TRUSTED
from data.store.runs import Run

# How often a planted wrong label must stand above another label for the list to tell some, or most, from unusual
# covers: where 6 % were wrong, 30 % of a list's head was at 0.76, 65 % at 0.92, 88 % at 0.96 (docs/methods.md).
SOME, WELL = 0.8, 0.94


def in_sentences(run: Run, *, overall: tuple[float, float, float]) -> list[str]:
    """How far the list can be trusted; how many labels are wrong, or that it cannot be told; the accuracy ceiling.

    overall: the estimated share of wrong labels with its interval, metric wrong_labels.
    """
    return [_list(run), _how_many(run, overall), _ceiling(run)]


def judge(run: Run) -> str:
    """The classifier that doubts: 'logistic on color', 'vote of 4', as all its members would fill a sentence."""
    name, members = run.results["classifier"], run.results["classifier"].split(",")
    return f"vote of {len(members)}" if len(members) > 1 else name


def _list(run: Run) -> str:
    random, kin = (run.results["planted"][name] for name in ("random", "kin"))
    count = min(HEAD, max(round(PLANTED * run.results["covers"]), 1))
    how = "hardly tells" if random["auc"] < SOME else "tells" if random["auc"] >= WELL else "only in part tells"
    return (
        f"This list {how} wrong labels from unusual covers: a label made wrong stands above another in "
        f"{random['auc']:.0%} of cases ({kin['auc']:.0%} in a genre that looks like its own), and were another "
        f"{PLANTED:.0%} wrong, they would make {random['head'] * count:.0f} of the first {count} "
        f"({kin['head'] * count:.0f}), in any other order {PLANTED * count:.0f}."
    )


def _how_many(run: Run, overall: tuple[float, float, float]) -> str:
    value, low, high = overall
    if run.results["trusted"]:
        return f"Cleanlab estimates that {value:.1%} of the labels are wrong ({low:.1%} to {high:.1%})."
    return (
        f"How many labels are wrong cannot be told from these covers: cleanlab's estimate, {value:.0%}, counts genres "
        f"that overlap as wrong labels, as it does below a balanced accuracy of {TRUSTED:.2f} "
        f"({judge(run)} has {run.results['balanced_accuracy']:.2f})."
    )


def _ceiling(run: Run) -> str:
    copies = run.results["ceiling_copies"]
    known = f"Files that lie in several genres leave an accuracy of {copies:.1%} at most"
    if copies == 1:
        known = "No file lies in several genres, so copies set no accuracy ceiling"
    if not run.results["trusted"]:
        return f"{known}; what is doubted here is too unsure to lower it."
    both, ceiling = run.results["both"], run.results["ceiling"]
    return f"{known}; were all {both:,} labels wrong that both classifier and neighbours doubt, {ceiling:.1%}."
