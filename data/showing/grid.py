"""A small grid of covers for a notebook: thumbnails with genre and note, in one piece of HTML that needs no server."""

import base64
import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.errors import GenrescopeError
from data.store.workspace import Workspace

# More are not looked at, and would make a notebook heavy: some 8 kB a cover.
MOST = 60


@dataclass(frozen=True)
class Card:
    """One cover of a grid; thumbnail: WebP, empty where it is gone."""

    cover_id: int
    path: str
    genre: str
    note: str
    thumbnail: bytes


@dataclass(frozen=True, repr=False)
class CoversGrid:
    """Covers to look at, in the order asked for; left_out: how many more were asked for."""

    cards: tuple[Card, ...]
    left_out: int = 0

    def __repr__(self) -> str:
        lines = [f"{card.cover_id:>7}  {card.genre:<16} {card.note:<16} {card.path}" for card in self.cards]
        return "\n".join([*lines, *([f"... and {self.left_out:,} more"] if self.left_out else [])])

    def _repr_html_(self) -> str:
        more = f"<p>... and {self.left_out:,} more</p>" if self.left_out else ""
        cards = "".join(map(_card, self.cards))
        return f'<div style="display:flex;flex-wrap:wrap;gap:10px">{cards}</div>{more}'


def covers_grid(
    workspace: Workspace, cover_ids: Iterable[int], *, notes: Mapping[int, str] | Iterable[str] = ()
) -> CoversGrid:
    """A grid of these covers, in this order; the first MOST of them.

    notes: what stands under a cover, by cover_id or in the order of the covers. Raises GenrescopeError for a cover that
    the workspace does not hold.
    """
    wanted = [int(cover_id) for cover_id in cover_ids]
    told = dict(notes) if isinstance(notes, Mapping) else dict(zip(wanted, notes, strict=False))
    shown = wanted[:MOST]
    with workspace.read() as con:
        rows = con.execute("SELECT cover_id, path, genre, sha256 FROM covers WHERE list_contains(?, cover_id)", [shown])
        found = {row[0]: row for row in rows.fetchall()}
    if missing := [cover_id for cover_id in shown if cover_id not in found]:
        raise GenrescopeError(f"{workspace.folder} holds no cover {missing[0]}: cover_ids stand in its table 'covers'")
    cards = [_read_card(workspace, found[cover_id], str(told.get(cover_id, ""))) for cover_id in shown]
    return CoversGrid(tuple(cards), len(wanted) - len(shown))


def _read_card(workspace: Workspace, row: tuple[int, str, str, str], note: str) -> Card:
    cover_id, path, genre, sha256 = row
    file = workspace.thumbnail(sha256)
    return Card(cover_id, path, genre, note, file.read_bytes() if file.exists() else b"")


def _card(card: Card) -> str:
    source = f"data:image/webp;base64,{base64.b64encode(card.thumbnail).decode()}"
    name, genre, note = (html.escape(text) for text in (card.path, card.genre, card.note))
    return (
        '<figure style="margin:0;width:112px;font-size:12px;line-height:1.3">'
        f'<img src="{source}" title="{name}" alt="{name}" style="width:112px;height:112px;object-fit:cover">'
        f'<figcaption>{genre}<br><span style="opacity:.65">{note}</span></figcaption></figure>'
    )
