"""Drawn covers: genres told apart by colour only, and by shape only, are recovered as such."""

import pandas as pd
import pytest

from analysis.behind.controls.accounting import account
from analysis.separability.pure.evidence import gather
from data.drawing.sample import COLOR_TWINS, SHAPE_TWINS, write_sample
from data.grouping.folds import make_folds, read_folds
from data.grouping.groups import make_groups, read_group_ids
from data.intake.importing import import_covers
from data.store.covers import collection, read_covers
from data.store.workspace import open_workspace
from embeddings.embed import embed
from embeddings.encoders.families.color import LEVELS, TINTS
from embeddings.vectors import read_vectors

pytestmark = pytest.mark.slow

PALETTE = LEVELS * TINTS * TINTS  # what `color` sees of a cover, less its layout


@pytest.fixture(scope="module")
def of_twins(tmp_path_factory) -> dict[tuple[str, str], pd.DataFrame]:
    """An encoder that sees shapes beside the palette, for each pair of twins among 600 covers."""
    folder = tmp_path_factory.mktemp("planted")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=600))
    genres = read_covers(workspace, collection(workspace)).genre.to_numpy()
    groups = make_groups(workspace)
    group_ids, fold = read_group_ids(workspace, groups), read_folds(workspace, make_folds(workspace, groups))
    palette, shape = (read_vectors(workspace, embed(workspace, name))[1] for name in ("color", "resnet18-untrained"))
    found = {}
    for twins in (COLOR_TWINS, SHAPE_TWINS):
        own = (genres == twins[0]) | (genres == twins[1])
        evidence = gather(genres[own], group_ids[own], fold[:, own], folds=5, resamples=300, permutations=0, seed=1)
        found[twins] = account(evidence, shape[own], palette[own, :PALETTE])
    return found


def of_mean(rows: pd.DataFrame, metric: str) -> pd.Series:
    return rows[(rows.metric == metric) & rows.genre.isna()].iloc[0]


def test_of_genres_told_by_colour_only_nothing_is_left_beyond_colour(of_twins):
    rows = of_twins[COLOR_TWINS]
    assert of_mean(rows, "separability").value > 0.5  # an encoder of shapes sees light and dark, too
    assert of_mean(rows, "alone").value > 0.7
    assert not (of_mean(rows, "adds").low > 0)
    assert of_mean(rows, "left").low < 0.1


def test_of_genres_told_by_shape_only_all_is_left(of_twins):
    rows = of_twins[SHAPE_TWINS]
    assert of_mean(rows, "left").low > 0.3
    assert of_mean(rows, "left").value > 0.75 * of_mean(rows, "separability").value
    assert of_mean(rows, "difference").low > 0
