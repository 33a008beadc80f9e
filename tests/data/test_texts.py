"""Texts that other programs show."""

import pytest

from data.texts import LONGEST_NAME, clean, cut, is_cut, no_formula


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31;1mRed\x1b[0m", "Red"),
        ("\x1b]0;title\x07Jazz\x1b]8;;x\x1b\\", "Jazz"),
        ("a\tb\r\nc\u2028d", "a b c d"),
        ("\x00N\x7fU\x9bL\x1b", "NUL"),
        ("\u202egnp.evil", "gnp.evil"),
        ("half \udc80", "half \ufffd"),
        ("R&B 🎷 👩‍🎤 עברית naïve", "R&B 🎷 👩‍🎤 עברית naïve"),
    ],
)
def test_what_a_terminal_obeys_goes_and_what_people_write_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_long_names_are_cut_and_stay_different() -> None:
    a, b = cut("x" * 10_000), cut("x" * 9_999)
    assert (len(a), a != b, is_cut(a)) == (LONGEST_NAME, True, True)
    assert cut(a) == a
    whole = "Folk, World, & Country " * 4
    assert cut(whole) == whole
    assert not is_cut(whole)
    assert not is_cut("y" * LONGEST_NAME)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_formulas_become_text(cell: str) -> None:
    assert no_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Jazz", "a=b", "", " =1", -5, -0.5, None])
def test_all_else_stays(cell: object) -> None:
    assert no_formula(cell) is cell
