"""Folds: the covers divided into parts, several times, so that each cover is judged by what has not seen it.

See docs/methods.md.
"""

import numpy as np
import pyarrow as pa

from data.errors import GenrescopeError
from data.grouping.groups import groups_of_each, read_group_ids
from data.options import OUT_OF_FOLD
from data.store.covers import counting, read_covers
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace

FOLDS, REPEATS = 5, 3


def make_folds(workspace: Workspace, groups: Run, *, folds: int = FOLDS, repeats: int = REPEATS, seed: int = 42) -> Run:
    """Divide the covers into folds, `repeats` times, stratified by genre and with groups kept whole: table folds.

    Covers set aside are dealt with the others, though nothing judges them: those that stay keep their folds.
    Results: folds, repeats, too_small: the genres with fewer groups than folds, which some folds must do without.
    Raises GenrescopeError for fewer than two folds or no repeat.
    """
    if folds < 2 or repeats < 1:
        raise GenrescopeError(f"{folds} folds, {repeats} times, judge nobody: take two folds and one repeat or more")
    return compute_run(
        workspace,
        "folds",
        lambda: _compute(workspace, groups, folds=folds, repeats=repeats, seed=seed),
        name=OUT_OF_FOLD,
        params={"folds": folds, "repeats": repeats},
        inputs=[groups.inputs[0], groups.run_id],
        seed=seed,
    )


def read_folds(workspace: Workspace, run: Run) -> np.ndarray:
    """Fold of each cover in each repeat: int16 (repeats, n), columns indexed by cover_id."""
    with workspace.read() as con:
        rows = con.sql("SELECT fold FROM folds WHERE run_id = ? ORDER BY repeat, cover_id", params=[run.run_id])
        fold = rows.to_arrow_table()["fold"].to_numpy()
    return fold.reshape(run.results["repeats"], -1)


def deal_folds(genres: np.ndarray, groups: np.ndarray, *, folds: int, seed: int | list[int]) -> np.ndarray:
    """A fold for each cover: int16 (n,) from 0; groups stay whole, and every fold gets its share of each genre.

    genres: (n,) codes. groups: (n,). Groups of several covers go, the largest first and else in random order, where
    their genres have the fewest covers so far; then the covers on their own fill up what each genre lacks where.
    (scikit-learn's StratifiedGroupKFold weighs every single cover like a group: minutes for 100,000 of them.)
    """
    dice = np.random.default_rng(seed)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    classes = int(genres.max(initial=0)) + 1
    fold = np.zeros(len(genres), np.int16)
    filled = np.zeros((folds, classes))
    for members in _by_size(group, sizes, dice):
        counts = np.bincount(genres[members], minlength=classes)
        load = filled @ counts + 1e-3 * filled.sum(axis=1)
        chosen = dice.choice(np.flatnonzero(load == load.min()))
        fold[members] = chosen
        filled[chosen] += counts
    alone = np.flatnonzero(sizes[group] == 1)
    for genre in range(classes):
        own = dice.permutation(alone[genres[alone] == genre])
        fold[own] = _fill(filled[:, genre], len(own), dice)
    return fold


def _by_size(group: np.ndarray, sizes: np.ndarray, dice: np.random.Generator) -> list[np.ndarray]:
    """The members of each group of several covers, the largest group first, equal ones in random order."""
    order = np.argsort(group, kind="stable")
    starts = np.cumsum(sizes) - sizes
    several = np.flatnonzero(sizes > 1)
    several = several[np.lexsort((dice.permutation(len(several)), -sizes[several]))]
    return [order[starts[name] : starts[name] + sizes[name]] for name in several]


def _fill(filled: np.ndarray, count: int, dice: np.random.Generator) -> np.ndarray:
    """Folds for `count` covers, each going where there are fewest so far."""
    names = dice.permutation(len(filled))
    levels = filled[names] + np.arange(count)[:, None]
    return np.tile(names, count)[np.argsort(levels.ravel(), kind="stable")[:count]]


def _compute(workspace: Workspace, groups: Run, *, folds: int, repeats: int, seed: int) -> Outcome:
    snapshot = get_run(workspace, groups.inputs[0])
    covers, counts = read_covers(workspace, snapshot), counting(workspace, snapshot)
    names, codes = np.unique(covers.genre.to_numpy(dtype=object).astype(str), return_inverse=True)
    group_ids = read_group_ids(workspace, groups)
    dealt = np.stack([deal_folds(codes, group_ids, folds=folds, seed=[seed, repeat]) for repeat in range(repeats)])
    groups_of = groups_of_each(codes[counts], group_ids[counts], genres=len(names))
    rows = pa.table(
        {
            "cover_id": np.tile(np.arange(len(codes), dtype=np.int32), repeats),
            "repeat": np.repeat(np.arange(repeats, dtype=np.int16), len(codes)),
            "fold": dealt.ravel(),
        }
    )
    too_small = [str(name) for name, count in zip(names, groups_of, strict=True) if 0 < count < folds]
    return {"folds": rows}, {"folds": folds, "repeats": repeats, "too_small": too_small}
