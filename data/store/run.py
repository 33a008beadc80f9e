"""One run: what was computed, and how it ended."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.store.shown import as_line, as_table


@dataclass(frozen=True, repr=False)
class Run:
    """One computation: what it was (kind, name, parameters, seed, inputs) and how it ended (results).

    It shows itself as a line, in a notebook as a short table.
    """

    run_id: str
    kind: str
    name: str
    params: Mapping[str, Any]
    seed: int | None
    inputs: tuple[str, ...]
    code_version: str
    started: datetime
    finished: datetime | None
    results: Mapping[str, Any]

    def __repr__(self) -> str:
        return as_line(self)

    def _repr_html_(self) -> str:
        return as_table(self)


def run_key(
    kind: str, *, name: str = "", params: Mapping[str, Any], inputs: Iterable[str] = (), seed: int | None = None
) -> str:
    """Identity of a run: the first 12 hex digits of the SHA-256 of everything that decides its outcome."""
    identity = json.dumps([kind, name, params, list(inputs), seed], sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()[:12]
