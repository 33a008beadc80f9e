"""Kept networks as a model of MLflow that takes images: weights as safetensors, a description, and no code.

It takes a table whose column `image` holds image files as bytes, which a server of MLflow's is sent as base64, and
gives a probability a genre; the networks of several folds say it together, as in `genrescope predict`.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from analysis.networks.kept import predict_images
from data.errors import GenrescopeError, UnreadableImage
from data.intake.images import read_image
from data.store.kept import Kept
from data.store.runs import Run
from embeddings.encoders.networks import Network, load_network

if TYPE_CHECKING:
    import pandas as pd

COLUMN = "image"
DESCRIPTION, CONTENT = "networks.json", "network-{}.safetensors"


class ImageModel:
    """What MLflow wraps: `predict` gives the probabilities of the genres."""

    def __init__(self, networks: Sequence[Network], classes: list[str]) -> None:
        self.networks = networks
        self.classes = classes

    def predict(self, table: "pd.DataFrame", params: dict[str, Any] | None = None) -> "pd.DataFrame":  # noqa: ARG002
        """Probabilities of the images (m rows, column `image`): a column a genre. Raises GenrescopeError."""
        import pandas as pd

        images = [_opened(number, content) for number, content in enumerate(table[COLUMN])]
        return pd.DataFrame(predict_images(self.networks, images, self.classes), columns=self.classes)


@dataclass(frozen=True, repr=False)
class Networks:
    """The networks that are kept of a run, one of a hold-out, one a fold out of fold."""

    run: Run
    kept: Sequence[Kept]
    loader: str = __name__

    def model(self) -> ImageModel:
        """What MLflow wraps."""
        networks = [load_network(part.description, part.content) for part in self.kept]
        return ImageModel(networks, list(self.run.results["classes"]))

    def example(self) -> "pd.DataFrame":
        """A picture of three bands; a cover is not ours to hand out."""
        import pandas as pd

        picture, content = Image.new("RGB", (96, 96), "#203040"), io.BytesIO()
        picture.paste("#d06030", (0, 32, 96, 64))
        picture.paste("#f0e0c0", (0, 64, 96, 96))
        picture.save(content, "PNG")
        return pd.DataFrame({COLUMN: [content.getvalue()]})

    def facts(self) -> dict[str, Any]:
        """What stands beside the model."""
        description = self.kept[0].description
        return {"networks": len(self.kept), **{key: description[key] for key in ("architecture", "size", "weights")}}

    def write(self, folder: Path) -> None:
        """The files that the loader reads."""
        parts = [dict(part.description) for part in self.kept]
        found = json.dumps({"classes": self.run.results["classes"], "networks": parts}, ensure_ascii=False, indent=1)
        (folder / DESCRIPTION).write_text(found, encoding="utf-8")
        for number, part in enumerate(self.kept):
            (folder / CONTENT.format(number)).write_bytes(part.content)


def _load_pyfunc(path: str) -> ImageModel:
    """The model from its files; the name is MLflow's. Raises GenrescopeError where they hold anything else."""
    folder = Path(path)
    found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    contents = [(folder / CONTENT.format(number)).read_bytes() for number in range(len(found["networks"]))]
    networks = [load_network(part, content) for part, content in zip(found["networks"], contents, strict=True)]
    return ImageModel(networks, list(found["classes"]))


def _opened(number: int, content: bytes) -> Image.Image:
    try:
        return read_image(content)
    except UnreadableImage as error:
        raise GenrescopeError(f"image {number} cannot be classified: {error}") from error
