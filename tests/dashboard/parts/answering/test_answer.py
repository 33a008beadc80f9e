"""Answers in words: whole sentences, and genres that keep the signs in their names."""

import dataclasses

import pytest
from dash import html

from dashboard.parts.answering.answer import answer, in_words
from dashboard.reading import chains
from dashboard.state.view import View, view
from data.store.workspace import Workspace


@pytest.fixture
def here(filled: Workspace) -> View:
    found = view(filled, "/", "")
    return dataclasses.replace(found, covers=dataclasses.replace(found.covers, genres=("Blues", "R. & B. Slow")))


def said(component: html.P) -> str:
    """Text of a paragraph, the chips' too."""
    return "".join(part if isinstance(part, str) else part.title for part in component.children)


def test_the_first_sentence_is_the_answer_whatever_the_genres_are_called(here: View) -> None:
    first, rest = "R. & B. Slow separates best; Blues worst.", ["One thing. ", "Another."]
    large, lead = in_words(here, [first, *rest]).children
    assert (said(large), large.className) == (first, "answer")
    assert (said(lead), lead.className) == ("One thing.  Another.", "lead")
    assert [part.title for part in large.children if not isinstance(part, str)] == ["R. & B. Slow", "Blues"]


def test_a_run_from_before_there_were_sentences_is_said_whole(here: View) -> None:
    run = chains.chains(here.workspace)[0].separability
    assert run is not None
    text = "R. & B. Slow separates best. Too small for a claim: Blues."
    (only,) = answer(here, dataclasses.replace(run, results={"sentence": text})).children
    assert said(only) == text
    assert len(answer(here, run).children) == 2
