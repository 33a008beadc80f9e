"""`text`, `text:FOLDER`, `text-without-names`, `lettering`: what the words on covers say, and how they stand."""

from pathlib import Path
from typing import NoReturn

from data.errors import GenrescopeError
from embeddings.encoders.encoder import Encoder

TEXT, WITHOUT_NAMES, LETTERING = "text", "text-without-names", "lettering"
NAMES = (TEXT, WITHOUT_NAMES, LETTERING)
SENTENCES = "text:"
# Counted up when the same words come to give other vectors.
METHOD = 1


def is_lettered(name: str) -> bool:
    """Whether this is the name of an encoder of words."""
    return name in NAMES or name.startswith(SENTENCES)


def folder_of(name: str) -> Path:
    """Where the sentence embedding of `text:FOLDER` lies."""
    return Path(name.removeprefix(SENTENCES)).expanduser()


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """The encoder as far as its name tells: its vectors come from words that were read, see `embeddings.lettering`.

    Raises GenrescopeError for weights.
    """
    if weights is not None:
        raise GenrescopeError(f"{name} has no weights: leave out --weights {name}=...")

    def refuse(_: object) -> NoReturn:
        raise GenrescopeError(f"{name} is made of words: 'genrescope embed' reads them")

    params = {"method": METHOD, "preprocessing": preprocessing}
    return Encoder(name=name, dimension=0, params=params, prepare=refuse, encode=refuse)
