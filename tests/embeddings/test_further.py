"""Further images are encoded as the covers of a run were, whichever backend made it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import resnet18

from data.errors import MissingWeights
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace
from embeddings import backends
from embeddings.embed import embed
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.registry import get_encoder
from embeddings.further import _backend, encoder_of
from embeddings.vectors import read_vectors


@pytest.fixture
def some_weights(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    torch.save(resnet18().state_dict(), tmp_path / "some.pth")
    return tmp_path / "some.pth"


def images(workspace: Workspace) -> list[Image.Image]:
    with workspace.read() as con:
        return [Image.open(path) for (path,) in con.sql("SELECT path FROM covers ORDER BY cover_id").fetchall()]


@pytest.fixture(scope="module")
def reference(shelf: Workspace) -> np.ndarray:
    """What plain float32 makes of the covers: (30, 512)."""
    plain = get_encoder("resnet18-untrained")
    return plain.encode(np.stack([plain.prepare(picture) for picture in images(shelf)]))


@pytest.fixture(scope="module", params=backends.KINDS)
def forced(
    request: pytest.FixtureRequest, new_filled: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workspace, Run]:
    """An embedding by each backend in turn, where this machine has it."""
    if backends.KINDS[request.param].lacks():
        pytest.skip(backends.KINDS[request.param].lacks())
    workspace = new_filled(tmp_path_factory.mktemp("forced"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(backends.SWITCH, request.param.replace(" ", "-"))
        run = embed(workspace, "resnet18-untrained")
    assert run.results["backend"] == request.param
    return workspace, run


@pytest.mark.slow
def test_an_image_is_encoded_as_the_run_was(reference: np.ndarray, forced: tuple[Workspace, Run], cosines) -> None:
    stored, encoder, pictures = read_vectors(*forced)[1], encoder_of(*forced), images(forced[0])
    promised = 1 - cosines(stored, reference)
    assert promised.max() < 1 - backends.AGREEMENT
    again = np.stack([embed_image(encoder, picture) for picture in pictures[:4]])
    # No more than rounding is left of what half precision puts between the run and float32.
    assert (1 - cosines(again, stored[:4])).max() < promised[:4].max() / 10 + 1e-6


def test_an_image_finds_itself_across_backends(reference: np.ndarray, forced: tuple[Workspace, Run]) -> None:
    """Also where the backend of the run is not here: float32 comes near enough to tell all covers apart."""
    stored = read_vectors(*forced)[1]
    with forced[0].read() as con:
        distinct = [cover_id for (cover_id,) in con.sql("SELECT min(cover_id) FROM covers GROUP BY sha256").fetchall()]
    stored, vectors = stored[distinct], reference[distinct]
    lengths = np.linalg.norm(vectors, axis=1)[:, None] * np.linalg.norm(stored, axis=1)
    apart = 1 - vectors @ stored.T / lengths
    others = apart + 9 * np.eye(28)
    assert (np.diagonal(apart) < others.min(axis=1) * backends.NEARNESS).all()


def embedded(workspace: Workspace, *, seed: int, backend: str, size: int = 64) -> Run:
    """A finished embedding `net` of these parameters; the seed only tells runs apart."""
    run = start_run(workspace, "embedding", name="net", params={"size": size}, seed=seed)
    return finish_run(workspace, run, results={"backend": backend})


def test_copied_vectors_have_the_backend_they_were_encoded_with(workspace: Workspace) -> None:
    lonely = embedded(workspace, seed=0, backend="copied")
    assert _backend(workspace, lonely) == "cpu float32"
    embedded(workspace, seed=1, backend="cpu bfloat16")
    embedded(workspace, seed=2, backend="cuda float16", size=32)
    copied = embedded(workspace, seed=3, backend="copied")
    assert _backend(workspace, copied) == "cpu bfloat16"
    assert _backend(workspace, embedded(workspace, seed=4, backend="cpu openvino")) == "cpu openvino"


def test_other_weights_are_refused(filled: Workspace, some_weights: Path) -> None:
    run = embed(filled, "resnet18", weights=some_weights)
    moved = Path(shutil.copy(some_weights, some_weights.with_name("moved.pth")))
    torch.save(resnet18().state_dict(), some_weights)
    with pytest.raises(MissingWeights, match=r"weights changed.*put the original weights back to .*some\.pth"):
        encoder_of(filled, run)
    some_weights.unlink()
    assert encoder_of(filled, run, weights=moved).params == run.params
    with pytest.raises(MissingWeights, match=r"gone: put them back to .*some\.pth.* --weights resnet18=PATH"):
        encoder_of(filled, run)


def test_an_encoder_without_weights(filled: Workspace, cosines: Callable) -> None:
    run = embed(filled, "color")
    encoder = encoder_of(filled, run)
    assert encoder.params == run.params
    np.testing.assert_allclose(embed_image(encoder, images(filled)[3]), read_vectors(filled, run)[1][3], rtol=1e-6)
