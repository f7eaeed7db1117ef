"""What a search found: hits in their order, what kinds they are of, how much there is in all.

Frozen values with documented, stable names: `--json` prints them as they are. What matched is told
as spans of plain text and never as markup. No I/O; knows no index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from provstore.results.answer import Answer
from provstore.results.receipts import Reply

HIT_COLUMNS = ("kind", "title", "match", "ingest", "step", "thing")


@dataclass(frozen=True)
class Hit:
    """A thing that was found.

    `match` is the part of its text that matches, `where` the attribute that holds it, and `marks`
    are the places in `match` (start, end) of what was looked for. `ingest`, `step`, `project` and
    `bundle` say where it is told first; the first three are "" outside of ingests. `steps` and
    `projects` name all of them, and `bundles` counts the bundles that name it.
    """

    iri: str
    name: str
    kind: str
    title: str
    where: str
    match: str
    marks: tuple[tuple[int, int], ...]
    ingest: str
    step: str
    project: str
    bundle: str
    bundles: int
    steps: tuple[str, ...]
    projects: tuple[str, ...]

    def pieces(self) -> list[tuple[str, bool]]:
        """`match` cut at its marks: each piece, and whether it is one of those looked for."""
        cut: list[tuple[str, bool]] = []
        at = 0
        for start, end in self.marks:
            cut += [(self.match[at:start], False), (self.match[start:end], True)]
            at = end
        return [piece for piece in [*cut, (self.match[at:], False)] if piece[0]]


@dataclass(frozen=True)
class SearchResult(Reply):
    """What was found for `words`, the best first.

    `total` is how many things match. Where `counted` is false there are too many to count at once:
    then it and the facets are estimates, right to about three in a hundred for the whole. `ranked`
    of them were compared with each other. `cut` says that there are more than `hits`. `facets` give
    for each of `kind`, `step` and `project` how many things are of which. `near` are words that
    resemble those of which nothing was found; `notes` what else should be known.
    """

    words: str
    total: int
    counted: bool
    ranked: int
    cut: bool
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    near: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.hits)

    def answer(self) -> Answer:
        """The hits as a table."""
        rows = tuple(
            (hit.kind, hit.title, hit.match, hit.ingest, hit.step, hit.iri) for hit in self.hits
        )
        return Answer(HIT_COLUMNS, rows, notes=tuple(self.remarks()))

    def remarks(self) -> list[str]:
        """What a reader should be told besides the hits."""
        remarks = [*self.notes]
        if self.near:
            remarks.append(f"Did you mean {' or '.join(map(repr, self.near))}?")
        if self.cut:
            about = "" if self.counted else "about "
            remarks.append(f"These are {len(self.hits)} of {about}{self.total}.")
        if self.ranked < self.total:
            remarks.append(
                f"Only {self.ranked} were compared with each other; one more word finds better."
            )
        return remarks

    def _repr_html_(self) -> str:
        hits = "".join(map(_line, self.hits))
        facets = "".join(
            f"<dt>{name}</dt><dd>{escape(_counted(counts))}</dd>"
            for name, counts in self.facets.items()
            if counts
        )
        remarks = self.remarks() or [f"{self.total} found."]
        below = "".join(f"<p>{escape(remark)}</p>" for remark in remarks)
        return f"<div><ol>{hits}</ol><dl>{facets}</dl>{below}</div>"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{value} {count}" for value, count in counts.items())


def _line(hit: Hit) -> str:
    match = "".join(
        f"<mark>{escape(piece)}</mark>" if wanted else escape(piece)
        for piece, wanted in hit.pieces()
    )
    place = escape(" ".join(filter(None, (hit.kind, hit.ingest, hit.step))))
    title = "" if hit.match == hit.title else f"<b>{escape(hit.title)}</b><br>"
    small = f'<span style="color:#595959">{place} · {escape(hit.name)}</span>'
    return f"<li>{title}{match}<br>{small}</li>"
