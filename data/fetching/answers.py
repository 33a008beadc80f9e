"""What web services answered, kept on disk: whole answers by address, and single facts by what was asked for."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from data.progress import progress
from data.store.disk.whole import whole

# Seconds for which an answer is taken without asking again; an older one is asked for by its ETag or date.
FRESH = 7 * 86_400.0
# Things asked for in one request: together they stay below the 4 kB that every server takes as an address.
BATCH = 50


class Kept(NamedTuple):
    """A kept answer: status, text, when it was asked for (Unix time), and the headers that ask for a change of it."""

    status: int
    text: str
    asked: float
    conditions: dict[str, str]

    def fresh(self) -> bool:
        """Whether it is young enough to be taken as it is."""
        return 0 <= time.time() - self.asked < FRESH


def read_kept(folder: Path, address: str) -> Kept | None:
    """The kept answer of an address, None without one; what is damaged counts as none."""
    try:
        kept = json.loads(_place(folder, address).read_text(encoding="utf-8"))
        return Kept(int(kept["status"]), str(kept["text"]), float(kept["asked"]), dict(kept["conditions"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_kept(folder: Path, address: str, kept: Kept) -> None:
    """Keep an answer, as a whole file or not at all."""
    place = _place(folder, address)
    place.parent.mkdir(parents=True, exist_ok=True)
    with whole(place) as part:
        part.write_text(json.dumps({"address": address, **kept._asdict()}, ensure_ascii=False), encoding="utf-8")


def remembered(
    file: Path | None,
    kind: str,
    keys: Sequence[str],
    ask: Callable[[Sequence[str]], Mapping[str, Any]],
    *,
    batch: int = BATCH,
) -> dict[str, Any]:
    """What is known of each key (JSON values), asking in batches for those that `file` does not hold yet.

    ask: gives what was found of a batch; a key that it leaves out is known to be unknown (None), for FRESH seconds.
    Every batch is appended at once, a line a key: what is killed loses one batch, and a torn last line is not read.
    """
    known = dict(_lines(file, kind))
    missing = [key for key in dict.fromkeys(keys) if key not in known]
    with progress(total=len(missing), what=f"asking by {kind}", unit="") as bar:
        for start in range(0, len(missing), batch):
            asked = missing[start : start + batch]
            found = ask(asked)
            new = {key: found.get(key) for key in asked}
            if file is not None:
                _append(file, kind, new)
            known |= new
            bar.update(len(asked))
    return {key: known[key] for key in keys}


def is_remembered(file: Path | None, kind: str) -> set[str]:
    """The keys of a kind that `remembered` would not ask for."""
    return {key for key, _ in _lines(file, kind)}


def _place(folder: Path, address: str) -> Path:
    digest = hashlib.sha256(address.encode()).hexdigest()
    return folder / digest[:2] / f"{digest}.json"


def _lines(file: Path | None, kind: str) -> Iterator[tuple[str, Any]]:
    if file is None or not file.is_file():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                if entry["kind"] == kind and (entry["found"] is not None or time.time() - entry["asked"] < FRESH):
                    yield entry["key"], entry["found"]
            except (ValueError, KeyError, TypeError):  # torn by a kill
                continue


def _append(file: Path, kind: str, found: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    entries = [{"kind": kind, "key": key, "asked": time.time(), "found": value} for key, value in found.items()]
    with file.open("a", encoding="utf-8") as lines:  # a new line first: the last one may be torn
        lines.write("\n" + "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries))
