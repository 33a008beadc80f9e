"""Kept classifiers come back as they were, in order."""

import pytest

from data.errors import GenrescopeError
from data.store.kept import KEPT, Kept, kept_rows, read_kept
from data.store.runs import finish_run, start_run
from data.store.workspace import Workspace


def test_what_is_kept_comes_back(workspace: Workspace) -> None:
    parts = [Kept("safetensors", {"classes": ["Jazz", "Röck"]}, bytes(range(256)) * 1000), Kept("skops", {}, b"")]
    run = start_run(workspace, "classifier", name="logistic", params={})
    finish_run(workspace, run, tables={KEPT: kept_rows(parts)})
    assert read_kept(workspace, run) == parts


def test_where_nothing_is_kept_it_says_how_to_get_it(workspace: Workspace) -> None:
    run = start_run(workspace, "classifier", name="logistic", params={})
    with pytest.raises(GenrescopeError, match=r"nothing is kept of classifier \w+ \(logistic\): .*genrescope train"):
        read_kept(workspace, run)
