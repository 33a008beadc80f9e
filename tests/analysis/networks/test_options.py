"""The options of `train` that are about networks, through the command line."""

import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from analysis.chain.train_command import train_command
from analysis.commands import command_of
from data.errors import GenrescopeError
from data.store.runs import find_runs
from genrescope import cli

TINY = ["--classifier", "fastai", "--arch", "resnet10t", "--weights", "none", "--size", "32", "--epochs", "1"]


def test_options_of_networks_are_for_networks_alone(gallery):
    said = CliRunner().invoke(
        train_command, ["--workspace", str(gallery.folder), "--epochs", "3", "--arch", "resnet18"]
    )
    assert said.exit_code == 2
    assert "--epochs, --arch: only with --classifier fastai" in said.output


@pytest.mark.parametrize("odd", [["--search", "quick"], ["--embedding", "color"]])
def test_what_networks_have_no_use_for_is_refused_and_not_overlooked(gallery, odd):
    said = CliRunner().invoke(train_command, ["--workspace", str(gallery.folder), *TINY, *odd])
    assert said.exit_code == 2
    assert f"{odd[0]}: not with --classifier fastai" in said.output


@pytest.mark.slow
def test_fastai_is_found_without_a_word():
    # In a process of its own, where nothing has imported it yet; torch warns of what fastai uses.
    code = "from analysis.networks.recipe import check_fastai; check_fastai()"
    subprocess.run([sys.executable, "-W", "error::FutureWarning", "-c", code], check=True)


@pytest.mark.parametrize("odd", [["--rate", "fast"], ["--rate", "nan"], ["--mixup", "-1"], ["--augment", "turns"]])
def test_odd_values_are_refused_in_one_line(gallery, odd):
    said = CliRunner().invoke(train_command, ["--workspace", str(gallery.folder), *TINY, *odd])
    assert isinstance(said.exception, GenrescopeError)
    assert "\n" not in str(said.exception)


def test_the_command_of_a_run_finds_it_again(trained):
    workspace, run = trained
    words = shlex.split(command_of(workspace, run))
    assert words[:2] == ["genrescope", "train"]
    before = find_runs(workspace, "classifier", finished=True) + find_runs(workspace, "classifier", finished=False)
    again = CliRunner().invoke(cli, [*words[1:], "--workspace", str(workspace.folder)], catch_exceptions=False)
    assert again.exit_code == 0
    assert "fastai:resnet10t" in again.output
    after = find_runs(workspace, "classifier", finished=True) + find_runs(workspace, "classifier", finished=False)
    assert after == before
