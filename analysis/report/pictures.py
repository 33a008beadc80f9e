"""Covers as small pictures inside the page: single ones, and the map made of them."""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from analysis.figures.maps import placed
from analysis.report.blocks import Thumb
from analysis.report.study import Study
from data.errors import UnreadableImage
from data.intake.images import load_cover

# Longest side in pixels: shown at two thirds of it, so that it is sharp in print.
SIDE = 112
# The map of covers: its size, and the least and the largest side of its squares, of which each holds one cover at most.
COLLAGE, SQUARES, FRAME = (1440, 1000), (50, 100), 3
# So many covers get the smallest squares.
MANY = 3000


@dataclass(frozen=True)
class Shelf:
    """Where a report takes its covers from; `shown` is off for a report without any."""

    study: Study
    colors: dict[str, str]
    shown: bool = True

    def thumbs(self, cover_ids: Sequence[int], notes: Sequence[str] = ()) -> list[Thumb]:
        """These covers, each with a note under it; none where covers are not shown or their files have gone."""
        notes = notes or [""] * len(cover_ids)
        pairs = zip(cover_ids, notes, strict=True) if self.shown else ()
        found = [self._thumb(int(cover_id), note) for cover_id, note in pairs]
        return [thumb for thumb in found if thumb]

    def collage(self, cover_ids: np.ndarray, x: np.ndarray, y: np.ndarray) -> str:
        """The map (n,) made of covers, as a data URI: in each square of a grid the cover that is nearest its middle."""
        across, down = placed(x, y, width=COLLAGE[0], height=COLLAGE[1])
        canvas = Image.new("RGBA", COLLAGE, (0, 0, 0, 0))
        side = int(np.clip(SQUARES[0] * (MANY / max(len(x), 1)) ** 0.3, *SQUARES))
        for row in _one_a_square(across, down, side):
            corner = (int(across[row] // side) * side, int(down[row] // side) * side)
            self._paste(canvas, int(cover_ids[row]), corner, side - 2)
        return data_uri(canvas, quality=70)

    def _paste(self, canvas: Image.Image, cover_id: int, corner: tuple[int, int], side: int) -> None:
        picture = self._picture(cover_id)
        if picture is None:
            return
        color = self.colors[self.study.covers.genre[cover_id]]
        canvas.paste(Image.new("RGB", (side, side), color), corner)
        inside = side - 2 * FRAME
        canvas.paste(picture.resize((inside, inside)), (corner[0] + FRAME, corner[1] + FRAME))

    def _thumb(self, cover_id: int, note: str) -> Thumb | None:
        picture = self._picture(cover_id)
        if picture is None:
            return None
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        cover = self.study.covers.loc[cover_id]
        return Thumb(data_uri(picture, quality=72), note, _title(cover.metadata, cover.genre), self.colors[cover.genre])

    def _picture(self, cover_id: int) -> Image.Image | None:
        """The thumbnail made at the import, else the file itself."""
        cover = self.study.covers.loc[cover_id]
        try:
            with Image.open(self.study.workspace.thumbnail(cover.sha256)) as opened:
                return opened.convert("RGB")
        except OSError:
            pass
        try:
            return load_cover(cover.path, cover.sha256)
        except UnreadableImage:
            return None


def data_uri(picture: Image.Image, *, quality: int) -> str:
    """A picture as WebP inside an address."""
    content = io.BytesIO()
    picture.save(content, "WEBP", quality=quality, method=4)
    return "data:image/webp;base64," + base64.b64encode(content.getvalue()).decode("ascii")


def _one_a_square(across: np.ndarray, down: np.ndarray, side: int) -> np.ndarray:
    """Rows of the covers nearest to the middle of their square, one a square."""
    columns = COLLAGE[0] // side + 1
    square = (down // side).astype(int) * columns + (across // side).astype(int)
    off = np.hypot(across % side - side / 2, down % side - side / 2)
    order = np.lexsort((off, square))
    return order[np.unique(square[order], return_index=True)[1]]


def _title(metadata: str, genre: str) -> str:
    """'Title, Artist (Genre)' as far as they are known."""
    known = json.loads(metadata) if isinstance(metadata, str) else {}
    said = [str(known[name]) for name in ("title", "artist") if known.get(name)]
    return f"{', '.join(said)} ({genre})" if said else genre
