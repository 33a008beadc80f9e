"""Covers a second of `embed`, beside its two floors and beside what one would write otherwise.

    python tests/benchmarks/embedding.py [COVERS_FOLDER [NUMBER [ENCODER]]]

Without a folder it draws covers. The floors: decoding and preparing alone, and the forward pass alone on covers ready
made. `embed` overlaps them: where they share the same cores it can at best take the sum of both, and where a GPU does
the second, the longer.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from data.drawing.sample import write_sample
from data.intake.importing import import_covers
from data.store.workspace import open_workspace
from embeddings import backends
from embeddings.decode import Content, decode_batches
from embeddings.embed import embed
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.registry import get_encoder


def rate(covers: int, work: Callable[[], Any]) -> float:
    """Covers a second."""
    started = time.perf_counter()
    work()
    return covers / (time.perf_counter() - started)


class Covers(Dataset):
    """The covers as a tutorial's Dataset has them."""

    def __init__(self, paths: list[str], encoder: Encoder) -> None:
        self.paths, self.encoder = paths, encoder

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> np.ndarray:
        return np.array(self.encoder.prepare(Image.open(self.paths[index]).convert("RGB")))


def one_by_one(paths: list[str], encoder: Encoder) -> None:
    for path in paths:
        encoder.encode(encoder.prepare(Image.open(path).convert("RGB"))[None].copy())


def with_data_loader(paths: list[str], encoder: Encoder) -> None:
    workers = torch.get_num_threads()
    for batch in DataLoader(Covers(paths, encoder), batch_size=32, num_workers=workers):
        encoder.encode(batch.numpy())


def main(folder: str, number: int = 500, name: str = "resnet18-untrained") -> None:
    paths = [str(path.absolute()) for path in sorted(Path(folder).rglob("*.jpg"))]
    paths = paths[:: max(len(paths) // number, 1)][:number]
    encoder = get_encoder(name)
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "covers.csv"
        table.write_text("path,genre\n" + "".join(f'"{path}",{Path(path).parent.name}\n' for path in paths))
        workspace = open_workspace(Path(scratch) / "workspace", create=True)
        import_covers(workspace, table)
        with workspace.read() as con:
            rows = con.sql("SELECT sha256, [cover_id], [path] FROM covers ORDER BY cover_id").fetchall()
        contents = [Content(sha256, tuple(ids), tuple(files)) for sha256, ids, files in rows]
        prepared = np.stack([encoder.prepare(Image.open(path).convert("RGB")) for path in paths[:32]])
        chosen = backends.fastest(encoder, prepared, covers=number)
        forward = {
            backend: rate(96, lambda encode=encode: [encode(prepared) for _ in range(3)])
            for backend, encode in {chosen, backends.Backend("plain float32", encoder.encode)}
        }
        found = {
            "decoding alone": rate(number, lambda: list(decode_batches(contents, encoder.prepare, size=32))),
            **{f"forward pass alone, {backend}": value for backend, value in forward.items()},
            f"genrescope embed ({chosen.name})": rate(number, lambda: embed(workspace, name)),
            "DataLoader, batches of 32": rate(number, lambda: with_data_loader(paths, encoder)),
            "one cover after the other": rate(number, lambda: one_by_one(paths, encoder)),
        }
    ours = found[f"genrescope embed ({chosen.name})"]
    print(f"{name}, {number} covers, {torch.get_num_threads()} threads")
    for what, value in found.items():
        print(f"{what:<42}{value:8.1f} covers/s {value / ours:6.2f} x ours")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as drawn:
        folder = sys.argv[1] if len(sys.argv) > 1 else str(write_sample(Path(drawn) / "covers").parent)
        main(folder, *map(int, sys.argv[2:3]), *sys.argv[3:4])
