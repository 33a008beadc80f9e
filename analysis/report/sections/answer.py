"""The answer in words, as far as the figures support them: nothing is said here that a test or a place does not say."""

from analysis.evaluation.words import pair_sentence
from analysis.figures.numbers import shown
from analysis.report.blocks import Block, Section, Text, missing
from analysis.report.findings import in_words
from analysis.report.study import Study

QUESTION = "Which music genres can be told apart by the album cover alone, and how sure are we?"


def answer(study: Study) -> Section:
    """The embedding in which genres separate most, the others, the best classifier, and what was found of it."""
    blocks: list[Block] = [*_separability(study), *_classifiers(study)]
    return Section("answer", "The answer", blocks=blocks)


def _separability(study: Study) -> list[Block]:
    if not study.measured:
        return [missing("How far genres separate is", "genrescope analyze")]
    first, *others = study.measured
    said = [Text([first.run.results["sentence"]], look="answer")]
    mean = shown(*first.overall("separability"))
    lines = [
        f"So in {first.name}, the embedding with the highest separability: {mean} on average over the genres, "
        "where 0 is chance and 1 is perfect."
    ]
    lines += [
        f"In {each.name} ({shown(*each.overall('separability'))}): {each.run.results['sentence']}" for each in others
    ]
    return [*said, Text(lines[:1]), Text([*lines[1:], *_ignoring(study)], look="list")]


def _ignoring(study: Study) -> list[str]:
    """What the covers would have shown if copies and artists counted as evidence."""
    first = study.measured[0]
    *fewer, counted = first.run.results.get("ignoring") or [None]
    if not fewer or None in (fewer[0]["separability"], counted["separability"]):
        return []
    artists = "".join(f" and {column}s" for column in study.audit.independence.columns)
    return [
        f"Had every file counted as independent evidence, {first.name} would have shown a separability of "
        f"{fewer[0]['separability']:.3f} instead of {counted['separability']:.3f}, and a nearest neighbour right in "
        f"{fewer[0]['nearest']:.1%} instead of {counted['nearest']:.1%} of the cases: a fact about copies{artists}, "
        "not about genres."
    ]


def _classifiers(study: Study) -> list[Block]:
    if not study.judged:
        return [missing("How well classifiers tell genres apart is", "genrescope train")]
    best = study.judged[0]
    lines = [
        f"The highest of {len(study.judged)} classifiers out of fold, {best.title}, tells "
        f"{shown(*best.overall('balanced_accuracy'))} of each genre's covers right on average; guessing tells "
        f"{best.chance:.3f}.{_ceiling(study)}"
    ]
    if study.findings is not None:
        rows = study.findings[study.findings.genre.notna()]
        lines.append(" ".join(in_words(row) for _, row in rows.iterrows()))
    return [Text(lines), *_comparisons(study)]


def _ceiling(study: Study) -> str:
    ceiling = study.audit.accuracy_ceiling
    if ceiling == 1:
        return ""
    return f" As identical files carry several genres, no accuracy can exceed {ceiling:.3f}."


def _comparisons(study: Study) -> list[Block]:
    """The best classifier of all against the best of each other embedding; a table below has the other pairs."""
    if study.pairs is None:
        return []
    best = study.judged[0].predictions.title
    rows = [row for row in study.pairs.itertuples(index=False) if row.a == best]
    return [Text([pair_sentence(row).replace(", out of fold", "") for row in rows], look="list")]
