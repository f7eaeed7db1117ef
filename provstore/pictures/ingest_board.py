"""All ingests on one board: where each stands, and who must act.

In: the answer of `state-of-every-ingest` as rows. Out: a picture. It knows the order of the
steps, and nothing of engines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provstore.pictures import style, svg_pieces
from provstore.pictures.label_text import counted, markup, plain, shorten
from provstore.pictures.picture import Picture
from provstore.projects.workflow import ENDS, ROLES, STEPS
from provstore.results.answer import Cell
from provstore.results.values import text

_MARGIN, _TOP, _HEAD = 28, 78, 58
_WIDE, _HIGH, _COLUMN, _ROW = 172, 58, 186, 66
SHOWN = 25
"""So many ingests stand in a column; the others are counted."""

_ALWAYS = ("review", "transfer", "quality", "publication", "archival", "revision")

Row = Mapping[str, Cell]


@dataclass(frozen=True)
class Board(Picture):
    """`rows` as the question gives them; `short` names an ingest, `busy` says who is at it."""

    rows: tuple[Row, ...]
    short: Callable[[str], str]
    busy: Mapping[str, str] = field(default_factory=dict)
    title: str = "Where every ingest stands"

    @property
    def columns(self) -> dict[str, list[Row]]:
        """The steps that must come and the ends, each with its ingests, longest waiting first."""
        found: dict[str, list[Row]] = {step: [] for step in _ALWAYS}
        found |= {name: [] for name in (*STEPS, *ENDS) if name not in found}
        for row in sorted(self.rows, key=lambda row: (text(row["since"]), text(row["ingest"]))):
            found[text(row["next"]) or text(row["status"])].append(row)
        return {name: held for name, held in found.items() if held or name in _ALWAYS}

    @property
    def about(self) -> str:
        """How many there are, and how many wait for somebody."""
        waiting = sum(bool(row["next"]) for row in self.rows)
        return f"{counted(len(self.rows), 'ingest')}, {waiting} of them wait for somebody"

    @property
    def height(self) -> int:  # type: ignore[override]
        """As high as its longest column."""
        most = max(min(len(held), SHOWN + 1) for held in self.columns.values())
        return min(900, _TOP + _HEAD + _ROW * max(most, 1) + 2 * _MARGIN)

    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """A column for each step that must come; at the right what has come to an end."""
        columns, top = self.columns, _MARGIN if bare else _TOP
        most = max(min(len(held), SHOWN + 1) for held in columns.values())
        wide = 2 * _MARGIN + _COLUMN * len(columns) - (_COLUMN - _WIDE)
        high = top + _HEAD + _ROW * max(most, 1) + _MARGIN
        body = [] if bare else [svg_pieces.heading(_MARGIN, 20, self.title, self.about)]
        for number, (name, held) in enumerate(columns.items()):
            body += self._column(_MARGIN + number * _COLUMN, top, name, held, most)
        told = [f"{name}: {', '.join(self.short(text(row['ingest'])) for row in held[:SHOWN])}"
                for name, held in columns.items() if held]  # fmt: skip
        description = f"{self.about}. {'; '.join(told)}."
        return svg_pieces.document(self.title, description, wide, high, body, prefix)

    def _column(
        self, x: float, top: float, name: str, held: Sequence[Row], most: int
    ) -> Iterator[str]:
        n = svg_pieces.number
        ended = name in ENDS
        high = _HEAD + _ROW * max(most, 1)
        yield (f'<rect x="{n(x)}" y="{n(top)}" width="{_WIDE}" height="{n(high)}" rx="6" '
               f'fill="{"#fff" if ended else "#f3f5f8"}" stroke="{style.RULE}"/>')  # fmt: skip
        who = "" if ended else ROLES[STEPS[name].role].removeprefix("the ")
        yield svg_pieces.words(x + 12, top + 22, name, size=13, anchor="start", bold=True)
        yield svg_pieces.words(x + _WIDE - 12, top + 22, str(len(held)), size=13, anchor="end",
                           fill=style.INK if held else style.QUIET, bold=bool(held))  # fmt: skip
        does = "nobody must act" if ended else f"{who} must act" if held else who
        yield svg_pieces.words(x + 12, top + 40, does, size=10.5, fill=style.QUIET, anchor="start")
        for number, row in enumerate(held[:SHOWN]):
            yield self._card(x + 8, top + _HEAD + number * _ROW, row)
        if len(held) > SHOWN:
            y = top + _HEAD + SHOWN * _ROW + 20
            yield svg_pieces.words(x + 12, y, f"and {len(held) - SHOWN} more", size=11,
                               fill=style.QUIET, anchor="start")  # fmt: skip

    def _card(self, x: float, y: float, row: Row) -> str:
        n = svg_pieces.number
        name = plain(self.short(text(row["ingest"])))
        outcome = text(row["outcome"])
        ink, sign = style.OUTCOMES[outcome]
        wide, day = _WIDE - 16, text(row["since"])[:10]
        last = f"{text(row['step'])} {text(row['run'])}"
        busy = plain(self.busy.get(text(row["ingest"]), ""))
        below = f"{busy} is at it" if busy else f"since {day}"
        told = f"{name}: {last} ended {outcome}, {day}" + (
            f"; {busy} is at the next step" * bool(busy)
        )
        return "".join([
            f"<g><title>{markup(told)}</title>",
            f'<rect x="{n(x)}" y="{n(y)}" width="{wide}" height="{_HIGH}" rx="4" fill="#fff" '
            f'stroke="#9aa4af"/>',
            f'<rect x="{n(x)}" y="{n(y)}" width="6" height="{_HIGH}" rx="2" fill="{ink}"/>',
            svg_pieces.words(x + 15, y + 18, shorten(name, 20), size=12, anchor="start", bold=True),
            svg_pieces.words(x + 15, y + 34, f"{sign} {last}, {outcome}", size=10, fill=ink,
                         anchor="start"),
            svg_pieces.words(x + 15, y + 49, shorten(below, 24), size=10, fill=style.QUIET,
                         anchor="start", bold=bool(busy)),
            "</g>",
        ])  # fmt: skip
