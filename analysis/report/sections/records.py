"""Every run behind the figures, and how to make them all anew."""

import importlib.metadata
import json
import platform
import shlex
from pathlib import Path

import pandas as pd

from analysis.classifiers.registry import CLASSIFIERS
from analysis.commands import command_of
from analysis.evaluation.predictions import division_of
from analysis.report.blocks import Block, Commands, Section, Table, Text
from analysis.report.findings import OLDER, OLDER_SPLIT
from analysis.report.study import Study
from data.grouping.groups import groups_behind
from data.store.runs import Run, code_version
from embeddings.encoders.families.finetuned import is_finetuned
from embeddings.encoders.families.joined import is_joined

PACKAGES = (
    *("numpy", "pandas", "duckdb", "torch", "torchvision", "timm", "open-clip-torch", "faiss-cpu"),
    *("scikit-learn", "scipy", "umap-learn", "hdbscan", "pillow"),
)
# What `run` does by itself, or the command of what it belongs to; whatever else there is has its own command.
BY_ITSELF = {"collection", "duplicates", "groups", "folds", "neighbors", "projection", "clustering", "stability"}
BY_ITSELF |= {"separability", "membership", "kinship", "embedding", "sets", "control", "curve", "agreement"}
BY_ITSELF |= {"oddities"}
# What is made of the best classifier comes after all of them, and those of several classifiers after these.
LAST = ("genrescope labels", "genrescope vote")


def runs(study: Study) -> Section:
    """A row a run: what it was, of what, with which parameters and seed, by which version, when and for how long."""
    frame = pd.DataFrame([_row(run) for run in study.runs])
    seen = pd.DataFrame(
        {
            "Run": frame.run_id,
            "What": (frame.kind + " " + frame.name).str.strip(),
            "Made from": frame.inputs,
            "Parameters": frame.params,
            "Seed": ["" if pd.isna(seed) else f"{seed:.0f}" for seed in frame.seed],
            "Version": frame.code_version,
            "Started (UTC)": frame.started.str.slice(0, 16).str.replace("T", " "),
            "Took": [_took(seconds) for seconds in frame.seconds],
        }
    )
    stale = f" {study.stale:,} stale runs, of fewer covers than there are now, are left out." if study.stale else ""
    table = Table(
        "runs",
        f"{len(frame):,} runs. A run's id is a hash of its kind, name, parameters, seed and inputs.{stale}",
        frame,
        seen,
        ["Run", "What", "Made from", "Parameters", "Version", "Started (UTC)"],
        look="runs",
    )
    return Section("runs", "Every run", blocks=[table, Text([_versions()], look="fine")])


def reproduce(study: Study) -> Section:
    """Three commands that make everything anew."""
    lead = "The same covers, in the same order, and the same parameters make runs of the same ids."
    text = (
        f"The first in a checkout of genrescope {code_version()}, whose lock file pins all packages. SOURCE is the "
        "folder, or the table, of the covers."
    )
    lines = ["make setup", run_line(study), "genrescope report report.html --workspace study"]
    further = _together([line for line in (_own_command(study, run) for run in study.runs) if line])
    blocks: list[Block] = [Commands(lines), Text([text], look="fine")]
    if further:
        blocks += [Text(["What is beyond these three:"], look="fine"), Commands(further)]
    return Section("reproduce", "How to make it all anew", lead, blocks)


def run_line(study: Study) -> str:
    """The `genrescope run` that computes the current embeddings, measurements and classifiers out of fold."""
    embeddings = _embedded_by_run(study)
    options = [("--encoder", run.name) for run in embeddings]
    options += [
        ("--weights", f"{run.name}={Path(run.results['weights_file']).name}")
        for run in embeddings
        if run.results.get("weights_file")
    ]
    options += [("--classifier", name) for name in _trained_by_run(study)]
    folds = [run for run in study.runs if run.kind == "folds"]
    if folds:
        columns = groups_behind(study.workspace, folds[-1]).params.get("columns") or ["none"]
        options += [("--group-by", column) for column in columns] + [("--seed", str(folds[-1].seed))]
    return " \\\n    ".join(["genrescope run SOURCE --workspace study", *map(shlex.join, options)])


