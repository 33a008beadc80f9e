"""Colours: one per genre, the same on every page, distinct in both themes and for colour-blind eyes."""

from collections.abc import Sequence

import numpy as np

# Found by farthest-point search in OKLab over the worst of normal, deuteranope, protanope and tritanope vision
# (Machado et al. 2009), at CIE lightness 38 to 84 so that each shows on white and on near-black. The first few are
# the farthest apart. tests/dashboard/test_colors.py holds the distances.
PALETTE = (
    "#5a5a96", "#ffc31e", "#c30000", "#3cd2c3", "#b47896", "#7878ff", "#ff870f", "#003cff", "#c36900", "#69a5d2",
    "#a52d69", "#a5e196", "#e1c3ff", "#b4b478", "#00691e", "#9600c3", "#ff3c69", "#00965a", "#ff78ff", "#965ac3",
)  # fmt: skip

FADED = "rgba(128,128,128,0.10)"
NOISE = "rgba(128,128,128,0.55)"
RIGHT, WRONG = "#3b82d6", "#e8590c"

# Five steps from untrustworthy to trustworthy, in both themes: orange to blue over grey.
TRUST = ("#d9480f", "#e08a5b", "#a3a3ab", "#6d9fd8", "#2f6fc4")


def genre_colors(genres: Sequence[str]) -> dict[str, str]:
    """Colour of each genre, by alphabetical order; beyond 20 genres the palette starts again."""
    return {genre: PALETTE[i % len(PALETTE)] for i, genre in enumerate(sorted(genres))}


def steps(colors: Sequence[str]) -> list[list[float | str]]:
    """A Plotly colour scale that gives the codes 0, 1, ..., len(colors) - 1 their colours, for cmin -0.5 and
    cmax len(colors) - 0.5."""
    edges = np.linspace(0, 1, len(colors) + 1)
    return [[float(edge), color] for i, color in enumerate(colors) for edge in (edges[i], edges[i + 1])]
