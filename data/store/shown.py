"""How a run, or what was made of runs, shows itself: one line, or a short table in a notebook; never a page."""

import html
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.store.runs import Run

# Longer values are counted instead of shown, or cut.
LONGEST = 60


def as_line(run: "Run") -> str:
    """One line: '<classifier logistic on color 3f2a..., accuracy 0.412, ...>' with the first three figures."""
    figures = [f"{key} {_text(value)}" for key, value in run.results.items() if isinstance(value, float)]
    state = figures[:3] if run.finished else ["unfinished"]
    return f"<{', '.join([f'{_title(run)} {run.run_id}', *state])}>"


def as_table(run: "Run") -> str:
    """A short table as HTML: parameters, then results, one line each; long lists are counted."""
    return _table(f"<b>{html.escape(_title(run))}</b> <code>{run.run_id}</code>", _rows(run))


def line_of(title: str, facts: Mapping[str, Any]) -> str:
    """One line of something with a title: '<audit, covers 5,000, ...>' with its first three facts."""
    return f"<{', '.join([title, *(f'{name} {_text(value)}' for name, value in list(facts.items())[:3])])}>"


def table_of(title: str, facts: Mapping[str, Any]) -> str:
    """A short table of it as HTML, a fact a line; long lists are counted."""
    return _table(f"<b>{html.escape(title)}</b>", ((name, _text(value)) for name, value in facts.items()))


def _table(caption: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(
        f'<tr><th style="text-align:left">{html.escape(label)}</th>'
        f'<td style="text-align:left">{html.escape(value)}</td></tr>'
        for label, value in rows
    )
    return f"<table><caption>{caption}</caption>{body}</table>"


def _title(run: "Run") -> str:
    on = f" on {run.results['embedding']}" if "embedding" in run.results else ""
    return f"{run.kind} {run.name}{on}".strip()


def _rows(run: "Run") -> Iterator[tuple[str, str]]:
    """(label, value) of what there is to know: how it was made, how it ended."""
    made_with = {**({} if run.seed is None else {"seed": run.seed}), **run.params}
    yield "made with", _cut(", ".join(f"{key} {_text(value)}" for key, value in made_with.items()))
    yield "from", ", ".join(run.inputs)
    yield "finished", f"{run.finished:%Y-%m-%d %H:%M} UTC" if run.finished else "not yet: the same call resumes it"
    for key, value in run.results.items():
        yield key.replace("_", " "), _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list | tuple | Mapping):
        return _listed(value)
    return _cut(str(value), 3 * LONGEST)  # a sentence may be read to its end


def _listed(value: Any) -> str:
    plain = all(isinstance(item, str | int | float) for item in value) and not isinstance(value, Mapping)
    text = ", ".join(map(_text, value)) if plain else ""
    return text if text and len(text) <= LONGEST else f"{len(value)} of them" if value else "none"


def _cut(text: str, longest: int = 3 * LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
