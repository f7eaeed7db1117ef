"""Pages as HTML: every value is escaped, and shown short with its whole beside it.

In: a `Page`, or what went wrong. Out: HTML. The templates lie in `pages/`; what they may call is
said here.
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
"""Characters of a value that are shown at once; the rest can be opened."""

UNBROKEN_LENGTH = 28
"""Characters of a name that is not broken."""

MAX_LENGTH = 20_000
"""Characters of a value that a page holds; its RDF holds them all."""

_DIRECTION_SIGNS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL_SIGNS = (sign for sign in range(0x20) if chr(sign) not in "\t\n\r")
_VISIBLE = {sign: f"[U+{sign:04X}]" for sign in (*_DIRECTION_SIGNS, *_CONTROL_SIGNS)}
"""Signs that turn the text around them, or are none, and what is shown for each."""

_KINDS = ((datetime, "time"), (timedelta, "duration"), (int | float, "number"))


class Templates:
    """The templates of one board."""

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
        """A page as HTML."""
        values = {**page.values, "page": page, "scripted": page.scripted}
        return self._render(page.template, values, page.title, links)

    def error(self, error: ProvstoreError, status: int, links: Mapping[str, str]) -> str:
        """What went wrong, in words, with what may have been meant."""
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
        """How a cell is shown: `time`, `duration`, `number`, `iri` or `text`."""
        if isinstance(cell, str) and self._queries.names.is_iri(cell):
            return "iri"
        return next((name for kind, name in _KINDS if isinstance(cell, kind)), "text")


def static_picture(picture: Picture) -> Markup:
    """A picture that does not move; what people wrote is text in it."""
    return Markup(picture.svg("pv", bare=True))  # noqa: S704 - a picture escapes what it shows


def interactive_picture(picture: GraphPicture) -> Markup:
    """A picture in which folds open, where a browser runs the script that the page names."""
    return Markup(picture.fragment("pv"))  # noqa: S704 - a picture escapes what it shows


def read_time(written: str) -> datetime:
    """The time that an answer or the journal holds as text."""
    return datetime.fromisoformat(written)


def has_long_word(value: str) -> bool:
    """Whether a text has a word too long for a narrow column."""
    return any(len(word) > UNBROKEN_LENGTH for word in value[:MAX_LENGTH].split())


def format_time(time: datetime) -> str:
    """Day and minute, in UTC where the zone is known."""
    if time.tzinfo is None:
        return f"{time:%Y-%m-%d %H:%M} (no zone)"
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"


def format_duration(duration: timedelta) -> str:
    """A duration in its two greatest units: `2 h 30 min`."""
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
    """A relation as it is called from its other end (PROV-O, appendix B)."""
    return _INVERSE.get(relation, f"{relation} of this")


def split_name(name: str) -> str:
    """A name of ours or of PROV as words: `ingest:DatasetVersion` is a dataset version."""
    local = name.rpartition(":")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", local).replace("_", " ").lower()


def show_invisible(value: object) -> object:
    """A text in which no sign turns what stands beside it: an isolate would not contain them all.

    What is HTML already stays as it is.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return value.translate(_VISIBLE)
    return value


def breakable(name: str) -> Markup:
    """A long name that may be broken after its separators."""
    safe = Markup.escape(show_invisible(name))
    if len(name) < UNBROKEN_LENGTH:
        return safe
    for sign in "/._-":
        safe = safe.replace(sign, Markup(f"{sign}<wbr>"))  # noqa: S704 - no sign is markup
    return safe
