"""The board: the state of all ingests, and who must act.

In: the answer of `state-of-every-ingest` as rows. Out: a picture. It knows the order of the steps,
but no engines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provstore.pictures import style, svg_pieces
from provstore.pictures.label_text import counted, markup, plain, shorten
from provstore.pictures.picture import Picture
from provstore.projects.workflow import ENDS, ROLES, STEPS
from provstore.results.answer import Cell
from provstore.results.cell_values import text

_MARGIN, _TOP, _HEAD = 28, 78, 58
_WIDE, _HIGH, _COLUMN, _ROW = 172, 58, 186, 66
_MORE, _GAP = 34, 14
MAX_CARDS = 25
"""The maximum number of ingests in a column; the others are only counted."""

_PER_BAND = 6
"""The number of columns beside each other; more of them stand in the next band below."""

_FIXED_COLUMNS = ("review", "transfer", "quality", "publication", "archival", "revision")

Row = Mapping[str, Cell]


@dataclass(frozen=True)
class IngestBoard(Picture):
    """A board of `rows`; `short` names an ingest, `busy` gives the person working on it.

    A column shows at most `cards` ingests.
    """

    rows: tuple[Row, ...]
    short: Callable[[str], str]
    busy: Mapping[str, str] = field(default_factory=dict)
    title: str = "State of all ingests"
    cards: int = MAX_CARDS

    @property
    def columns(self) -> dict[str, list[Row]]:
        """The next steps and the ends, each with its ingests, the longest wait first."""
        columns: dict[str, list[Row]] = {step: [] for step in _FIXED_COLUMNS}
        columns |= {name: [] for name in (*STEPS, *ENDS) if name not in columns}
        for row in sorted(self.rows, key=lambda row: (text(row["since"]), text(row["ingest"]))):
            columns[text(row["next"]) or text(row["status"])].append(row)
        return {name: rows for name, rows in columns.items() if rows or name in _FIXED_COLUMNS}

    @property
    def about(self) -> str:
        """The number of ingests, and of those that need action."""
        waiting = sum(bool(row["next"]) for row in self.rows)
        return f"{counted(len(self.rows), 'ingest')}, {waiting} waiting for action"

    @property
    def height(self) -> int:  # type: ignore[override]
        """The height of all bands, up to that of a screen."""
        return int(min(900, _TOP + sum(high + _GAP for _, high in self._bands()) + 2 * _MARGIN))

    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """Draw a column for each next step; the ends come last."""
        columns, y = self.columns, float(_MARGIN if bare else _TOP)
        wide = 2 * _MARGIN + _COLUMN * min(len(columns), _PER_BAND) - (_COLUMN - _WIDE)
        body = [] if bare else [svg_pieces.heading(_MARGIN, 20, self.title, self.about)]
        for names, high in self._bands():
            for number, name in enumerate(names):
                x = _MARGIN + number * _COLUMN
                body += self._draw_column(x, y, high, name, columns[name])
            y += high + _GAP
        high = y - _GAP + _MARGIN
        listed = [
            f"{name}: {', '.join(self.short(text(row['ingest'])) for row in rows[: self.cards])}"
            for name, rows in columns.items()
            if rows
        ]
        description = f"{self.about}. {'; '.join(listed)}."
        return svg_pieces.document(self.title, description, wide, high, body, prefix)

    def _bands(self) -> list[tuple[tuple[str, ...], float]]:
        """Return the columns that stand beside each other, with their height."""
        columns = self.columns
        bands = []
        for first in range(0, len(columns), _PER_BAND):
            names = tuple(columns)[first : first + _PER_BAND]
            most = max(min(len(columns[name]), self.cards) for name in names)
            more = any(len(columns[name]) > self.cards for name in names)
            bands.append((names, float(_HEAD + _ROW * max(most, 1) + _MORE * more)))
        return bands

    def _draw_column(
        self, x: float, top: float, high: float, name: str, rows: Sequence[Row]
    ) -> Iterator[str]:
        n = svg_pieces.number
        ended = name in ENDS
        yield (
            f'<rect x="{n(x)}" y="{n(top)}" width="{_WIDE}" height="{n(high)}" rx="6" '
            f'fill="{"#fff" if ended else "#f3f5f8"}" stroke="{style.RULE}"/>'
        )
        role = "" if ended else ROLES[STEPS[name].role].removeprefix("the ")
        yield svg_pieces.text(x + 12, top + 22, name, size=13, anchor="start", bold=True)
        yield svg_pieces.text(
            x + _WIDE - 12,
            top + 22,
            str(len(rows)),
            size=13,
            anchor="end",
            fill=style.INK if rows else style.QUIET,
            bold=bool(rows),
        )
        duty = "no action needed" if ended else f"{role} must act" if rows else role
        yield svg_pieces.text(x + 12, top + 40, duty, size=10.5, fill=style.QUIET, anchor="start")
        for number, row in enumerate(rows[: self.cards]):
            yield self._draw_card(x + 8, top + _HEAD + number * _ROW, row)
        if len(rows) > self.cards:
            y = top + _HEAD + self.cards * _ROW + 20
            yield svg_pieces.text(
                x + 12,
                y,
                f"and {len(rows) - self.cards} more",
                size=11,
                fill=style.QUIET,
                anchor="start",
            )

    def _draw_card(self, x: float, y: float, row: Row) -> str:
        n = svg_pieces.number
        name = plain(self.short(text(row["ingest"])))
        outcome = text(row["outcome"])
        ink, sign = style.OUTCOMES[outcome]
        wide, day = _WIDE - 16, text(row["since"])[:10]
        last = f"{text(row['step'])} {text(row['run'])}"
        busy = plain(self.busy.get(text(row["ingest"]), ""))
        below = f"in progress: {busy}" if busy else f"since {day}"
        tooltip = f"{name}: {last} ended {outcome}, {day}" + (
            f"; {busy} is working on the next step" * bool(busy)
        )
        return "".join(
            [
                f"<g><title>{markup(tooltip)}</title>",
                f'<rect x="{n(x)}" y="{n(y)}" width="{wide}" height="{_HIGH}" rx="4" fill="#fff" '
                f'stroke="#9aa4af"/>',
                f'<rect x="{n(x)}" y="{n(y)}" width="6" height="{_HIGH}" rx="2" fill="{ink}"/>',
                svg_pieces.text(
                    x + 15, y + 18, shorten(name, 20), size=12, anchor="start", bold=True
                ),
                svg_pieces.text(
                    x + 15, y + 34, f"{sign} {last}, {outcome}", size=10, fill=ink, anchor="start"
                ),
                svg_pieces.text(
                    x + 15,
                    y + 49,
                    shorten(below, 24),
                    size=10,
                    fill=style.QUIET,
                    anchor="start",
                    bold=bool(busy),
                ),
                "</g>",
            ]
        )
