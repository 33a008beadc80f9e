"""Script and language of what is written on a cover, guessed."""

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Any

# Covers say little: of less than this, and of guesses that are less sure, no language is told. See docs/methods.md.
FEWEST_LETTERS, FEWEST_WORDS = 12, 3
SURE = 0.9
NO_LANGUAGE = "zxx"  # what langid, after ISO 639-2, says of text that is none
# What Unicode calls the letters of these scripts.
_SCRIPTS = {"CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana"}


def script_of(text: str) -> str:
    """The script of most letters, by the first word of their Unicode names: Latin, Cyrillic, Greek, Han, Kana, ...

    '' of a text without letters.
    """
    first = Counter(unicodedata.name(letter, "?").partition(" ")[0] for letter in text if letter.isalpha())
    if not first:
        return ""
    name = first.most_common(1)[0][0].partition("-")[0]
    return _SCRIPTS.get(name, name.capitalize())


def language_of(text: str) -> str:
    """The language as ISO 639-1 has it, by the n-grams of langid (Lui and Baldwin, ACL 2012); '' where it is unsure.

    Artists' names have no language, and are most of what covers say: a guess, not for one cover but for many.
    """
    letters = sum(letter.isalpha() for letter in text)
    if letters < FEWEST_LETTERS or len(text.split()) < FEWEST_WORDS:
        return ""
    language, probability = _identifier().classify(text.casefold())
    return language if language not in (None, NO_LANGUAGE) and probability >= SURE else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
