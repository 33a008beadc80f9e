"""Embeddings made of words: all covers, further images, names left out, covers that say the same."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.errors import GenrescopeError, TooLittle
from data.store.covers import collection, read_covers
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace
from embeddings.changing.setting_aside import exclude
from embeddings.embed import embed
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.registry import get_encoder
from embeddings.further import encoder_of
from embeddings.lettering.embedding import NUDGE, apart
from embeddings.vectors import read_vectors

Write = Callable[[Workspace, Sequence[str]], Run]
# By the number in a cover's name: even ones are punk, the others jazz; 28 and 29 are copies of 0 and 1.
TEXTS = ["NO FUTURE riot", "blue night quartet"] * 10 + ["Punk riot", "jazz night"] * 3 + ["", ""]
TEXTS += TEXTS[:2]


def numbers(workspace: Workspace) -> np.ndarray:
    """The number in each cover's name, by cover id."""
    covers = read_covers(workspace, collection(workspace))
    return covers.path.map(lambda path: int(Path(path).stem)).to_numpy()


def by_number(workspace: Workspace, run: Run) -> np.ndarray:
    """The vectors of all covers, in the order of their numbers."""
    return read_vectors(workspace, run)[1][np.argsort(numbers(workspace))]


@pytest.fixture(scope="module")
def spoken(
    new_filled: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory, write: Write
) -> Workspace:
    workspace = new_filled(tmp_path_factory.mktemp("spoken"))
    write(workspace, [TEXTS[number] for number in numbers(workspace)])
    for name in ("text", "text-without-names", "lettering"):
        embed(workspace, name)
    return workspace


def run_of(workspace: Workspace, name: str) -> Run:
    return next(run for run in current_runs(workspace, "embedding") if run.name == name)


@pytest.mark.parametrize("name", ["text", "lettering"])
def test_covers_that_say_the_same_lie_together_but_not_on_one_point(spoken: Workspace, name: str) -> None:
    run = run_of(spoken, name)
    vectors = by_number(spoken, run)
    assert vectors.shape == (30, run.results["dimension"])
    assert run.results["without"] == 2
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    assert 0.995 < cosines[0, 2] < 1 - 1e-5
    assert cosines[26, 27] > 0.995
    assert cosines[0, 28] == pytest.approx(1, abs=1e-6)  # the same file
    assert cosines[0, 1] < 0.9


def test_nudges_are_small_and_the_files_own() -> None:
    vectors = np.array([[3, 4], [3, 4], [0, 0]], np.float32)
    moved = apart(vectors, [b"one     ", b"other   ", b"one     "]) - vectors
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), [5 * NUDGE, 5 * NUDGE, NUDGE], rtol=1e-5)
    np.testing.assert_allclose(moved[0] / 5, moved[2], rtol=1e-4)
    assert np.abs(moved[0] - moved[1]).max() > 1e-3


def test_names_of_genres_are_left_out(spoken: Workspace) -> None:
    plain, without = (by_number(spoken, run_of(spoken, name)) for name in ("text", "text-without-names"))
    # 'Punk riot' and 'NO FUTURE riot' share more once the name of the genre is left out.
    assert without[20] @ without[0] > plain[20] @ plain[0] + 0.1


def test_further_images_are_read(spoken: Workspace, lettered: Callable[[str], Image.Image]) -> None:
    encoder = encoder_of(spoken, run_of(spoken, "text"))
    vector = embed_image(encoder, lettered("NO FUTURE riot"))
    vectors = by_number(spoken, run_of(spoken, "text"))
    cosines = vectors @ vector / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vector)
    assert cosines[0] > 0.95
    assert cosines[1] < 0.2
    lettering = encoder_of(spoken, run_of(spoken, "lettering"))
    assert embed_image(lettering, lettered("")).shape == (lettering.dimension,)


def test_they_are_joined_and_made_anew_where_covers_are_set_aside(
    new_filled: Callable[[Path], Workspace], tmp_path: Path, write: Write
) -> None:
    workspace = new_filled(tmp_path)
    write(workspace, [TEXTS[number] for number in numbers(workspace)])
    for name in ("color", "text", "concat:color+text"):
        embed(workspace, name)
    _, carried = exclude(workspace, [4], reason="no cover")
    assert [run.name for run in carried] == ["color", "text", "concat:color+text"]
    assert all(run.results["covers"] == 29 for run in carried)
    assert read_vectors(workspace, carried[1])[0].tolist() == [cover_id for cover_id in range(30) if cover_id != 4]


def test_nothing_in_common_and_weights_are_refused(
    new_filled: Callable[[Path], Workspace], tmp_path: Path, write: Write
) -> None:
    workspace = new_filled(tmp_path)
    write(workspace, [""] * 30)
    with pytest.raises(TooLittle, match="no two covers have a word in common"):
        embed(workspace, "text")
    with pytest.raises(GenrescopeError, match="has no weights"):
        get_encoder("lettering", weights=tmp_path)
    assert embed(workspace, "lettering").results["without"] == 30
