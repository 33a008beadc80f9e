"""Covers by the words on them, whatever the case and accents; by near spellings, as OCR errs, where none reads so."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa

from dashboard.reading.lettering import HEIGHT
from data.store.disk.remembered import remembered
from data.store.workspace import Workspace

# Of what is sought, so many words and phrases count, and so many words of a phrase.
MOST = 12
# Near spellings of a word that are taken, the nearest; one letter in so many may be another, missing or too many.
NEAREST, LETTERS_AN_ERROR, ERRORS = 12, 4, 3
# A word of so many letters may also stand within another one: readers lose blanks (JOHNNYCASH). Of eight names and
# words that were sought on 5,000 real covers up to a third stood so.
WITHIN = 4
NOWHERE = 3
_TERM = re.compile(r'["“”„«»]([^"“”„«»]+)["“”„«»]|(\S+)')
_BETWEEN, _BLANKS = re.compile(r"[\W_]+"), re.compile(" +")
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
# Scripts without spaces between words: what is sought may stand anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Found:
    """Covers with what was sought, best first: in whole words, in beginnings, within words; the larger and surer ones.

    words: of each cover the largest word that matches, as it was read. instead: by each sought word that is on no cover
    the near spellings taken for it. near: whether covers have what was sought only so, or in another order.
    """

    words: Mapping[int, str] = field(default_factory=dict)
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    near: bool = False


@dataclass(frozen=True, eq=False)
class _Index:
    """The words of a run in the order of covers and reading: cover and weight (height by confidence) of each, and its
    code in `spelled`, the distinct ones as read; `folded`: these as they are compared, a space around each part."""

    covers: np.ndarray
    weights: np.ndarray
    codes: np.ndarray
    spelled: Sequence[str]
    folded: Sequence[str]

    def texts(self, covers: np.ndarray) -> Iterator[str]:
        """What is on some covers, as it is compared."""
        ends = zip(*(np.searchsorted(self.covers, covers, side).tolist() for side in ("left", "right")), strict=True)
        for first, last in ends:
            yield _BLANKS.sub(" ", "".join([self.folded[code] for code in self.codes[first:last].tolist()]))


def terms_of(sought: str) -> tuple[tuple[str, ...], ...]:
    """The words and phrases in a text, folded, each as its parts: 'Love Rock'n'Roll' is (('love',), ('rock', ...))."""
    found = [tuple(fold(phrase or word).split()) for phrase, word in _TERM.findall(sought)]
    return tuple(dict.fromkeys(term[:MOST] for term in found if term))[:MOST]


def fold(text: str) -> str:
    """A text as it is compared: small letters without accents, one space between words and at both ends."""
    text = text.casefold()
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
        text = "".join(each for each in plain if not unicodedata.combining(each))
    return f" {_BETWEEN.sub(' ', text).strip()} "


@remembered(maxsize=16)
def find(workspace: Workspace, run_id: str, sought: str) -> Found:
    """The covers of a text run with all words and phrases in a text.

    Beginnings of words match, too, and what has WITHIN letters or more matches wherever it stands.

    Where no cover has them, in any order and with near spellings: up to an error in four letters.
    """
    index, terms = _index(workspace, run_id), terms_of(sought)
    if not terms:
        return Found()
    if found := _ranked(index, terms, [[_needle(part)] for term in terms for part in term]):
        return Found(found)
    parts = list(dict.fromkeys(part for term in terms for part in term))
    known = [part for part in parts if any(_needle(part) in word for word in index.folded)]
    instead = {part: _near(workspace, run_id, part) for part in parts if part not in known}
    needles = [[_needle(part)] for part in known] + [[f" {each} " for each in near] for near in instead.values()]
    found = _ranked(index, (), needles)
    return Found(found, instead, near=True) if found else Found()


def _needle(part: str) -> str:
    """What a folded word holds that has a part, at its beginning where the part is short."""
    return part if len(part) >= WITHIN or _UNSPACED.match(part) else f" {part}"


def _ranked(index: _Index, phrases: Sequence[Sequence[str]], needles: Sequence[Sequence[str]]) -> dict[int, str]:
    """Covers that have one of each needles and all of the phrases, the best first, with their largest match."""
    hits = [np.array([any(each in word for each in some) for word in index.folded], dtype=bool) for some in needles]
    if not all(each.any() for each in hits):
        return {}
    covers = set.intersection(*(set(index.covers[each[index.codes]].tolist()) for each in hits))
    rows = np.flatnonzero(np.logical_or.reduce(hits)[index.codes] & np.isin(index.covers, list(covers)))
    rows = rows[np.lexsort((-index.weights[rows], index.covers[rows]))]
    rows = rows[np.r_[True, np.diff(index.covers[rows]) > 0]] if len(rows) else rows
    places = [max(map(partial(_place, text), phrases), default=0) for text in index.texts(index.covers[rows])]
    kept = [(at, -index.weights[row], row) for row, at in zip(rows, places, strict=True) if at < NOWHERE]
    return {int(index.covers[row]): index.spelled[index.codes[row]] for *_, row in sorted(kept)}


def _place(text: str, phrase: Sequence[str]) -> int:
    """How well a folded text has a phrase: 0 in whole words, 1 at their beginnings, 2 within them, else NOWHERE."""
    spaced, closed = " ".join(phrase), "".join(phrase)
    if f" {spaced} " in text:
        return 0
    if f" {spaced}" in text or (_UNSPACED.match(spaced) and spaced in text):
        return 1
    return 2 if len(closed) >= WITHIN and closed in text.replace(" ", "") else NOWHERE


def _near(workspace: Workspace, run_id: str, part: str) -> tuple[str, ...]:
    """The words on covers that are near to one that is on none, the nearest first."""
    errors = min(len(part) // LETTERS_AN_ERROR, ERRORS)
    if not errors:
        return ()
    query = (
        "SELECT word FROM vocabulary WHERE contains(word, $1) OR (abs(length(word) - length($1)) <= $2 "
        "AND damerau_levenshtein(word, $1) <= $2) ORDER BY damerau_levenshtein(word, $1), word LIMIT $3"
    )
    with workspace.read() as con:
        con.register("vocabulary", _vocabulary(workspace, run_id))
        found = con.execute(query, [part, errors, NEAREST]).fetchall()
        con.unregister("vocabulary")
    return tuple(word for (word,) in found)


@remembered(maxsize=2)
def _vocabulary(workspace: Workspace, run_id: str) -> pa.Table:
    return pa.table({"word": sorted(set(" ".join(_index(workspace, run_id).folded).split()))})


@remembered(maxsize=2)
def _index(workspace: Workspace, run_id: str) -> _Index:
    query = (
        f"SELECT cover_id, word, confidence * ({HEIGHT}) AS weight FROM words WHERE run_id = ? ORDER BY cover_id, place"
    )
    with workspace.read() as con:
        rows = con.sql(query, params=[run_id]).to_arrow_table()
    words = rows["word"].combine_chunks().dictionary_encode()
    spelled = words.dictionary.to_pylist()
    return _Index(
        covers=rows["cover_id"].to_numpy(),
        weights=rows["weight"].to_numpy(),
        codes=words.indices.to_numpy(),
        spelled=spelled,
        folded=[fold(word) for word in spelled],
    )
