"""The whole chain in order: from a folder of covers to a workspace that the app can show."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.chain.analyze import analyze
from analysis.chain.look_behind import look_behind
from analysis.classifiers.training import train_all
from data.auditing.audit import audit
from data.errors import MissingWeights, TooLittle
from data.intake.importing import ImportSummary, import_covers
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
    **reading: str | None,
) -> ImportSummary:
    """Import, audit, embed, analyze, train, and look behind the answer; what is there is kept.

    A collection too small to train on gets what can be said without classifiers.

    source, reading: what is imported and how it is read, as of `import_covers` (query, primary, ...).
    encoders: names for the registry; by default the two controls, and resnet18 where its weights can be had.
    weights: files by encoder name. group_by: metadata columns whose equal values belong together, for `make_groups`.
    Raises MissingWeights before any work when a named encoder lacks its weights.
    """
    weights = weights or {}
    usable = _usable(encoders, weights)
    summary = import_covers(workspace, source, **reading)
    found = audit(workspace)
    log.info(
        "%s covers, %s distinct images, %s duplicate groups that carry several genres",
        f"{found.covers:,}",
        f"{found.distinct:,}",
        f"{len(found.contradictory_groups):,}",
    )
    runs = [embed(workspace, name, weights=weights.get(name)) for name in usable]
    analyze(workspace, embeddings=runs, columns=group_by, seed=seed)
    try:
        train_all(workspace, classifiers=classifiers, embeddings=runs, group_by=group_by, seed=seed)
    except TooLittle as error:
        log.warning("no classifier is trained: %s", error)
    look_behind(workspace, runs, columns=group_by, seed=seed)
    return summary


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
