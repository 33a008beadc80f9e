"""Known vulnerabilities of what a lock file pins: pip-audit asks the OSV database, this says what came of it.

Exit status 1 where there are some, 0 where there are none or nobody could be asked; which of the two is said. `make
check` shows it and goes on: an advisory comes out on a day of its own, and makes no commit a bad one.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
# Seconds: of silence within one question, and for all of them.
SILENCE, PATIENCE = 10, 180


def main() -> int:
    """Ask, and say what was answered."""
    lock = Path(sys.argv[1]) if sys.argv[1:] else LOCK
    report, trouble = ask(lock)
    if report is None:
        sys.stdout.write(
            f"advisories: NOT looked up, {trouble}; what {lock.name} pins may have known vulnerabilities\n"
        )
        return 0
    lines = list(told(report["dependencies"]))
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(each.get("vulns") for each in report["dependencies"]))


def ask(lock: Path) -> tuple[dict[str, Any] | None, str]:
    """pip-audit's report on a lock file, or None and why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        how = [
            "--disable-pip",
            "--vulnerability-service",
            "osv",
            "--timeout",
            str(SILENCE),
            "--progress-spinner",
            "off",
        ]
        what = ["--format", "json", "--aliases", "on", "--desc", "off", "--output", str(file)]
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), *how, *what]
        try:
            said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return None, f"no answer within {PATIENCE} s"
        if file.exists():
            return json.loads(file.read_text()), ""
        return None, (said.stderr.strip().splitlines() or ["pip-audit says nothing"])[-1][:200]


def told(dependencies: list[dict[str, Any]]) -> Iterator[str]:
    """What the report says of each pinned package, in words: the vulnerable ones by name, the others counted."""
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    asked = len(dependencies) - len(skipped)
    bad = [each for each in dependencies if each.get("vulns")]
    how_many = f"{len(bad)} of {asked} pinned packages HAVE" if bad else f"none of {asked} pinned packages has"
    yield f"advisories: {how_many} known vulnerabilities"
    for each in bad:
        for found in each["vulns"]:
            names = ", ".join([found["id"], *found.get("aliases", [])])
            mended = ", ".join(found.get("fix_versions", [])) or "no version yet"
            yield f"  {each['name']} {each['version']}: {names}; mended in {mended}"
    if skipped:
        yield f"  NOT looked up: {len(skipped)} ({', '.join(skipped[:5])}{', ...' if skipped[5:] else ''})"


if __name__ == "__main__":
    sys.exit(main())
