"""How a run shows itself: a line, and in a notebook a short table."""

from data.store.runs import finish_run, start_run
from data.store.shown import line_of, table_of
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


def test_other_things_show_themselves_by_their_facts() -> None:
    facts = {"covers": 5000, "ceiling": 0.9412, "genres": ["<Jazz>", "Pop"], "files": list(range(400))}
    assert line_of("audit", facts) == "<audit, covers 5,000, ceiling 0.941, genres <Jazz>, Pop>"
    shown = table_of("a & b", facts)
    for text in ("<b>a &amp; b</b>", ">0.941<", ">&lt;Jazz&gt;, Pop<", ">400 of them<"):
        assert text in shown
