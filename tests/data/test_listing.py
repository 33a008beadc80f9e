"""Lists of few names stand whole, those of many say how many more there are."""

from data.listing import ends, enumerated, listed


def test_few_stand_whole_and_many_say_how_many_more():
    names = [f"g{number}" for number in range(300)]
    assert enumerated(names[:1]) == "g0"
    assert enumerated(names[:3]) == "g0, g1 and g2"
    assert enumerated(names) == "g0, g1, g2, g3, g4, g5 and 294 others"
    assert listed(names[:2]) == "g0, g1"
    assert listed(names).endswith("294 others")
    assert ends(names[:60], str) == names[:60]
    shown = ends(names, lambda left: f"{left} more")
    assert shown == [*names[:20], "260 more", *names[-20:]]
