"""Fitted estimators as bytes without code, and back: numbers and names only, in the format of skops.

A kept classifier comes with a workspace, which may be somebody else's. So it is read as one reads a CSV: what is in
the file is looked through before anything is made of it, and only a few types that hold numbers are made at all. See
docs/methods.md.
"""

import copy
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from data.errors import UnreadableClassifier
from data.store.kept import Kept
from data.store.runs import Run, code_version

FORMAT, KIND = "skops", "estimator"
# All that a kept estimator may be made of. skops by itself trusts every estimator of scikit-learn, many more.
OURS = (
    "analysis.classifiers.estimators.calibration.Calibrated",
    "analysis.classifiers.estimators.knn.FaissKNN",
    "analysis.classifiers.estimators.linear_svm.LinearSVM",
    "analysis.classifiers.estimators.mlp.MLP",
    "analysis.classifiers.estimators.rbf_svm.RBFSVM",
)
KNOWN = {
    *OURS,
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.preprocessing._data.StandardScaler",
    *(f"builtins.{name}" for name in ("bool", "dict", "float", "int", "list", "str", "tuple")),
    *(f"numpy.{name}" for name in ("bool", "float32", "float64", "int32", "int64", "ndarray")),
}
LOADERS = {"DictNode", "JsonNode", "ListNode", "NdArrayNode", "ObjectNode", "TupleNode", "TypeNode"}
# Bytes that the parts of a file may unpack to: far beyond any classifier on embeddings.
UNPACKED = 2_000_000_000
# A restored classifier says of so many training covers what it said when it was kept, to this precision.
CHECKED, AGREEMENT = 8, 1e-4


def keep(estimator: Any, vectors: np.ndarray) -> Kept:
    """A fitted estimator without the vectors (n, d) it learnt from, which lie in the workspace already."""
    import skops.io

    description = {
        "kind": KIND,
        "classes": [str(genre) for genre in estimator.classes_],
        "versions": _versions(),
        "check": np.round(estimator.predict_proba(vectors[:CHECKED]), 6).tolist(),
    }
    return Kept(FORMAT, description, skops.io.dumps(_without_vectors(estimator), compression=zipfile.ZIP_DEFLATED))


def restore(run: Run, kept: Kept, vectors: np.ndarray) -> Any:
    """The fitted estimator that was kept of a run, given the vectors (n, d) it learnt from.

    Raises UnreadableClassifier where the file holds anything but what is KNOWN, is damaged, or is of a version from
    which this one makes another classifier.
    """
    import warnings

    try:
        _look_through(kept.content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions: what counts is whether it still says the same
            estimator = _with_vectors(_loads(kept.content), vectors)
            said = estimator.predict_proba(vectors[:CHECKED])
        if [str(genre) for genre in estimator.classes_] != kept.description["classes"]:
            raise ValueError("its genres are other ones")
        if not np.allclose(said, kept.description["check"], rtol=0, atol=AGREEMENT):
            raise ValueError("it no longer says what it said when it was kept")
    except Exception as error:  # damaged bytes and other versions raise whatever they happen to stumble over
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise UnreadableClassifier(
            f"the classifier kept of run {run.run_id} cannot be read ({reason}; it was kept by "
            f"{_in_words(kept.description.get('versions'))}, this is {_in_words(_versions())}): the command that "
            "trained it makes it anew, its predictions stay"
        ) from error
    return estimator


def is_of_these_versions(kept: Kept) -> bool:
    """Whether what is kept was kept by the libraries that are here now, and holds what these would make."""
    try:
        _look_through(kept.content)
    except Exception:  # noqa: BLE001 (as in `restore`)
        return False
    return kept.format == FORMAT and kept.description.get("versions") == _versions()


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"genrescope": code_version(), **{name: version(name) for name in ("scikit-learn", "skops")}}


def _in_words(versions: Any) -> str:
    return ", ".join(f"{name} {version}" for name, version in dict(versions or {}).items()) or "an unknown version"


def _loads(content: bytes) -> Any:
    import skops.io

    return skops.io.loads(content, trusted=list(OURS))


def _look_through(content: bytes) -> None:
    """Refuse, with ValueError, a file that would make anything but what is KNOWN, or fill the memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        if sum(part.file_size for part in file.infolist()) > UNPACKED:
            raise ValueError("it unpacks to more than any classifier needs")
        nodes = list(_nodes(json.loads(file.read("schema.json"))))
    strange = {f"{node.get('__module__')}.{node.get('__class__')}" for node in nodes} - KNOWN
    strange |= {str(node["__loader__"]) for node in nodes} - LOADERS
    if strange:
        raise ValueError(f"there is {', '.join(sorted(strange))} in it, which no classifier of ours holds")


def _nodes(found: Any) -> Iterator[dict[str, Any]]:
    """Everything in a skops schema that something will be made of."""
    waiting = [found]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if "__loader__" in each:
                yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _without_vectors(estimator: Any) -> Any:
    lean = copy.copy(estimator)
    if hasattr(lean, "vectors_"):
        del lean.vectors_
    if hasattr(lean, "estimator_"):
        lean.estimator_ = copy.copy(lean.estimator_)
        if hasattr(lean.estimator_, "support_vectors_"):
            del lean.estimator_.support_vectors_
    return lean


def _with_vectors(estimator: Any, vectors: np.ndarray) -> Any:
    """The estimator with the vectors it had: those of kNN at length 1, of an RBF SVM the support vectors."""
    from analysis.classifiers.estimators.knn import FaissKNN
    from analysis.classifiers.estimators.rbf_svm import RBFSVM
    from analysis.geometry.cosine import normalize

    if isinstance(estimator, FaissKNN):
        if len(estimator.codes_) != len(vectors) or estimator.codes_.max() >= len(estimator.worth_):
            raise ValueError(f"it learnt from {len(estimator.codes_)} covers, there are {len(vectors)}")
        estimator.vectors_ = normalize(vectors)
    inner = getattr(estimator, "estimator_", None)
    if isinstance(inner, RBFSVM):
        inner.support_vectors_ = estimator.scaler_.transform(vectors)[inner.support_]
    return estimator
