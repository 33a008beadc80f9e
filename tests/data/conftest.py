"""Fixtures of the data package's tests."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from data.intake.importing import _enter, import_covers
from data.store.workspace import Workspace, open_workspace

Enter = Callable[..., None]


@pytest.fixture
def enter(workspace: Workspace, enter_into: Enter) -> Enter:
    """Enters covers that have no file: `enter(genres, contents=..., hashes=..., metadata=...)`, each a sequence."""
    return partial(enter_into, workspace)


@pytest.fixture(scope="session")
def enter_into() -> Enter:
    """As `enter`, into any workspace, named first."""

    def enter_into(
        workspace: Workspace,
        genres: Sequence[str],
        *,
        contents: Sequence[Any] | None = None,
        hashes: Sequence[str | None] | None = None,
        metadata: Sequence[dict[str, Any]] | None = None,
        side: str = "both",
    ) -> None:
        facts = {"bytes": 1, "width": 300, "height": 300, "mode": "RGB", "format": "JPEG"}
        rows = [
            {
                "path": f"/covers/{genre}/{number:05}.jpg",
                "sha256": str(contents[number] if contents is not None else number),
                "phash": hashes[number] if hashes is not None else None,
                "genre": genre,
                "genres": [genre],
                "metadata": json.dumps(metadata[number] if metadata is not None else {}),
            }
            for number, genre in enumerate(genres)
        ]
        _enter(workspace, [row | facts for row in rows], side=side)

    return enter_into


@pytest.fixture(scope="session")
def real_workspace(real_covers: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of the 5,000 real covers; takes about a minute."""
    workspace = open_workspace(tmp_path_factory.mktemp("real") / "workspace", create=True)
    import_covers(workspace, real_covers)
    return workspace
