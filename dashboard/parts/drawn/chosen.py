"""Which genres a matrix shows of too many for all: those that are confused most, and any that is sought."""

from collections.abc import Sequence

import numpy as np

from analysis.figures.foremost import SHOWN, found_in, strongest
from dashboard.state.view import View


def chosen(view: View, genres: Sequence[str], strength: np.ndarray) -> list[str]:
    """All genres, or SHOWN of many: those that are sought or in the cell chosen, and those confused most with them.

    strength: (c, c) of a pair, NaN for none; see `strongest`. In the order of the genres or, by the state's order
    'most', the most confused first.
    """
    if len(genres) <= SHOWN and not view.state.find:
        return list(genres)
    sought = found_in(view.state.find, genres) if view.state.find else []
    sought += [place for place, genre in enumerate(genres) if genre in view.state.pair]
    places = strongest(strength, wanted=list(dict.fromkeys(sought)))
    return [genres[place] for place in (places if view.state.order == "most" else sorted(places))]


def of_how_many(view: View, shown: Sequence[str], genres: Sequence[str]) -> str:
    """What a matrix leaves out, as a sentence after another one; '' where it shows all."""
    if len(shown) == len(genres):
        return ""
    if not view.state.find:
        return f" Of {len(genres):,} genres the {len(shown)} that are most alike: find others above."
    if not shown:
        return f" None of the {len(genres):,} genres has “{view.state.find}” in its name."
    return f" Of {len(genres):,} genres those with “{view.state.find}” in the name, and what is most like them."
