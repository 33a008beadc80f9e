"""The grids that `train --search` goes through, by name and classifier: every combination of the values is a candidate.

The first value of each parameter is taken where there is nothing to choose by. C is the inverse strength of the
penalty. gamma: width of the RBF kernel, in units of scikit-learn's 'scale', 1 / (dimension * variance). scaling:
'columns' gives every column the same variance, 'whole' all of them together, so that those that vary more count more.
See docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from data.errors import GenrescopeError

Grid = Mapping[str, Sequence[Any]]

# Of so many inner folds so many are held out, one after the other.
INNER_FOLDS = 4
HELD_OUT = {"quick": 1, "thorough": 4}

GRIDS: dict[str, dict[str, Grid]] = {
    "quick": {
        "knn": {"k": [10, 5, 20, 40, 80]},
        "logistic": {"C": [1e-3, 1e-4, 3e-4, 3e-3, 1e-2]},
        "linear-svm": {"C": [1e-4, 1e-5, 3e-5, 3e-4, 1e-3]},
        "rbf-svm": {"C": [2.0, 0.7, 5.0], "scaling": ["columns", "whole"]},
        "mlp": {"hidden": [256, 1024], "dropout": [0.5, 0.8]},
    },
    "thorough": {
        "knn": {"k": [10, 3, 5, 7, 15, 20, 30, 40, 60, 80, 120], "weighted": [True, False]},
        "logistic": {"C": [1e-3, 1e-5, 3e-5, 1e-4, 3e-4, 3e-3, 1e-2, 1e-1], "scaling": ["columns", "whole"]},
        "linear-svm": {"C": [1e-4, 1e-6, 1e-5, 3e-5, 3e-4, 1e-3], "scaling": ["columns", "whole"]},
        "rbf-svm": {"C": [2.0, 0.5, 1.0, 4.0, 8.0], "gamma": [1.0, 0.25, 0.5, 2.0], "scaling": ["columns", "whole"]},
        "mlp": {
            "hidden": [256, 64, 1024],
            "dropout": [0.5, 0.2, 0.8],
            "learning_rate": [1e-3, 3e-4],
            "scaling": ["columns", "whole"],
        },
    },
}


def searched(classifier_name: str, params: Mapping[str, Any], search: str) -> dict[str, Any]:
    """The parameters of a run that searches: what the grid does not set, then search, grid and inner folds.

    Raises GenrescopeError for a search that is not there, and for a classifier that has no grid in it.
    """
    if search not in GRIDS:
        raise GenrescopeError(f"there is no search '{search}': choose from {', '.join(GRIDS)}")
    if classifier_name not in GRIDS[search]:
        having = ", ".join(GRIDS[search])
        raise GenrescopeError(f"{classifier_name} has nothing to search for: --search goes with {having}")
    grid = GRIDS[search][classifier_name]
    fixed = {name: value for name, value in params.items() if name not in grid}
    return {**fixed, "search": search, "grid": dict(grid), "held_out": [HELD_OUT[search], INNER_FOLDS]}
