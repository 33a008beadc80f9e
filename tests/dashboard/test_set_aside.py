"""What the user has set aside, in the app: counted on the overview, shown on the audit page, at once."""

import shutil
from pathlib import Path

from dashboard.app import create_app
from data.store.about.set_aside import set_aside, take_back
from data.store.workspace import Workspace
from tests.dashboard.driving import call, texts


def test_it_is_counted_and_shown_until_it_is_taken_back(filled: Workspace, tmp_path: Path) -> None:
    shutil.copy(filled.database, tmp_path)
    workspace = Workspace(tmp_path)
    client = create_app(workspace).server.test_client()

    def shown(page: str) -> str:
        return texts(call(client, f"{page}.children"))

    assert "set aside" not in shown("overview")
    set_aside(workspace, [3, 4], reason="vinyl label")
    assert '"2"' in shown("overview").partition("covers set aside")[0][-200:]
    audited = shown("audit")
    assert "2 by your word" in audited
    assert "vinyl label" in audited
    take_back(workspace, [4])
    assert "cover set aside" in shown("overview")
    take_back(workspace)
    assert "set aside" not in (shown("overview") + shown("audit")).lower()
