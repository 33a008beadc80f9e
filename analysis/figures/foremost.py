"""Of many genres the few that a figure, a list or a page has room for; what is left out is always said."""

from collections.abc import Sequence

import numpy as np

# So many genres are shown at once; up to so many, all are.
SHOWN = 40


def strongest(strength: np.ndarray, *, count: int = SHOWN, wanted: Sequence[int] = ()) -> list[int]:
    """Places of at most `count` genres that the strongest pairs join, in the order in which they are met.

    strength: (c, c), of which the larger of the two values of a pair counts, and none on the diagonal; NaN where there
    is no pair. wanted: these come first, and then only what the strongest pairs join to one of them. Otherwise genres
    of no pair fill up what is left, in their order. Of equal pairs the first in order.
    """
    pairs = np.fmax(strength, strength.T)
    first, second = np.nonzero(np.triu(np.isfinite(pairs), 1))
    if len(wanted):
        touched = np.isin(first, wanted) | np.isin(second, wanted)
        first, second = first[touched], second[touched]
    chosen = dict.fromkeys(list(wanted)[:count])
    for row in np.argsort(-pairs[first, second], kind="stable"):
        if len(chosen) >= count:
            break
        chosen |= dict.fromkeys([int(first[row]), int(second[row])])
    rest = [] if len(wanted) else range(len(strength))
    return list(chosen | dict.fromkeys(rest))[:count]


def found_in(text: str, names: Sequence[str]) -> list[int]:
    """Places of the names that a text is part of, whatever its case; all for an empty one."""
    sought = text.strip().casefold()
    return [place for place, name in enumerate(names) if sought in name.casefold()]
