"""The look at known vulnerabilities: it says what it found, and says it where nobody could be asked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

FOUND = {"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": ["CVE-1"]}
GOOD = {"name": "good", "version": "1.0", "vulns": []}
BAD = {"name": "bad", "version": "2.0", "vulns": [FOUND]}
UNKNOWN = {"name": "unknown", "skip_reason": "nobody knows it"}

# Stands in for pip-audit: writes the report that it is given; without one it ends as that does without a network.
STAND_IN = """
import os, sys
if not os.environ["REPORT"]:
    raise ConnectionError("no such host")
with open(sys.argv[sys.argv.index("--output") + 1], "w") as file:
    file.write(os.environ["REPORT"])
sys.exit("vulns" in os.environ["REPORT"])
"""


def look(folder: Path, dependencies: list[dict[str, Any]] | None) -> tuple[int, str]:
    """Exit status and words of the look, where pip-audit answers with this."""
    (folder / "pip_audit.py").write_text(STAND_IN)
    report = "" if dependencies is None else json.dumps({"dependencies": dependencies, "fixes": []})
    environment = os.environ | {"PYTHONPATH": str(folder), "REPORT": report}
    command = [sys.executable, ROOT / ".ci" / "advisories.py"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("dependencies", "status", "said"),
    [
        ([GOOD], 0, "advisories: none of 1 pinned packages has known vulnerabilities\n"),
        ([GOOD, BAD], 1, "advisories: 1 of 2 pinned packages HAVE known vulnerabilities\n"),
        ([GOOD, BAD], 1, "  bad 2.0: PYSEC-1, CVE-1; mended in 2.1\n"),
        ([GOOD, UNKNOWN], 0, "none of 1 pinned packages has known vulnerabilities\n  NOT looked up: 1 (unknown)\n"),
        (None, 0, "advisories: NOT looked up, ConnectionError: no such host"),
    ],
)
def test_what_is_known_and_what_is_not(
    tmp_path: Path, dependencies: list[dict[str, Any]] | None, status: int, said: str
) -> None:
    found = look(tmp_path, dependencies)
    assert found[0] == status
    assert said in found[1]
