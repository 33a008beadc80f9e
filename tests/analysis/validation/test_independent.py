"""Our statistics beside scikit-learn's and scipy's."""

from analysis.separability.pure import silhouette
from analysis.validation.independent import differences


def test_differences_are_those_of_rounding():
    table = differences().set_index("statistic").difference.astype(float)
    assert len(table) >= 16
    assert (table.drop("Wilson's interval") < 1e-6).all()
    assert table["Wilson's interval"] < 1e-4  # Student's t of 9,999 degrees of freedom instead of the normal


def test_a_wrong_formula_is_seen(monkeypatch):
    mean = silhouette._from_sums
    monkeypatch.setattr(silhouette, "_from_sums", lambda *args: mean(*args) * 1.001)
    assert float(differences().set_index("statistic").difference["silhouette"]) > 1e-5
