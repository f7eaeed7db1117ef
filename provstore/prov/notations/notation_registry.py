"""All notations of provenance, each with its reader and its writer, as one table.

In: the bytes of a document, or bundles. Out: a `Reading`, or text in pieces. The syntax is in
`notation_readers` and `notation_writers`. Pure; fetches nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import pyoxigraph as ox

from provstore.errors import Problem, UnknownName
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import (
    Notation,
    inexpressible_bundles,
    notation_readers,
    notation_writers,
)
from provstore.prov.notations.document import Document
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import MAX_BYTES
from provstore.prov.notations.prov_library import LibraryNotation
from provstore.prov.notations.provjson import Reading


class NotationFunctions(NamedTuple):
    """One notation: its reader (input file, limit in bytes), its writer, and whether it may refuse.

    A writer that may refuse a document writes all of it before it yields any text.
    """

    read: Callable[[InputFile, int], Reading]
    write: Callable[[Document], Iterator[str]]
    refuses: bool = False


def _library(notation: LibraryNotation) -> NotationFunctions:
    return NotationFunctions(
        partial(notation_readers.read_by_library, notation),
        partial(notation_writers.write_by_library, notation),
        refuses=True,
    )


def _rdf(form: ox.RdfFormat, write: Callable[[Document], Iterator[str]]) -> NotationFunctions:
    return NotationFunctions(partial(notation_readers.read_rdf, form), write)


NOTATIONS: Mapping[str, NotationFunctions] = MappingProxyType(
    {
        "turtle": _rdf(ox.RdfFormat.TURTLE, notation_writers.write_turtle),
        "trig": _rdf(ox.RdfFormat.TRIG, notation_writers.write_trig),
        "nquads": _rdf(ox.RdfFormat.N_QUADS, notation_writers.write_nquads),
        "ntriples": _rdf(ox.RdfFormat.N_TRIPLES, notation_writers.write_ntriples),
        "jsonld": _rdf(ox.RdfFormat.JSON_LD, notation_writers.write_jsonld),
        "rdfxml": _rdf(ox.RdfFormat.RDF_XML, notation_writers.write_rdfxml)._replace(refuses=True),
        "provjson": NotationFunctions(
            notation_readers.read_provjson, notation_writers.write_provjson
        ),
        "provjson-toolbox": NotationFunctions(
            notation_readers.read_provjson, notation_writers.write_provjson_toolbox, refuses=True
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

ONE_GRAPH = frozenset({"turtle", "ntriples", "rdfxml"})
"""Notations that have one graph only, where the statements of all bundles flow together."""


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


def write(
    bundles: Iterable[Bundle] | Document,
    notation: Notation,
    *,
    left_out: Callable[[Problem], object] | None = None,
) -> Iterator[str]:
    """Yield the text of all bundles, or of a document, in pieces.

    One bundle at a time is written if the notation allows it. With `left_out`, bundles that the
    notation cannot express are left out; it is called with a problem for each of them, which names
    the bundle.

    Raises:
        UnknownName: no notation has this name; suggests similar names.
        Refused: this notation cannot express these bundles; names the first of them.
        ProvstoreError: a package that this notation needs is not installed.

    """
    functions = _functions(notation)
    document = bundles if isinstance(bundles, Document) else Document(bundles)
    if not functions.refuses:
        return functions.write(document)
    if left_out:
        document = inexpressible_bundles.expressible(document, functions.write, left_out)
    return inexpressible_bundles.write_or_name(document, functions.write)


def _functions(notation: str) -> NotationFunctions:
    if notation not in NOTATIONS:
        raise UnknownName("format", notation, NOTATIONS, code="PS-NAME-NOTATION")
    return NOTATIONS[notation]
