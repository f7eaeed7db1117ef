"""Chooses the format of a reply: HTML for people, RDF and tables for programs.

In: the wishes of a request (RFC 9110, 12.5.1) and a page. Out: a format, and the page in it.
`html_rendering` makes the HTML.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provstore.errors import Refused, UnknownName
from provstore.prov.notations import Notation
from provstore.prov.notations.notation_registry import write
from provstore.web.page import Page


@dataclass(frozen=True)
class Format:
    """A format: its name in addresses, its title, its media type, and the function that writes it.

    HTML has no such function here: `html_rendering` makes it from the whole page.
    """

    name: str
    title: str
    media: str
    make: Callable[[Page], str] | None

    @property
    def content_type(self) -> str:
        """The media type with the encoding where it does not follow from the type."""
        return f"{self.media}; charset=utf-8" if self.media.startswith("text/") else self.media


def _prov_writer(notation: Notation) -> Callable[[Page], str]:
    return lambda page: "".join(write(_answered(page).about(), notation))


def _answered(page: Page) -> Page:
    """Return the page; raise its fault, which only the HTML page can show beside the input."""
    if page.fault:
        raise page.fault
    return page


def _csv(page: Page) -> str:
    return _answered(page).rows.csv()


def _json(page: Page) -> str:
    page = _answered(page)
    return json.dumps(page.rows.records(), ensure_ascii=False, indent=2) + "\n"


HTML = Format("html", "HTML", "text/html", None)
_ALL_FORMATS = (
    HTML,
    Format("turtle", "Turtle", "text/turtle", _prov_writer("turtle")),
    Format("trig", "TriG", "application/trig", _prov_writer("trig")),
    Format("jsonld", "JSON-LD", "application/ld+json", _prov_writer("jsonld")),
    Format("provjson", "PROV-JSON", "application/provenance+json", _prov_writer("provjson")),
    Format("csv", "CSV", "text/csv", _csv),
    Format("json", "JSON", "application/json", _json),
)
FORMATS: Mapping[str, Format] = MappingProxyType({form.name: form for form in _ALL_FORMATS})


def choose_format(name: str, accept: str) -> Format:
    """Return the format that the address names, else the one that `Accept` prefers.

    Raises:
        UnknownName: the address names an unknown format.
        Refused: `Accept` allows none of the formats.

    """
    if name:
        if name not in FORMATS:
            raise UnknownName("format", name, FORMATS)
        return FORMATS[name]
    best, best_quality = None, 0.0
    for form in _ALL_FORMATS:  # at equal quality, the first in our order
        quality = _quality(form.media, accept)
        if quality > best_quality:
            best, best_quality = form, quality
    if best is None:
        media_types = ", ".join(form.media for form in _ALL_FORMATS)
        raise Refused(
            "This page is not available in an accepted format.", f"Available: {media_types}."
        )
    return best


def _quality(media: str, accept: str) -> float:
    """Return the quality of a media type: that of the most specific range that matches it."""
    best = (-1, 0.0)
    for part in accept.split(",")[:50] if accept.strip() else ["*/*"]:
        pattern, *parameters = (piece.strip().lower() for piece in part.split(";"))
        matches = (pattern == "*/*", pattern == media.partition("/")[0] + "/*", pattern == media)
        if any(matches):
            best = max(best, (matches.index(True), _weight(parameters)))
    return best[1]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
