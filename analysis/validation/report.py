"""The tables of docs/methods.md: what the simulations found, as Markdown."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.validation import independent
from analysis.validation.generated import Scenario
from analysis.validation.simulations import (
    agreement,
    comparison,
    controls,
    kinship,
    labels,
    learning,
    membership,
    oddities,
    recommending,
    scores,
    sure,
)
from analysis.validation.simulations.separability import (
    COVERAGE,
    NULL,
    POWER,
    coverage,
    false_positives,
    many,
    ranks_held,
)

PERMUTATIONS = 199
# Collections of four genres with their true order, for the ranks.
RANKED = Scenario("60 a genre, two of four alike", (60, 60, 60, 60), (4.0, 2.0, 0.7, 0.7))
PLACES = (1, 2, 3, 3)


def tables(*, draws: int, processes: int = 2) -> str:
    """Every table, from so many drawn collections a scenario; Markdown."""
    blocks = [
        *_of_separability(draws=draws, processes=processes),
        *_of_controls(draws=draws, processes=processes),
        *_of_classifiers(draws=draws),
        *_of_genres(draws=draws),
        *_behind_the_answer(draws=draws),
        *_of_recommendations(draws=draws, processes=processes),
    ]
    parts = [f"{title} ({draws} draws each)\n\n{markdown(table)}" for title, table in blocks]
    parts.append(f"Wrong labels planted ({labels.DRAWS} draws each)\n\n{markdown(labels.wrong_labels_table())}")
    parts.append(f"{oddities.TITLE} ({oddities.PICTURES} drawn pictures each)\n\n{markdown(oddities.listed())}")
    beside = f"Beside independent implementations: the largest difference\n\n{markdown(independent.differences())}"
    return "\n\n".join([*parts, beside])


def _of_separability(*, draws: int, processes: int) -> Iterator[tuple[str, pd.DataFrame]]:
    work: list[tuple[Callable[..., pd.DataFrame], Scenario, int]] = [(many, scenario, 0) for scenario in COVERAGE]
    work += [(many, scenario, PERMUTATIONS) for scenario in (*NULL, *POWER)] + [(many, RANKED, 0)]
    found = dict(zip([scenario.name for _, scenario, _ in work], _in_parallel(work, draws, processes), strict=True))
    yield "Intervals of 95 %: how often they hold the truth", _coverage_rows(found)
    yield "p-values where genres differ in nothing: share below 0.05, and that of the worst genre", _null_rows(found)
    yield "Power: share of p-values below 0.05 where a genre differs", _power_rows(found)
    yield "Places: share of collections in which all hold, and how many places are left open", _rank_rows(found)


def _of_controls(*, draws: int, processes: int) -> Iterator[tuple[str, pd.DataFrame]]:
    found = _in_parallel([(controls.many, scenario, 0) for scenario in controls.SCENARIOS], draws, processes)
    rows = [controls.table(scenario, each) for scenario, each in zip(controls.SCENARIOS, found, strict=True)]
    yield "Controls and confounds: truths, how often intervals hold them, how often p < 0.05 above 0", pd.concat(rows)


def _of_classifiers(*, draws: int) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "Scores of a classifier: how often their intervals hold the truth", scores.coverage(draws=draws)
    yield "Calibration: a perfectly calibrated classifier, and one that is too sure", sure.calibrated(draws=draws)
    yield "Prediction sets of 90 %: how often they hold the genre of a cover of a new group", sure.covered(draws=draws)
    differences = _by_size(comparison.coverage(draws=draws))
    yield "Comparison: intervals of differences, how often they hold the truth", differences
    false = comparison.false_positives(draws=draws, covers=(300,)).drop(columns="draws").round(3)
    yield "Comparison: share of equally good procedures told apart at 5 %", false


def _of_genres(*, draws: int) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "Membership: how often intervals hold the truth", membership.held(draws=draws)
    yield "Membership: share of p-values below 0.05 where there is nothing", membership.alarms(draws=draws)
    yield "Kin: planted trees found, and forks called clear that are not there", kinship.support(draws=draws)


def _behind_the_answer(*, draws: int) -> Iterator[tuple[str, pd.DataFrame]]:
    yield (
        "Learning curves: how often what is foretold holds the truth, and what is said",
        learning.foretold(draws=draws),
    )
    yield (
        "Agreement of embeddings: what is found, and how often the intervals hold it",
        agreement.agreements(draws=draws),
    )


def _of_recommendations(*, draws: int, processes: int) -> Iterator[tuple[str, pd.DataFrame]]:
    every = (*recommending.COVERAGE, *recommending.NULL)
    tables = _in_parallel([(recommending.many, sought, 0) for sought in every], draws, processes)
    found = dict(zip([sought.name for sought in every], tables, strict=True))
    yield "Recommendations: how often intervals hold the truth", recommending.held(found)
    yield "Recommendations: share of differences to chance called real where there is none", recommending.alarms(found)


def _in_parallel(
    work: Sequence[tuple[Callable[..., pd.DataFrame], Any, int]], draws: int, processes: int
) -> list[pd.DataFrame]:
    from joblib import Parallel, delayed

    jobs = [delayed(task)(scenario, draws=draws, permutations=count) for task, scenario, count in work]
    return list(Parallel(n_jobs=processes)(jobs))


def _coverage_rows(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Per scenario the least and the largest coverage among genres, that of the average, and of pairs."""
    rows = []
    for scenario in COVERAGE:
        held = coverage(found[scenario.name])
        for metric in ("separability", "purity"):
            own = held[held.metric == metric]
            genres = own[(own.genre != "all") & (own.other_genre == "")]
            pairs = own[own.other_genre != ""]
            rows.append(
                {
                    "collection": scenario.name,
                    "measure": metric,
                    "truths": ", ".join(f"{value:.2f}" for value in genres.truth),
                    "genres": _span(genres.held),
                    "average": f"{own[own.genre == 'all'].held.iloc[0]:.3f}",
                    "pairs": _span(pairs.held) if len(pairs) else "",
                    "width zero": f"{own.no_width.mean():.3f}",
                }
            )
    return pd.DataFrame(rows)


