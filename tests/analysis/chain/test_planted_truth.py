"""The whole analysis against generated covers whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.separability import separability
from data.drawing.sample import ALIKE, COLOR_TWINS, MIXTURE, SHAPE_TWINS, write_sample
from data.grouping.duplicates import find_duplicates, read_groups
from data.intake.importing import import_covers
from data.store.covers import collection, read_covers
from data.store.workspace import open_workspace
from embeddings.embed import embed
from embeddings.encoders.color import LEVELS, TINTS
from embeddings.vectors import read_vectors

pytestmark = pytest.mark.slow

PALETTE = LEVELS * TINTS * TINTS  # what `color` sees of a cover, less its layout


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """Separability of 400 generated covers by their colours alone, and by an encoder that sees shapes too."""
    folder = tmp_path_factory.mktemp("planted")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=400))
    covers = read_covers(workspace, collection(workspace))
    exact, near = read_groups(workspace, find_duplicates(workspace))
    vectors = {name: read_vectors(workspace, embed(workspace, name))[1] for name in ("color", "resnet18-untrained")}
    seen = {"palette": vectors["color"][:, :PALETTE], "shape": vectors["resnet18-untrained"]}
    options = {"resamples": 200, "permutations": 200}
    return {
        name: separability(
            of_name,
            covers.genre.to_numpy(),
            near,
            neighbor_graph(of_name, exact, k=30)[0],
            np.zeros(len(covers), int),
            **options,
        )
        for name, of_name in seen.items()
    }


def pair_auc(table: pd.DataFrame) -> pd.Series:
    pairs = table[table.other_genre.notna()]
    return pairs.set_index(["genre", "other_genre"]).value


def per_genre(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    return table[(table.metric == metric) & table.genre.notna() & table.other_genre.isna()].set_index("genre")


@pytest.mark.parametrize("name", ["palette", "shape"])
def test_genres_that_are_nearly_alike_are_the_hardest_pair(tables, name):
    found = pair_auc(tables[name])
    assert found.idxmin() == ALIKE
    assert found[ALIKE] < 0.75
    others = [pair for pair in found.index if pair != ALIKE and MIXTURE not in pair]
    assert found[others].mean() > 0.85


@pytest.mark.parametrize("name", ["palette", "shape"])
def test_a_mixture_of_the_others_is_no_genre_of_its_own(tables, name):
    purity, auc = per_genre(tables[name], "purity"), per_genre(tables[name], "auc")
    assert purity.value.idxmin() == auc.value.idxmin() == MIXTURE
    assert purity.p_adjusted[MIXTURE] > 0.05
    assert auc.p_adjusted[MIXTURE] > 0.05
    assert (purity.p_adjusted.drop(MIXTURE) < 0.05).all()
    assert (auc.p_adjusted.drop(MIXTURE) < 0.05).all()


def test_genres_told_apart_by_colour_only_are_told_apart_by_colour(tables):
    assert pair_auc(tables["palette"])[COLOR_TWINS] > 0.85


def test_genres_told_apart_by_shape_only_need_an_encoder_that_sees_shape(tables):
    by_palette, by_shape = (pair_auc(tables[name])[SHAPE_TWINS] for name in ("palette", "shape"))
    assert by_shape > 0.85
    assert by_palette < by_shape - 0.05
