"""Compares the views with the journal: each must have every bundle whole, and no other.

In: views and their journal. Out: problems. The graph and RDF views are compared by the number of
relationships and quads of each bundle; the search view by its position only.
"""

from collections.abc import Iterator, Mapping

from provstore.errors import Problem, ProvstoreError
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import prov_o
from provstore.prov.property_graph.graph_rows import bundle_to_rows
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.views.journal_following import catch_up
from provstore.views.rdf.oxigraph_engine import POSITION_IRI
from provstore.views.view_contract import QueryView, View

_COUNTS = {
    "graph": "MATCH (a:Resource)-[r]->(b:Resource) RETURN r.bundle, count(r)",
    "rdf": "SELECT ?bundle (count(*) AS ?quads) { GRAPH ?bundle { ?s ?p ?o } } GROUP BY ?bundle",
}
"""How many relationships or quads each bundle has in a view."""


def view_problems(
    views: Mapping[str, QueryView], search: View, journal: Journal
) -> Iterator[Problem]:
    """Yield what is wrong with each view, after it has followed the journal to its end."""
    usable = {}
    for view in (*views.values(), search):
        try:
            catch_up(view, journal)
            if view.name in views:
                usable[view.name] = _counts(views[view.name])
        except ProvstoreError as error:
            yield Problem(f"/views/{view.name}", error.message, error.advice)
    for entry in journal.after(0):
        bundle = bundle_of(entry)
        for name, counts in usable.items():
            present, expected = counts.pop(bundle.iri, 0), _expected(name, bundle)
            if present != expected:
                yield _problem(name, bundle.iri, f"It has {present} of {expected} statements.")
    for name, counts in usable.items():
        for iri in sorted(counts):
            yield _problem(name, iri, "The journal has no such bundle.")


def _counts(view: QueryView) -> dict[str, int]:
    rows = view.query(_COUNTS[view.name], {}).rows
    counts = {str(bundle): int(str(count)) for bundle, count in rows if bundle is not None}
    return {iri: count for iri, count in counts.items() if iri != POSITION_IRI}


def _expected(name: str, bundle: Bundle) -> int:
    if name == "graph":
        return len(bundle_to_rows(bundle).relationships)
    return len({*prov_o.graphs(bundle)[0].splitlines()})


def _problem(name: str, iri: str, text: str) -> Problem:
    return Problem(f"/views/{name}/{iri}", text, f"Rebuild it: provstore rebuild {name}.")
