"""Colours: one per genre, the same in the app, in reports and in files."""

from collections.abc import Sequence

# Found by farthest-point search in OKLab over the worst of normal, deuteranope, protanope and tritanope vision
# (Machado et al. 2009), at CIE lightness 38 to 84 so that each shows on white and on near-black. The first few are
# the farthest apart. tests/dashboard/state/test_colors.py holds the distances.
PALETTE = (
    "#5a5a96", "#ffc31e", "#c30000", "#3cd2c3", "#b47896", "#7878ff", "#ff870f", "#003cff", "#c36900", "#69a5d2",
    "#a52d69", "#a5e196", "#e1c3ff", "#b4b478", "#00691e", "#9600c3", "#ff3c69", "#00965a", "#ff78ff", "#965ac3",
)  # fmt: skip


def genre_colors(genres: Sequence[str]) -> dict[str, str]:
    """Colour of each genre, by alphabetical order; beyond 20 genres the palette starts again."""
    return {genre: PALETTE[i % len(PALETTE)] for i, genre in enumerate(sorted(genres))}
