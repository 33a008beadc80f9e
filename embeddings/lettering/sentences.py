"""What the words say, by a sentence embedding that the user has on this machine: `text:FOLDER`."""

import hashlib
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import GenrescopeError, MissingWeights
from embeddings.encoders.weights import sha256_of

# What decides the vectors, of all that lies in such a folder.
_PARTS = ("*.safetensors", "*.json", "*.txt", "*.model")


def sentence_vectors(folder: Path, texts: Sequence[str]) -> np.ndarray:
    """Vectors (m, d + 1) float32 at length 1; where nothing is said the last number is 1, and the others are 0.

    Raises as `model_in`.
    """
    model = model_in(folder)
    said = np.array([bool(text.strip()) for text in texts])
    found = model.encode(
        [" ".join(text.split()) for text in texts], normalize_embeddings=True, show_progress_bar=False, batch_size=256
    )
    return np.column_stack([np.where(said[:, None], found, 0), ~said]).astype(np.float32)


def digest_of(folder: Path) -> str:
    """16 hex digits of the SHA-256 of all that decides a model's vectors; raises MissingWeights."""
    files = sorted(file for part in _PARTS for file in folder.rglob(part))
    if not any(file.suffix == ".safetensors" for file in files):
        raise MissingWeights(
            f"{folder} holds no sentence-transformers model in safetensors: name the folder of one that you have, as in"
            " text:models/all-MiniLM-L6-v2"
        )
    content = "\n".join(f"{file.relative_to(folder)} {sha256_of(file)}" for file in files)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def model_in(folder: Path) -> Any:
    """The model that lies in a folder, loaded without a network and without running any code of its own.

    Raises MissingWeights where the extra is not installed, and GenrescopeError where the folder holds no model.
    """
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as progress
    except ImportError as error:
        raise MissingWeights(
            "text:FOLDER needs sentence-transformers, which is not installed: pip install 'genrescope[sentences]'; "
            "'text' does without"
        ) from error
    progress.disable_progress_bar()
    for name in ("sentence_transformers", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
    options = {"use_safetensors": True}
    try:
        return SentenceTransformer(str(folder), local_files_only=True, trust_remote_code=False, model_kwargs=options)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise GenrescopeError(f"{folder} is no sentence-transformers model: {reason}") from error
