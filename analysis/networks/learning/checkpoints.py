"""Where a training stands, after each epoch in one file without code: a killed one goes on there and ends the same.

The file is safetensors: tensors by their place in the state, everything else as JSON in its header. It is written
beside its place and put there whole. Random numbers need not be kept: each epoch begins with seeds of its own.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data.errors import GenrescopeError
from data.store.runs import Run
from data.store.workspace import Workspace

STATE = "state"
TENSOR = "__tensor__"
LOCK = "lock"
# Seconds that the lock may be held by somebody who only asks whether it is.
MOMENT = 1


@contextmanager
def training_folder(workspace: Workspace, run: Run) -> Iterator[Path]:
    """The folder of an unfinished run's checkpoints, for this process alone; `remove` ends it.

    Raises GenrescopeError where another process is training the same run.
    """
    folder = _folder(workspace, run)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=MOMENT):
            yield folder
    except Timeout as error:
        raise GenrescopeError(f"another process is training run {run.run_id}: wait for it, or end it") from error


def is_training(workspace: Workspace, run: Run) -> bool:
    """Whether some process, this one or another, is training a run now."""
    lock = _folder(workspace, run) / LOCK
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def _folder(workspace: Workspace, run: Run) -> Path:
    return workspace.folder / "training" / run.run_id


def remove(folder: Path) -> None:
    """Remove the checkpoints of a run that is finished."""
    shutil.rmtree(folder, ignore_errors=True)


def save(file: Path, state: Any) -> None:
    """Write a state: dictionaries, lists, numbers, texts and tensors; what stood there before stays until it is whole.

    Raises GenrescopeError where it cannot be written.
    """
    from safetensors.torch import save_file

    tensors: dict[str, Any] = {}
    header = {STATE: json.dumps(_flatten(state, "", tensors))}
    part = file.with_suffix(".part")
    try:
        save_file(tensors, part, metadata=header)
        os.replace(part, file)
    except Exception as error:  # safetensors has errors of its own for a full disk
        part.unlink(missing_ok=True)
        raise GenrescopeError(
            f"cannot write {file} ({str(error).partition(chr(10))[0]}): make room in {file.parent}, then give the same "
            "command again, which goes on after the last epoch that was written"
        ) from error


def load(file: Path) -> Any:
    """The state in a file, None where there is none; one that cannot be read is none, for training can begin anew."""
    from safetensors import SafetensorError, safe_open

    if not file.exists():
        return None
    try:
        with safe_open(file, framework="pt") as opened:
            tree = json.loads(opened.metadata()[STATE])
            return _unflatten(tree, {name: opened.get_tensor(name) for name in opened.keys()})  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, KeyError, TypeError):
        return None


def _flatten(tree: Any, path: str, tensors: dict[str, Any]) -> Any:
    """The tree as JSON takes it; its tensors go into `tensors` by their path."""
    import torch

    if isinstance(tree, torch.Tensor):
        # Laid out anew: two names of one memory, or a channels-last one, are nothing that safetensors writes.
        tensors[path] = tree.detach().cpu().contiguous().clone()
        return {TENSOR: path}
    if isinstance(tree, dict):
        # As pairs, since keys may be numbers.
        return {"pairs": [[key, _flatten(value, f"{path}.{key}", tensors)] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        return [_flatten(value, f"{path}.{i}", tensors) for i, value in enumerate(tree)]
    return tree


def _unflatten(tree: Any, tensors: dict[str, Any]) -> Any:
    if isinstance(tree, dict) and TENSOR in tree:
        return tensors[tree[TENSOR]]
    if isinstance(tree, dict):
        return {key: _unflatten(value, tensors) for key, value in tree["pairs"]}
    if isinstance(tree, list):
        return [_unflatten(value, tensors) for value in tree]
    return tree
