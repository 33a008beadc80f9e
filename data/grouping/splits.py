"""Splits: which covers a classifier learns from, and which it is tested on."""

import logging

import numpy as np
import pyarrow as pa

from data.errors import GenrescopeError
from data.grouping.groups import groups_of_each, make_groups, read_group_ids
from data.listing import listed
from data.options import OUT_OF_FOLD
from data.store.covers import counting, read_covers
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

KINDS = ("grouped", "random")


def make_split(
    workspace: Workspace,
    *,
    name: str | None = None,
    kind: str = "grouped",
    groups: Run | None = None,
    test_share: float = 0.2,
    seed: int = 42,
) -> Run:
    """Split the covers into train and test, stratified by genre: rows in the table splits.

    kind: 'grouped' keeps groups on one side, and so what test measures is not memory; 'random' draws file by file, as
    older studies did, whose copies lie on both sides. groups: a groups run, by default that of `make_groups`.
    test_share: share of the covers of each genre to test on. name: 'grouped' or 'random' if not given. A genre whose
    covers are all one group goes to train, with a warning; leaks are warned of, too.
    Results: train, test (covers), leaking_groups (groups on both sides), leaking_covers (test covers whose group is in
    train, too), one_sided (genres with covers on one side only).
    """
    _check(name or kind, kind, test_share)
    groups = groups or make_groups(workspace)
    group_ids = read_group_ids(workspace, groups)
    bound = np.arange(len(group_ids)) if kind == "random" else group_ids
    snapshot = get_run(workspace, groups.inputs[0])
    genres, counts = read_covers(workspace, snapshot).genre.to_numpy(dtype=object), counting(workspace, snapshot)
    run = compute_run(
        workspace,
        "split",
        lambda: _compute(genres, group_ids, _draw(genres, bound, test_share, seed), counts),
        name=name or kind,
        params={"kind": kind, "test_share": test_share},
        inputs=[groups.inputs[0], groups.run_id],
        seed=seed,
    )
    _warn(run)
    return run


def read_split(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """cover_ids of train and of test, int32, ascending."""
    with workspace.read() as con:
        rows = con.sql(
            "SELECT cover_id, side = 'test' AS in_test FROM splits WHERE run_id = ? ORDER BY cover_id",
            params=[run.run_id],
        ).to_arrow_table()
    ids, in_test = rows["cover_id"].to_numpy(), rows["in_test"].to_numpy()
    return ids[~in_test], ids[in_test]


def _compute(genres: np.ndarray, groups: np.ndarray, in_test: np.ndarray, counts: np.ndarray) -> Outcome:
    """Covers set aside are drawn with the others, so that those that stay keep their side, and then left out."""
    ids = np.flatnonzero(counts).astype(np.int32)
    genres, groups, in_test = genres[counts], groups[counts], in_test[counts]
    both = np.intersect1d(groups[in_test], groups[~in_test])
    results = {
        "train": int((~in_test).sum()),
        "test": int(in_test.sum()),
        "leaking_groups": len(both),
        "leaking_covers": int(np.isin(groups[in_test], both).sum()),
        "one_sided": sorted(set(genres[in_test]) ^ set(genres[~in_test])),
    }
    rows = pa.table({"cover_id": ids, "side": np.where(in_test, "test", "train")})
    return {"splits": rows}, results


def _check(name: str, kind: str, test_share: float) -> None:
    if name == OUT_OF_FOLD:
        raise GenrescopeError(
            f"'{name}' cannot name a split, as '--split {name}' means no hold-out: choose another name"
        )
    if kind not in KINDS:
        raise GenrescopeError(f"no split of kind '{kind}': there are {' and '.join(KINDS)}")
    if not 0 < test_share < 1:
        raise GenrescopeError(f"a test share of {test_share:g} leaves one side empty: choose one between 0 and 1")


def _draw(genres: np.ndarray, groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Test mask, bool (n,), that keeps groups whole and has `share` of each genre as nearly as they allow.

    In random order, each group of several covers goes to the side that brings test nearest to `share` of all covers
    of their genres seen so far; then the covers on their own, each a group, fill up what every genre still lacks.
    (scikit-learn's StratifiedGroupKFold weighs every cover on its own like a group: minutes for 100,000 covers.)
    """
    rng = np.random.default_rng(seed)
    _, codes, totals = np.unique(genres, return_inverse=True, return_counts=True)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    splittable = groups_of_each(codes, group) > 1
    in_test = np.zeros(len(genres), dtype=bool)
    seen, drawn = np.zeros(len(totals)), np.zeros(len(totals))
    for members in _shuffled(rng, group, sizes):
        counts = np.bincount(codes[members], minlength=len(totals))
        seen += counts
        short = share * seen - drawn
        if splittable[codes[members]].all() and np.sum((short - counts) ** 2) < np.sum(short**2):
            in_test[members] = True
            drawn += counts
    wanted = np.where(splittable, np.rint(share * totals).clip(1, totals - 1) - drawn, 0).astype(int)
    alone = rng.permutation(np.flatnonzero(sizes[group] == 1))
    for code in np.flatnonzero(wanted > 0):
        in_test[alone[codes[alone] == code][: wanted[code]]] = True
    return in_test


def _shuffled(rng: np.random.Generator, group: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    """The members of each group of several covers, groups in random order."""
    members = np.flatnonzero(sizes[group] > 1)
    members = members[np.argsort(group[members], kind="stable")]
    found = np.split(members, np.flatnonzero(np.diff(group[members])) + 1) if len(members) else []
    return [found[i] for i in rng.permutation(len(found))]


def _warn(run: Run) -> None:
    results = run.results
    if results["leaking_covers"]:
        log.warning(
            "split '%s' leaks: %s of %s test covers have a cover of their group in train as well",
            run.name,
            f"{results['leaking_covers']:,}",
            f"{results['test']:,}",
        )
    if results["one_sided"]:
        log.warning("split '%s' has only one side of: %s", run.name, listed(results["one_sided"]))
