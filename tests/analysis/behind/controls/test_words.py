"""Sentences: of what is shown, and no more."""

import pandas as pd

from analysis.behind.controls.words import confound_sentences, control_sentences


def table(**metrics: dict[str | None, tuple[float, float]]) -> pd.DataFrame:
    rows = [
        (metric, genre, value, p, p) for metric, of_genres in metrics.items() for genre, (value, p) in of_genres.items()
    ]
    frame = pd.DataFrame(rows, columns=["metric", "genre", "value", "p_value", "p_adjusted"])
    return frame.astype({"genre": "str"})


SURE, NOT = (0.3, 0.001), (0.05, 0.2)


def test_beyond_needs_both_what_is_added_and_what_is_left():
    rows = table(
        left={"Folk": SURE, "Jazz": SURE, "Pop": SURE, "Rap": SURE},
        adds={"Folk": SURE, "Jazz": NOT, "Pop": (-0.3, 0.001), "Rap": SURE},
        difference={"Folk": SURE, "Jazz": NOT, "Pop": (-0.3, 0.001), "Rap": SURE},
    )
    said = control_sentences(rows, "resnet18", "color", claimable=["Folk", "Jazz", "Pop"])
    assert said == [
        "resnet18 tells Folk beyond color; for Jazz and Pop nothing beyond color is shown.",
        "In separability resnet18 is above color for Folk; below it for Pop; no difference is shown for Jazz.",
    ]


def test_where_nothing_is_beyond_the_control_the_sentence_names_the_encoder():
    rows = table(left={"Folk": NOT, "Jazz": SURE}, adds={"Folk": NOT, "Jazz": NOT}, difference={"Folk": NOT})
    first, *_ = control_sentences(rows, "noise", "color", claimable=["Folk", "Jazz"])
    assert first == "noise: for Jazz and Folk nothing beyond color is shown."


def test_nothing_is_said_of_genres_that_are_too_small():
    rows = table(left={"Folk": SURE}, adds={"Folk": SURE}, difference={"Folk": SURE})
    assert control_sentences(rows, "a", "b", claimable=[]) == ["a and b: no genre is large enough."]


def test_a_confound_is_said_with_what_it_takes():
    rows = table(
        separability={"Folk": SURE, "Jazz": SURE, "Pop": NOT, None: (0.366, 0.001)},
        alone={"Folk": NOT, "Jazz": SURE, "Pop": NOT},
        left={"Folk": SURE, "Jazz": NOT, "Pop": NOT, None: (0.2, 0.001)},
        adds={"Folk": SURE, "Jazz": NOT, "Pop": NOT},
        lost={None: (0.166, 0.001)},
        explained={None: (0.83, float("nan"))},
        held_out={"Folk": SURE, "Jazz": NOT},
    )
    assert confound_sentences(rows, "resnet18", "year", "decade", claimable=["Folk", "Jazz", "Pop"]) == [
        "Year alone tells Jazz.",
        "resnet18 tells 83 % of its variance.",
        "With year regressed out, a separability of 0.200 of 0.366 is left on average.",
        "Without year nothing is shown of Jazz.",
        "Of a decade that no probe has learnt from, Folk is still told; Jazz is no longer shown to be.",
    ]
