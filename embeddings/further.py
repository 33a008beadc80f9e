"""Further images and texts, encoded as the covers of a finished embedding were."""

from pathlib import Path

from data.errors import MissingWeights
from data.store.runs import Run, find_runs
from data.store.workspace import Workspace
from embeddings import backends
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.families.joined import is_joined, joined_encoder
from embeddings.encoders.families.lettered import is_lettered
from embeddings.encoders.registry import get_encoder
from embeddings.joining import blocks_of, parents_of
from embeddings.lettering.embedding import words_encoder


def encoder_of(workspace: Workspace, run: Run, *, weights: Path | None = None) -> Encoder:
    """The encoder that made a finished embedding, rebuilt to encode further images or texts as it did.

    weights: where its weights lie now, if they or the workspace have moved.
    Half precision is used again where this machine has it; any other way, a vector differs from the run's by no more
    than `embeddings.backends` promises. Raises MissingWeights when the weights file is gone or another one by now.
    """
    if is_joined(run.name):
        encoders = [encoder_of(workspace, parent) for parent in parents_of(workspace, run)]
        return joined_encoder(run.name, encoders, blocks_of(workspace, run), params=run.params)
    if is_lettered(run.name):
        return words_encoder(workspace, run)
    file = weights or run.results.get("weights_file")
    if file and not Path(file).is_file():
        raise MissingWeights(
            f"the weights that {run.name} was made with are gone: put them back to {file}, or "
            f"say where they are: 'genrescope predict --weights {run.name}=PATH'"
        )
    encoder = get_encoder(
        run.name,
        weights=Path(file) if file else None,
        preprocessing=run.params["preprocessing"],
        workspace=workspace,
    )
    changed = sorted(key for key in run.params if encoder.params.get(key) != run.params[key])
    if changed:
        raise MissingWeights(
            f"{run.name} is no longer what embedding {run.run_id} was made with ({', '.join(changed)} changed): "
            + (f"put the original weights back to {file}, or " if "weights" in changed else "")
            + f"embed again with 'genrescope embed --encoder {run.name}'"
        )
    return backends.like(encoder, _backend(workspace, run))


def _backend(workspace: Workspace, run: Run) -> str:
    """The backend that encoded a run's covers; where all vectors were copied, that of the newest run that has one."""
    alike = [run, *(other for other in find_runs(workspace, "embedding", name=run.name) if other.params == run.params)]
    return next((each.results["backend"] for each in alike if each.results["backend"] != "copied"), backends.FLOAT32)
