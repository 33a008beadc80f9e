"""The registry of classifiers: every one obeys scikit-learn's contract, probabilities included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import GenrescopeError


@dataclass(frozen=True)
class Recipe:
    """How to make a classifier: `build(seed=..., **params)` gives an unfitted estimator; params are the run's.

    reads_graph: its neighbours are read from the neighbour graph rather than searched for.
    """

    title: str
    build: Callable[..., Any]
    params: Mapping[str, Any]
    reads_graph: bool = False


def make_classifier(name: str, *, seed: int = 42) -> Any:
    """An unfitted estimator from the registry: fit(X, y), predict(X), predict_proba(X), classes_."""
    recipe = get_recipe(name)
    return recipe.build(seed=seed, **recipe.params)


def get_recipe(name: str) -> Recipe:
    """The registry's entry of that name; raises GenrescopeError when there is none."""
    if name not in CLASSIFIERS:
        raise GenrescopeError(f"there is no classifier '{name}': choose from {', '.join(CLASSIFIERS)}")
    return CLASSIFIERS[name]


def _knn(*, seed: int, k: int) -> Any:  # noqa: ARG001 (nothing in it is random)
    from analysis.knn import FaissKNN

    return FaissKNN(k=k)


def _logistic(*, seed: int, C: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return _standardized(LogisticRegression(C=C, max_iter=1000, random_state=seed))


def _linear_svm(*, seed: int, C: float) -> Any:
    from sklearn.svm import LinearSVC

    from analysis.calibration import Calibrated

    return Calibrated(_standardized(LinearSVC(C=C, dual=False, random_state=seed)), seed=seed)


def _rbf_svm(*, seed: int, C: float, gamma: str) -> Any:
    from sklearn.svm import SVC

    from analysis.calibration import Calibrated

    return Calibrated(_standardized(SVC(C=C, gamma=gamma, random_state=seed)), seed=seed)


def _mlp(*, seed: int, hidden: int, dropout: float) -> Any:
    from analysis.mlp import MLP

    return MLP(hidden=hidden, dropout=dropout, seed=seed)


def _standardized(estimator: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), estimator)


CLASSIFIERS: dict[str, Recipe] = {
    "knn": Recipe("vote of the 10 nearest training covers", _knn, {"k": 10}, reads_graph=True),
    "1nn": Recipe("genre of the nearest training cover", _knn, {"k": 1}, reads_graph=True),
    "logistic": Recipe("logistic regression", _logistic, {"C": 0.003}),
    "linear-svm": Recipe("linear support vector machine", _linear_svm, {"C": 0.0003}),
    "rbf-svm": Recipe("support vector machine, RBF kernel", _rbf_svm, {"C": 1.0, "gamma": "scale"}),
    "mlp": Recipe(
        "neural network with one hidden layer",
        _mlp,
        {"hidden": 256, "dropout": 0.5},
    ),
}
DEFAULT_CLASSIFIERS = ("knn", "logistic", "linear-svm")
