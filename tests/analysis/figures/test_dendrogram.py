"""The tree of genres as a figure: where forks stand, and that names stay text."""

import xml.etree.ElementTree as ET

from analysis.figures.dendrogram import dendrogram_figure, forks_of

# Genres 3 and 4 meet first, then 0 and 1, then 2 joins these.
LINKAGE = [[3, 4, 0.1, 2], [0, 1, 0.3, 2], [6, 2, 0.4, 3], [5, 7, 0.7, 5]]
SUPPORT = [0.97, 0.4, 0.5, None]


def test_forks_stand_in_the_middle_of_their_parts() -> None:
    first, second, third, last = forks_of(LINKAGE, [4, 3, 0, 1, 2], SUPPORT)
    assert (first.height, first.row, first.below) == (0.1, 0.5, (0, 1))
    assert (second.row, second.below) == (2.5, (2, 3))
    assert third.parts == ((0.3, 2.5), (0.0, 4.0))
    assert (last.row, last.below, last.support) == ((0.5 + 3.25) / 2, (0, 1, 2, 3, 4), None)


def test_the_figure_names_every_genre_and_every_support_but_the_last() -> None:
    names = ["Ambient", "Blues", "Disco", "Punk <b>", "Techno"]
    drawn = dendrogram_figure(LINKAGE, names, [names[i] for i in (4, 3, 0, 1, 2)], SUPPORT, title="Kin")
    texts = [element.text for element in ET.fromstring(drawn.svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {*names, "97", "40", "50", "Kin"} <= set(texts)
    assert "100" not in texts
