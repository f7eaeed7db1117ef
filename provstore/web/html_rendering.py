"""Renders pages as HTML: escapes every value, and shortens long ones with the full text beside.

In: a `Page` or an error. Out: HTML. The templates are in `pages/`; this module defines the
functions that they may call.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from provstore.errors import ProvstoreError, UnknownName
from provstore.pictures.picture import GraphPicture, Picture
from provstore.prov.model.bundle import IRI
from provstore.prov.model.terms import PROV, XSD
from provstore.prov.notations.prov_o.prov_o_synonyms import INVERSES
from provstore.results.answer import Cell
from provstore.results.cell_values import text, time_text
from provstore.web.content_types import FORMATS
from provstore.web.page import Page
from provstore.web.page_names import address, web_address
from provstore.web.page_queries import PageQueries

SHOWN_LENGTH = 300
"""The number of characters of a value that are shown at once; a click shows the rest."""

UNBROKEN_LENGTH = 28
"""Names shorter than this are not broken across lines."""

MAX_LENGTH = 20_000
"""The number of characters of a value that a page contains; its RDF contains all."""

_DIRECTION_SIGNS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL_SIGNS = (sign for sign in range(0x20) if chr(sign) not in "\t\n\r")
_VISIBLE = {sign: f"[U+{sign:04X}]" for sign in (*_DIRECTION_SIGNS, *_CONTROL_SIGNS)}
"""Characters that change the text direction or are invisible, and the text shown for each."""

_KINDS = ((datetime, "time"), (timedelta, "duration"), (int | float, "number"))


class Templates:
    """The page templates of a board."""

    def __init__(self, queries: PageQueries) -> None:
        self._queries = queries
        self._pages = Environment(
            loader=PackageLoader("provstore.web", "pages"),
            autoescape=True,
            finalize=show_invisible,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        names = queries.names
        self._pages.filters |= {
            "short": names.short,
            "moment": format_time,
            "iso": time_text,
            "span": format_duration,
            "text": text,
            "kind": self._kind,
            "outside": web_address,
            "spaced": breakable,
            "words": split_name,
            "time": read_time,
            "static_picture": static_picture,
            "interactive_picture": interactive_picture,
            "zip": zip,
            "unbroken": has_long_word,
        }
        self._pages.globals |= {
            "address": address,
            "inverse": inverse_name,
            "page_of": names.page,
            "formats": FORMATS,
            "SHOWN_LENGTH": SHOWN_LENGTH,
            "MAX_LENGTH": MAX_LENGTH,
            "IRI": IRI,
            "XSD": XSD,
        }

    def page(self, page: Page, links: Mapping[str, str]) -> str:
        """Render a page as HTML."""
        values = {**page.values, "page": page, "scripted": page.scripted}
        return self._render(page.template, values, page.title, links)

    def error(self, error: ProvstoreError, status: int, links: Mapping[str, str]) -> str:
        """Render an error as HTML, with suggestions for an unknown name."""
        values = {
            "error": error,
            "status": int(status),
            "near": error.near if isinstance(error, UnknownName) else (),
            "wanted": error.name if isinstance(error, UnknownName) else "",
            "scripted": False,
            "what": error.kind if isinstance(error, UnknownName) else "",
        }
        return self._render("error.html", values, f"{int(status)}: {error.message}", links)

    def _render(
        self, template: str, values: Mapping[str, Any], title: str, links: Mapping[str, str]
    ) -> str:
        store = self._queries.store
        return self._pages.get_template(template).render(
            {
                **values,
                "title": title,
                "links": links,
                "base": store.base,
                "head": store.position(),
            }
        )

    def _kind(self, cell: Cell) -> str:
        """Return how to show a cell: as `time`, `duration`, `number`, `iri` or `text`."""
        if isinstance(cell, str) and self._queries.names.is_iri(cell):
            return "iri"
        return next((name for kind, name in _KINDS if isinstance(cell, kind)), "text")


def static_picture(picture: Picture, number: int = 1) -> Markup:
    """Return a picture without a script, the n-th of its page; user input in it is escaped."""
    return Markup(picture.svg(f"pv{number}", bare=True))  # noqa: S704 - a picture escapes what it shows


def interactive_picture(picture: GraphPicture) -> Markup:
    """Return a picture whose folds open, if the browser runs the page's script."""
    return Markup(picture.fragment("pv"))  # noqa: S704 - a picture escapes what it shows


def read_time(written: str) -> datetime:
    """Parse a time that an answer or the journal contains as text."""
    return datetime.fromisoformat(written)


def has_long_word(value: str) -> bool:
    """Return whether a text contains a word that is too long for a narrow column."""
    return any(len(word) > UNBROKEN_LENGTH for word in value[:MAX_LENGTH].split())


def format_time(time: datetime) -> str:
    """Format a time as day and minute, in UTC if the zone is known."""
    if time.tzinfo is None:
        return f"{time:%Y-%m-%d %H:%M} (no zone)"
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"


def format_duration(duration: timedelta) -> str:
    """Format a duration in its two largest units: `2 h 30 min`."""
    minutes = round(duration.total_seconds() / 60)
    sign, minutes = ("-" if minutes < 0 else ""), abs(minutes)
    units = (("d", minutes // 1440), ("h", minutes // 60 % 24), ("min", minutes % 60))
    first = next((index for index, (_, count) in enumerate(units) if count), 2)
    parts = [f"{count} {unit}" for unit, count in units[first : first + 2] if count]
    return sign + (" ".join(parts) or "0 min")


_INVERSE = {
    **{direct.removeprefix(PROV): name.removeprefix(PROV) for name, direct in INVERSES.items()},
    "alternateOf": "alternateOf",
}


def inverse_name(relation: str) -> str:
    """Return the inverse name of a relation (PROV-O, appendix B)."""
    return _INVERSE.get(relation, f"{relation} of this")


def split_name(name: str) -> str:
    """Split a term into words: `ingest:DatasetVersion` becomes "dataset version"."""
    local = name.rpartition(":")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", local).replace("_", " ").lower()


def show_invisible(value: object) -> object:
    """Make direction marks and control characters visible, so that they cannot distort other text.

    HTML isolation would not contain all of them. Text that is already HTML is unchanged.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return value.translate(_VISIBLE)
    return value


def breakable(name: str) -> Markup:
    """Allow line breaks after the separators of a long name."""
    safe = Markup.escape(show_invisible(name))
    if len(name) < UNBROKEN_LENGTH:
        return safe
    for sign in "/._-":
        safe = safe.replace(sign, Markup(f"{sign}<wbr>"))  # noqa: S704 - no sign is markup
    return safe
