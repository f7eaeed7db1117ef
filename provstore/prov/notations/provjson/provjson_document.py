"""PROV-JSON (W3C Member Submission, 2013) ⇄ bundles.

In: the bytes of a document, not trusted. Out: its bundles, and notes on anything unusual; or
`BadDocument` with every problem. `dump` writes bundles so that `load` returns equal ones.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from provstore.errors import BadDocument, Problem
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.iris import RESERVED, encode_iri, split_iri
from provstore.prov.model.terms import ELEMENTS, RELATIONS
from provstore.prov.notations.input_file import DOCUMENT, InputFile
from provstore.prov.notations.json_fast import canonical_json
from provstore.prov.notations.json_strict import MAX_BYTES, strict_json
from provstore.prov.notations.provjson.provjson_reader import Reader
from provstore.prov.notations.provjson.provjson_scope import (
    Blanks,
    Doubt,
    Log,
    Scope,
    kind_of,
    read_prefixes,
)
from provstore.prov.notations.provjson.provjson_writer import Writer

BLANK = "https://w3id.org/provstore/blank/"


@dataclass(frozen=True)
class Reading:
    """The bundles of a document, and notes for people on how it was read."""

    bundles: tuple[Bundle, ...]
    notes: tuple[Problem, ...] = ()


def resembles_provjson(document: object) -> bool:
    """Whether a JSON value has a member of PROV-JSON, or is an object without members."""
    known = {*ELEMENTS, *RELATIONS, "bundle", "prefix"}
    return isinstance(document, dict) and (not document or not known.isdisjoint(document))


def load(data: bytes, name: str = "document", *, iri: str = "", limit: int = MAX_BYTES) -> Reading:
    """Read a PROV-JSON document, as `read` does; errors call it `name`."""
    return read(InputFile(data, name), iri=iri, limit=limit)


@gc_paused()
def read(input_file: InputFile, *, iri: str = "", limit: int = MAX_BYTES) -> Reading:
    """Read a PROV-JSON document of at most `limit` bytes.

    Statements outside of any bundle form a bundle of their own. Its name is `iri` or, if that is
    empty, a hash of the document.

    Raises:
        BadDocument: lists all problems, each with its pointer.

    """
    data, name = input_file.data, input_file.name
    if parsed := input_file.hasty_json(limit):
        with suppress(Doubt):
            return _reading(name, iri, *parsed)
    return _reading(name, iri, strict_json(data, name, limit, keep_numbers=True))


def _reading(name: str, iri: str, content: object, text: bytes = b"") -> Reading:
    """Read parsed JSON; `text` is its canonical text if `json_fast` has read it."""
    log = Log(fast=bool(text))
    if not isinstance(content, dict):
        log.check_plain(content)
        fault = f"A PROV-JSON document must be an object, not {kind_of(content)}."
        raise BadDocument(name, [Problem("", fault)], code="PS-DOCUMENT-NO-OBJECT")
    bundles = tuple(_Document(content, text, encode_iri(iri), log).bundles())
    if log.problems:
        raise BadDocument(name, sorted(log.problems), code="PS-DOCUMENT-CONTENT")
    return Reading(bundles, tuple(log.notes))


class _Document:
    """The object of a document: prefixes, records, and bundles by name."""

    def __init__(self, content: dict[str, Any], text: bytes, iri: str, log: Log) -> None:
        self.content = content
        self.log = log
        self._text = text
        self._iri = iri

    @cached_property
    def digest(self) -> str:
        """A hash of the content, independent of the order of keys; computed on first use."""
        return hashlib.sha256(self._text or canonical_json(self.content)).hexdigest()[:32]

    def bundles(self) -> Iterator[Bundle]:
        """Yield the bundle of statements outside of bundles, if there are any, then all others.

        All are read before the first is made, because blank names are shared by all of them.
        """
        for reader in list(self._readers()):
            bundle = reader.bundle()
            if reader.where or "bundle" not in self.content or not bundle.is_empty:
                yield bundle

    def _readers(self) -> Iterator[Reader]:
        content, log = self.content, self.log
        blanks = Blanks(lambda: f"{BLANK}{self.digest}/")
        inside = content.get("bundle", {})
        parts = (content, *(inside.values() if isinstance(inside, dict) else [inside]))
        for part in parts:
            log.check_plain(part.get("prefix") if isinstance(part, dict) else part)
        scope = Scope({}, read_prefixes(content, (), log), blanks, log)
        if "bundle" not in content or content.keys() - {"bundle", "prefix"}:
            yield Reader(content, (), self._iri or DOCUMENT + self.digest, scope, log)
        if not isinstance(inside, dict):
            log.place = ("bundle",)
            log.error(
                f"This is {kind_of(inside)}; bundles must be an object with their names as keys."
            )
            return
        for name, part in inside.items():
            log.place = where = ("bundle", name)
            if not isinstance(part, dict):
                log.error(f"A bundle must be an object, not {kind_of(part)}.")
                continue
            inner = Scope(scope.prefixes, read_prefixes(part, where, log), blanks, log)
            log.place = where
            if iri := (scope if scope.knows(name) else inner).iri(name):
                yield Reader(part, where, iri, inner, log)
            else:
                log.check_plain(part)


def dump(*bundles: Bundle) -> str:
    """Write the bundles as one PROV-JSON document; equal bundles give equal text."""
    writers = [Writer(bundle) for bundle in bundles]
    prefixes = dict(RESERVED)
    contents = {}
    for number, writer in enumerate(writers):
        namespace, local = split_iri(writer.bundle.iri)
        prefix = writer.prefix_of.get(namespace) if len(writers) == 1 else f"bundle{number}"
        prefix = prefix or "bundle"
        prefixes[prefix] = namespace
        contents[f"{prefix}:{local}"] = writer.content()
    document = {"prefix": prefixes, "bundle": contents}
    return canonical_json(document).decode()
