"""The libraries' own weights: from their cache folder or their hub, or a message that says what to get."""

import contextlib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlparse

from data.errors import MissingWeights
from embeddings.encoders.weights import quiet

# Seconds to wait for a hub to answer at all. Without a network that is mostly known at once; behind a firewall
# that swallows everything it is not, and the libraries would go on trying for minutes.
PATIENCE = 5.0


def from_torch_hub(url: str, *, name: str) -> Path:
    """The weights file at `url`, from torch's cache folder, downloaded there first when it is missing.

    Raises MissingWeights, in the name of the encoder `name`.
    """
    import torch

    file = Path(urlparse(url).path).name
    target = Path(torch.hub.get_dir()) / "checkpoints" / file
    if target.is_file():
        return target
    try:
        with _impatient():
            _knock(url)
            target.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(target), hash_prefix=target.stem.rpartition("-")[2])
    except (OSError, RuntimeError) as error:
        raise _missing(name, f"{file} ({url})", f"put it into {target.parent}") from error
    return target


def from_model_hub(repository: str, files: Sequence[str], *, name: str) -> Path:
    """The first of `files` that a repository of the model hub has, from its cache folder or downloaded there.

    Raises MissingWeights, in the name of the encoder `name`.
    """
    with quiet():
        import huggingface_hub
        from huggingface_hub import constants

        for file in files:
            cached = huggingface_hub.try_to_load_from_cache(repository, file)
            if isinstance(cached, str):
                return Path(cached)
        try:
            if constants.HF_HUB_OFFLINE:
                raise OSError("HF_HUB_OFFLINE is set")
            _knock(constants.ENDPOINT)
            return _first_there(repository, files)
        except OSError as error:  # the hub's errors are OSErrors too
            cache = f"'hf download {repository} {files[0]}' puts it into {constants.HF_HUB_CACHE}"
            raise _missing(name, f"{files[0]} of {repository} on the model hub", cache) from error


def _first_there(repository: str, files: Sequence[str]) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    for file in files:
        with contextlib.suppress(EntryNotFoundError):
            return Path(hf_hub_download(repository, file))
    raise OSError(f"{repository} has none of {', '.join(files)}")


def _knock(url: str) -> None:
    """Raise OSError unless something answers at `url`, whatever it answers."""
    request = urllib.request.Request(url, method="HEAD")
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=PATIENCE):
        pass


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    """torch.hub opens its connections without a timeout; this sets one."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _missing(name: str, what: str, where: str) -> MissingWeights:
    return MissingWeights(
        f"{name} needs weights that are not on this machine, and they cannot be downloaded: get {what} and "
        f"name it with --weights {name}=PATH, or {where}. Without weights work: color, resnet18-untrained, vectors:FILE"
    )
