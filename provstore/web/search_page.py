"""The search page: hits, facets, and links that narrow the search.

In: `PageQueries` and the parameters of the address. Out: `Page`. It knows neither HTML nor HTTP.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provstore.projects.workflow import STEPS
from provstore.results.search_results import Hit, SearchResult
from provstore.web.page import Page
from provstore.web.page_names import address
from provstore.web.page_queries import MAX_THINGS, PageQueries

HITS_STEP = 20
"""The number of hits that are shown at first, and added by each "More hits"."""

MAX_HITS = 200
"""The maximum number of hits on a page."""

FACETS = ("kind", "step", "project")

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Deliveries": ("Ingest",),
        "Datasets and copies": ("Dataset", "DatasetVersion", "DataCopy", "ArchiveCopy", "Replica"),
        "Files": ("File", "Attachment"),
        "People and organisations": ("Person", "Organization", "SoftwareAgent", "Agent"),
        "Findings": ("Finding",),
        "Corrections and notes": ("ErratumReport", "RetractionReport", "NoteReport"),
    }
)
"""The groups of hits with their kinds; reports and runs have groups of their own."""

_REPORTS, _RUNS, _OTHERS = "Reports", "Runs of steps", "Others"
_RUN_KINDS = frozenset(step.activity for step in STEPS.values())


@dataclass(frozen=True)
class Found:
    """A hit, the title of the delivery that it belongs to, or "", and the address of its page."""

    hit: Hit
    delivery: str
    link: str


@dataclass(frozen=True)
class Choice:
    """A facet value: its number of hits, and the address that narrows or widens the search."""

    value: str
    many: int
    chosen: bool
    link: str


def search_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show the elements that contain all the words, best first.

    Raises:
        ViewUnavailable: the index is damaged.

    """
    words = parameters.get("q", "")[:1000]
    filters = {name: parameters.get(name, "")[:200] for name in FACETS}
    limit = _parse_limit(parameters.get("limit", ""))
    results = queries.store.search(words, limit=limit, **filters)
    asked = {"q": words, **filters}
    values = {
        "searched": words,
        "found": results,
        "groups": _grouped(queries, results),
        "facets": _facet_choices(results, asked),
        "narrowed": any(filters.values()),
        "near": [(word, address("/search", q=word)) for word in results.near],
        "more": address("/search", asked, limit=limit + HITS_STEP)
        if _can_show_more(results, limit)
        else "",
        "most": MAX_HITS,
        "command": _command_line(asked),
    }
    iris = [hit.iri for hit in results.hits][:MAX_THINGS]
    title = f"Search: {words}" if words else "Everything"
    return Page(
        "search.html", title, values, (), results.answer(), lambda: queries.bundles_about(iris)
    )


def group_of(kind: str) -> str:
    """Return the group of hits of a kind."""
    for group, kinds in GROUPS.items():
        if kind in kinds:
            return group
    if kind.endswith(("Report", "Start")):
        return _REPORTS
    return _RUNS if kind in _RUN_KINDS else _OTHERS


def _grouped(queries: PageQueries, results: SearchResult) -> list[tuple[str, list[Found]]]:
    """Return the hits by what they are, in each group best first."""
    deliveries, groups = queries.deliveries(), {}
    for name in (*GROUPS, _REPORTS, _RUNS, _OTHERS):
        groups[name] = list[Found]()
    for hit in results.hits:
        delivery = deliveries.get(hit.ingest)
        kind = "dataset" if hit.kind == "Dataset" else ""
        link = queries.names.page(hit.iri, kind)
        groups[group_of(hit.kind)].append(Found(hit, delivery.title if delivery else "", link))
    return [(name, hits) for name, hits in groups.items() if hits]


def _facet_choices(results: SearchResult, asked: Mapping[str, str]) -> dict[str, list[Choice]]:
    """Return the choices of each facet; the link of a chosen value removes the choice."""
    chosen = {name: {asked[name]: 0} if asked[name] else {} for name in FACETS}
    return {
        name: [
            Choice(
                value,
                count,
                value == asked[name],
                address("/search", {**asked, name: "" if value == asked[name] else value}),
            )
            for value, count in {**chosen[name], **results.facets.get(name, {})}.items()
            if value
        ]
        for name in FACETS
    }


def _command_line(asked: Mapping[str, str]) -> str:
    """Return the same search as a command line."""
    words = [*asked["q"].split(), *(f"--{name}={asked[name]}" for name in FACETS if asked[name])]
    return shlex.join(["provstore", "search", *words])


def _parse_limit(written: str) -> int:
    return (
        min(MAX_HITS, max(HITS_STEP, int(written)))
        if written.isascii() and written.isdecimal()
        else HITS_STEP
    )


def _can_show_more(results: SearchResult, limit: int) -> bool:
    return results.cut and limit < MAX_HITS
