"""Every example in the README, in CONTRIBUTING, in docs and in the help does what it says.

The blocks of a page run in their order, in one folder, as a reader would type them. Where an example names a folder of
covers or a file of weights, generated ones of that name stand in.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import click
import pytest

from analysis.classifiers.registry import CLASSIFIERS
from analysis.classifiers.voting import VOTE
from analysis.classifiers.zero_shot import ZERO_SHOT
from analysis.networks.recipe import FASTAI
from embeddings.encoders.registry import encoder_names
from genrescope import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
EXAMPLE = re.compile(r"^ +(genrescope .*)$", re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The (language, text) of a page's examples, in order."""
    return BLOCK.findall(page.read_text())


def commands(block: str) -> list[list[str]]:
    """The commands of a console block as words: without prompt and comments, what follows a pipe aside."""
    lines = block.replace("\\\n", " ").splitlines()
    words = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [line[: line.index("|")] if "|" in line else line for line in words if line]


def help_examples() -> list[tuple[str, str]]:
    """The (verb, command) of every example that a verb's help shows."""
    found = []
    for verb, command in cli.commands.items():
        text = command.get_help(click.Context(command, info_name=f"genrescope {verb}", terminal_width=200))
        found += [(verb, line) for line in EXAMPLE.findall(text.partition("Example")[2])]
    return found


def mentioned() -> list[tuple[str, str]]:
    """The (page, command) of every 'make ...' and 'genrescope VERB ...' in the running text of a page."""
    codes = [(page.name, code) for page in PAGES for code in CODE.findall(BLOCK.sub("", page.read_text()))]
    return [(page, code) for page, code in codes if re.match(r"make [a-z]|genrescope [a-z]", code)]


def parse(words: list[str]) -> None:
    """Parse a command without running it; raises click's own error for a verb, option or value that is stale."""
    program, verb, *rest = words
    assert program == "genrescope"
    command = cli.commands[verb]
    if "--help" not in rest:
        given = command.make_context(verb, rest).params
        prefixes = {name.partition(":")[0] for name in encoder_names()}
        assert {name.partition(":")[0] for name in given.get("encoders") or ()} <= prefixes
        known = {*CLASSIFIERS, ZERO_SHOT, VOTE, FASTAI}
        assert set(given.get("classifiers") or ()) <= known
        sides = [side for name in ("a", "b") if (side := given.get(name))] + list(given.get("others") or ())
        assert {side.partition("@")[0].partition(":")[0] for side in sides if "@" in side} <= known


def targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples name: covers, other covers, and weights (random ones) where torch keeps them."""
    import torch
    import torchvision

    folder = tmp_path_factory.mktemp("desk")
    genrescope(folder, "sample", "covers", "--covers", "60")
    genrescope(folder, "sample", "drawn", "--covers", "60", "--seed", "7")
    for genre in ("Grid House", "Prairie Folk", "Tidewave"):
        shutil.copytree(folder / "drawn" / genre, folder / "kaggle-5-genres" / genre)
    cache = folder / "torch" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        torch.save(torchvision.models.resnet18().state_dict(), folder / "resnet18-imagenet.pth")
        torch.save(torchvision.models.resnet50().half().state_dict(), folder / "resnet50-imagenet-fp16.pth")
    shutil.copy(folder / "resnet18-imagenet.pth", cache / "resnet18-f37072fd.pth")
    return folder


def run(folder: Path, words: list[str]) -> str:
    """Run a command of ours in a folder; its output, after checking that it ended well."""
    done = subprocess.run(
        words, cwd=folder, env=_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def genrescope(folder: Path, *words: str) -> str:
    """Run genrescope in a folder, this checkout's."""
    return run(folder, [sys.executable, "-m", "genrescope", *words])


def look(folder: Path, words: list[str]) -> str:
    """Start 'genrescope serve ...', read its first page, stop it."""
    command = [sys.executable, "-m", "genrescope", *words[1:], "--port", "0"]
    environment = _environment(folder) | {"PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found, f"{shlex.join(words)} names no address"
        with urllib.request.urlopen(found.group(), timeout=60) as page:
            return page.read().decode()
    finally:
        server.terminate()
        server.wait()


def _environment(folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "GENRESCOPE_WORKSPACE"}
    return own | {"PYTHONPATH": str(ROOT), "TORCH_HOME": str(folder / "torch")}


def try_command(folder: Path, words: list[str]) -> None:
    """Do what an example says; of 'make' only look whether there is such a target, of other programs whether they are.

    What 'make' does would set an environment up; CI does that.
    """
    if words[0] == "make":
        assert words[1] in targets(), f"the Makefile has no target {words[1]}"
    elif words[:2] == ["genrescope", "serve"]:
        assert "<title>genrescope" in look(folder, words)
    else:
        assert words[0] == "genrescope", f"an example of another program: {shlex.join(words)}"
        genrescope(folder, *words[1:])


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_the_examples_of_a_page_run(page: Path, desk: Path) -> None:
    for language, text in blocks(page):
        if language == "python":
            assert run(desk, [sys.executable, "-c", text]).strip(), "the example prints nothing"
        for words in commands(text) if language == "console" else []:
            try_command(desk, words)


@pytest.mark.parametrize(("verb", "line"), help_examples(), ids=lambda value: value)
def test_an_example_of_the_help_is_up_to_date(verb: str, line: str) -> None:
    for words in commands(line):
        parse(words)


def test_every_verb_has_an_example() -> None:
    assert {verb for verb, _ in help_examples()} >= set(cli.commands) - {"validate"}


@pytest.mark.parametrize(("page", "line"), mentioned(), ids=lambda value: value)
def test_a_command_in_the_text_is_up_to_date(page: str, line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        assert words[1] in targets()
    elif words[1] != "VERB":
        assert words[1] in cli.commands


STALE = ("genrescope status --nonsense", "genrescope nosuchverb", "genrescope compare nosuch@color knn@color")


@pytest.mark.parametrize("line", STALE)
def test_a_stale_example_of_a_help_would_be_found(line: str) -> None:
    with pytest.raises((AssertionError, click.ClickException, KeyError)):
        parse(shlex.split(line))


@pytest.mark.parametrize("line", ["make nosuchtarget", "genrescope status --nonsense", "genrescope audit", "ls"])
def test_a_stale_example_of_a_page_would_be_found(line: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        try_command(tmp_path, shlex.split(line))


def test_a_stale_python_example_would_be_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run(tmp_path, [sys.executable, "-c", "from analysis.training import train"])
