"""Covers by the words on them: the right ones, the best first, whatever was typed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from dashboard.reading import lettering, written
from data.intake.importing import import_covers
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.lettering.reading import read_text


def found(workspace: Workspace, sought: str) -> written.Found:
    run = lettering.current(workspace)
    assert run is not None
    return written.find(workspace, run.run_id, sought)


@pytest.mark.parametrize(
    ("sought", "cover_ids"),
    [
        ("midnight", [2, 0, 3, 1]),  # the largest first, by its confidence; at last the beginning of a longer word
        ("MIDNIGHT groove", [0, 3]),
        ("midn", [1, 2, 0, 3]),
        ("night", [1, 2, 0, 3]),  # within a word, as where a reader lost the blank
        ("ght", []),
        ('"midnight groove"', [0]),
        ("“midnight gro”", [0]),
        ('"groove midnight"', [3]),
        ("malmo", [2]),
        ("uber wolken", [4]),
        ("ÜBER", [4]),
        ("rock'n'roll", [1]),
        ("roll", [1]),
        ("事変", [8]),
        ("ｌｉｖｅ", [8]),
        ("&", []),
        ("%", []),
        ("", []),
        ("'; DROP TABLE words; --", []),
        ("midnight " * 500, [2, 0, 3, 1]),
    ],
)
def test_covers_have_all_that_is_sought(lettered: Workspace, sought: str, cover_ids: list[int]) -> None:
    answer = found(lettered, sought)
    assert list(answer.words) == cover_ids
    assert not answer.near


def test_the_largest_word_that_matches_is_told_as_it_was_read(lettered: Workspace) -> None:
    assert found(lettered, "midnight").words == {2: "midnight", 3: "<midnight>", 0: "MIDNIGHT", 1: "Midnights"}


@pytest.mark.parametrize(
    ("sought", "cover_ids", "instead"),
    [
        ("midnigth", {0, 1, 2, 3}, {"midnigth": ("midnight", "midnights")}),
        ("mldnight grove", {0, 3}, {"mldnight": ("midnight",), "grove": ("groove",)}),
        ('"groove hank midnight"', {0}, {}),
        ("hank grooves", {0}, {"grooves": ("groove",)}),
        ("xyz", set(), {}),
        ("midnight nowhere", set(), {}),
    ],
)
def test_near_spellings_are_taken_where_none_reads_so(
    lettered: Workspace, sought: str, cover_ids: set[int], instead: dict[str, tuple[str, ...]]
) -> None:
    answer = found(lettered, sought)
    assert set(answer.words) == cover_ids
    assert answer.near == bool(cover_ids)
    assert {part: near[: len(instead.get(part, near))] for part, near in answer.instead.items()} == instead


def test_texts_are_compared_without_case_accents_and_signs() -> None:
    assert written.fold("Mötley–CRÜE's  (Straße)") == " motley crue s strasse "
    assert written.fold("Ærø ŁÓDŹ İstanbul") == " aero lodz istanbul "
    assert written.fold("ДЕНЬ Ночь") == " день ночь "
    assert written.fold("!?") == "  "
    assert written.terms_of('love "Rock\'n\'Roll" love „so what“ "open') == (
        ("love",),
        ("rock", "n", "roll"),
        ("so", "what"),
        ("open",),
    )


def test_what_is_found_is_what_a_plain_search_finds(
    workspace: Workspace, letter: Callable[..., Run], new_covers: Callable[[Workspace, int], None]
) -> None:
    """Drawn words, against asking each cover in turn."""
    dice = np.random.default_rng(5)
    syllables = ["ra", "to", "mi", "né", "LO", "ku"]
    words = ["".join(dice.choice(syllables, dice.integers(1, 4))) for _ in range(60)]
    texts = {i: " ".join(dice.choice(words, dice.integers(0, 8))) for i in range(300)}
    new_covers(workspace, 300)
    run = letter(workspace, texts)
    for sought in ("ra", "rato mi", '"ne lo"', "kuku", "lo ra to"):
        expected = set()
        for cover_id, text in texts.items():
            plain = f" {text.lower().replace('é', 'e')} "
            own = [
                part for part in sought.strip('"').split() if f" {part}" in plain or (len(part) > 3 and part in plain)
            ]
            closed = plain.replace(" ", "")
            phrase = '"' not in sought or f" {sought.strip(chr(34))}" in plain or "nelo" in closed
            if own == sought.strip('"').split() and phrase:
                expected.add(cover_id)
        answer = written.find(workspace, run.run_id, sought)
        assert expected
        assert set(answer.words) == expected


@pytest.mark.slow
def test_covers_are_found_by_words_that_were_really_read(workspace: Workspace, tmp_path: Path) -> None:
    for name, text in {"a": "MIDNIGHT\nGROOVE", "b": "Lonely\nAvenue", "c": ""}.items():
        image = Image.new("RGB", (300, 300), "#f3ecdc")
        ImageDraw.Draw(image).multiline_text((20, 60), text, fill="black", font=ImageFont.load_default(42), spacing=24)
        (tmp_path / "Jazz").mkdir(exist_ok=True)
        image.save(tmp_path / "Jazz" / f"{name}.png")
    import_covers(workspace, tmp_path)
    read_text(workspace)
    assert list(found(workspace, "midnight groove").words) == [0]
    assert list(found(workspace, "avenu").words) == [1]
    assert list(found(workspace, "avenoe").words) == [1]
