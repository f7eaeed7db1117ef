"""PROV-JSONLD → a document of the `prov` library, or a list of content that it would ignore.

In: text, not trusted until checked. Out: a `ProvDocument`. No context is fetched. Knows no bundles.
(PROV-JSONLD, W3C Member Submission.)
"""

from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import count
from typing import Any

import orjson

from provstore.errors import BadDocument, Problem
from provstore.prov.model.iris import RESERVED, split_iri
from provstore.prov.notations.json_strict import MAX_BYTES, pointer, strict_json
from provstore.prov.notations.optional_packages import import_package
from provstore.prov.notations.spelling_guard import SpellingGuard

CONTEXTS = frozenset(
    {
        "https://openprovenance.org/prov-jsonld/context.jsonld",
        "http://openprovenance.org/prov-jsonld/context.jsonld",
        "https://openprovenance.org/prov-jsonld.json",
        "http://openprovenance.org/prov-jsonld.json",
    }
)
"""The addresses of the JSON-LD context of PROV-JSONLD; it is never fetched."""

_TIMES = frozenset({"time", "startTime", "endTime"})


def without_escapes(text: str, name: str) -> str:
    """Rewrite JSON without needless escapes, so that names can be found in its text.

    Raises:
        BadDocument: it is not JSON; gives the place.

    """
    return orjson.dumps(_parsed(text, name)).decode()


def _parsed(text: str, name: str) -> Any:
    return strict_json(text.encode(), name, max(len(text) * 4, MAX_BYTES))


def read(text: str, name: str, guard: SpellingGuard) -> Any:
    """Read a document with the `prov` library.

    Raises:
        BadDocument: it has content that `prov` would ignore; lists every place.
        ProvstoreError: a package that this notation needs is not installed.

    """
    parsed = _parsed(text, name)
    document = guard.hide_blank_names(parsed)
    module, model = import_package("prov.serializers.provjsonld"), import_package("prov.model")
    vendored = module.load_vendored_context()

    def problems(pairs: Iterator[tuple[str, str]]) -> list[Problem]:
        return [Problem(guard.restore(where), guard.restore(fault)) for where, fault in pairs]

    if faults := problems(_jsonld(document, "", vendored, guard)):
        raise BadDocument(name, faults, code="PS-DOCUMENT-LOSSY")
    if document != parsed and "@context" in document:
        contexts = document["@context"]
        contexts = contexts if isinstance(contexts, list) else [contexts]
        document["@context"] = [*contexts, {guard.blank: guard.namespace}]
    text = orjson.dumps(document).decode()
    made = model.ProvDocument.deserialize(StringIO(text), format="jsonld")
    if faults := problems(_unresolved(document, made)):
        raise BadDocument(
            name,
            faults,
            "Declare the prefix in its @context.",
            code="PS-DOCUMENT-UNDECLARED-PREFIX",
        )
    return made


def for_every_reader(text: str) -> str:
    """Declare `prov` and `xsd`, and write lists and short keys, as ProvToolbox needs them."""
    document = orjson.loads(text)
    _complete(document, {})
    return orjson.dumps(document).decode()


def _complete(container: dict[str, Any], outer: Mapping[str, str]) -> None:
    context = container.setdefault("@context", [])
    if not (context and isinstance(context[0], dict)):
        context.insert(0, {})
    declared = context[0] = {**context[0], **RESERVED}
    known = {**outer, **declared}
    for item in container.get("@graph", ()):
        if item.get("@type") == "Membership" and isinstance(item.get("entity"), str):
            item["entity"] = [item["entity"]]
        for key in [key for key in item if "://" in key]:
            namespace, local = split_iri(key)
            prefix = next((p for p, n in known.items() if n == namespace and p[:1] != "@"), "")
            if not prefix:
                prefix = next(p for n in count(1) if (p := f"ns{n}") not in known)
                declared[prefix] = known[prefix] = namespace
            item[f"{prefix}:{local}"] = item.pop(key)
        if "@graph" in item:
            _complete(item, known)


def _unresolved(document: Any, made: Any) -> Iterator[tuple[str, str]]:
    """Yield names of statements and datatypes that `prov` could not resolve and left out."""
    bundles = iter(made.bundles)
    for index, item in enumerate(document["@graph"]):
        place = pointer("", "@graph", index)
        if item["@type"] in ("Bundle", "prov:Bundle"):
            bundle = next(bundles)
            for number, statement in enumerate(item.get("@graph", [])):
                yield from _unresolved_names(statement, pointer(place, "@graph", number), bundle)
        else:
            yield from _unresolved_names(item, place, made)


def _unresolved_names(
    statement: Mapping[str, Any], where: str, bundle: Any
) -> Iterator[tuple[str, str]]:
    names = [(pointer(where, "@id"), statement["@id"])] if "@id" in statement else []
    for key, value in statement.items():
        names += [
            (pointer(where, key), item["@type"])
            for item in (value if isinstance(value, list) else ())
            if isinstance(item, dict) and "@type" in item
        ]
    for place, name in names:
        if bundle.valid_qualified_name(name) is None:
            yield place, f"The name {name!r} has no known namespace."


def _jsonld(
    container: Any, where: str, vendored: object, guard: SpellingGuard
) -> Iterator[tuple[str, str]]:
    """Yield the content of a document or bundle that `prov` would ignore (PROV-JSONLD 3, 4)."""
    if not isinstance(container, dict):
        yield where, "A PROV-JSONLD document or bundle must be an object."
        return
    allowed = {"@context", "@graph", *(("@type", "@id") if where else ())}
    for key in container.keys() - allowed:
        yield pointer(where, key), "This key has no meaning here."
    yield from _jsonld_context(container.get("@context", []), pointer(where, "@context"), vendored)
    graph = container.get("@graph")
    for index, item in enumerate(graph if isinstance(graph, list) else []):
        place = pointer(where, "@graph", index)
        if isinstance(item, dict) and "@graph" in item and not where:
            yield from _jsonld(item, place, vendored, guard)
        elif isinstance(item, dict):
            yield from _jsonld_statement(item, place, guard)


def _jsonld_context(context: Any, where: str, vendored: object) -> Iterator[tuple[str, str]]:
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, str) and part not in CONTEXTS:
            yield where, f"{part!r} is unknown, and provstore fetches no contexts."
        elif isinstance(part, dict) and part != vendored:
            for key, value in part.items():
                if not isinstance(value, (str, float)) or (key[:1] == "@" and key not in _KEYWORDS):
                    yield pointer(where, key), "A context may only declare prefixes here."


_KEYWORDS = ("@vocab", "@base", "@version")


def _jsonld_statement(
    item: Mapping[str, Any], where: str, guard: SpellingGuard
) -> Iterator[tuple[str, str]]:
    for key, value in item.items():
        if key.removeprefix("prov:") in _TIMES and value not in guard.index.values():
            yield pointer(where, key), f"{value!r} is not a time (xsd:dateTime)."
        for entry in value if isinstance(value, list) else [value]:
            if not isinstance(entry, (str, dict)) or (
                isinstance(entry, dict)
                and not (
                    entry.keys()
                    in ({"@id"}, {"@value"}, {"@value", "@type"}, {"@value", "@language"})
                    and all(isinstance(part, str) for part in entry.values())
                )
            ):
                yield pointer(where, key), "This is neither a name nor a typed value."
