"""How sure, short: sets hold their rate in every genre and for covers of new groups, where the usual way does not."""

from analysis.validation.simulations import sure


def test_sets_hold_in_small_genres_and_for_new_groups(monkeypatch):
    monkeypatch.setattr(sure, "SETS", (sure.SETS[1], sure.SETS[3]))
    table = sure.covered(draws=40)
    assert (table.least > 0.87).all()
    assert table.inside.between(0.88, 0.96).all()
    assert table.plain.iloc[1] < 0.75


def test_a_calibrated_classifier_is_seldom_called_wrong(monkeypatch):
    monkeypatch.setattr(sure, "CALIBRATED", {"unequal": sure.CALIBRATED["400 covers, genres of 70, 20, 7 and 3 %"]})
    monkeypatch.setattr("analysis.evaluation.sure.reliability.DRAWS", 100)
    row = sure.calibrated(draws=8).iloc[0]
    assert row.false <= 0.25
    assert row.error < row.plain_error
    assert row.band > 0.85
