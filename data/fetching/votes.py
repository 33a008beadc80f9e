"""Which genre an album has: by the votes of MusicBrainz' users. The rule stands in docs/methods.md."""

import difflib
from collections.abc import Collection, Iterable, Mapping

from data.errors import GenrescopeError


def genre_votes(votes: Mapping[str, int], names: Collection[str]) -> dict[str, int]:
    """The tags that are genres and have more votes for than against, most votes first, then by the alphabet."""
    genres = {name: count for name, count in votes.items() if name in names and count > 0}
    return dict(sorted(genres.items(), key=lambda item: (-item[1], item[0])))


def asked_genres(genres: Mapping[str, int], asked: Collection[str]) -> list[str]:
    """An album's genres among those asked for, most votes first; none where the most votes are shared: a tie.

    genres: as `genre_votes` gives them.
    """
    found = [name for name in genres if name in asked]
    tie = len(found) > 1 and genres[found[0]] == genres[found[1]]
    return [] if tie else found


def check_genres(asked: Iterable[str], names: Collection[str]) -> list[str]:
    """The genres asked for as MusicBrainz spells them, each once; raises GenrescopeError for an unknown one."""
    found = list(dict.fromkeys(" ".join(genre.lower().split()) for genre in asked))
    for genre in found:
        if genre not in names:
            near = difflib.get_close_matches(genre, names, n=5, cutoff=0.6)
            meant = f"did you mean {' or '.join(near)}?" if near else "its list: https://musicbrainz.org/genres"
            raise GenrescopeError(f"MusicBrainz knows no genre '{genre}': {meant}")
    if not found:
        raise GenrescopeError("name at least one genre: --genre jazz")
    return found
