"""The border by hand."""

import numpy as np

from analysis.geometry.neighbors import NeighborGraph
from analysis.separability.pure.border import border


def test_the_border_is_of_one_genre_beside_another_outside_its_group() -> None:
    """Covers 0, 2, 4, 5 are of genre 0; 1, 3 of genre 1, 6 of genre 2; 4 has a copy in genre 1, which is 3; 7 is not
    in the graph."""
    graph = NeighborGraph(
        cover_ids=np.array([0, 1, 2, 3, 4, 5, 6], np.int32),
        neighbor_ids=np.array([[2, 1], [0, 3], [3, 1], [4, 2], [3, 0], [6, -1], [5, -1]], np.int32),
        similarities=np.array(
            [[0.9, 0.5], [0.5, 0.4], [0.8, 0.7], [1, 0.8], [1, 0.3], [0.6, np.nan], [0.6, np.nan]], np.float32
        ),
    )
    genres, groups = np.array([0, 1, 0, 1, 0, 0, 2, 1]), np.array([0, 1, 2, 3, 3, 5, 6, 7])
    cover_ids, similarities = border(graph, genres, groups, of=0, beside=1)
    assert cover_ids.tolist() == [2, 0]
    assert np.allclose(similarities, [0.8, 0.5])
    assert border(graph, genres, groups, of=0, beside=2)[0].tolist() == [5]
    assert border(graph, genres, groups, of=2, beside=1)[0].tolist() == []
