"""How a run shows itself: a line, and in a notebook a short table."""

from data.store.runs import finish_run, start_run
from data.store.workspace import Workspace

RESULTS = {
    "embedding": "<b>color</b>",
    "balanced_accuracy": 0.41234,
    "never_predicted": ["Pop"],
    "classes": [f"a long name of a genre {i}" for i in range(50)],
    "fitted": [{"fold": i, "C": 0.1} for i in range(15)],
    "chance": None,
    "covers": 5000,
    "empty": [],
}


def test_a_run_is_a_line(workspace: Workspace) -> None:
    run = start_run(workspace, "classifier", name="knn", params={"k": 10}, seed=42)
    assert repr(run) == f"<classifier knn {run.run_id}, unfinished>"
    run = finish_run(workspace, run, results=RESULTS)
    assert repr([run]) == f"[<classifier knn on <b>color</b> {run.run_id}, balanced_accuracy 0.412>]"


def test_in_a_notebook_it_is_a_short_table(workspace: Workspace) -> None:
    run = start_run(workspace, "classifier", name="knn", params={"k": 10, "note": "x" * 5000}, seed=42, inputs=["abc"])
    shown = run._repr_html_()
    assert "not yet" in shown
    shown = finish_run(workspace, run, results=RESULTS)._repr_html_()
    for text in ("seed 42, k 10", ">abc<", ">0.412<", ">Pop<", ">50 of them<", ">15 of them<", ">5,000<", ">none<"):
        assert text in shown
    assert "<b>color" not in shown
    assert "&lt;b&gt;color" in shown
    assert len(shown) < 2500
