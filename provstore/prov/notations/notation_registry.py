"""All notations of provenance, each with its reader and its writer, as one table.

In: the bytes of a document, or bundles. Out: a `Reading`, or text in pieces. The syntax is in
`notation_readers` and `notation_writers`. Pure; fetches nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import pyoxigraph as ox

from provstore.errors import UnknownName
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import Notation, notation_readers, notation_writers
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import MAX_BYTES
from provstore.prov.notations.prov_library import LibraryNotation
from provstore.prov.notations.provjson import Reading


class NotationFunctions(NamedTuple):
    """One notation: its reader (input file, limit in bytes) and its writer."""

    read: Callable[[InputFile, int], Reading]
    write: Callable[[Iterable[Bundle]], Iterator[str]]


def _library(notation: LibraryNotation) -> NotationFunctions:
    return NotationFunctions(
        partial(notation_readers.read_by_library, notation),
        partial(notation_writers.write_by_library, notation),
    )


def _rdf(
    form: ox.RdfFormat, write: Callable[[Iterable[Bundle]], Iterator[str]]
) -> NotationFunctions:
    return NotationFunctions(partial(notation_readers.read_rdf, form), write)


NOTATIONS: Mapping[str, NotationFunctions] = MappingProxyType(
    {
        "turtle": _rdf(ox.RdfFormat.TURTLE, notation_writers.write_turtle),
        "trig": _rdf(ox.RdfFormat.TRIG, notation_writers.write_trig),
        "nquads": _rdf(ox.RdfFormat.N_QUADS, notation_writers.write_nquads),
        "ntriples": _rdf(ox.RdfFormat.N_TRIPLES, notation_writers.write_ntriples),
        "jsonld": _rdf(ox.RdfFormat.JSON_LD, notation_writers.write_jsonld),
        "rdfxml": _rdf(ox.RdfFormat.RDF_XML, notation_writers.write_rdfxml),
        "provjson": NotationFunctions(
            notation_readers.read_provjson, notation_writers.write_provjson
        ),
        "provjson-lines": NotationFunctions(
            notation_readers.read_provjson_lines, notation_writers.write_provjson_lines
        ),
        "provn": _library("provn"),
        "provxml": _library("provxml"),
        "provjsonld": _library("provjsonld"),
    }
)
"""The notations by name; the type `Notation` lists the same names."""


def read(data: bytes, name: str, notation: str | None = None, *, limit: int = MAX_BYTES) -> Reading:
    """Read a document, as `read_file` does; errors call it `name`."""
    return read_file(InputFile(data, name), notation, limit=limit)


def read_file(
    input_file: InputFile, notation: str | None = None, *, limit: int = MAX_BYTES
) -> Reading:
    """Read a document of at most `limit` bytes; without a `notation`, its content decides.

    Raises:
        UnknownName: no notation has this name.
        BadDocument: no notation matches, or the document has faults; lists all problems.
        ProvstoreError: a package that this notation needs is not installed.

    """
    chosen = notation or notation_readers.detect_notation(input_file)
    return _functions(chosen).read(input_file, limit)


def write(bundles: Iterable[Bundle], notation: Notation) -> Iterator[str]:
    """Yield the text of all bundles in pieces; one bundle at a time if the notation allows it.

    Raises:
        UnknownName: no notation has this name; suggests similar names.
        Refused: this notation cannot express these bundles.
        ProvstoreError: a package that this notation needs is not installed.

    """
    return _functions(notation).write(bundles)


def _functions(notation: str) -> NotationFunctions:
    if notation not in NOTATIONS:
        raise UnknownName("format", notation, NOTATIONS)
    return NOTATIONS[notation]
