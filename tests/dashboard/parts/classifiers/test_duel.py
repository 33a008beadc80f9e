"""Two classifiers side by side: words that claim what the comparison shows, no more."""

import json
from types import SimpleNamespace

import pytest

from dashboard.parts.classifiers.disagreement import matrix_of_differences
from dashboard.parts.classifiers.duel import answer_of, short_names, verdict
from dashboard.parts.components import number, signed
from dashboard.reading import chains, judged
from dashboard.state.view import view
from data.store.workspace import Workspace


def row(said: str, *, p: float = 0.004) -> SimpleNamespace:
    return SimpleNamespace(verdict=said, p_adjusted=p)


@pytest.mark.parametrize(
    ("said", "words", "sentence"),
    [
        ("A better", "knn better, p = 0.004", "knn on shapes is better than logistic on shapes."),
        ("B better", "logistic better, p = 0.004", "logistic on shapes is better than knn on shapes."),
        (
            "no difference shown",
            "no difference shown",
            "No difference shown between knn on shapes and logistic on shapes.",
        ),
        (
            "equal within two points",
            "equal within two points",
            "knn on shapes and logistic on shapes are equal within two points.",
        ),
        ("too few covers", "too few covers", "Too few covers to compare knn on shapes and logistic on shapes."),
    ],
)
def test_verdicts_in_words(filled: Workspace, said: str, words: str, sentence: str) -> None:
    second, first = chains.classifiers(filled, chains.chains(filled)[0])
    assert verdict(row(said), short_names(first, second)) == words
    assert answer_of(filled, first, second, row(said)) == sentence


def test_short_names_tell_the_two_apart(filled: Workspace) -> None:
    (second, first), (other, _) = (chains.classifiers(filled, chain) for chain in chains.chains(filled))
    assert short_names(first, second) == ("knn", "logistic")
    assert short_names(second, other) == ("shapes", "color")
    assert len(set(short_names(first, first))) == 1


def test_cells_whose_interval_holds_zero_are_pale(filled: Workspace) -> None:
    first, second = chains.classifiers(filled, chains.chains(filled)[0])
    table = judged.comparison(filled, first.run_id, second.run_id).matrix
    _, drawn = matrix_of_differences(view(filled, "/classifiers", ""), first, second)
    kinds = json.loads(drawn.to_plotly_json()["props"]["data-matrix"])["kind"]
    assert kinds.count("open") == ((table.low <= 0) & (table.high >= 0)).sum() > 0


def test_differences_carry_their_sign() -> None:
    assert [signed(0.0314), signed(-0.2, digits=1), signed(-0.0001), signed(0.0)] == [
        "+0.031",
        "−0.2",
        "0.000",
        "0.000",
    ]
    assert "'+0.100'" in str(number(0.1, -0.05, 0.25, signs=True))
    assert "−0.050 to +0.250" in str(number(0.1, -0.05, 0.25, signs=True))
