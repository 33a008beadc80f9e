"""Texts that other programs will show: names without what a terminal obeys, cells that no spreadsheet computes."""

import hashlib
import re

# What a terminal obeys or hides: escape sequences, other control characters, overrides of the direction of writing; and
# halves of characters, which no file may hold.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\].*?(?:\x07|\x1b\\)")
_BLANK = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile(r"[\ud800-\udfff]")

# Longer names than this, in characters, are no names: somebody took another column, and no table could show them.
LONGEST_NAME = 100
_CUT = re.compile(r"… [0-9a-f]{6}$")

# How a cell begins that spreadsheets take for a formula.
FORMULA = r"^[=+\-@\t\r\n]"


def clean(text: str) -> str:
    """The text without control characters; lines and tabs become blanks."""
    text = _BLANK.sub(" ", _SEQUENCE.sub("", text))
    return _HALF.sub("\ufffd", _CONTROL.sub("", text))


def cut(name: str) -> str:
    """A name of at most LONGEST_NAME characters; what is cut ends in six digits of a hash: no two become one."""
    if len(name) <= LONGEST_NAME:
        return name
    mark = f"… {hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return name[: LONGEST_NAME - len(mark)] + mark


def is_cut(name: str) -> bool:
    """Whether `cut` made this name."""
    return len(name) == LONGEST_NAME and _CUT.search(name) is not None


def no_formula(cell: object) -> object:
    """A cell for CSV: text that a spreadsheet would compute gets an apostrophe before it, all else stays as it is."""
    return f"'{cell}" if isinstance(cell, str) and re.match(FORMULA, cell) else cell
