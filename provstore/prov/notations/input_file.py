"""An input file that is parsed only once for all readers: as JSON, as text, as RDF.

In: bytes and a name. Out: an `InputFile`, which parses on first use and keeps the result. It does
not decide on formats, and fetches nothing.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import pyoxigraph as ox

from provstore.errors import BadDocument, Problem
from provstore.prov.notations.json_strict import fast_json, is_plain, strict_json
from provstore.prov.notations.json_text import obvious_problem

MAX_BYTES = 64 << 20
UNLIMITED = 1 << 40
_LINE_END = re.compile("\r?\n")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
DOCUMENT = "https://w3id.org/provstore/document/"
"""Namespace for documents; the base of their relative IRIs also begins with it."""

RDF_TEXTS = MappingProxyType(
    {
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "nquads": ox.RdfFormat.N_QUADS,
        "turtle": ox.RdfFormat.TURTLE,
        "trig": ox.RdfFormat.TRIG,
    }
)
"""Name → format, from the simplest syntax to the richest, which includes almost all the others."""


class RdfText(NamedTuple):
    """A document in one of `RDF_TEXTS`: its notation, its statements and its prefixes."""

    notation: str
    quads: list[ox.Quad | ox.Triple]
    prefixes: dict[str, str]


@dataclass(frozen=True)
class InputFile:
    """A submitted file; a file larger than `MAX_BYTES` is not parsed."""

    data: bytes
    name: str = "document"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 checksum of its bytes, in hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()

    # ------------------------------------------------------------------------------------- JSON

    @cached_property
    def means_json(self) -> bool:
        """Whether the file begins like a JSON object or list, so it is meant to be JSON."""
        return self.data[:4096].lstrip()[:1] in (b"{", b"[")

    def hasty_json(self, limit: int) -> tuple[Any, bytes] | None:
        """The result of `fast_json`: a value not fully checked yet, and its canonical text."""
        return None if obvious_problem(self.data, limit) else self._hasty_json

    @cached_property
    def _hasty_json(self) -> tuple[Any, bytes] | None:
        return fast_json(self.data, UNLIMITED)

    @cached_property
    def document(self) -> object:
        """The JSON value of the file, or None."""
        return self._strict_json[0]

    @cached_property
    def faults(self) -> BadDocument | None:
        """The reason why the file has no JSON value, or None."""
        return self._strict_json[1]

    def read_json(self, limit: int = MAX_BYTES) -> object:
        """Read the JSON value of the file.

        Raises:
            BadDocument: it is not JSON, or longer than `limit` bytes; lists every problem.

        """
        if problem := obvious_problem(self.data, limit):
            raise BadDocument(self.name, [problem], code="PS-DOCUMENT-NO-JSON")
        if not self.means_json:
            return strict_json(self.data, self.name, limit)
        if self.faults:
            raise self.faults
        return self.document

    @cached_property
    def _strict_json(self) -> tuple[object, BadDocument | None]:
        if not self.means_json:
            return None, BadDocument(
                self.name,
                [Problem("", "The file does not begin like JSON.")],
                code="PS-DOCUMENT-NO-JSON",
            )
        hasty = self.hasty_json(MAX_BYTES)
        if hasty and is_plain(hasty[0]):
            return hasty[0], None
        try:
            return strict_json(self.data, self.name, MAX_BYTES), None
        except BadDocument as error:
            return None, error

    # ------------------------------------------------------------------------------------- text

    @cached_property
    def text(self) -> str:
        """The text, without a byte order mark; "" if the file is not UTF-8."""
        try:
            return self.data.decode().removeprefix(_BOM)
        except UnicodeDecodeError:
            return ""

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines, without line ends; none if the file is not text."""
        if len(self.data) > MAX_BYTES or b"\0" in self.data:
            return ()
        # Not splitlines(): a file name may contain other characters that Unicode calls breaks.
        return tuple(_LINE_END.split(self.text)) if self.text else ()

    # -------------------------------------------------------------------------------------- RDF

    @property
    def base(self) -> str:
        """The base of its relative IRIs; it depends only on the content."""
        return f"{DOCUMENT}{self.sha256[:32]}/"

    @cached_property
    def rdf_text(self) -> RdfText | tuple[Problem, ...]:
        """The statements, read as the first of `RDF_TEXTS` that fits; or why none fits."""
        reasons = []
        for notation, form in RDF_TEXTS.items() if self.text.strip() else ():
            parser = ox.parse(self.data, format=form, base_iri=self.base)
            try:
                return RdfText(notation, [*parser], dict(parser.prefixes))
            except SyntaxError as error:
                reasons.append(Problem(notation, f"{error.msg}."))
        return tuple(reasons)
