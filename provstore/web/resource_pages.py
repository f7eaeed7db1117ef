"""The pages of an element and of a bundle.

In: `PageQueries` and the parameters of the address. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Iterable, Mapping

from provstore.errors import BadParameter, UnknownName
from provstore.prov.model.bundle import IRI, Bundle, Value
from provstore.prov.model.iris import split_iri
from provstore.prov.model.terms import LABEL, RELATIONS, TYPE
from provstore.queries.catalogue import Question
from provstore.results.answer import Answer, Cell, Iri
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry
from provstore.web.page import Page, bundle_about
from provstore.web.page_queries import MAX_BUNDLES, PageQueries

DEPTHS = (1, 2, 3, 5, 8)
"""The choices for the number of steps in a lineage picture."""

MAX_STATEMENTS = 500
"""The number of statements that the page of a bundle shows; its RDF contains all."""


def resource_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show an element: its attributes and their bundles, its relations and its lineage.

    Raises:
        UnknownName: the store knows nothing about it.

    """
    iri = queries.iri(parameters.get("iri", ""))
    down, depth = parameters.get("way") == "down", _parse_depth(parameters.get("depth", "2"))
    entries, more = queries.entries(iri)
    if not entries and not queries.store.entry(iri):
        raise UnknownName("element", queries.names.short(iri), queries.store.ingests())
    neighbours = queries.ask("what-is-next-to-this", {"thing": iri})
    bundles = [bundle_of(entry) for entry in entries]
    facts = _collect_facts(iri, bundles)
    kinds = {
        kind
        for bundle in bundles
        for element in bundle.elements
        if element.iri == iri
        for kind in element.kinds
    }
    types = [value.text for name, value, _ in facts if name == TYPE and value.datatype == IRI]
    labels = [value.text for name, value, _ in facts if name == LABEL]
    lineage = queries.store.lineage(iri, down=down, depth=depth)
    values = {
        "iri": iri,
        "label": labels[0] if labels else "",
        "kinds": sorted(kinds),
        "types": types,
        "facts": facts,
        "entries": entries,
        "more": more,
        "most": MAX_BUNDLES,
        "neighbours": list(neighbours.answer),
        "cut": neighbours.answer.cut,
        "down": down,
        "depth": depth,
        "depths": DEPTHS,
        "lineage": lineage,
        "picture": lineage.draw() if lineage.rows else None,
        "dataset": any(name.endswith("#Dataset") for name in types),
        "bundle": queries.store.entry(iri) is not None,
        "ingest": _ingest_of(queries, iri),
        "questions": _questions_about(queries, types),
    }
    title = values["label"] or queries.names.short(iri)
    return Page(
        "thing.html",
        str(title),
        values,
        (neighbours,),
        neighbours.answer,
        lambda: queries.bundles_about([iri]) if more else [bundle_about([iri], bundles)],
        scripted=bool(lineage.rows),
    )


def _ingest_of(queries: PageQueries, iri: str) -> str:
    """Return the ingest that a run or a report belongs to, or an empty string."""
    name, _, rest = iri.removeprefix(queries.names.ingests).partition("/")
    return name if rest and iri.startswith(queries.names.ingests) else ""


PARAMETER_NAMES = {
    "Person": "person", "Organization": "organisation", "Dataset": "dataset", "Ingest": "ingest",
    "ErratumReport": "correction", "RetractionReport": "correction",
}  # fmt: skip
"""The question parameter that takes an element of each type; `thing` takes any element."""


def _questions_about(queries: PageQueries, types: Iterable[str]) -> list[tuple[Question, str]]:
    """Return the questions whose only parameter is this element, and the parameter's name."""
    wanted = {PARAMETER_NAMES.get(split_iri(type_iri)[1], "thing") for type_iri in types} | {
        "thing"
    }
    return [
        (question, name)
        for question in queries.questions.values()
        for name in question.parameters
        if name in wanted and len(question.parameters) == 1
    ]


def _collect_facts(iri: str, bundles: Iterable[Bundle]) -> list[tuple[str, Value, list[str]]]:
    """Collect each attribute and value with the bundles that state it."""
    bundles_of: dict[tuple[str, Value], list[str]] = {}
    for bundle in bundles:
        for element in bundle.elements:
            for attribute in element.attributes if element.iri == iri else ():
                bundles_of.setdefault(attribute, []).append(bundle.iri)
    return [(name, value, sources) for (name, value), sources in sorted(bundles_of.items())]


def _parse_depth(written: str) -> int:
    return int(written) if written in map(str, DEPTHS) else 2


def bundle_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show a bundle: its journal entry and its statements.

    Raises:
        UnknownName: there is no such bundle.

    """
    if not (written := parameters.get("iri", "")):
        raise BadParameter("This page needs the name of a bundle.", "Such a name ends in /bundle.")
    entry = queries.store.entry(queries.iri(written))
    if entry is None:
        raise UnknownName("bundle", queries.names.short(written), queries.store.ingests())
    bundle = bundle_of(entry)
    neighbours = queries.ask("what-is-next-to-this", {"thing": Iri(bundle.iri)})
    rows = _relation_rows(bundle)
    values = {
        "iri": bundle.iri,
        "entry": entry,
        "elements": bundle.elements[:MAX_STATEMENTS],
        "statements": rows.rows[:MAX_STATEMENTS],
        "most": MAX_STATEMENTS,
        "many": max(len(bundle.elements), len(rows)) > MAX_STATEMENTS,
        "counts": (len(bundle.elements), len(rows)),
        "report": _report_iri(entry),
        "about": list(neighbours.answer),
        "types": _types_of(bundle),
    }
    return Page(
        "bundle.html",
        queries.names.short(bundle.iri),
        values,
        (neighbours,),
        rows,
        lambda: [bundle],
    )


def _report_iri(entry: Entry) -> str:
    """Return the IRI of a bundle's report; "" for starts and for imported bundles."""
    if not entry.ingest or entry.bundle.endswith("/start/bundle"):
        return ""
    return entry.bundle.removesuffix("/bundle") + "/report"


def _types_of(bundle: Bundle) -> dict[str, list[str]]:
    return {
        element.iri: [value.text for value in element.values(TYPE) if value.datatype == IRI]
        for element in bundle.elements[:MAX_STATEMENTS]
    }


def _relation_rows(bundle: Bundle) -> Answer:
    """Return the relations of a bundle, with arguments in the order of PROV-N."""
    rows: list[tuple[Cell, ...]] = []
    for relation in bundle.relations:
        pairs = zip(RELATIONS[relation.kind].arguments, relation.arguments, strict=True)
        rest: dict[str, Cell] = {
            argument.name: value for argument, value in list(pairs)[2:] if value
        }
        rows.append((relation.kind, relation.arguments[0], relation.arguments[1], rest or None))
    return Answer(("relation", "from", "to", "with"), tuple(rows))
