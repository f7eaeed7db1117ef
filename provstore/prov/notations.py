"""Bundles written in the notations that others read: a table of names, and one loop.

In: bundles. Out: text in pieces, the same for the same bundles. Pure; knows no store.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal

import pyoxigraph as ox

from provstore.errors import UnknownName
from provstore.prov import prov_o, provjson
from provstore.prov.bundle import Bundle
from provstore.prov.terms import NAMESPACES

Notation = Literal["turtle", "trig", "nquads", "ntriples", "provjson"]


def write(bundles: Iterable[Bundle], notation: Notation) -> Iterator[str]:
    """The text of all bundles, in pieces.

    Raises:
        UnknownName: there is no such notation; names the near ones.

    """
    if notation not in NOTATIONS:
        raise UnknownName("format", notation, NOTATIONS)
    return NOTATIONS[notation](bundles)


def _provjson(bundles: Iterable[Bundle]) -> Iterator[str]:
    yield provjson.dump(*bundles) + "\n"


def _nquads(bundles: Iterable[Bundle]) -> Iterator[str]:
    return (prov_o.nquads(bundle) for bundle in bundles)


def _ntriples(bundles: Iterable[Bundle]) -> Iterator[str]:
    seen: set[str] = set()
    for bundle in bundles:
        new = [line for line in prov_o.triples(bundle) if line not in seen]
        seen.update(new)
        yield "".join([f"{line} .\n" for line in new])


def _turtle(bundles: Iterable[Bundle]) -> Iterator[str]:
    held = list(bundles)
    lines = sorted("".join(_ntriples(held)).split("\n"))
    yield _pretty(lines, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE, held)


def _trig(bundles: Iterable[Bundle]) -> Iterator[str]:
    held = list(bundles)
    lines = [line for bundle in held for line in sorted(prov_o.nquads(bundle).split("\n"))]
    yield _pretty(lines, ox.RdfFormat.N_QUADS, ox.RdfFormat.TRIG, held)


def _pretty(
    lines: list[str], source: ox.RdfFormat, target: ox.RdfFormat, bundles: Iterable[Bundle]
) -> str:
    """The same statements with short names; the prefixes that are used come first, sorted."""
    text = "\n".join(lines)
    prefixes = {name: iri for name, iri in _prefixes(bundles).items() if f"<{iri}" in text}
    found = ox.serialize(ox.parse(text, format=source), format=target, prefixes=prefixes)
    written = (found or b"").decode().splitlines(keepends=True)
    head = sorted(line for line in written[: len(prefixes)])
    return "".join([*head, *written[len(prefixes) :]])


def _prefixes(bundles: Iterable[Bundle]) -> dict[str, str]:
    """Ours, and those of the bundles where no two of them contradict."""
    found: dict[str, str] = {}
    for bundle in bundles:
        for prefix, namespace in bundle.prefixes.items():
            if prefix and found.setdefault(prefix, namespace) != namespace:
                found[prefix] = ""
    return {name: namespace for name, namespace in found.items() if namespace} | dict(NAMESPACES)


NOTATIONS: Mapping[Notation, Callable[[Iterable[Bundle]], Iterator[str]]] = MappingProxyType(
    {
        "turtle": _turtle,
        "trig": _trig,
        "nquads": _nquads,
        "ntriples": _ntriples,
        "provjson": _provjson,
    }
)
