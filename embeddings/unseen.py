"""Covers that a trained encoder has not learnt from: only those say what can be told apart in its embedding.

A network that was trained on a cover's genre puts it there, whether covers show their genre or not; on covers that it
learnt from, separability and classifiers would be circular. See docs/methods.md, "Networks on the covers".
"""

import logging
from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from data.grouping.folds import read_folds
from data.grouping.splits import read_split
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.families.finetuned import TRAINED_ON
from embeddings.encoders.families.joined import is_joined
from embeddings.joining import parents_of

log = logging.getLogger(__name__)


def unseen_rows(workspace: Workspace, embedding: Run, cover_ids: np.ndarray) -> np.ndarray:
    """Rows (m,) of the covers that no encoder behind an embedding was trained on, ascending: all if none was trained.

    For `finetuned:RUN` those that were judged by the part of the division on which it was trained; for `concat:A+B`
    those that neither A nor B has seen.
    """
    taught = _taught(workspace, embedding)
    if taught:
        unseen = reduce(np.intersect1d, [_judged(workspace, trained_on) for trained_on in taught])
        return np.flatnonzero(np.isin(cover_ids, unseen))
    return np.arange(len(cover_ids))


def _taught(workspace: Workspace, embedding: Run) -> list[dict[str, Any]]:
    """What the encoders behind an embedding were trained on, as it stands in their parameters."""
    if is_joined(embedding.name):
        return [found for part in parents_of(workspace, embedding) for found in _taught(workspace, part)]
    return [embedding.params[TRAINED_ON]] if TRAINED_ON in embedding.params else []


def _judged(workspace: Workspace, trained_on: Mapping[str, Any]) -> np.ndarray:
    """Ids of the covers that were kept from a training, to be judged by it."""
    division = get_run(workspace, trained_on["division"])
    if division.kind == "split":
        return read_split(workspace, division)[1]
    return np.flatnonzero(read_folds(workspace, division)[trained_on["repeat"]] == trained_on["fold"])
