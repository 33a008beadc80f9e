"""The sentence claims what the ranks support, and no more."""

import numpy as np
import pytest

from analysis.separability.pure.claims import claims, enumerated

NAMES = ["Country", "Electronic", "Pop", "Rock"]


def said(values, above, *, claimable=None, p_values=None):
    size = len(values)
    claimable = np.ones(size, bool) if claimable is None else np.array(claimable)
    p_values = np.zeros(size) if p_values is None else np.array(p_values)
    matrix = np.zeros((size, size), bool)
    for one, other in above:
        matrix[one, other] = True
    return claims(NAMES[:size], np.array(values), matrix, claimable=claimable, p_values=p_values)


@pytest.mark.parametrize(
    ("above", "sentence"),
    [
        ([], "Country, Rock, Electronic and Pop cannot be told apart by how well they separate."),
        (
            [(0, 1), (0, 2), (0, 3)],
            "Country separates best; Rock, Electronic and Pop trail and cannot be told apart.",
        ),
        ([(0, 1), (0, 2), (0, 3), (1, 2), (3, 2)], "Country separates best; Pop worst."),
        ([(0, 2), (3, 2), (1, 2)], "Country, Rock and Electronic lead and cannot be told apart; Pop separates worst."),
        ([(0, 2)], "Country leads; Pop trails. Rock and Electronic may belong to either."),
    ],
)
def test_no_more_than_the_ranks_support(above, sentence):
    assert said([0.5, 0.2, 0.1, 0.3], above)["sentence"] == sentence


def test_genres_too_small_or_at_chance_are_said_to_be():
    found = said(
        [0.5, 0.2, 0.1, 0.9], [(0, 1), (0, 2)], claimable=[True, True, True, False], p_values=[0, 0.04, 0.3, 0]
    )
    assert found["sentence"] == (
        "Country separates best; Electronic and Pop trail and cannot be told apart. "
        "Pop is not shown to separate by more than chance. Too small for a claim: Rock."
    )
    assert found["sentences"][2] == "Too small for a claim: Rock."
    assert " ".join(found["sentences"]) == found["sentence"]
    assert (found["leaders"], found["last"], found["chance"]) == (["Country"], ["Electronic", "Pop"], ["Pop"])
    assert found["too_small"] == ["Rock"]


def test_nothing_to_rank_is_said():
    assert said([0.5], [])["sentence"] == "There are no two genres large enough to be ranked."
    none = said([0.1, 0.1], [], p_values=[0.5, 0.6])["sentence"]
    assert none.endswith("None is shown to separate by more than chance.")
    assert enumerated(["A"]) == "A"
