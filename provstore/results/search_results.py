"""Search results: hits in order of relevance, counts by kind, and the total.

All are frozen values with stable field names, which `--json` prints unchanged. Matches are spans of
plain text, never markup. No I/O; it knows no index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from provstore.results.answer import Answer
from provstore.results.receipts import Reply

HIT_COLUMNS = ("kind", "title", "match", "ingest", "step", "thing")


@dataclass(frozen=True)
class Hit:
    """One match of a search.

    `match` is the matching part of its text, `where` the attribute with this text, and `marks` are
    the positions (start, end) of the search words in `match`. `ingest`, `step`, `project` and
    `bundle` are those of its first mention; the first three are "" outside of ingests. `steps` and
    `projects` list all mentions, and `bundles` counts the bundles that mention it.
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
        """Split `match` at its marks: each piece, and whether it is a search word."""
        cut: list[tuple[str, bool]] = []
        at = 0
        for start, end in self.marks:
            cut += [(self.match[at:start], False), (self.match[start:end], True)]
            at = end
        return [piece for piece in [*cut, (self.match[at:], False)] if piece[0]]


@dataclass(frozen=True)
class SearchResult(Reply):
    """The hits for `words`, best first.

    `total` is the number of matches. If `counted` is false, there are too many to count quickly:
    `total` is then an estimate with an error of about 3 %, and so are the facets. `ranked` matches
    were compared with each other. `cut` is true if there are more matches than `hits`. `facets`
    count the matches by `kind`, `step` and `project`. `near` are words similar to those without a
    match; `notes` are remarks for the reader.
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
        """Return the hits as a table."""
        rows = tuple(
            (hit.kind, hit.title, hit.match, hit.ingest, hit.step, hit.iri) for hit in self.hits
        )
        return Answer(HIT_COLUMNS, rows, notes=tuple(self.remarks()))

    def remarks(self) -> list[str]:
        """Return the remarks that a reader needs besides the hits."""
        remarks = [*self.notes]
        if self.near:
            remarks.append(f"Did you mean {' or '.join(map(repr, self.near))}?")
        if self.cut:
            about = "" if self.counted else "about "
            remarks.append(f"Shown: {len(self.hits)} of {about}{self.total} matches.")
        if self.ranked < self.total:
            remarks.append(
                f"Only {self.ranked} matches were ranked. Add a search word to improve the order."
            )
        return remarks

    def _repr_html_(self) -> str:
        hits = "".join(map(_line, self.hits))
        facets = "".join(
            f"<dt>{name}</dt><dd>{escape(_counted(counts))}</dd>"
            for name, counts in self.facets.items()
            if counts
        )
        remarks = self.remarks() or [f"Matches: {self.total}"]
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
