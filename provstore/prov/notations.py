"""Bundles written in the notations that others read: a table of names, and one loop.

In: bundles. Out: text in pieces, the same for the same bundles. Pure; knows no store.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

import pyoxigraph as ox

from provstore.errors import UnknownName
from provstore.prov import prov_o, provjson
from provstore.prov.bundle import Bundle
from provstore.prov.terms import NAMESPACES


def write(bundles: Iterable[Bundle], notation: str) -> Iterator[str]:
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
    triples = ox.parse("".join(_ntriples(held)), format=ox.RdfFormat.N_TRIPLES)
    found = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_prefixes(held))
    yield (found or b"").decode()


def _trig(bundles: Iterable[Bundle]) -> Iterator[str]:
    held = list(bundles)
    quads = ox.parse("".join(_nquads(held)), format=ox.RdfFormat.N_QUADS)
    found = ox.serialize(quads, format=ox.RdfFormat.TRIG, prefixes=_prefixes(held))
    yield (found or b"").decode()


def _prefixes(bundles: Iterable[Bundle]) -> dict[str, str]:
    """Ours, and those of the bundles where no two of them contradict."""
    found: dict[str, str] = {}
    for bundle in bundles:
        for prefix, namespace in bundle.prefixes.items():
            if prefix and found.setdefault(prefix, namespace) != namespace:
                found[prefix] = ""
    return {prefix: namespace for prefix, namespace in found.items() if namespace} | dict(
        NAMESPACES
    )


NOTATIONS: Mapping[str, Callable[[Iterable[Bundle]], Iterator[str]]] = MappingProxyType(
    {
        "turtle": _turtle,
        "trig": _trig,
        "nquads": _nquads,
        "ntriples": _ntriples,
        "provjson": _provjson,
    }
)
