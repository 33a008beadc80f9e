"""A short version of the simulations of membership; the long one is `make validate`."""

import pandas as pd

from analysis.validation.simulations.membership import COVERAGE, NULL, measured
from analysis.validation.simulations.separability import coverage


def test_intervals_hold_what_membership_gives_on_average_and_genres_are_alike() -> None:
    rows = pd.concat([measured(COVERAGE[0], seed=seed).assign(draw=seed) for seed in range(12)])
    found = coverage(rows[rows.metric == "membership_separability"])
    genres = found[(found.genre != "all") & (found.other_genre == "")]
    assert genres.held.mean() > 0.85
    assert genres.truth.max() - genres.truth.min() < 0.1
    assert (genres.no_width == 0).all()


def test_artists_alone_are_no_genres() -> None:
    rows = pd.concat([measured(NULL[1], seed=seed, permutations=39) for seed in range(6)])
    assert (rows.p_value[rows.genre.notna()] < 0.05).mean() < 0.2
