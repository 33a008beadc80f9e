"""Stopping a command: what it says last, whatever threads still say, and with which status it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A command that waits for ever, while a thread that outlives it still has something to say.
WAITING = """
import sys, threading, time
import click
import genrescope

asked = threading.Event()

def late():
    asked.wait()
    time.sleep(0.2)
    click.echo("a thread's last words", err=True)

@genrescope.cli.command("wait")
def wait():
    threading.Thread(target=late).start()
    try:
        click.echo("waiting", err=True)
        while True:
            time.sleep(0.01)
    finally:
        asked.set()

sys.argv = ["genrescope", "wait"]
genrescope.main()
"""


@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_kept_is_said_last(how: signal.Signals, status: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WAITING], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert process.stderr.readline() == "waiting\n"
    process.send_signal(how)
    said = process.communicate()[1].strip().splitlines()
    assert said == ["a thread's last words", "genrescope: stopped; what was finished is kept, the same command resumes"]
    assert process.returncode == status
