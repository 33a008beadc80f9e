"""Covers that a trained encoder has not learnt from: only on those does separability say what it can tell apart.

A network that was trained on a cover's genre puts it there, whether covers show their genre or not; measured on covers
that it learnt from, separability would be circular. See docs/methods.md, "Networks on the covers".
"""

import logging

import numpy as np

from data.grouping.folds import read_folds
from data.grouping.splits import read_split
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.finetuned import TRAINED_ON

log = logging.getLogger(__name__)


def unseen_rows(workspace: Workspace, embedding: Run, cover_ids: np.ndarray) -> np.ndarray:
    """Rows (m,) of the covers that the encoder's training did not see, ascending: for one never trained here all.

    For `finetuned:RUN` those that were judged by the part of the division on which it was trained.
    """
    trained_on = embedding.params.get(TRAINED_ON)
    if trained_on is None:
        return np.arange(len(cover_ids))
    division = get_run(workspace, trained_on["division"])
    if division.kind == "split":
        unseen = read_split(workspace, division)[1]
    else:
        unseen = np.flatnonzero(read_folds(workspace, division)[trained_on["repeat"]] == trained_on["fold"])
    log.info("%s: measured on the %s covers that it was not trained on", embedding.name, f"{len(unseen):,}")
    return np.flatnonzero(np.isin(cover_ids, unseen))


def among(rows: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """Lists (n, k) of row numbers, of the chosen rows (m,) alone, by their new numbers: (m, k), in order, then -1."""
    number = np.full(len(listed) + 1, -1)
    number[rows] = np.arange(len(rows))
    found = number[listed[rows]]
    return np.take_along_axis(found, np.argsort(found < 0, axis=1, kind="stable"), axis=1)
