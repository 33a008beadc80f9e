"""docs/methods.md defines every figure that is computed; the README names every verb and every package it rests on."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from analysis.behind.controls.accounting import account
from analysis.evaluation.comparing.aligned import align
from analysis.evaluation.comparing.contrasts import OVERALL, PER_GENRE
from analysis.evaluation.comparing.overlap import overlap
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score
from analysis.geometry.clustering import cluster
from analysis.geometry.neighbors import build_neighbors
from analysis.geometry.projection import project
from analysis.geometry.stability import measure_stability
from analysis.recommending.measures import measure
from analysis.separability.pure.evidence import gather
from analysis.separability.separability import measure_separability
from data.drawing.sample import write_sample
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.importing import import_covers
from data.store.workspace import Workspace
from embeddings.embed import embed
from genrescope import cli

ROOT = Path(__file__).resolve().parents[2]
METHODS = (ROOT / "docs" / "methods.md").read_text()
README = (ROOT / "README.md").read_text()
# A figure's name in bold is where it is defined.
DEFINED = set(re.findall(r"\*\*`(\w+)`\*\*", METHODS))
HEADINGS = set(re.findall(r"^#+ (.*)$", METHODS, re.MULTILINE))
ROOMS = (
    "data/grouping",
    *(
        f"analysis/{room}"
        for room in (
            "geometry",
            "separability",
            "separability/pure",
            "behind/controls",
            "statistics",
            "classifiers",
            "evaluation",
            "evaluation/sure",
            "evaluation/comparing",
            "behind/learning_curves",
            "behind/agreement",
            "recommending",
        )
    ),
    "analysis/classifiers/estimators",
)
# What defines no figure: commands, and modules that move data about or fit what is judged elsewhere.
PLAIN = {
    "contract",
    *(
        "__init__",
        "split_command",
        "train_command",
        "compare_command",
        "sure_command",
        "predictions",
        "aligned",
        "divisions",
    ),
    *(
        "training",
        "splits",
        "mlp",
        "linear_svm",
        "layout",
        "rbf_svm",
        "cosine",
        "ratios",
        "by_cover",
        "words",
        "vote_command",
        "finding",
        "learning_curve_command",
        "agreement_command",
        "recommend_command",
        "evaluate_command",
    ),
}


def predictions() -> Predictions:
    """Six covers in two genres, judged by chance."""
    truth = np.array([0, 0, 0, 1, 1, 1])
    probabilities = np.random.default_rng(0).dirichlet([1, 1], 6)
    return Predictions(
        cover_ids=np.arange(6),
        repeat=np.zeros(6, int),
        truth=truth,
        predicted=probabilities.argmax(axis=1),
        probabilities=probabilities,
        classes=["jazz", "punk"],
        groups=np.arange(6),
    )


@pytest.mark.parametrize("name", sorted(set(score(predictions(), resamples=2).metric)))
def test_every_score_is_defined(name: str) -> None:
    assert name in DEFINED


@pytest.mark.parametrize("name", sorted({*PER_GENRE, *OVERALL, "p_adjusted"}))
def test_every_measure_of_the_comparison_is_defined(name: str) -> None:
    assert name in DEFINED


def test_every_column_of_the_overlap_is_defined() -> None:
    columns = overlap(align(predictions(), predictions())).columns
    assert set(columns) - {"genre", "covers"} <= DEFINED


def test_every_measure_beside_a_control_or_a_confound_is_defined() -> None:
    dice, codes = np.random.default_rng(0), np.arange(40) % 2
    fold = np.arange(40)[None] // 2 % 5
    evidence = gather(codes.astype(str), np.arange(40), fold, folds=5, resamples=2, permutations=0, seed=1)
    vectors = dice.normal(size=(40, 3)).astype(np.float32)
    lists = dice.integers(40, size=(2, 40, 3))
    found = account(evidence, vectors, vectors[:, :2], levels=np.arange(40) % 5, neighbors=list(lists))
    assert found.metric.nunique() >= 10
    assert set(found.metric) <= DEFINED


def test_every_measure_of_recommendations_is_defined() -> None:
    lists = {name: np.array([[1, 2], [2, 3], [3, 0], [0, 1]]) for name in ("one", "other")}
    codes, names = np.array([0, 0, 1, 1]), np.array(["jazz", "jazz", "punk", "punk"])
    unit = np.eye(4, dtype=np.float32)
    found = measure(lists, unit, codes, np.arange(4), genres=names, units=np.arange(4), resamples=2, seed=1)
    measures = set(found.metric.str.split("@").str[0])
    assert len(measures) == 12
    assert measures <= DEFINED


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of 60 drawn covers, analyzed by colour."""
    from data.store.workspace import open_workspace

    folder = tmp_path_factory.mktemp("analyzed")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=60))
    neighbors = build_neighbors(workspace, embed(workspace, "color"))
    projection, clusters = project(workspace, neighbors), cluster(workspace, neighbors)
    folds = make_folds(workspace, make_groups(workspace))
    measure_separability(workspace, neighbors, clusters, folds, resamples=2, permutations=2)
    measure_stability(workspace, neighbors, projection, clusters, seeds=2)
    return workspace


@pytest.mark.slow
@pytest.mark.parametrize(("table", "column"), [("metrics", "metric"), ("curves", "curve")])
def test_every_stored_figure_is_defined(analyzed: Workspace, table: str, column: str) -> None:
    with analyzed.read() as con:
        stored = {name for (name,) in con.sql(f"SELECT DISTINCT {column} FROM {table}").fetchall()}
    assert len(stored) >= 9
    assert stored <= DEFINED


def _modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).glob("*.py")) if path.stem not in PLAIN]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_module_that_defines_a_figure_points_to_its_definition(path: Path) -> None:
    assert "docs/methods.md" in path.read_text()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/methods.md", "docs/mutation.md"])
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    named = set(re.findall(r"`((?:data|embeddings|analysis|dashboard|tests|docs)/[\w/.]*)`", (ROOT / page).read_text()))
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_simulations_have_their_section() -> None:
    assert "Simulations" in HEADINGS


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_every_verb_is_in_the_table_of_the_readme(verb: str) -> None:
    steps = README.partition("| stage |")[2].partition("\n\n")[0]
    assert re.search(rf"^\|[a-z ]*\| `{verb}\b", steps, re.MULTILINE)


def _packages() -> list[str]:
    """Names of all packages that pyproject.toml asks for, those of extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values()]
    return [re.split(r"[<>=~!\[ ]", line)[0] for lines in wanted for line in lines]


@pytest.mark.parametrize("package", _packages())
def test_the_readme_says_what_every_package_is_for(package: str) -> None:
    table = README.partition("## What it rests on")[2].partition("\n## ")[0]
    assert re.search(rf"(?<![\w-]){package}(?![\w-])", table)
