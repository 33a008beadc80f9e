"""A kept classifier as a model of MLflow: numbers and names in files, and this module to load them; nothing is pickled.

It takes vectors of the embedding that it was trained on (a network takes images, see `network_model`) and gives a
probability a genre. Whoever loads it needs genrescope installed, which then looks through the files as it does with any
workspace (`classifiers.keeping`).
"""

import json
import logging
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.classifiers.keeping import CHECKED, KIND, restore
from analysis.networks.kept import KIND as NETWORK
from analysis.records.network_model import Networks
from data.errors import GenrescopeError
from data.store.kept import Kept, kept_run_ids, read_kept
from data.store.runs import Run, code_version, get_run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

NAME = "classifier"
CONTENT, DESCRIPTION, VECTORS = "fitted.skops", "description.json", "vectors.npy"
EXAMPLES = 3
# Why there is no model, by what is kept.
WITHOUT = {
    None: "none is kept, 'genrescope train' keeps it",
    "vote": "a vote is its members' mean, each of which is recorded itself",
    "zero-shot": "it is CLIP itself, told the genres' names",
}


class Model:
    """What MLflow wraps: `predict` gives the probabilities of the genres."""

    def __init__(self, estimator: Any, classes: list[str]) -> None:
        self.estimator = estimator
        self.classes = classes

    def predict(self, vectors: Any, params: dict[str, Any] | None = None) -> "pd.DataFrame":  # noqa: ARG002
        """Probabilities of vectors (m, d): a column a genre."""
        import pandas as pd

        said = self.estimator.predict_proba(np.asarray(vectors, dtype=np.float32))
        table = pd.DataFrame(said, columns=[str(genre) for genre in self.estimator.classes_])
        return table.reindex(columns=self.classes, fill_value=0.0)


@dataclass(frozen=True, repr=False)
class Fitted:
    """A classifier that is kept of a run, with the vectors (n, d) that it learnt from."""

    run: Run
    embedding: Run
    kept: Kept
    vectors: np.ndarray
    loader: str = __name__

    def model(self) -> Model:
        """What MLflow wraps."""
        return Model(restore(self.run, self.kept, self.vectors), list(self.run.results["classes"]))

    def example(self) -> np.ndarray:
        """Some of what the model takes."""
        return self.vectors[:EXAMPLES]

    def facts(self) -> dict[str, Any]:
        """What stands beside the model."""
        return {"embedding": self.embedding.name, **self.embedding.params}

    def write(self, folder: Path) -> None:
        """The files that the loader reads."""
        _write(folder, self.run, self.kept, self.vectors)


def read_fitted(workspace: Workspace, run: Run) -> Fitted | Networks | None:
    """What is kept of a classifier run; None, with a word, where nothing is, and where it takes neither vectors of one
    embedding nor images."""
    kept = read_kept(workspace, run) if run.run_id in kept_run_ids(workspace) else []
    kind = kept[0].description.get("kind") if kept else None
    if kind == NETWORK:
        return Networks(run, kept)
    if kind != KIND:
        log.info("without a model: %s", WITHOUT.get(kind, f"it is kept as '{kind}'"))
        return None
    from analysis.classifiers.training import learnt_from

    embedding, division = (get_run(workspace, run_id) for run_id in run.inputs[:2])
    return Fitted(run, embedding, kept[0], learnt_from(workspace, embedding, division).vectors)


def log_fitted(fitted: Fitted | Networks, mlflow: Any, mlflow_run_id: str) -> None:
    """Log a fitted classifier as the model of an MLflow run, with signature and input example."""
    example = fitted.example()
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_id=mlflow_run_id, nested=True):
        fitted.write(Path(folder))
        mlflow.pyfunc.log_model(
            name=NAME,
            loader_module=fitted.loader,
            data_path=folder,
            signature=mlflow.models.infer_signature(example, fitted.model().predict(example)),
            input_example=example,
            pip_requirements=[f"genrescope=={code_version()}"],
            metadata={"genrescope.run_id": fitted.run.run_id, **fitted.facts()},
        )


def _load_pyfunc(path: str) -> Model:
    """The model from its files; the name is MLflow's. Raises GenrescopeError where they hold anything else."""
    folder = Path(path)
    found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    run = Run(**found["run"] | {"started": datetime.fromisoformat(found["run"]["started"])})
    kept = Kept(found["format"], found["description"], (folder / CONTENT).read_bytes())
    vectors = np.load(folder / VECTORS, allow_pickle=False)
    return Model(restore(run, kept, vectors), list(run.results["classes"]))


def _write(folder: Path, run: Run, kept: Kept, vectors: np.ndarray) -> None:
    results = {key: run.results[key] for key in ("embedding", "split", "classes")}
    facts = asdict(run) | {"results": results, "finished": None, "started": run.started.isoformat()}
    found = {"run": facts, "format": kept.format, "description": kept.description}
    (folder / DESCRIPTION).write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / CONTENT).write_bytes(kept.content)
    np.save(folder / VECTORS, _needed(run, kept, vectors), allow_pickle=False)


def _needed(run: Run, kept: Kept, vectors: np.ndarray) -> np.ndarray:
    """The vectors without which the classifier cannot be restored: all where it looks at neighbours or support
    vectors, else the few that restoring it is checked with."""
    try:
        restore(run, kept, vectors[:CHECKED])
    except GenrescopeError:
        return vectors
    return vectors[:CHECKED]
