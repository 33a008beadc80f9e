"""Which words on covers are names rather than words: they tell who made an album, not what it is. Pure."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from embeddings.lettering.wording import words_of

ADVISORY = frozenset({"parental", "advisory", "explicit", "content", "lyrics"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def names_among(texts: Sequence[str], groups: np.ndarray, genres: Iterable[str]) -> frozenset[str]:
    """Words that occur in one group only, words of the genres' own names, and ADVISORY; as `words_of` has them.

    texts: of n covers. groups: (n,) ids: covers of one artist, where artists are known; else only covers that show the
    same picture, and an artist's name on two of its albums stays.
    """
    group_of: dict[str, int] = {}
    several: set[str] = set()
    for text, group in zip(texts, groups.tolist(), strict=True):
        for word in words_of(text):
            if group_of.setdefault(word, group) != group:
                several.add(word)
    own = {word for genre in genres for word in (*words_of(genre), *words_of(_CAMEL.sub(" ", genre)))}
    return frozenset(group_of.keys() - several | own | ADVISORY)
