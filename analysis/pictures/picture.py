"""A matplotlib figure that shows itself in a notebook and never warns of a letter that its font lacks."""

import io
import warnings
from typing import Any

from matplotlib.figure import Figure

INK, MUTED, RULE, ACCENT = "#27272a", "#71717a", "#d4d4d8", "#0d9488"
DPI = 144  # twice what a notebook shows, for sharp screens


class Picture(Figure):
    """A figure that belongs to no pyplot: nothing global holds it, and any notebook shows it without a magic word."""

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """As matplotlib's; a letter that the font lacks is drawn as a box, without a warning."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            super().savefig(*args, **kwargs)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=DPI)
        width, height = self.get_size_inches() * DPI / 2
        return content.getvalue(), {"width": round(width), "height": round(height)}


def picture(width: float, height: float, *, title: str = "") -> tuple[Picture, Any]:
    """An empty figure of that size in inches, and its axes: quiet, without a box."""
    figure = Picture(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=INK, labelsize=9)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(plain(title), loc="left", fontsize=11, color=INK, pad=10)
    return figure, axes


def plain(text: Any) -> str:
    """Text as matplotlib draws it letter by letter: a genre named A$AP is no formula."""
    return str(text).replace("$", r"\$")
