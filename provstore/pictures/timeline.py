"""The timeline of an ingest: a lane for each step, a column for each run, with visible loops.

In: the history of an ingest as rows, and its status. Out: a picture. It knows the order of the
steps, but no journal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provstore.pictures import style, svg_pieces
from provstore.pictures.label_text import counted, markup, plain, shorten
from provstore.pictures.picture import Picture
from provstore.projects.workflow import ROLES, STEPS

_MARGIN, _TOP, _LANES = 28, 92, 128
_WIDE, _HIGH, _COLUMN, _LANE = 122, 46, 142, 66

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Timeline(Picture):
    """A timeline of the rows of `Ingest.history()`; `next` and `awaits` are "" at the end."""

    ingest: str
    rows: tuple[Row, ...]
    status: str
    next: str = ""
    awaits: str = ""

    @property
    def title(self) -> str:  # type: ignore[override]
        """The title, with the name of the ingest."""
        return f"History of {plain(self.ingest)}"

    @property
    def lanes(self) -> list[str]:
        """The past steps and the next step, in the order of the workflow."""
        met = {row["step"] for row in self.rows} | {self.next}
        return [step for step in STEPS if step in met]

    @property
    def loops(self) -> list[int]:
        """The rows that go back to the same step or to an earlier one."""
        lanes = self.lanes
        at = [lanes.index(row["step"]) for row in self.rows]
        return [now for now in range(1, len(at)) if at[now] <= at[now - 1]]

    @property
    def about(self) -> str:
        """The status in one line."""
        expected = f" Next step: {self.next}, by {ROLES[self.awaits]}." if self.next else ""
        parts = [counted(len(self.rows), "run"), counted(len(self.loops), "loop")]
        return f"{', '.join(parts)}. Status: {self.status}.{expected}"

    @property
    def height(self) -> int:  # type: ignore[override]
        """The height of all lanes."""
        return int(_TOP + _LANE * len(self.lanes) + 90)

    def svg(self, prefix: str = "pv", *, bare: bool = False) -> str:
        """Draw the timeline: time runs to the right, and a line that goes up is a loop."""
        lanes, top = self.lanes, float(_TOP - (46 if bare else 0))
        columns = len(self.rows) + bool(self.next)
        wide = float(_MARGIN * 2 + _LANES + _COLUMN * columns)
        high = top + _LANE * len(lanes) + _MARGIN
        wide = max(wide, svg_pieces.width_of(self.about, 11) + 2 * _MARGIN)
        body = [] if bare else [svg_pieces.heading(_MARGIN, 20, self.title, self.about)]
        body += self._draw_lanes(lanes, top, wide)
        body += self._draw_moves(lanes, top)
        body += (self._draw_run(row, number, lanes, top) for number, row in enumerate(self.rows))
        if self.next:
            body.append(self._draw_expected(lanes, top))
        if not bare:
            body += _legend(self.rows, bool(self.loops), high)
            high += 30
        listed = [
            f"{row['step']} {row['run']}: {row['outcome']}, {_day(row)}, {row['person']}"
            for row in self.rows
        ]
        return svg_pieces.document(
            self.title, f"{self.about} {'; '.join(listed)}.", wide, high, body, prefix
        )

    def _draw_lanes(self, lanes: Sequence[str], top: float, wide: float) -> Iterator[str]:
        n = svg_pieces.number
        for number, step in enumerate(lanes):
            y = top + number * _LANE
            if number % 2 == 0:
                yield (
                    f'<rect x="{_MARGIN}" y="{n(y)}" width="{n(wide - 2 * _MARGIN)}" '
                    f'height="{_LANE}" fill="#f3f5f8"/>'
                )
            role = ROLES[STEPS[step].role].removeprefix("the ")
            yield svg_pieces.text(_MARGIN + 10, y + 30, step, anchor="start", bold=True)
            yield svg_pieces.text(
                _MARGIN + 10, y + 46, role, size=10, fill=style.QUIET, anchor="start"
            )
        day = ""
        for number, row in enumerate(self.rows):
            if (now := _day(row)) != day:
                x = _x(number)
                yield svg_pieces.text(x, top - 10, now, size=11, fill=style.QUIET)
            day = now

    def _draw_moves(self, lanes: Sequence[str], top: float) -> Iterator[str]:
        """Draw a line from each run to the next one."""
        loops = set(self.loops)
        steps = [row["step"] for row in self.rows] + ([self.next] if self.next else [])
        for column in range(1, len(steps)):
            x, y = _x(column - 1), _y(lanes, steps[column - 1], top)
            to_x, to_y = _x(column), _y(lanes, steps[column], top)
            expected = column == len(self.rows)
            ink = "#a3260f" if column in loops else style.QUIET
            dash = "3 4" if expected else "7 4" if column in loops else ""
            points, tip = _bent_line(x, y, to_x, to_y)
            yield svg_pieces.line(points, ink, width=1.8, dash=dash)
            yield f'<path d="{tip}" fill="{ink}"/>'

    def _draw_run(self, row: Row, number: int, lanes: Sequence[str], top: float) -> str:
        n = svg_pieces.number
        x, y = _x(number), _y(lanes, row["step"], top)
        ink, sign = style.OUTCOMES[row["outcome"]]
        left, above = x - _WIDE / 2, y - _HIGH / 2
        tooltip = f"{row['step']} {row['run']}: {row['outcome']}. {row['person']}, {row['started']}"
        if row["ended"]:
            tooltip += f" to {row['ended']}"
        dash = ' stroke-dasharray="4 3"' if row["outcome"] == "started" else ""
        return "".join(
            [
                f"<g><title>{markup(tooltip)}</title>",
                f'<rect x="{n(left)}" y="{n(above)}" width="{_WIDE}" height="{_HIGH}" rx="4" '
                f'fill="#fff" stroke="{ink}" stroke-width="1.4"{dash}/>',
                f'<path d="M{n(left + 4)} {n(above)}H{n(left + 22)}V{n(above + _HIGH)}'
                f"H{n(left + 4)}"
                f"Q{n(left)} {n(above + _HIGH)} {n(left)} {n(above + _HIGH - 4)}V{n(above + 4)}"
                f'Q{n(left)} {n(above)} {n(left + 4)} {n(above)}Z" fill="{ink}"/>',
                svg_pieces.text(left + 11, y + 5, sign, size=13, fill=style.PAPER, bold=True),
                svg_pieces.text(
                    left + 29,
                    y - 7,
                    f"{row['step']} {row['run']}",
                    size=11,
                    anchor="start",
                    bold=True,
                ),
                svg_pieces.text(
                    left + 29, y + 6, row["outcome"], size=10, fill=ink, anchor="start"
                ),
                svg_pieces.text(
                    left + 29,
                    y + 18,
                    shorten(plain(row["person"]), 16),
                    size=10,
                    fill=style.QUIET,
                    anchor="start",
                ),
                "</g>",
            ]
        )

    def _draw_expected(self, lanes: Sequence[str], top: float) -> str:
        x, y = _x(len(self.rows)), _y(lanes, self.next, top)
        n = svg_pieces.number
        return "".join(
            [
                f'<rect x="{n(x - _WIDE / 2)}" y="{n(y - _HIGH / 2)}" width="{_WIDE}" '
                f'height="{_HIGH}" rx="4" fill="#fff" stroke="{style.QUIET}" '
                'stroke-dasharray="3 4"/>',
                svg_pieces.text(
                    x, y - 3, f"next: {self.next}", size=11, fill=style.QUIET, bold=True
                ),
                svg_pieces.text(x, y + 12, f"{ROLES[self.awaits]}", size=10, fill=style.QUIET),
            ]
        )


def _day(row: Row) -> str:
    return plain(str(row["ended"] or row["started"]))[:10]


def _x(column: int) -> float:
    return _MARGIN + _LANES + _COLUMN * column + _COLUMN / 2


def _y(lanes: Sequence[str], step: str, top: float) -> float:
    return top + lanes.index(step) * _LANE + _LANE / 2


def _bent_line(x: float, y: float, to_x: float, to_y: float) -> tuple[str, str]:
    """Return a line with two bends, and its arrow head."""
    n = svg_pieces.number
    start, end = x + _WIDE / 2, to_x - _WIDE / 2
    middle = (start + end) / 2
    tip = f"M{n(end)} {n(to_y)}L{n(end - 7)} {n(to_y - 3.5)}V{n(to_y + 3.5)}Z"
    if y == to_y:
        return f"M{n(start)} {n(y)}H{n(end - 6)}", tip
    turn = 8.0 if to_y > y else -8.0
    return (
        f"M{n(start)} {n(y)}H{n(middle - 4)}Q{n(middle)} {n(y)} {n(middle)} {n(y + turn)}"
        f"V{n(to_y - turn)}Q{n(middle)} {n(to_y)} {n(middle + 4)} {n(to_y)}H{n(end - 5)}"
    ), tip


def _legend(rows: Sequence[Row], loops: bool, y: float) -> Iterator[str]:
    x = float(_MARGIN)
    met = {row["outcome"] for row in rows}
    for outcome, (ink, sign) in style.OUTCOMES.items():
        if outcome in met:
            yield svg_pieces.pill(x + 9, y, sign, ink)
            yield svg_pieces.text(x + 23, y + 4, outcome, size=11, fill=style.QUIET, anchor="start")
            x += 42 + svg_pieces.width_of(outcome, 11)
    if loops:
        yield svg_pieces.line(
            f"M{svg_pieces.number(x)} {svg_pieces.number(y)}h26", "#a3260f", width=1.8, dash="7 4"
        )
        yield svg_pieces.text(
            x + 32, y + 4, "loop: a step is repeated", size=11, fill=style.QUIET, anchor="start"
        )