def _null_rows(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = [false_positives(found[scenario.name]).assign(collection=scenario.name) for scenario in NULL]
    return pd.concat(rows)[["collection", "metric", "below_0.05", "worst"]].round(3)


def _power_rows(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for scenario in POWER:
        table = found[scenario.name]
        for metric in ("separability", "purity_above_chance"):
            first = table[(table.metric == metric) & (table.genre == "genre 00") & table.other_genre.isna()]
            rows.append((scenario.name, metric, round(float((first.p_value < 0.05).mean()), 3)))
    return pd.DataFrame(rows, columns=["collection", "metric", "below_0.05"])


def _rank_rows(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    held, open_places = ranks_held(found[RANKED.name], PLACES)
    alike = COVERAGE[1]
    held_alike, open_alike = ranks_held(found[alike.name], (1, 1, 1))
    return pd.DataFrame(
        [(RANKED.name, f"{held:.3f}", f"{open_places:.2f}"), (alike.name, f"{held_alike:.3f}", f"{open_alike:.2f}")],
        columns=["collection", "all places hold", "places a genre"],
    )


def _by_size(table: pd.DataFrame) -> pd.DataFrame:
    """Rates of scenarios 'how many covers: measure' as a row a measure and a column a number of covers."""
    size, measure = table.scenario.str.split(": ", expand=True).to_numpy().T
    wide = table.assign(covers=size, measure=measure, rate=table.rate.round(3)).pivot_table(
        index="measure", columns="covers", values="rate", sort=False
    )
    return wide.reset_index()


def _span(values: pd.Series) -> str:
    return f"{values.min():.3f} to {values.max():.3f}"


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown, its columns aligned."""
    cells = [list(map(str, table.columns)), *([str(value) for value in row] for row in table.itertuples(index=False))]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rule = ["-" * width for width in widths]
    lines = [cells[0], rule, *cells[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
