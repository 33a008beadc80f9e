"""`vectors:FILE`."""

from data.runs import Run
from data.workspace import Workspace


def is_own(name: str) -> bool:
    return name.startswith("vectors:")


def store(workspace: Workspace, name: str) -> Run:
    raise NotImplementedError
