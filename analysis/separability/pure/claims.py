"""The answer in a sentence: which genres separate best and worst, and no more than the ranks' intervals support.

See docs/methods.md.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.listing import enumerated


def claims(
    names: Sequence[str], values: np.ndarray, above: np.ndarray, *, claimable: np.ndarray, p_values: np.ndarray
) -> dict[str, Any]:
    """What may be said: leaders, last, chance, too_small (names each), `sentences`, and these in one as `sentence`.

    names: (c,). values: (c,) separability. above: (c, c), see `ranks.surely_above`. claimable: (c,) bool, the others
    are too small. p_values: (c,), corrected. Leaders are the genres that none is surely above, last those that are
    surely above none, so that within neither set one can be told from another; the highest value comes first.
    chance: those whose separability may be none at all (p >= 0.05). "Best" is said of a genre that is surely above
    every other one.
    """
    order = [i for i in np.argsort(-np.nan_to_num(values, nan=-2), kind="stable") if claimable[i]]
    leaders = [i for i in order if not above[:, i].any()]
    last = [i for i in order if not above[i].any()]
    chance = [i for i in order if not p_values[i] < 0.05]
    too_small = [names[i] for i in range(len(names)) if not claimable[i]]
    parts = _ranking(names, order, above) + _chance(names, order, chance) + _small(too_small)
    return {
        "leaders": [names[i] for i in leaders],
        "last": [names[i] for i in last],
        "chance": [names[i] for i in chance],
        "too_small": too_small,
        "sentences": parts,
        "sentence": " ".join(parts),
    }


def _ranking(names: Sequence[str], order: list[int], above: np.ndarray) -> list[str]:
    if len(order) < 2:
        return ["There are no two genres large enough to be ranked."]
    leaders = [i for i in order if not above[:, i].any()]
    last = [i for i in order if not above[i].any()]
    either = [i for i in leaders if i in last]
    first, end = ([names[i] for i in some if i not in either] for some in (leaders, last))
    if not first or not end:
        return [f"{enumerated([names[i] for i in order])} cannot be told apart by how well they separate."]
    surely = above[leaders[0]].sum() == len(order) - 1, above[:, last[-1]].sum() == len(order) - 1
    best = f"{first[0]} separates best" if surely[0] else _together(first, "leads", "lead")
    worst = f"{end[-1]}{'' if surely[0] else ' separates'} worst" if surely[1] else _together(end, "trails", "trail")
    text = f"{best}; {worst}."
    return [text, f"{enumerated([names[i] for i in either])} may belong to either."] if either else [text]


def _together(names: list[str], one: str, many: str) -> str:
    return f"{names[0]} {one}" if len(names) == 1 else f"{enumerated(names)} {many} and cannot be told apart"


def _chance(names: Sequence[str], order: list[int], chance: list[int]) -> list[str]:
    if not chance or not order:
        return []
    if len(chance) == len(order):
        return ["None is shown to separate by more than chance."]
    verb = "is" if len(chance) == 1 else "are"
    return [f"{enumerated([names[i] for i in chance])} {verb} not shown to separate by more than chance."]


def _small(names: list[str]) -> list[str]:
    if not names:
        return []
    return [f"Too small for a claim: {enumerated(names) if len(names) <= 6 else f'{len(names)} genres'}."]
