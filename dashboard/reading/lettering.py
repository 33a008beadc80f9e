"""What is written on covers, as pages read it: of one cover word by word, of all of them in numbers."""

from dataclasses import dataclass

import numpy as np

from dashboard.reading.behind.doubted import newest
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

# Height and area of a word's box, as `embeddings.lettering.standing` has them.
_LEFT = "sqrt((box[7] - box[1]) ** 2 + (box[8] - box[2]) ** 2)"
_RIGHT = "sqrt((box[5] - box[3]) ** 2 + (box[6] - box[4]) ** 2)"
HEIGHT = f"({_LEFT} + {_RIGHT}) / 2"
_ALONG = "sqrt((box[3] - box[1] + box[5] - box[7]) ** 2 + (box[4] - box[2] + box[6] - box[8]) ** 2) / 2"
AREA = f"({HEIGHT}) * ({_ALONG})"


@dataclass(frozen=True)
class Word:
    """A word on a cover; box: x, y of its four corners in shares of the cover's longer side."""

    line: int
    word: str
    confidence: float
    box: tuple[float, ...]


@dataclass(frozen=True)
class Lettering:
    """What was read on a cover, in the order of reading; language is '' where there is too little to guess by."""

    words: tuple[Word, ...]
    script: str
    language: str


@dataclass(frozen=True, eq=False)
class Standing:
    """The covers of a text run, ascending, and how words stand on each; 0 and '' where there are none.

    words: how many. covered: the share of the cover that they take. largest: height of the largest in shares of the
    longer side. contrast: 0 to 1, weighted by area. script, language: '' where unknown.
    """

    cover_ids: np.ndarray
    words: np.ndarray
    covered: np.ndarray
    largest: np.ndarray
    contrast: np.ndarray
    script: np.ndarray
    language: np.ndarray


def current(workspace: Workspace) -> Run | None:
    """The newest run of `read-text` over the covers that count now; None where nobody has read them."""
    return newest(workspace, "text")


@remembered(maxsize=512)
def of_cover(workspace: Workspace, run_id: str, cover_id: int) -> Lettering | None:
    """What was read on a cover; None where it was not."""
    with workspace.read() as con:
        key = [run_id, cover_id]
        texts = con.execute("SELECT script, language FROM texts WHERE run_id = ? AND cover_id = ?", key).fetchall()
        query = "SELECT line, word, confidence, box FROM words WHERE run_id = ? AND cover_id = ? ORDER BY place"
        words = con.execute(query, key).fetchall()
    found = tuple(Word(line, word, confidence, tuple(box)) for line, word, confidence, box in words)
    return Lettering(found, *texts[0]) if texts else None


@remembered(maxsize=4)
def standing(workspace: Workspace, run_id: str) -> Standing:
    """How words stand on all covers of a text run."""
    of_words = (
        f"SELECT cover_id, count(*) AS words, sum({AREA}) AS area, max({HEIGHT}) AS largest, "
        f"sum(contrast * {AREA}) / greatest(sum({AREA}), 1e-9) AS contrast FROM words WHERE run_id = $1 GROUP BY ALL"
    )
    query = (
        "SELECT cover_id AS cover_ids, coalesce(words, 0) AS words, coalesce(largest, 0) AS largest, "
        "coalesce(contrast, 0) AS contrast, script, language, "
        "coalesce(area, 0) * greatest(width, height) ** 2 / (width * height) AS covered "
        f"FROM texts LEFT JOIN ({of_words}) USING (cover_id) JOIN covers USING (cover_id) "
        "WHERE run_id = $1 ORDER BY cover_id"
    )
    with workspace.read() as con:
        columns = con.execute(query, [run_id]).fetchnumpy()
    return Standing(**{name: np.ma.getdata(columns[name]) for name in Standing.__dataclass_fields__})
