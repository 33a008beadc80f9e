"""Checkpoints: what is written is read, and what is half written is never taken for one."""

import pytest
import safetensors.torch
import torch

from analysis.networks.learning.checkpoints import load, save
from data.errors import GenrescopeError


def test_a_state_comes_back_as_it_was(tmp_path):
    network = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1)
    network(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    shared = torch.zeros(2, 3, 4, 4).to(memory_format=torch.channels_last)
    state = {
        "module": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "twice": [shared, shared],
        "rate": 0.1,
    }
    save(tmp_path / "c.safetensors", state)
    found = load(tmp_path / "c.safetensors")
    assert found["rate"] == 0.1
    assert found["optimizer"]["state"].keys() == {0, 1}
    torch.testing.assert_close(found["optimizer"]["state"][0], dict(optimizer.state_dict()["state"][0]))
    torch.testing.assert_close(found["module"], dict(network.state_dict()))
    again = torch.optim.AdamW(torch.nn.Linear(3, 2).parameters(), lr=1.0)
    again.load_state_dict(found["optimizer"])
    assert again.param_groups[0]["lr"] == 0.1


def test_what_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    file = tmp_path / "c.safetensors"
    save(file, {"epoch": 1})

    def full(tensors, path, metadata):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(GenrescopeError, match=r"No space left.*make room"):
        save(file, {"epoch": 2})
    assert load(file) == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["c.safetensors"]


@pytest.mark.parametrize("content", [b"", b"half of a checkpoint", b"\xff" * 100])
def test_a_damaged_one_is_none(tmp_path, content):
    (tmp_path / "c.safetensors").write_bytes(content)
    assert load(tmp_path / "c.safetensors") is None
    assert load(tmp_path / "nowhere.safetensors") is None
