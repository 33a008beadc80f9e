"""The drawn covers: one function a genre, from a `Sleeve` to a finished cover."""

from collections.abc import Callable

from PIL import Image

from data.drawing.art.chamber import chamber_minimal
from data.drawing.art.grid import grid_house, grid_techno
from data.drawing.art.jazz import cellar_bop
from data.drawing.art.metal import doomcraft
from data.drawing.art.seventies import prairie_folk, velvet_soul
from data.drawing.art.sleeve import Sleeve
from data.drawing.art.wave import moonwave, tidewave

STYLES: dict[str, Callable[[Sleeve], Image.Image]] = {
    "Cellar Bop": cellar_bop,
    "Chamber Minimal": chamber_minimal,
    "Doomcraft": doomcraft,
    "Grid House": grid_house,
    "Grid Techno": grid_techno,
    "Moonwave": moonwave,
    "Prairie Folk": prairie_folk,
    "Tidewave": tidewave,
    "Velvet Soul": velvet_soul,
}
