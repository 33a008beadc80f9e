"""What words say, in vectors; and which of them are names."""

import numpy as np
import pytest

from embeddings.lettering.names import names_among
from embeddings.lettering.wording import grams, learn_wording, words_of

LOVE = ["love songs", "more love", "songs of love", "all my love songs"]
DOOM = ["doom and gloom", "the gloom", "doom rising", "gloom doom"]


def test_words_are_told_apart_without_case_accents_and_signs() -> None:
    assert words_of("L’AMOUR, Café-Concert 2!") == ["l'amour", "cafe", "concert", "2"]
    assert words_of("Группа 美空") == ["группа", "美空"]


def test_grams_by_hand() -> None:
    assert list(grams("a bc")) == ["_a_", "_bc_", "_a_bc_", " a ", " bc", "bc ", " bc "]


def test_covers_that_say_like_things_are_near() -> None:
    wording = learn_wording(LOVE + DOOM)
    assert wording is not None
    vectors = wording([*LOVE, *DOOM, ""])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    cosines = vectors @ vectors.T
    assert cosines[:4, :4].min() > 0.5 > 0.1 > np.abs(cosines[:4, 4:8]).max()
    assert vectors[8, -1] == 1
    assert np.abs(cosines[8, :8]).max() == 0


def test_a_misread_letter_leaves_them_near() -> None:
    wording = learn_wording([*LOVE, *DOOM])
    assert wording is not None
    love, misread, doom = wording(["love songs", "l0ve songs", "doom rising"])
    assert love @ misread > 0.7 > 0.1 > love @ doom


def test_the_same_texts_give_the_same_vectors_with_one_and_two_threads() -> None:
    from threadpoolctl import threadpool_limits

    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            wording = learn_wording(LOVE + DOOM)
            assert wording is not None
            found.append(wording(LOVE))
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("texts", [["", ""], ["one", "other"], []])
def test_nothing_in_common_is_no_wording(texts: list[str]) -> None:
    assert learn_wording(texts) is None


def test_names_are_words_of_one_artist_of_the_genres_and_of_the_label_of_parents() -> None:
    texts = ["Madonna love", "MADONNA live", "Prince love", "Hip Hop live!", "Parental Advisory: song", "song"]
    names = names_among(texts, np.array([1, 1, 2, 3, 4, 5]), ["HipHop", "Rock"])
    assert names & {word for text in texts for word in words_of(text)} == {
        "madonna",
        "prince",
        "hip",
        "hop",
        "parental",
        "advisory",
    }
    wording = learn_wording(texts, names=names)
    assert wording is not None
    assert wording(["Madonna love"]).tolist() == wording(["love"]).tolist()
