"""MLflow as an extra: without its telemetry and noise, with a store in the workspace unless a server is named."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from data.errors import GenrescopeError
from data.store.workspace import Workspace

SERVER = "MLFLOW_TRACKING_URI"
DATABASE, ARTIFACTS = "mlflow.db", "mlflow-artifacts"
# So MLflow shows the experiment as one of models that learn, not of agents.
TRAINING = {"mlflow.experimentKind": "custom_model_development"}
NOISY = ("mlflow", "alembic", "sqlalchemy")
# What MLflow reads from the environment, where nobody has said otherwise: no telemetry, no chatter, and not minutes
# of silent retries where a server does not answer.
DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}


def import_mlflow() -> Any:
    """The module mlflow, quiet; raises GenrescopeError where the extra is not installed."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow
        import mlflow.pyfunc
    except ImportError as error:
        raise GenrescopeError(
            "records need MLflow, which is not installed: pip install 'genrescope[mlflow]'; all else works without"
        ) from error
    return mlflow


def tracking_uri(workspace: Workspace) -> str:
    """MLFLOW_TRACKING_URI, else an SQLite file in the workspace."""
    return os.environ.get(SERVER) or f"sqlite:///{workspace.folder / DATABASE}"


def is_local(workspace: Workspace, uri: str) -> bool:
    """Whether this is the store in the workspace."""
    return uri == f"sqlite:///{workspace.folder / DATABASE}"


@contextmanager
def tracking(workspace: Workspace) -> Iterator[tuple[Any, Any]]:
    """(mlflow, its client) for as long as the `with` block; afterwards mlflow is as it was.

    Raises GenrescopeError where the extra is missing, or the store cannot be reached.
    """
    mlflow = import_mlflow()
    uri = tracking_uri(workspace)
    before = os.environ.get(SERVER)
    levels = {name: logging.getLogger(name).level for name in NOISY}
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what its libraries will drop one day is no concern of a user's
            yield mlflow, mlflow.MlflowClient(uri)
    except (mlflow.exceptions.MlflowException, OSError) as error:  # of requests, ConnectionError is an OSError
        reason = _without_password(uri, str(error).partition("\n")[0])[:200]
        raise GenrescopeError(
            f"MLflow at {_without_password(uri, uri)} does not take the records ({reason}): what is recorded stays, "
            "mend it and type the same again"
        ) from error
    finally:
        mlflow.set_tracking_uri(None)  # which clears the variable, too
        if before is not None:
            os.environ[SERVER] = before
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def experiment_id(workspace: Workspace, client: Any, name: str) -> str:
    """The experiment of this name, made where there is none.

    Artifacts of the store in the workspace lie beside it, and MLflow knows them by absolute paths: after the workspace
    was moved its old experiment is kept under another name, and all is recorded anew.
    """
    local = is_local(workspace, tracking_uri(workspace))
    place = (workspace.folder / ARTIFACTS).as_uri() if local else None
    found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage != "active":
        raise GenrescopeError(f"the experiment '{name}' was deleted in MLflow: name another one with --experiment")
    if found is not None and local and found.artifact_location != place:
        client.rename_experiment(found.experiment_id, f"{name}, before it was moved ({found.experiment_id})")
        found = None
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_location=place, tags=TRAINING))


def how_to_look(workspace: Workspace) -> str:
    """What shows the records: the command for the store in the workspace, else the server's address."""
    uri = tracking_uri(workspace)
    if is_local(workspace, uri):
        return f"MLFLOW_DISABLE_TELEMETRY=true {_program()} ui --backend-store-uri '{uri}'"
    return _without_password(uri, uri)


def _program() -> str:
    """mlflow as a user of this environment types it."""
    import sys

    beside = Path(sys.executable).with_name("mlflow")
    try:
        return str(beside.relative_to(Path.cwd())) if beside.exists() else "mlflow"
    except ValueError:
        return str(beside)


def _without_password(uri: str, text: str) -> str:
    """A text without the name and password that an address may carry."""
    name, at, _ = urlsplit(uri).netloc.rpartition("@")
    return text.replace(name + at, "") if at else text
