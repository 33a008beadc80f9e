"""The whole chain in order: from a folder of covers to a workspace that the app can show."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.behind.agreement.agreement import measure_agreements
from analysis.behind.controls.control import control_pairs, measure_controls
from analysis.behind.labels.labels import doubt_labels, sentences
from analysis.behind.learning_curves.learning_curve import measure_learning_curve
from analysis.behind.oddities.oddities import find_oddities
from analysis.behind.oddities.words import in_words
from analysis.chain.analyze import analyze
from analysis.classifiers.training import train_all
from data.auditing.audit import audit
from data.errors import MissingWeights
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.importing import ImportSummary, import_covers
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.embed import embed
from embeddings.encoders.registry import get_encoder

log = logging.getLogger(__name__)

# The two controls work everywhere; the third needs weights and is left out, with a word, where there are none.
CONTROLS = ("color", "resnet18-untrained")
ENCODERS = (*CONTROLS, "resnet18")
CLASSIFIERS = ("knn", "logistic", "linear-svm")


def run_all(
    workspace: Workspace,
    source: str | Path,
    *,
    encoders: Sequence[str] | None = None,
    weights: Mapping[str, Path] | None = None,
    classifiers: Sequence[str] = CLASSIFIERS,
    group_by: Sequence[str] | None = None,
    seed: int = 42,
) -> ImportSummary:
    """Import, audit, embed, analyze, train, and list doubted labels and what may be no cover; what is there is kept.

    encoders: names for the registry; by default the two controls, and resnet18 where its weights can be had.
    weights: files by encoder name. group_by: metadata columns whose equal values belong together, for `make_groups`.
    Raises MissingWeights before any work when a named encoder lacks its weights.
    """
    weights = weights or {}
    usable = _usable(encoders, weights)
    summary = import_covers(workspace, Path(source))
    found = audit(workspace)
    log.info(
        "%s covers, %s distinct images, %s duplicate groups that carry several genres",
        f"{found.covers:,}",
        f"{found.distinct:,}",
        f"{len(found.contradictory_groups):,}",
    )
    runs = [embed(workspace, name, weights=weights.get(name)) for name in usable]
    analyze(workspace, embeddings=runs, columns=group_by, seed=seed)
    if control_pairs(workspace):
        measure_controls(workspace)
    train_all(workspace, classifiers=classifiers, embeddings=runs, group_by=group_by, seed=seed)
    log.info("oddities: %s", in_words(find_oddities(workspace)))
    log.info("labels: %s", sentences(workspace, doubt_labels(workspace, seed=seed))[0])
    _look_behind(workspace, runs, columns=group_by, seed=seed)
    return summary


def _look_behind(workspace: Workspace, runs: Sequence[Run], *, columns: Sequence[str] | None, seed: int) -> None:
    """What lies behind the answer, as far as it is cheap: learning curves, and how far the embeddings agree."""
    folds = make_folds(workspace, make_groups(workspace, columns=columns), seed=seed)
    for run in runs:
        measure_learning_curve(workspace, run, folds, seed=seed)
    if len(runs) > 1:
        measure_agreements(workspace, embeddings=runs, columns=columns, seed=seed)


def _usable(encoders: Sequence[str] | None, weights: Mapping[str, Path]) -> list[str]:
    """The encoders to run; those that were asked for must load, the default ones may be left out."""
    usable = []
    for name in encoders or ENCODERS:
        try:
            get_encoder(name, weights=weights.get(name))
            usable.append(name)
        except MissingWeights as error:
            if encoders:
                raise
            log.warning("%s is left out: %s", name, error)
    return usable
