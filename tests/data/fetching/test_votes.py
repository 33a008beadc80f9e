"""Genres by votes, by hand."""

import pytest

from data.errors import GenrescopeError
from data.fetching.votes import asked_genres, check_genres, genre_votes

NAMES = {"jazz", "rock", "death metal"}


def test_only_genres_with_more_votes_for_than_against_count() -> None:
    votes = {"rock": 2, "seen live": 9, "jazz": 2, "death metal": 0}
    assert list(genre_votes(votes, NAMES).items()) == [("jazz", 2), ("rock", 2)]
    assert genre_votes({"jazz": -1}, NAMES) == {}


@pytest.mark.parametrize(
    ("votes", "genres"),
    [
        ({"jazz": 2, "rock": 1}, ["jazz", "rock"]),
        ({"jazz": 2, "rock": 2}, []),  # a tie
        ({"death metal": 9, "jazz": 2, "rock": 1}, ["jazz", "rock"]),  # of those asked for
        ({"death metal": 9}, []),
    ],
)
def test_the_genre_asked_for_with_the_most_votes(votes: dict[str, int], genres: list[str]) -> None:
    assert asked_genres(genre_votes(votes, NAMES), ["rock", "jazz"]) == genres


def test_genres_are_spelt_as_musicbrainz_does() -> None:
    assert check_genres(["Death  Metal", "jazz", "JAZZ"], NAMES) == ["death metal", "jazz"]
    with pytest.raises(GenrescopeError, match="at least one"):
        check_genres([], NAMES)
