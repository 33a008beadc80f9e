"""Progress of long work, with rate and time left."""

import warnings

from tqdm import tqdm

# In a notebook libraries that use tqdm.auto miss a widget for their bars, which are none of ours.
warnings.filterwarnings("ignore", message="IProgress not found")


def progress(*, total: int, what: str, unit: str = " covers", initial: int = 0) -> tqdm:
    """A progress bar on standard error; silent where that is no terminal, and where there is nothing to do.

    Use it as a context manager and call `update(n)`.
    """
    return tqdm(
        total=total, initial=initial, desc=what, unit=unit, disable=None if total else True, smoothing=0.1, leave=True
    )
