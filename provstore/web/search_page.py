"""The page of a search: what holds the words, and how to narrow it.

In: a desk and what the address says. Out: `Page`. It knows neither HTML nor HTTP.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from provstore.results.search_results import SearchResult
from provstore.web.page import Page
from provstore.web.page_names import address
from provstore.web.page_queries import MOST_THINGS, Desk

STEP = 20
"""Hits that are shown at first, and so many more each time."""

MOST = 200
"""Hits on one page; who wants more adds a word."""

FACETS = ("kind", "step", "project")


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many things bear it, and the address that narrows or widens."""

    value: str
    many: int
    chosen: bool
    link: str


def search(desk: Desk, said: Mapping[str, str]) -> Page:
    """What holds all the words, the best first.

    Raises:
        ViewUnavailable: the index is damaged.

    """
    words = said.get("q", "")[:1000]
    narrowed = {name: said.get(name, "")[:200] for name in FACETS}
    limit = _limit(said.get("limit", ""))
    found = desk.store.search(words, limit=limit, **narrowed)
    asked = {"q": words, **narrowed}
    values = {
        "searched": words, "found": found, "facets": _facets(found, asked),
        "narrowed": any(narrowed.values()),
        "near": [(word, address("/search", q=word)) for word in found.near],
        "more": address("/search", asked, limit=limit + STEP) if _more(found, limit) else "",
        "most": MOST, "command": _command(asked),
    }  # fmt: skip
    things = [hit.iri for hit in found.hits][:MOST_THINGS]
    title = f"Search: {words}" if words else "Everything"
    return Page("search.html", title, values, (), found.answer(), lambda: desk.about(things))


def _facets(found: SearchResult, asked: Mapping[str, str]) -> dict[str, list[Choice]]:
    """The facets; a chosen value leads back to all."""
    chosen = {name: {asked[name]: 0} if asked[name] else {} for name in FACETS}
    return {
        name: [
            Choice(value, many, value == asked[name],
                   address("/search", {**asked, name: "" if value == asked[name] else value}))
            for value, many in {**chosen[name], **found.facets.get(name, {})}.items() if value
        ]
        for name in FACETS
    }  # fmt: skip


def _command(asked: Mapping[str, str]) -> str:
    """The same search on the command line."""
    words = [*asked["q"].split(), *(f"--{name}={asked[name]}" for name in FACETS if asked[name])]
    return shlex.join(["provstore", "search", *words])


def _limit(written: str) -> int:
    return min(MOST, max(STEP, int(written))) if written.isascii() and written.isdecimal() else STEP


def _more(found: SearchResult, limit: int) -> bool:
    return found.cut and limit < MOST
