"""What lies behind an answer, all of it in the order that people ask: a line of each."""

import logging
from collections.abc import Iterator, Sequence

from analysis.behind.agreement.agreement import measure_agreements, read_agreement_metrics
from analysis.behind.agreement.words import sentences as agreed
from analysis.behind.controls.control import control_pairs, measure_controls
from analysis.behind.labels.labels import doubt_labels
from analysis.behind.labels.labels import sentences as doubted
from analysis.behind.learning_curves.learning_curve import measure_learning_curve, read_curves, read_gains
from analysis.behind.learning_curves.words import sentences as learnt
from analysis.behind.oddities.oddities import find_oddities
from analysis.behind.oddities.words import in_words
from data.errors import RunNotFound
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.runs import Run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)


def look_behind(
    workspace: Workspace, embeddings: Sequence[Run], *, columns: Sequence[str] | None = None, seed: int = 42
) -> None:
    """Controls, learning curves and agreement of analyzed embeddings, doubted labels, and what may be no cover.

    columns: as of `make_groups`. What is there already is found. Doubting labels needs a classifier that was trained.
    """
    for line in _controls(workspace):
        log.info("%s", line)
    _curves(workspace, embeddings, columns=columns, seed=seed)
    if len(embeddings) > 1:
        for run in measure_agreements(workspace, embeddings=embeddings, columns=columns, seed=seed):
            log.info("agreement: %s", " ".join(agreed(run, read_agreement_metrics(workspace, run))))
    log.info("labels: %s", _labels(workspace, seed=seed))
    log.info("oddities: %s", in_words(find_oddities(workspace)))


def _labels(workspace: Workspace, *, seed: int) -> str:
    try:
        return doubted(workspace, doubt_labels(workspace, seed=seed))[0]
    except RunNotFound:
        return "not doubted, as no classifier has judged the covers"


def _controls(workspace: Workspace) -> Iterator[str]:
    for run in measure_controls(workspace) if control_pairs(workspace) else []:
        yield f"{run.results['encoder']} beyond {run.results['control']}: {run.results['sentences'][0]}"


def _curves(workspace: Workspace, embeddings: Sequence[Run], *, columns: Sequence[str] | None, seed: int) -> None:
    folds = make_folds(workspace, make_groups(workspace, columns=columns), seed=seed)
    for embedding in embeddings:
        run = measure_learning_curve(workspace, embedding, folds, seed=seed)
        said = learnt(run.results["verdicts"], read_curves(workspace, run), read_gains(workspace, run))
        log.info("%s with more covers: %s", embedding.name, " ".join(said))
