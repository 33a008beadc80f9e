"""Zero-shot: the genre whose name, put into words, CLIP finds nearest to the cover. Nothing is learnt.

See docs/methods.md.
"""

import time

import numpy as np

from analysis.classifiers.divisions import check_same_collection, read_division
from analysis.classifiers.judging import predictions_of
from analysis.classifiers.outcome import facts_of, prediction_rows, with_sets
from analysis.classifiers.prompts import TEMPLATES, Names, mean_direction, names_of, prompts_of
from data.errors import GenrescopeError, UnreadableClassifier
from data.store.covers import counting, read_covers
from data.store.kept import KEPT, Kept, complete_kept, kept_rows
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.registry import reads_words

# The name of such a classifier run, and the kind of what is kept of it.
ZERO_SHOT = "zero-shot"
KIND = "zero-shot"


def zero_shot(workspace: Workspace, embedding: Run, division: Run, *, names: Names | None = None) -> Run:
    """Let CLIP name the genre of the covers that a division judges, by its text tower alone; found again if it did.

    names: what genres are called, by genre, where their labels do not say it. A genre's vector is the mean over its
    names and TEMPLATES; probabilities are softmax(scale * cosine), the scale being CLIP's own. As nothing is learnt,
    every repeat says the same, and all genres count as equally frequent.
    Results: as of `train` (train is 0), and scale. Kept: the text vectors (c, d) as safetensors.
    Raises GenrescopeError for an embedding that has no text tower and for a name of no genre, and MissingWeights.
    """
    if not reads_words(embedding.name):
        raise GenrescopeError(
            f"{embedding.name} reads no words: {ZERO_SHOT} needs a CLIP embedding, as 'genrescope embed --encoder "
            "clip-vit-b-32' makes it"
        )
    check_same_collection(embedding, division)
    snapshot = get_run(workspace, embedding.inputs[0])
    covers = read_covers(workspace, snapshot)[counting(workspace, snapshot)]
    called = names_of(sorted(set(covers.genre)), names)
    run = compute_run(
        workspace,
        "classifier",
        lambda: _compute(workspace, embedding, division, called),
        name=ZERO_SHOT,
        params={"templates": list(TEMPLATES), "names": called},
        inputs=[embedding.run_id, division.run_id],
    )
    classes = list(run.results["classes"])
    complete_kept(
        workspace,
        run,
        read=lambda kept: read_text_vectors(run, kept[0]),
        make=lambda: [_keep(classes, *_text_vectors(workspace, embedding, [called[genre] for genre in classes]))],
    )
    return with_sets(workspace, run, division)


def probabilities_of(vectors: np.ndarray, text: np.ndarray, *, scale: float) -> np.ndarray:
    """softmax(scale * cosine) (m, c) of covers' vectors (m, d) and genres' text vectors (c, d) of length 1."""
    from scipy.special import softmax

    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return softmax(scale * (vectors / lengths) @ text.T, axis=1)


def read_text_vectors(run: Run, kept: Kept) -> np.ndarray:
    """The text vectors (c, d) kept of a run; raises UnreadableClassifier where they are damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        text = load(kept.content)["text"]
        if text.shape[:1] != (len(kept.description["classes"]),) or not np.isfinite(text).all():
            raise ValueError
    except (SafetensorError, KeyError, ValueError) as error:
        raise UnreadableClassifier(
            f"what is kept of {run.name} {run.run_id} is damaged: the command that made it makes it anew, its "
            "predictions stay"
        ) from error
    return text


def _compute(workspace: Workspace, embedding: Run, division: Run, names: Names) -> Outcome:
    started = time.perf_counter()
    covers, parts = read_division(workspace, embedding, division)
    classes = sorted(set(covers.genres))
    text, scale = _text_vectors(workspace, embedding, [names[genre] for genre in classes])
    vectors = covers.vectors[np.concatenate([part.test for part in parts])]
    probabilities = probabilities_of(vectors, text, scale=scale).astype(np.float32)
    predictions = predictions_of(covers, parts, probabilities.argmax(axis=1), probabilities, classes)
    results = {
        "embedding": embedding.name,
        "split": division.name,
        **facts_of(predictions, covers, parts),
        "train": 0,
        "fitted": [],
        "scale": scale,
        "seconds": round(time.perf_counter() - started, 3),
    }
    return {"predictions": prediction_rows(predictions), KEPT: kept_rows([_keep(classes, text, scale)])}, results


def _keep(classes: list[str], text: np.ndarray, scale: float) -> Kept:
    """What is kept: the genres' text vectors (c, d) as safetensors, with the scale of the encoder's cosines."""
    from safetensors.numpy import save

    return Kept("safetensors", {"kind": KIND, "classes": classes, "scale": scale}, save({"text": text}))


def _text_vectors(workspace: Workspace, embedding: Run, names: list) -> tuple[np.ndarray, float]:
    """The text vectors (c, d) float32 of genres with these names, and the scale of the encoder's cosines."""
    from embeddings.further import encoder_of

    encoder = encoder_of(workspace, embedding)
    if encoder.encode_text is None or encoder.text_scale is None:
        raise GenrescopeError(f"{embedding.name} has no text tower: choose a CLIP embedding for {ZERO_SHOT}")
    text = [mean_direction(encoder.encode_text(prompts_of(each))) for each in names]
    return np.stack(text).astype(np.float32), encoder.text_scale
