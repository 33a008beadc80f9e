"""`genrescope embed` and its options."""

import re
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from data.errors import GenrescopeError, MissingWeights
from data.store.workspace import Workspace
from embeddings.embed_command import embed_command, parse_weights


def run(workspace: Workspace, *arguments: str) -> Result:
    return CliRunner().invoke(embed_command, [*arguments, "--workspace", str(workspace.folder)])


def test_parse_weights() -> None:
    assert parse_weights([]) == {}
    assert parse_weights(["resnet18=a.pth", "clip:ViT-B-32:openai=b=c.pt"]) == {
        "resnet18": Path("a.pth"),
        "clip:ViT-B-32:openai": Path("b=c.pt"),
    }
    assert parse_weights(["timm:x?pad_type=same&mean=0.5=../a=b.pth"]) == {
        "timm:x?pad_type=same&mean=0.5": Path("../a=b.pth")
    }
    assert parse_weights(["resnet18=~/a.pth"]) == {"resnet18": Path.home() / "a.pth"}


@pytest.mark.parametrize("value", ["resnet18", "=a.pth", "resnet18=", "timm:x?pad_type=same"])
def test_parse_weights_refuses_the_rest(value: str) -> None:
    with pytest.raises(click.BadParameter, match="is not NAME=PATH"):
        parse_weights([value])


def test_embeds_says_so_and_finds_it_again(filled: Workspace) -> None:
    first = run(filled, "--encoder", "color")
    assert first.exit_code == 0, first.output
    assert re.search(r"color: 30 vectors of 293 numbers, in \d+ s \(numpy\)", first.stdout)
    assert "color: 30 vectors of 293 numbers, already there" in run(filled, "--encoder", "color").stdout


def test_left_out_covers_show_in_the_summary_and_the_status(filled: Workspace) -> None:
    with filled.read() as con:
        Path(con.sql("SELECT path FROM covers WHERE cover_id = 3").fetchall()[0][0]).unlink()
    found = run(filled, "--encoder", "color")
    assert found.exit_code == 3
    assert "29 vectors of 293 numbers" in found.stdout
    assert "; 1 covers left out" in found.stdout


def test_preprocessing_makes_an_embedding_of_its_own(filled: Workspace) -> None:
    run(filled, "--encoder", "color")
    found = run(filled, "--encoder", "color", "--preprocessing", "encoder")
    assert "already there" not in found.stdout


def test_a_mistake_in_the_last_encoder_shows_before_the_first_one_runs(filled: Workspace, no_network: Path) -> None:
    found = run(filled, "--encoder", "color", "--encoder", "resnet18")
    assert isinstance(found.exception, MissingWeights)
    with filled.read() as con:
        assert con.sql("SELECT count(*) FROM vectors").fetchall() == [(0,)]


def test_own_vectors(filled: Workspace, tmp_path: Path) -> None:
    np.save(tmp_path / "own.npy", np.eye(30, 6, dtype=np.float32) + 1)
    found = run(filled, "--encoder", f"vectors:{tmp_path / 'own.npy'}")
    assert found.exit_code == 0, found.output
    assert "30 vectors of 6 numbers" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing option '--encoder'"),
        (["--encoder", "color", "--weights", "resnet18=a.pth"], "'resnet18' is none of the encoders asked for"),
        (["--encoder", "color", "--weights", "a.pth"], "is not NAME=PATH"),
        (["--encoder", "color", "--preprocessing", "crop"], "'whole', 'encoder'"),
    ],
)
def test_mistakes_in_options(filled: Workspace, arguments: list[str], message: str) -> None:
    found = run(filled, *arguments)
    assert found.exit_code == 2
    assert message in found.stderr


def test_an_unknown_encoder(filled: Workspace) -> None:
    found = run(filled, "--encoder", "colour")
    assert isinstance(found.exception, GenrescopeError)


def test_help_lists_the_encoders() -> None:
    text = CliRunner().invoke(embed_command, ["--help"]).stdout
    for name in ("color", "resnet18-untrained", "clip-vit-b-32", "timm:NAME", "vectors:FILE", "--weights NAME=PATH"):
        assert name in text
