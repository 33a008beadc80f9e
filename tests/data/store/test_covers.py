"""The collection: a snapshot of the covers that every run can be traced back to."""

import hashlib
import json
from collections.abc import Callable

import pytest

from data.errors import GenrescopeError
from data.store.covers import collection, read_covers
from data.store.workspace import Workspace


def test_the_collection_is_another_once_covers_are_added(workspace: Workspace, enter: Callable[..., None]) -> None:
    with pytest.raises(GenrescopeError, match="genrescope import SOURCE"):
        collection(workspace)
    enter(["Jazz", "Pop"])
    first = collection(workspace)
    assert first == collection(workspace)
    assert (first.kind, first.params["covers"], first.results) == ("collection", 2, {})
    assert first.finished
    enter(["Jazz", "Pop", "Rock"])
    second = collection(workspace)
    assert (second.params["covers"], second.run_id != first.run_id) == (3, True)


def test_the_fingerprint_is_of_every_content_and_genre(workspace: Workspace, enter: Callable[..., None]) -> None:
    enter(["Jazz", "Pop"], contents=["a", "b"])
    expected = hashlib.sha256(b"aJazz\nbPop").hexdigest()[:16]
    assert collection(workspace).params == {"covers": 2, "sha256": expected}


def test_covers_are_read_in_order_and_only_those_of_the_collection(
    workspace: Workspace, enter: Callable[..., None]
) -> None:
    enter(["Jazz", "Pop"], contents=["a", "b"], metadata=[{"artist": "A"}, {}])
    first = collection(workspace)
    enter(["Jazz", "Pop", "Rock"])
    covers = read_covers(workspace, first)
    assert covers.columns.tolist() == [
        *("cover_id", "path", "sha256", "phash", "bytes", "width", "height", "mode", "format", "genre", "genres")
    ]
    assert covers["cover_id"].tolist() == [0, 1]
    assert covers["sha256"].tolist() == ["a", "b"]
    assert read_covers(workspace, collection(workspace))["genre"].tolist() == ["Jazz", "Pop", "Rock"]
    with_metadata = read_covers(workspace, first, metadata=True)
    assert with_metadata.columns.tolist() == [*covers.columns, "metadata"]
    assert [json.loads(text) for text in with_metadata["metadata"]] == [{"artist": "A"}, {}]
