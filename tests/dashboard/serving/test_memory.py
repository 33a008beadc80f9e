"""What large uploads take is bounded, and given back. In a process of its own, which memory is measured in."""

import subprocess
import sys
from pathlib import Path

import pytest

from data.store.workspace import Workspace

# Four times 36 megapixels of 16-bit grey.
SCRIPT = """
import base64, io, re, sys, threading
from pathlib import Path
import numpy as np
from PIL import Image
from dashboard.parts.cover.uploaded import uploaded
from dashboard.reading import asking
from dashboard.serving.memory import keep_large_blocks_apart
from dashboard.state.view import view
from data.errors import GenrescopeError
from data.store.workspace import open_workspace

def no_weights(*_):
    raise GenrescopeError("no weights")

def status(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) // 1024

def url(image):
    content = io.BytesIO()
    image.save(content, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()

asking.vector, asking.said = no_weights, lambda *_: []
keep_large_blocks_apart()
seen = view(open_workspace(sys.argv[1]), "/search", "")
uploaded(seen, url(Image.new("RGB", (300, 300), "red")), "small.png")
large = url(Image.fromarray(np.zeros((6_000, 6_000), np.uint16)))
said = []
before = status("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
threads = [threading.Thread(target=lambda: said.append(str(uploaded(seen, large, "large.png")))) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert [each for each in said if "answered in" in each] == said, said
print(status("VmHWM") - before, status("VmRSS") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks of memory are read from Linux's /proc")
def test_large_uploads_at_once_are_bounded_and_give_back(filled: Workspace) -> None:
    command = [sys.executable, "-c", SCRIPT, str(filled.folder)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    peak, kept = map(int, ran.stdout.split())
    assert peak < 450, "MB; four at a time take 620"
    assert kept < 100, "MB; without giving back 290"
