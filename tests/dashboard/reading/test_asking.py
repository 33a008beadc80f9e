"""What pages ask of kept classifiers: troubles are rows, the place is between the neighbours, reasons are read once."""

import numpy as np
import pytest

from dashboard.reading import asking, chains, judged, queries
from data.store.workspace import Workspace


def test_without_kept_classifiers_nothing_is_said(filled: Workspace) -> None:
    assert asking.kept(filled) == []


def test_a_classifier_that_cannot_be_asked_says_why_and_the_others_go_on(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {run.run_id for run in chains.classifiers(filled)}
    monkeypatch.setattr(asking, "_kept", lambda *_: ids)
    assert asking.kept(filled) == judged.ranked(filled)
    said = asking.said(filled, asking.kept(filled), asking.pictures_of(None))
    assert [each.run for each in said] == judged.ranked(filled)
    assert all("nothing is kept of" in each.trouble for each in said)
    assert not any(each.probabilities for each in said)


def test_the_place_is_the_weighted_mean_of_the_nearest(filled: Workspace) -> None:
    chain = next(chain for chain in chains.chains(filled) if chain.projection)
    assert chain.projection is not None
    found = queries.projection(filled, chain.projection.run_id)
    near = [(cover_id, 1 - cover_id / 20) for cover_id in range(15)]
    at, *others = asking.place(filled, chain, near)
    weights = np.array([similarity for _, similarity in near[:10]])
    assert at[0] == pytest.approx(float((found.x[:10] * weights).sum() / weights.sum()))
    assert at[1] == pytest.approx(float((found.y[:10] * weights).sum() / weights.sum()))
    assert others == [pytest.approx(point) for point in zip(found.x[:10], found.y[:10], strict=True)]
    assert asking.place(filled, chain, []) == []


def test_reasons_are_of_the_genre_that_was_said(filled: Workspace) -> None:
    run = next(run for run in chains.classifiers(filled) if chains.out_of_fold(filled, run))
    covers, found = queries.covers(filled), judged.judgement(filled, run.run_id, 3)
    assert found is not None
    reasons = asking.reasons(filled, run.run_id, 3, k=4)
    assert reasons is not None
    assert {covers.genre_of(cover_id) for cover_id, _ in reasons.speaking_for} == {found.predicted}
    assert found.predicted not in {covers.genre_of(cover_id) for cover_id, _ in reasons.against}
    assert asking.reasons(filled, run.run_id, 3, k=4) is reasons
    hold_out = next(run for run in chains.classifiers(filled) if not chains.out_of_fold(filled, run))
    unjudged = next(i for i in range(200) if judged.judgement(filled, hold_out.run_id, i) is None)
    assert asking.reasons(filled, hold_out.run_id, unjudged, k=4) is None
