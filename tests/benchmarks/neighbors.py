"""The neighbour graph against the least that its arithmetic costs, and against scikit-learn's brute force.

Floor: comparing n covers with n in d dimensions takes 2 n n d floating point operations; how long that is by the
speed of one large matrix product on this machine.
"""

import time
from collections.abc import Callable

import numpy as np
from sklearn.neighbors import NearestNeighbors

from analysis.geometry.neighbors import neighbor_graph, normalize

K = 50


def seconds(work: Callable[[], object], *, repeats: int = 3) -> float:
    """The fastest of some repeats."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    rng = np.random.default_rng(0)
    square = rng.normal(size=(2048, 2048)).astype(np.float32)
    speed = 2 * 2048**3 / seconds(lambda: square @ square)
    print(f"matrix product: {speed / 1e9:.0f} GFLOP/s in float32; k = {K}; times are the best of three")
    print("| covers | dimension | floor | genrescope | scikit-learn | genrescope / floor | scikit-learn / genrescope |")
    print("|-------:|----------:|------:|-----------:|-------------:|-------------------:|--------------------------:|")
    for n, d in ((600, 293), (5_000, 512), (5_000, 2_048), (20_000, 512)):
        vectors = rng.normal(size=(n, d)).astype(np.float32)
        floor = 2 * n * n * d / speed
        ours = seconds(lambda vectors=vectors, n=n: neighbor_graph(vectors, np.arange(n), k=K))
        unit = normalize(vectors)
        brute = NearestNeighbors(n_neighbors=K + 1, algorithm="brute", metric="cosine").fit(unit)
        theirs = seconds(lambda brute=brute, unit=unit: brute.kneighbors(unit))
        times = " | ".join(f"{value:.3f} s" for value in (floor, ours, theirs))
        print(f"| {n:,} | {d:,} | {times} | {ours / floor:.1f} | {theirs / ours:.1f} |")


if __name__ == "__main__":
    main()
