"""What is kept of a classifier says the same after it was read again, and nothing else can be made of the file."""

import dataclasses
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.naive_bayes import GaussianNB

from analysis.classifiers.keeping import is_of_these_versions, keep, restore
from analysis.classifiers.registry import CLASSIFIERS, make_classifier
from data.errors import GenrescopeError, UnreadableClassifier
from data.store.kept import Kept
from data.store.runs import Run

RUN = Run("0123456789ab", "classifier", "logistic", {}, 42, ("e", "f"), "0.1.0", datetime.now(), None, {})
DICE = np.random.default_rng(5)


def covers(genres: int) -> tuple[np.ndarray, np.ndarray]:
    """60 vectors (60, 12) in so many genres, the last of which has a single cover where there are four."""
    codes = np.arange(60) % min(genres, 3)
    codes[-1] = genres - 1
    vectors = np.random.default_rng(genres).normal(size=(60, 12)) + 2 * np.eye(12)[codes]
    return vectors.astype(np.float32), np.array(["Acid", "Bebop", "Ska", "Zydeco"], dtype=object)[codes]


@pytest.fixture(scope="module")
def rbf() -> tuple[Kept, np.ndarray]:
    """A kept RBF SVM, and the vectors it learnt from."""
    vectors, genres = covers(3)
    return keep(make_classifier("rbf-svm").fit(vectors, genres), vectors), vectors


@pytest.mark.parametrize("genres", [2, 3, 4])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_kept_classifier_says_the_same(name: str, genres: int) -> None:
    vectors, labels = covers(genres)
    fitted = make_classifier(name).fit(vectors, labels)
    others = DICE.normal(size=(40, 12)).astype(np.float32)
    expected = fitted.predict_proba(others)
    found = restore(RUN, keep(fitted, vectors), vectors)
    np.testing.assert_array_equal(found.predict_proba(others), expected)
    np.testing.assert_array_equal(fitted.predict_proba(others), expected)  # keeping it left it as it was
    assert found.classes_.tolist() == fitted.classes_.tolist()


@pytest.mark.parametrize("name", ["knn", "rbf-svm"])
def test_vectors_of_the_workspace_are_not_kept_again(name: str) -> None:
    vectors, labels = covers(3)
    wide = np.concatenate([vectors, DICE.normal(size=(60, 1000))], axis=1).astype(np.float32)
    kept = keep(make_classifier(name).fit(wide, labels), wide)
    assert len(kept.content) < wide.nbytes / 4


def tampered(kept: Kept, change: Callable[[dict[str, Any]], object]) -> Kept:
    """What is kept, with its schema changed."""
    with zipfile.ZipFile(io.BytesIO(kept.content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    schema = json.loads(parts["schema.json"])
    change(schema)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in (parts | {"schema.json": json.dumps(schema).encode()}).items():
            file.writestr(name, content)
    return dataclasses.replace(kept, content=out.getvalue())


def function(schema: dict[str, Any]) -> object:
    """Put a function where the classifier's seed stands."""
    own = schema["content"]["content"]
    own["seed"] = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "__id__": 1}
    return own


def other_loader(schema: dict[str, Any]) -> object:
    """Have a known type made by another way."""
    return schema.update({"__loader__": "ReduceNode"})


class Bad:
    """A pickle that says so when it is loaded."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("code in a file was run",)


@pytest.mark.parametrize("change", [function, other_loader])
def test_a_tampered_file_is_refused_before_anything_is_made(rbf: tuple[Kept, np.ndarray], change: Any) -> None:
    kept, vectors = rbf
    restore(RUN, tampered(kept, dict), vectors)
    with pytest.raises(
        GenrescopeError, match=r"which no classifier of ours holds.*makes it anew, its predictions stay"
    ):
        restore(RUN, tampered(kept, change), vectors)


def test_what_skops_trusts_and_we_do_not_know_is_refused(rbf: tuple[Kept, np.ndarray]) -> None:
    kept, vectors = rbf
    strange = skops.io.dumps(GaussianNB().fit(vectors, np.arange(60) % 2))
    assert not skops.io.get_untrusted_types(data=strange)
    with pytest.raises(GenrescopeError, match="GaussianNB"):
        restore(RUN, dataclasses.replace(kept, content=strange), vectors)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pickle.dumps(Bad()), pickle.dumps([1])])
def test_what_is_no_such_file_is_refused(rbf: tuple[Kept, np.ndarray], content: bytes) -> None:
    kept, vectors = rbf
    with pytest.raises(GenrescopeError, match="cannot be read") as refused:
        restore(RUN, dataclasses.replace(kept, content=content), vectors)
    assert "\n" not in str(refused.value)


def test_pickles_inside_are_not_loaded(rbf: tuple[Kept, np.ndarray]) -> None:
    kept, vectors = rbf
    with zipfile.ZipFile(io.BytesIO(kept.content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    out, array = io.BytesIO(), io.BytesIO()
    np.save(array, np.array([Bad()], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(out, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content if name == "schema.json" else array.getvalue())
    with pytest.raises(GenrescopeError, match="cannot be read"):
        restore(RUN, dataclasses.replace(kept, content=out.getvalue()), vectors)


@pytest.mark.parametrize("name", ["weights_", "support_", "intercept_"])
def test_an_svm_whose_arrays_do_not_fit_is_refused(name: str) -> None:
    vectors, genres = covers(3)
    fitted = make_classifier("rbf-svm").fit(vectors, genres)
    kept = keep(fitted, vectors)
    setattr(fitted.estimator_, name, getattr(fitted.estimator_, name)[..., :-1].copy())
    broken = dataclasses.replace(kept, content=_dumped(fitted))
    with pytest.raises(GenrescopeError, match="cannot be read"):
        restore(RUN, broken, vectors)


def test_other_vectors_than_it_learnt_from_are_refused(rbf: tuple[Kept, np.ndarray]) -> None:
    kept, vectors = rbf
    for others in (vectors[::-1], vectors[:20], vectors[:, :-1]):
        with pytest.raises(GenrescopeError, match="cannot be read"):
            restore(RUN, kept, np.ascontiguousarray(others))


def test_another_version_is_taken_as_long_as_it_says_the_same(rbf: tuple[Kept, np.ndarray]) -> None:
    kept, vectors = rbf
    versions = {"genrescope": "0.0.1", "scikit-learn": "1.2"}
    older = dataclasses.replace(kept, description={**kept.description, "versions": versions})
    assert is_of_these_versions(kept)
    assert not is_of_these_versions(older)
    restore(RUN, older, vectors)
    check = (np.array(kept.description["check"]) + 0.01).tolist()
    with pytest.raises(GenrescopeError, match=r"no longer says .*genrescope 0\.0\.1, scikit-learn 1\.2, this is"):
        restore(RUN, dataclasses.replace(older, description={**older.description, "check": check}), vectors)


def _dumped(fitted: Any) -> bytes:
    del fitted.estimator_.support_vectors_
    return skops.io.dumps(fitted)


def test_what_was_kept_before_a_module_moved_is_refused_in_a_line_that_says_what_to_do(rbf: Any) -> None:
    kept, vectors = rbf

    def move(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["estimator_"]["__module__"] = "analysis.classifiers.rbf_svm"

    older = tampered(kept, move)
    assert not is_of_these_versions(older)  # so that `train` makes it anew
    with pytest.raises(UnreadableClassifier, match=r"rbf_svm\.RBFSVM in it.*the command that trained it makes it anew"):
        restore(RUN, older, vectors)
