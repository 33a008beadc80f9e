"""The whole analysis against generated covers whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.pure.evidence import gather
from analysis.separability.separability import separability
from data.drawing.sample import ALIKE, COLOR_TWINS, MIXTURE, SHAPE_TWINS, write_sample
from data.grouping.duplicates import find_duplicates, read_groups
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
def tables(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """Separability of 400 generated covers by their colours alone, and by an encoder that sees shapes too."""
    folder = tmp_path_factory.mktemp("planted")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=400))
    genres = read_covers(workspace, collection(workspace)).genre.to_numpy()
    groups = make_groups(workspace)
    group_ids, fold = read_group_ids(workspace, groups), read_folds(workspace, make_folds(workspace, groups))
    evidence = gather(genres, group_ids, fold, folds=5, resamples=200, permutations=200, seed=1)
    vectors = {name: read_vectors(workspace, embed(workspace, name))[1] for name in ("color", "resnet18-untrained")}
    seen = {"palette": vectors["color"][:, :PALETTE], "shape": vectors["resnet18-untrained"]}
    exact = read_groups(workspace, find_duplicates(workspace))[0]
    return {
        name: separability(evidence, of_name, neighbor_graph(of_name, exact, k=30)[0], np.zeros(len(genres), int))[0]
        for name, of_name in seen.items()
    }


def of_pairs(table: pd.DataFrame) -> pd.Series:
    """Separability, 2 AUC - 1, by pair of genres."""
    pairs = table[table.other_genre.notna()]
    return pairs.set_index(["genre", "other_genre"]).value


def per_genre(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    return table[(table.metric == metric) & table.genre.notna() & table.other_genre.isna()].set_index("genre")


@pytest.mark.parametrize(("name", "planted"), [("palette", {ALIKE, SHAPE_TWINS}), ("shape", {ALIKE})])
def test_genres_that_are_nearly_alike_are_the_hardest_to_tell_apart(tables, name, planted):
    """For who sees colours only, the twins by shape are alike too; the mixture is like whom it borrows from."""
    found = of_pairs(tables[name])
    found = found[[pair for pair in found.index if MIXTURE not in pair]]
    assert set(found.nsmallest(len(planted)).index) == planted
    assert found[ALIKE] < 0.6
    assert found.drop(planted).mean() > 0.7


@pytest.mark.parametrize("name", ["palette", "shape"])
def test_a_mixture_of_the_others_is_no_genre_of_its_own(tables, name):
    measures = [per_genre(tables[name], measure) for measure in ("separability", "purity_above_chance")]
    for measure in measures:
        assert measure.value.idxmin() == MIXTURE
        assert measure.p_adjusted[MIXTURE] > 0.05
        assert (measure.p_adjusted.drop(MIXTURE) < 0.05).all()


def test_genres_told_apart_by_colour_only_are_told_apart_by_colour(tables):
    assert of_pairs(tables["palette"])[COLOR_TWINS] > 0.7


def test_genres_told_apart_by_shape_only_need_an_encoder_that_sees_shape(tables):
    by_palette, by_shape = (of_pairs(tables[name])[SHAPE_TWINS] for name in ("palette", "shape"))
    assert by_shape > 0.7
    assert by_palette < by_shape - 0.1
