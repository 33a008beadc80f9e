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
from functools import partial
from typing import Any

from data.errors import GenrescopeError


@dataclass(frozen=True)
class Recipe:
    """How to make a classifier: `build(seed=..., **params)` gives an unfitted estimator; params are the run's.

    reads_graph: its neighbours are read from the neighbour graph rather than searched for. parallel: several may be
    fitted at a time; not those whose randomness all threads share. scales: whether it standardises vectors.
    method: counted up whenever a constant that decides what it answers, and is no parameter, changes: how much is held
    out, steps, patience, ties. Runs of other methods stay as they are; the same command trains anew.
    """

    title: str
    build: Callable[..., Any]
    params: Mapping[str, Any]
    reads_graph: bool = False
    parallel: bool = True
    scales: bool = True
    method: int = 2


def make_classifier(name: str, *, seed: int = 42, params: Mapping[str, Any] | None = None) -> Any:
    """An unfitted estimator from the registry: fit(X, y), predict(X), predict_proba(X), classes_.

    params: a classifier run's, by default the recipe's; with a grid among them (see `grids.searched`) a `Searched`.
    """
    recipe = get_recipe(name)
    given = dict(recipe.params if params is None else params)
    given.pop("method", None)
    if "grid" not in given:
        return recipe.build(seed=seed, **given)
    from sklearn.model_selection import ParameterGrid

    from analysis.classifiers.searching import Searched

    _, grid, held_out = (given.pop(key) for key in ("search", "grid", "held_out"))
    build = partial(recipe.build, seed=seed, **given)
    return Searched(build, list(ParameterGrid(grid)), held_out=tuple(held_out), seed=seed)


def get_recipe(name: str) -> Recipe:
    """The registry's entry of that name, or of a run's, 'rbf-svm:quick'; raises GenrescopeError when there is none."""
    name = name.partition(":")[0]
    if name not in CLASSIFIERS:
        raise GenrescopeError(f"there is no classifier '{name}': choose from {', '.join(CLASSIFIERS)}")
    return CLASSIFIERS[name]


def _knn(*, seed: int, k: int, weighted: bool) -> Any:  # noqa: ARG001 (nothing in it is random)
    from analysis.classifiers.estimators.knn import FaissKNN

    return FaissKNN(k=k, weighted=weighted)


def _logistic(*, seed: int, C: float | Sequence[float], weighted: bool, scaling: str = "columns") -> Any:
    from sklearn.linear_model import LogisticRegression

    from analysis.classifiers.estimators.calibration import Calibrated

    estimator = LogisticRegression(max_iter=1000, warm_start=True)
    return Calibrated(estimator, C=_several(C), weighted=weighted, scaling=scaling, seed=seed)


def _linear_svm(*, seed: int, C: float | Sequence[float], weighted: bool, scaling: str = "columns") -> Any:
    from analysis.classifiers.estimators.calibration import Calibrated
    from analysis.classifiers.estimators.linear_svm import LinearSVM

    return Calibrated(LinearSVM(warm_start=True), C=_several(C), weighted=weighted, scaling=scaling, seed=seed)


def _rbf_svm(
    *, seed: int, C: float | Sequence[float], weighted: bool, gamma: float = 1.0, scaling: str = "columns"
) -> Any:
    from analysis.classifiers.estimators.calibration import Calibrated
    from analysis.classifiers.estimators.rbf_svm import RBFSVM

    return Calibrated(
        RBFSVM(gamma=gamma), C=_several(C), weighted=weighted, scaling=scaling, shifted=weighted, seed=seed
    )


def _mlp(
    *,
    seed: int,
    hidden: int,
    dropout: float,
    weighted: bool,
    learning_rate: float = 1e-3,
    scaling: str = "columns",
) -> Any:
    from analysis.classifiers.estimators.mlp import MLP

    return MLP(
        hidden=hidden, dropout=dropout, learning_rate=learning_rate, weighted=weighted, scaling=scaling, seed=seed
    )


def _several(C: float | Sequence[float]) -> Sequence[float]:
    """Strengths for `Calibrated` to choose from; the one candidate of a search alone."""
    return (C,) if isinstance(C, float) else C


CLASSIFIERS: dict[str, Recipe] = {
    "knn": Recipe(
        "vote of the 10 nearest training covers", _knn, {"k": 10, "weighted": True}, reads_graph=True, scales=False
    ),
    "1nn": Recipe(
        "genre of the nearest training cover", _knn, {"k": 1, "weighted": True}, reads_graph=True, scales=False
    ),
    "logistic": Recipe("logistic regression", _logistic, {"C": [1e-4, 1e-3, 1e-2, 1e-1], "weighted": True}),
    "linear-svm": Recipe("linear support vector machine", _linear_svm, {"C": [1e-5, 1e-4, 1e-3], "weighted": True}),
    "rbf-svm": Recipe("support vector machine, RBF kernel", _rbf_svm, {"C": [1.0, 10.0], "weighted": True}, method=3),
    "mlp": Recipe(
        "neural network with one hidden layer", _mlp, {"hidden": 256, "dropout": 0.5, "weighted": True}, parallel=False
    ),
}
DEFAULT_CLASSIFIERS = ("knn", "logistic", "linear-svm")
