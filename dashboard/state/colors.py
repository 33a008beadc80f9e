"""Colours beside those of the genres, in both themes; and how Plotly takes them."""

from collections.abc import Sequence

import numpy as np

FADED = "rgba(128,128,128,0.10)"
NOISE = "rgba(128,128,128,0.55)"
RIGHT, WRONG = "#3b82d6", "#e8590c"

# Five steps from untrustworthy to trustworthy, in both themes: orange to blue over grey.
TRUST = ("#d9480f", "#e08a5b", "#a3a3ab", "#6d9fd8", "#2f6fc4")
# Five steps of what rises from little to much, in both themes: yellow to violet, ever darker.
RISING = ("#e6b93f", "#e98a3e", "#d75c5f", "#ab3f8c", "#7440b8")
# What is there and cannot be told.
UNKNOWN = "#8aa0b8"


def steps(colors: Sequence[str]) -> list[list[float | str]]:
    """A Plotly colour scale that gives the codes 0, 1, ..., len(colors) - 1 their colours, for cmin -0.5 and
    cmax len(colors) - 0.5."""
    edges = np.linspace(0, 1, len(colors) + 1)
    return [[float(edge), color] for i, color in enumerate(colors) for edge in (edges[i], edges[i + 1])]
