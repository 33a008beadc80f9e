"""The registry of classifiers: every one obeys scikit-learn's contract, probabilities included.

All are weighted: small genres count in training as large ones do (kNN: nearly so, see `FaissKNN`). Out of fold on
ResNet18 of 1,890 covers, 1,000 / 500 / 250 / 100 / 40 a genre in two orders, plain and weighted:

              balanced accuracy       macro-F1          accuracy      balanced log loss   never predicted
  logistic    .295 .242 | .363 .331   .283 .229 | .328 .265   .616 .540 | .465 .333   2.08 2.05 | 1.55 1.52   2 1 | 0 0
  linear-svm  .283 .232 | .353 .332   .267 .210 | .323 .262   .611 .544 | .465 .325   1.90 1.90 | 1.55 1.53   2 2 | 0 0
  rbf-svm     .313      | .356        .310      | .350        .611      | .594        2.07      | 1.58        1   | 1
  mlp         .301      | .378        .291      | .331        .608      | .456        2.07      | 1.55        2   | 0

What it costs is accuracy, which rewards whoever ignores small genres, and the log loss over all covers (logistic 1.03
to 1.41), because probabilities are then those of equally frequent genres. With equal shares nothing changes.
See docs/methods.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import GenrescopeError


@dataclass(frozen=True)
class Recipe:
    """How to make a classifier: `build(seed=..., **params)` gives an unfitted estimator; params are the run's.

    reads_graph: its neighbours are read from the neighbour graph rather than searched for. parallel: several may be
    fitted at a time; not those whose randomness all threads share.
    """

    title: str
    build: Callable[..., Any]
    params: Mapping[str, Any]
    reads_graph: bool = False
    parallel: bool = True


def make_classifier(name: str, *, seed: int = 42) -> Any:
    """An unfitted estimator from the registry: fit(X, y), predict(X), predict_proba(X), classes_."""
    recipe = get_recipe(name)
    return recipe.build(seed=seed, **recipe.params)


def get_recipe(name: str) -> Recipe:
    """The registry's entry of that name; raises GenrescopeError when there is none."""
    if name not in CLASSIFIERS:
        raise GenrescopeError(f"there is no classifier '{name}': choose from {', '.join(CLASSIFIERS)}")
    return CLASSIFIERS[name]


def _knn(*, seed: int, k: int, weighted: bool) -> Any:  # noqa: ARG001 (nothing in it is random)
    from analysis.classifiers.knn import FaissKNN

    return FaissKNN(k=k, weighted=weighted)


def _logistic(*, seed: int, C: Sequence[float], weighted: bool) -> Any:
    from sklearn.linear_model import LogisticRegression

    from analysis.classifiers.calibration import Calibrated

    return Calibrated(LogisticRegression(max_iter=1000, warm_start=True), C=C, weighted=weighted, seed=seed)


def _linear_svm(*, seed: int, C: Sequence[float], weighted: bool) -> Any:
    from analysis.classifiers.calibration import Calibrated
    from analysis.classifiers.linear_svm import LinearSVM

    return Calibrated(LinearSVM(warm_start=True), C=C, weighted=weighted, seed=seed)


def _rbf_svm(*, seed: int, C: Sequence[float], weighted: bool) -> Any:
    from sklearn.svm import SVC

    from analysis.classifiers.calibration import Calibrated

    return Calibrated(SVC(gamma="scale", cache_size=500), C=C, weighted=weighted, seed=seed)


def _mlp(*, seed: int, hidden: int, dropout: float, weighted: bool) -> Any:
    from analysis.classifiers.mlp import MLP

    return MLP(hidden=hidden, dropout=dropout, weighted=weighted, seed=seed)


CLASSIFIERS: dict[str, Recipe] = {
    "knn": Recipe("vote of the 10 nearest training covers", _knn, {"k": 10, "weighted": True}, reads_graph=True),
    "1nn": Recipe("genre of the nearest training cover", _knn, {"k": 1, "weighted": True}, reads_graph=True),
    "logistic": Recipe("logistic regression", _logistic, {"C": [1e-4, 1e-3, 1e-2, 1e-1], "weighted": True}),
    "linear-svm": Recipe("linear support vector machine", _linear_svm, {"C": [1e-5, 1e-4, 1e-3], "weighted": True}),
    "rbf-svm": Recipe("support vector machine, RBF kernel", _rbf_svm, {"C": [1.0, 10.0], "weighted": True}),
    "mlp": Recipe(
        "neural network with one hidden layer", _mlp, {"hidden": 256, "dropout": 0.5, "weighted": True}, parallel=False
    ),
}
# Counted up whenever a constant that decides what a classifier answers, and is no parameter, changes: how much is held
# out, steps, patience, ties. Runs of other methods stay as they are; the same command trains anew.
METHOD = 1
DEFAULT_CLASSIFIERS = ("knn", "logistic", "linear-svm")
