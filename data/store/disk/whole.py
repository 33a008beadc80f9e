"""Files that are there as a whole or not at all."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What is being written, beside its place.
PART = ".part"
# Seconds after which such a file is nobody's: whoever wrote it was killed.
FORGOTTEN = 3600.0


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A place beside `file` to write to; put there at the end of the `with` block, gone after an error.

    Raises OSError where there is no room for it, or no permission; what stood there before is as it was.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=PART)
    part = Path(name)
    try:
        os.close(handle)
        yield part
        part.chmod(0o644)
        part.replace(file)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):  # what fails in the middle of writing does not say where
            error.filename = str(file)
        raise


def sweep(folder: Path) -> None:
    """Remove what killed processes left half written in a folder and those in it."""
    for part in folder.rglob(f"*{PART}"):
        try:
            if time.time() - part.stat().st_mtime > FORGOTTEN:
                part.unlink()
        except OSError:  # somebody else has finished, or swept it
            continue
