"""Script and language: guessed where there is enough to guess by."""

import pytest

from embeddings.lettering.languages import language_of, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [("Ça va 2", "Latin"), ("Группа крови", "Cyrillic"), ("美空", "Han"), ("ヒット", "Kana"), ("1984 !", ""), ("", "")],
)
def test_script_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("THE BEST OF\nMY LOVE AND YOU", "en"),
        ("Les plus belles chansons françaises", "fr"),
        ("Das Beste aus\nzwanzig Jahren", "de"),
        ("KISS", ""),
        ("99999 1984 2001", ""),
        ("XXP QQZ ZZT RRK LMN XQZ", ""),
        ("", ""),
    ],
)
def test_language_only_where_there_is_enough_to_guess_by(text: str, language: str) -> None:
    assert language_of(text) == language
