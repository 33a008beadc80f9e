"""`text:FOLDER`: a real sentence-transformers model, tiny and untrained, made here."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from data.errors import GenrescopeError, MissingWeights
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.changing.setting_aside import exclude
from embeddings.embed import embed
from embeddings.lettering.sentences import digest_of, model_in, sentence_vectors
from embeddings.vectors import read_vectors

pytestmark = pytest.mark.slow  # importing transformers takes some seconds

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    parts, folder = tmp_path_factory.mktemp("parts"), tmp_path_factory.mktemp("model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    (parts / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), **small)).save_pretrained(parts)
    BertTokenizerFast(vocab_file=str(parts / "vocab.txt")).save_pretrained(parts)
    SentenceTransformer(modules=[Transformer(str(parts)), Pooling(16)]).save(str(folder))
    return folder


def test_vectors_are_the_models_own(folder: Path) -> None:
    texts = ["love songs", "", "iron\nmountain"]
    vectors = sentence_vectors(folder, texts)
    assert vectors.shape == (3, 17)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    own = model_in(folder).encode(["iron mountain"], show_progress_bar=False)[0]
    np.testing.assert_allclose(vectors[2, :-1], own / np.linalg.norm(own), atol=1e-5)
    assert vectors[1].tolist() == [0] * 16 + [1]


def test_it_is_an_embedding_like_any_other(
    folder: Path,
    new_filled: Callable[[Path], Workspace],
    tmp_path: Path,
    write: Callable[[Workspace, Sequence[str]], Run],
) -> None:
    workspace = new_filled(tmp_path)
    write(workspace, ["love songs", "iron"] * 15)
    run = embed(workspace, f"text:{folder}")
    assert read_vectors(workspace, run)[1].shape == (30, 17)
    assert embed(workspace, f"text:{folder}") == run
    folder.rename(folder.with_name("away"))
    _, carried = exclude(workspace, [0], reason="no cover")  # its model is not there: left to `embed`
    folder.with_name("away").rename(folder)
    assert carried == []


def test_a_folder_without_a_model_is_told(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(MissingWeights, match="holds no sentence-transformers model"):
        digest_of(tmp_path)
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(GenrescopeError, match="is no sentence-transformers model"):
        model_in(tmp_path)
