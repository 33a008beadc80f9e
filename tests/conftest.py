"""Fixtures that the tests of every package share."""

import os
from pathlib import Path

import pytest

from data.workspace import Workspace, open_workspace

# The real covers and weights, where they lie beside the checkout.
SHARED = Path(os.environ.get("GENRESCOPE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def _beside(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not beside the checkout: no real covers or weights to test with")
    return path


@pytest.fixture(scope="session")
def real_covers() -> Path:
    """5,000 album covers in five genres."""
    return _beside("covers/kaggle-5-genres")


@pytest.fixture(scope="session")
def real_weights() -> Path:
    """Folder of the real ImageNet weights."""
    return _beside("weights")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return open_workspace(tmp_path / "workspace", create=True)
