"""Comparisons of many genres: what the dense ones say, but for the cells."""

import numpy as np

from analysis.evaluation.comparing.contrasts import Outputs, contrast
from analysis.evaluation.comparing.of_many import contrast_of_many


def outputs(seed: int, *, covers: int = 90, classes: int = 7, repeats: int = 2) -> Outputs:
    dice = np.random.default_rng(seed)
    truth = np.tile(np.arange(covers) % (classes - 1), repeats)  # the last genre never occurs
    scores = dice.normal(size=(len(truth), classes))
    scores[np.arange(len(truth)), truth] += 1
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    cover = np.tile(np.arange(covers), repeats)
    repeat = np.repeat(np.arange(repeats), covers)
    return Outputs(truth, shares.argmax(axis=1), shares, repeat, cover // 2, np.full(len(truth), 1 / repeats))


def test_all_but_the_cells_are_the_same():
    a, b = outputs(1), outputs(2)
    dense = contrast(a, b, flips=200, seed=3, inflation=1.3)
    sparse = contrast_of_many(a, b, flips=200, seed=3, inflation=1.3)
    rows = [dense.names.index(name) for name in sparse.names]
    assert {name for i, (name, *_) in enumerate(dense.names) if i not in rows} == {"cell"}
    assert len(rows) == len(set(rows))
    for name in ("a", "b", "low", "high"):
        assert np.allclose(getattr(dense, name)[rows], getattr(sparse, name), atol=1e-12), name
    assert np.array_equal(dense.p_value[rows], sparse.p_value)
    assert dense.groups == sparse.groups == 45
