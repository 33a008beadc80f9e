"""A kept classifier as a model of MLflow: numbers and names in files, and this module to load them; nothing is pickled.

It takes vectors of the embedding that it was trained on and gives a probability a genre. Whoever loads it needs
genrescope installed, which then looks through the files as it does with any workspace (`classifiers.keeping`).
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


def read_fitted(workspace: Workspace, run: Run) -> Fitted | None:
    """What is kept of a classifier run; None, with a word, where nothing is, and of those that do not take vectors."""
    kept = read_kept(workspace, run) if run.run_id in kept_run_ids(workspace) else []
    if not kept or kept[0].description.get("kind") != KIND:
        why = "it takes no vectors" if kept else "none is kept, 'genrescope train' keeps it"
        log.info("without a model: %s", why)
        return None
    from analysis.classifiers.training import learnt_from

    embedding, division = (get_run(workspace, run_id) for run_id in run.inputs[:2])
    return Fitted(run, embedding, kept[0], learnt_from(workspace, embedding, division).vectors)


def log_fitted(fitted: Fitted, mlflow: Any, mlflow_run_id: str) -> None:
    """Log a fitted classifier as the model of an MLflow run, with signature and input example."""
    run, embedding = fitted.run, fitted.embedding
    model = Model(restore(run, fitted.kept, fitted.vectors), list(run.results["classes"]))
    example = fitted.vectors[:EXAMPLES]
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_id=mlflow_run_id, nested=True):
        _write(Path(folder), run, fitted.kept, fitted.vectors)
        mlflow.pyfunc.log_model(
            name=NAME,
            loader_module=__name__,
            data_path=folder,
            signature=mlflow.models.infer_signature(example, model.predict(example)),
            input_example=example,
            pip_requirements=[f"genrescope=={code_version()}"],
            metadata={"genrescope.run_id": run.run_id, "embedding": embedding.name, **embedding.params},
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
