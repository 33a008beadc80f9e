"""A trained network judges: calibrated on the covers that were held out of its training."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.classifiers.estimators.temperature import best_temperature
from embeddings.encoders.networks import Network

# Covers at a time.
CHUNK = 256


def calibrate(network: Network, frame: pd.DataFrame, images: np.ndarray, *, weighted: bool) -> float:
    """Divide the margins by the temperature that gives the least log loss on held-out covers, in the last layer itself.

    Returns the temperature (Guo et al. 2017, as in `calibration.Calibrated`); 1 where nothing is held out.
    """
    import torch

    held_out = frame[frame.held_out]
    if held_out.empty:
        return 1.0
    truth = np.searchsorted(network.classes, held_out.genre.to_numpy(dtype=str))
    weights = 1 / np.bincount(truth)[truth] if weighted else np.ones(len(truth))
    temperature, _ = best_temperature(margins_of(network, images, held_out.row.to_numpy()), truth, weights)
    head: Any = network.module[1]
    last = head[-1]
    with torch.no_grad():
        last.weight /= temperature
        last.bias /= temperature
    return temperature


def margins_of(network: Network, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Margins (m, c) of these rows of the mapped images, some at a time."""
    parts = [network.margins(images[rows[start : start + CHUNK]]) for start in range(0, len(rows), CHUNK)]
    return np.concatenate([np.zeros((0, len(network.classes)), np.float32), *parts])
