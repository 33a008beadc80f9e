"""What controls and confounds come to, in sentences that say no more than intervals and corrected p-values support.

See docs/methods.md.
"""

from collections.abc import Collection, Sequence

import pandas as pd

from data.listing import enumerated

LEVEL = 0.05


def control_sentences(rows: pd.DataFrame, encoder: str, control: str, *, claimable: Collection[str]) -> list[str]:
    """Of which genres an encoder tells more than a control does, which better, and of which nothing is shown."""
    beyond, rest = split(rows, claimable, "left", "adds")
    said = [f"{encoder} tells {enumerated(beyond)} beyond {control}"] if beyond else []
    first = "for" if beyond else f"{encoder}: for"
    said += [f"{first} {enumerated(rest)} nothing beyond {control} is shown"] if rest else []
    sentences = [sentence("; ".join(said))] if said else [f"{encoder} and {control}: no genre is large enough."]
    for metric, words in (("difference", "separability"), ("purity_difference", "purity")):
        sentences += _compared(rows, metric, words, encoder, control, claimable)
    return sentences


def confound_sentences(
    rows: pd.DataFrame, encoder: str, confound: str, level: str, *, claimable: Collection[str]
) -> list[str]:
    """What a confound tells alone, what of the embedding is left without it, and which genres do not survive."""
    told, _ = split(rows, claimable, "alone")
    # Of a genre that is not told to begin with nothing can be taken.
    was, _ = split(rows, claimable, "separability")
    left, _ = split(rows, claimable, "left", "adds")
    gone = [genre for genre in was if genre not in left]
    found = mean_of(rows, "explained")
    name = f"{confound[:1].upper()}{confound[1:]}"
    sentences = [f"{name} alone tells {enumerated(told)}." if told else f"{name} alone is not shown to tell any genre."]
    sentences += [f"{encoder} tells {100 * max(found.value, 0):.0f} % of its variance."] if found is not None else []
    sentences += _what_is_left(rows, confound)
    sentences += [f"Without {confound} nothing is shown of {enumerated(gone)}."] if gone else []
    return [sentence(text) for text in sentences] + _held_out(rows, level, claimable)


def _what_is_left(rows: pd.DataFrame, confound: str) -> list[str]:
    whole, left, lost = (mean_of(rows, metric) for metric in ("separability", "left", "lost"))
    if whole is None or left is None or lost is None:
        return []
    change = f"{left.value:.3f} of {whole.value:.3f} is left on average"
    shown = "" if lost.p_value < LEVEL else ", no difference shown"
    return [f"With {confound} regressed out, a separability of {change}{shown}."]


def _held_out(rows: pd.DataFrame, level: str, claimable: Collection[str]) -> list[str]:
    was, _ = split(rows, claimable, "separability")
    if not (rows.metric == "held_out").any():
        return []
    stays, missing = split(rows, was, "held_out")
    unknown = [genre for genre in was if genre not in (*stays, *missing)]
    said = [f"Of a {level} that no probe has learnt from, {enumerated(stays)} {_is(stays)} still told"] if stays else []
    said += [f"{enumerated(missing)} {_is(missing)} no longer shown to be"] if missing else []
    said += [f"{enumerated(unknown)} cannot be measured"] if unknown else []
    return [sentence("; ".join(said))] if said else []


def _compared(
    rows: pd.DataFrame, metric: str, words: str, encoder: str, control: str, claimable: Collection[str]
) -> list[str]:
    table = own(rows, metric, claimable)
    if table.empty:
        return []
    sure = table.p_adjusted < LEVEL
    better, worse = (table.genre[sure & sign].tolist() for sign in (table.value > 0, table.value < 0))
    rest = table.genre[~sure].tolist()
    said = [f"{encoder} is above {control} for {enumerated(better)}"] if better else []
    said += (
        [f"{'' if better else f'{encoder} is '}below {'it' if better else control} for {enumerated(worse)}"]
        if worse
        else []
    )
    said += [f"no difference is shown for {enumerated(rest)}"] if rest else []
    return [sentence(f"In {words} {'; '.join(said)}")]


def split(rows: pd.DataFrame, genres: Collection[str], *metrics: str) -> tuple[list[str], list[str]]:
    """Genres of which each of these metrics is above 0 with a corrected p below LEVEL, and the other measured ones."""
    tables = [own(rows, metric, genres).set_index("genre") for metric in metrics]
    measured = [genre for genre in tables[0].index if all(genre in table.index for table in tables)]
    sure = [g for g in measured if all(t.value[g] > 0 and t.p_adjusted[g] < LEVEL for t in tables)]
    return sure, [genre for genre in measured if genre not in sure]


def own(rows: pd.DataFrame, metric: str, genres: Collection[str]) -> pd.DataFrame:
    """The measured rows of a metric for these genres, the highest value first."""
    found = rows[(rows.metric == metric) & rows.value.notna() & rows.genre.isin(list(genres))]
    return found.sort_values("value", ascending=False)


def mean_of(rows: pd.DataFrame, metric: str) -> pd.Series | None:
    """The row of a metric over all genres; None where it is not measured."""
    found = rows[(rows.metric == metric) & rows.genre.isna() & rows.value.notna()]
    return found.iloc[0] if len(found) else None


def sentence(text: str) -> str:
    """Ends in a full stop; an encoder's name keeps its own first letter."""
    return text if text.endswith(".") else f"{text}."


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