def _trained_by_run(study: Study) -> list[str]:
    """The classifiers out of fold that are there on every embedding, as `run` trains them."""
    embeddings = [run.name for run in _embedded_by_run(study)]
    names = [each.run.name for each in study.judged if each.run.name in CLASSIFIERS and each.embedding in embeddings]
    return [name for name in dict.fromkeys(names) if names.count(name) == len(embeddings)]


def _embedded_by_run(study: Study) -> list[Run]:
    """The embeddings that need nothing that is made later: no joined ones, and none of a network trained here."""
    return [
        run for run in study.runs if run.kind == "embedding" and not (is_joined(run.name) or is_finetuned(run.name))
    ]


def _own_command(study: Study, run: Run) -> str:
    """The command of a run that `run` and `report` do not make by themselves; '' for one that they do."""
    by_id = f"# {run.kind} {run.name}, run {run.run_id}"
    if run.kind == "split":
        return "" if run.name == OLDER_SPLIT else _split_command(run)
    embedded = [each.name for each in _embedded_by_run(study)]
    if run.kind == "embedding" and run.name not in embedded:
        return shlex.join(["genrescope", "embed", "--encoder", run.name, "--workspace", "study"])
    if run.kind == "separability" and run.name not in embedded:
        return shlex.join(["genrescope", "analyze", "--embedding", run.name, "--workspace", "study"])
    if run.kind == "confound":
        named = ["--for", run.results["confound"], "--embedding", run.results["encoder"]]
        return shlex.join(["genrescope", "confounds", *named, "--workspace", "study"])
    if run.kind == "labels":
        return "genrescope labels --workspace study"
    if run.kind != "classifier":
        return "" if run.kind in BY_ITSELF else by_id
    division = division_of(study.workspace, run)
    by_report = run.name == OLDER and (division.kind == "folds" or division.name == OLDER_SPLIT)
    by_run = run.name in _trained_by_run(study) and run.results["embedding"] in embedded
    if by_report or (division.kind == "folds" and by_run):
        return ""
    return f"{command_of(study.workspace, run)} --workspace study"


def _together(lines: list[str]) -> list[str]:
    """Each command once, in order; those that train alike on several embeddings as one, where the last one stood, and
    after them votes, and what is made of the best."""
    found: dict[str, list[str]] = {}
    for line in lines:
        before, option, rest = line.partition(" --embedding ")
        embedding, _, after = rest.partition(" ")
        alike = f"{before}\0 {after}" if option and "train" in before and "'" not in line else line
        found[alike] = [*found.pop(alike, []), *([embedding] if alike != line else [])]
    return [
        alike.replace("\0", "".join(f" --embedding {each}" for each in dict.fromkeys(embeddings)))
        for alike, embeddings in sorted(found.items(), key=lambda item: [item[0].startswith(last) for last in LAST])
    ]


def _split_command(run: Run) -> str:
    words = ["genrescope", "split", "--name", run.name, *(["--random"] if run.params.get("kind") == "random" else [])]
    share = run.params.get("test_share", 0.2)
    return shlex.join([*words, "--test-share", f"{share:g}", "--seed", str(run.seed), "--workspace", "study"])


def _row(run: Run) -> dict[str, object]:
    trained_on = run.results.get("embedding") if run.kind == "classifier" else None
    return {
        "run_id": run.run_id,
        "kind": run.kind,
        "name": f"{run.name} on {trained_on}" if trained_on else run.name,
        "inputs": " ".join(run.inputs),
        "params": json.dumps(run.params, sort_keys=True, ensure_ascii=False) if run.params else "",
        "seed": run.seed,
        "code_version": run.code_version,
        "started": run.started.isoformat(),
        "finished": run.finished.isoformat() if run.finished else "",
        "seconds": (run.finished - run.started).total_seconds() if run.finished else float("nan"),
    }


def _took(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _versions() -> str:
    """Of what this report was written with; a run's own column says by which genrescope it was computed."""
    known = []
    for package in PACKAGES:
        try:
            known.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return f"Written with genrescope {code_version()}, Python {platform.python_version()}, {', '.join(known)}."
