"""What is read of drawn covers whose words are known, by motif; and covers a second beside the networks' own floor.

    python tests/benchmarks/lettering.py [COVERS]

The floor is the two networks alone, on images that are ready for them: what is above it is decoding, finding boxes,
cutting lines out, and Python.
"""

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from data.drawing.sample import Planted, read_truth, write_sample
from embeddings.lettering.ocr import SIDE, _reader, fit, read_words
from embeddings.lettering.reading import text_of
from tests.misread import misread


def main(covers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        truth = read_truth(write_sample(Path(folder), covers=covers))
        images = {cover.file: Image.open(Path(folder) / cover.file).convert("RGB") for cover in truth}
    read_words(fit(Image.new("RGB", (300, 300))))
    errors: dict[str, list[tuple[float, float]]] = defaultdict(list)
    words, began = 0, time.process_time()
    texts = {}
    for name, image in images.items():
        found = read_words(fit(image))
        words, texts[name] = words + len(found), text_of(found)
    seconds = (time.process_time() - began) / len(images)
    for cover in truth:
        said = texts[cover.file]
        errors[cover.drawn_as].append(tuple(misread(known, said) for known in (cover.title, cover.artist)))  # type: ignore[arg-type]
    print(f"{'drawn as':18}{'covers':>8}{'title':>8}{'artist':>8}   characters misread")
    for motif, rows in sorted(errors.items()):
        print(f"{motif:18}{len(rows):8}" + "".join(f"{error:8.3f}" for error in np.mean(rows, axis=0)))
    every = [row for rows in errors.values() for row in rows]
    print(f"{'all':18}{len(every):8}" + "".join(f"{error:8.3f}" for error in np.mean(every, axis=0)))
    floor = networks_alone(words / len(images))
    print(f"{seconds:.3f} s of processor time a cover, {seconds / floor:.2f} times the networks alone ({floor:.3f} s)")
    usual, error = as_it_comes(truth[:40], images)
    print(f"RapidOCR as it comes: {usual:.3f} s, {usual / seconds:.2f} times ours; of 40 titles misread {error:.3f}")


def as_it_comes(truth: list[Planted], images: dict[str, Image.Image]) -> tuple[float, float]:
    """Seconds a cover, and how much of titles is misread, with RapidOCR's own settings."""
    from rapidocr import RapidOCR

    reader = RapidOCR(params={"Global.log_level": "critical"})
    reader(np.zeros((300, 300, 3), np.uint8))
    began, errors = time.process_time(), []
    for cover in truth:
        found = reader(np.ascontiguousarray(np.asarray(images[cover.file])[..., ::-1]))
        errors.append(misread(cover.title, " ".join(found.txts or ())))
    return (time.process_time() - began) / len(truth), float(np.mean(errors))


def networks_alone(lines: float) -> float:
    """Seconds of one image through the detector, and so many lines through the recognizer."""
    reader = _reader()
    image = np.zeros((1, 3, SIDE, SIDE), np.float32)
    line = np.zeros((1, 3, 48, 320), np.float32)
    began = time.process_time()
    for _ in range(10):
        reader.text_det.session(image)
    found = (time.process_time() - began) / 10
    began = time.process_time()
    for _ in range(10):
        reader.text_rec.session(line)
    return found + lines * (time.process_time() - began) / 10


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
