"""Which runs belong together: an embedding with all that was computed from it, and the classifiers trained on it."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboard.reading import queries
from data.store.disk.remembered import remembered
from data.store.runs import Run, current_runs, get_run
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Chain:
    """An embedding and the newest run of each kind made from it, None where there is none yet.

    `measured` is its macro separability, by which embeddings are ranked.
    """

    embedding: Run
    label: str
    neighbors: Run | None
    projection: Run | None
    clustering: Run | None
    separability: Run | None
    stability: Run | None
    measured: float | None


def chains(workspace: Workspace) -> list[Chain]:
    """Every finished embedding with what was made from it: first those of the covers that count now, the best separated
    before the unmeasured ones; then those of other covers, whose labels say so, if they were ever measured or there are
    no others of their name."""
    embeddings = [run for run in queries.runs(workspace) if run.finished and run.kind == "embedding"]
    now = {run.name for run in embeddings if of_these_covers(workspace, run)}
    names = [_marked(workspace, run, run.name) for run in embeddings]
    found = [
        _chain(
            workspace,
            run,
            label=name if names.count(name) == 1 else _marked(workspace, run, f"{run.name} {run.run_id[:4]}"),
        )
        for run, name in zip(embeddings, names, strict=True)
    ]
    shown = [each for each in found if _of_use(workspace, each, now)]
    return sorted(shown, key=lambda chain: _place(workspace, chain), reverse=True)


def of_these_covers(workspace: Workspace, run: Run) -> bool:
    """Whether a run was made from the covers that count now: none came along since, and none was set aside."""
    return run.run_id in _of_these_covers(workspace, queries.stamp(workspace))


def chosen(workspace: Workspace, run_id: str) -> Chain | None:
    """The chain of an embedding by run id or name; without one, or with an unknown one, the first; None if there is
    none."""
    found = chains(workspace)
    for chain in found:
        if run_id in (chain.embedding.run_id, chain.embedding.name):
            return chain
    return found[0] if found else None


def classifiers(workspace: Workspace, chain: Chain | None = None) -> list[Run]:
    """Finished classifier runs, newest first; with a chain, only those trained on its embedding."""
    return [
        run
        for run in queries.runs(workspace)
        if run.kind == "classifier" and run.finished and (chain is None or chain.embedding.run_id in run.inputs)
    ]


def current(workspace: Workspace, chain: Chain | None = None, *, also: Container[str] = ()) -> list[Run]:
    """`classifiers` without those that a newer run replaces, unless their run ids are among `also`."""
    replaced = _replaced(workspace, queries.stamp(workspace))
    return [run for run in classifiers(workspace, chain) if run.run_id not in replaced or run.run_id in also]


def classifier_label(workspace: Workspace, run: Run) -> str:
    """Name of a classifier run as pages show it: 'logistic on resnet18', 'vote of 4', with the split where it is a
    hold-out's, with the run id where others of that name have other settings, and with a word where it is of other
    covers than count now."""
    label = f"{_name(run)}{_split(workspace, run)}"
    alike = _labels(workspace, queries.stamp(workspace)).get(_marked(workspace, run, label), ())
    several = len(alike) > 1 and run.run_id in alike
    return _marked(workspace, run, f"{label}, {run.run_id[:4]}" if several else label)


def classifier_title(workspace: Workspace, run: Run) -> str:
    """The same at full length: of a vote with its members, 'vote on knn@color, logistic@resnet18'."""
    return f"{run.name} on {run.results['embedding'].replace(',', ', ')}{_split(workspace, run)}"


def _name(run: Run) -> str:
    members = run.results.get("members")
    return f"{run.name} of {len(members)}" if members else f"{run.name} on {run.results['embedding']}"


def _split(workspace: Workspace, run: Run) -> str:
    return "" if out_of_fold(workspace, run) else f", {run.results['split']} split"


def _marked(workspace: Workspace, run: Run, name: str) -> str:
    return name if of_these_covers(workspace, run) else f"{name} (other covers)"


def _of_use(workspace: Workspace, chain: Chain, now: Container[str]) -> bool:
    return chain.measured is not None or chain.embedding.name not in now or of_these_covers(workspace, chain.embedding)


def _place(workspace: Workspace, chain: Chain) -> tuple[bool, float]:
    return of_these_covers(workspace, chain.embedding), -2.0 if chain.measured is None else chain.measured


@lru_cache(maxsize=2)
def _of_these_covers(workspace: Workspace, stamp: Any) -> frozenset[str]:  # noqa: ARG001
    return frozenset(run.run_id for run in current_runs(workspace))


@lru_cache(maxsize=2)
def _replaced(workspace: Workspace, stamp: Any) -> frozenset[str]:  # noqa: ARG001
    """Run ids of the classifiers that one of the same name and settings replaces: a newer one, or whenever it was made
    the one of the covers that count now."""
    kept: dict[str, list[dict[str, str]]] = defaultdict(list)
    replaced = set()
    for run in sorted(classifiers(workspace), key=lambda run: not of_these_covers(workspace, run)):
        newer, settings = kept[classifier_title(workspace, run)], _settings(workspace, run)
        if any(settings.items() <= each.items() for each in newer):
            replaced.add(run.run_id)
        newer.append(settings)
    return frozenset(replaced)


@lru_cache(maxsize=2)
def _labels(workspace: Workspace, stamp: Any) -> dict[str, list[str]]:  # noqa: ARG001
    """Run ids of the current classifiers by the label that they would have alone."""
    found: dict[str, list[str]] = defaultdict(list)
    for run in current(workspace):
        found[_marked(workspace, run, f"{_name(run)}{_split(workspace, run)}")].append(run.run_id)
    return found


def _settings(workspace: Workspace, run: Run) -> dict[str, str]:
    """Seeds and parameters of a classifier run, of its inputs, and of the groups it was judged by.

    An older version noted fewer of them, so whoever compares two asks whether one's are among the other's; and a method
    counted up since is no setting: the newer run replaces the older one.
    """
    inputs = [*run.inputs, *division_of(workspace, run.run_id).inputs]
    parts = [run, *(each for each in (get_run(workspace, run_id) for run_id in inputs) if each.kind != "collection")]
    return {
        f"{part} {name}": repr(value)
        for part, each in enumerate(parts)
        for name, value in {"seed": each.seed, **each.params}.items()
        if name != "method"
    }


def out_of_fold(workspace: Workspace, run: Run) -> bool:
    """Whether every cover was judged, by classifiers that had not seen its group, rather than those of a hold-out."""
    return division_of(workspace, run.run_id).kind == "folds"


@remembered(maxsize=256)
def division_of(workspace: Workspace, run_id: str) -> Run:
    """The folds run or the split by which a classifier run judged."""
    from analysis.evaluation.predictions import division_of

    return division_of(workspace, get_run(workspace, run_id))


def _chain(workspace: Workspace, embedding: Run, *, label: str) -> Chain:
    neighbors = _made_from(workspace, "neighbors", embedding)
    separability = _made_from(workspace, "separability", neighbors, holding="sentence")
    clustering = _made_from(workspace, "clustering", neighbors)
    return Chain(
        embedding=embedding,
        label=label,
        neighbors=neighbors,
        projection=_made_from(workspace, "projection", neighbors),
        clustering=clustering,
        separability=separability,
        stability=_made_from(workspace, "stability", clustering),
        measured=separability.results["separability"] if separability else None,
    )


def _made_from(workspace: Workspace, kind: str, parent: Run | None, *, holding: str = "") -> Run | None:
    """The newest finished run of a kind made from another one, and whose results hold a name: older ones may not."""
    if parent is None:
        return None
    made = (run for run in queries.runs(workspace) if run.kind == kind and run.finished)
    return next((run for run in made if parent.run_id in run.inputs and (not holding or holding in run.results)), None)
