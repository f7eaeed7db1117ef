"""PROV-JSON (W3C Member Submission, 2013) ⇄ bundles.

In: the bytes of a document, not trusted. Out: its bundles, and notes on anything unusual; or
`BadDocument` with every problem. `dump` writes bundles so that `load` returns equal ones.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import orjson

from provstore.errors import BadDocument, Problem
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.model.iris import RESERVED, encode_iri, split_iri
from provstore.prov.model.terms import ELEMENTS, RELATIONS
from provstore.prov.notations.document import BLANK, Document, document_of
from provstore.prov.notations.input_file import DOCUMENT, InputFile
from provstore.prov.notations.json_fast import canonical_json
from provstore.prov.notations.json_strict import MAX_BYTES, strict_json
from provstore.prov.notations.provjson.provjson_reader import Reader
from provstore.prov.notations.provjson.provjson_scope import (
    Blanks,
    Doubt,
    Log,
    Scope,
    is_blank,
    kind_of,
    read_prefixes,
)
from provstore.prov.notations.provjson.provjson_writer import Writer, declarable


@dataclass(frozen=True)
class Reading:
    """The bundles of a document, and notes for people on how it was read.

    `content` is the name of the bundle with the statements that are in no bundle of the document;
    `blank` is the namespace of its blank names.
    """

    bundles: tuple[Bundle, ...]
    notes: tuple[Problem, ...] = ()
    content: str = ""
    blank: str = ""

    @property
    def document(self) -> Document:
        """The document as it was: nothing is in a bundle that was in none."""
        return document_of(self.bundles, self.content, self.blank)


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
    document = _Document(content, text, encode_iri(iri), log)
    bundles = tuple(document.bundles())
    if log.problems:
        raise BadDocument(name, sorted(log.problems), code="PS-DOCUMENT-CONTENT")
    return Reading(bundles, tuple(log.notes), document.content_name, document.blank)


class _Document:
    """The object of a document: prefixes, records, and bundles by name."""

    def __init__(self, content: dict[str, Any], text: bytes, iri: str, log: Log) -> None:
        self.content = content
        self.log = log
        self._text = text
        self._iri = iri
        self.content_name = ""
        self.blank = ""

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

        def namespace() -> str:
            self.blank = f"{BLANK}{self.digest}/"
            return self.blank

        blanks = Blanks(namespace)
        inside = content.get("bundle", {})
        parts = (content, *(inside.values() if isinstance(inside, dict) else [inside]))
        for part in parts:
            log.check_plain(part.get("prefix") if isinstance(part, dict) else part)
        scope = Scope({}, read_prefixes(content, (), log), blanks, log)
        if "bundle" not in content or content.keys() - {"bundle", "prefix"}:
            self.content_name = self._iri or DOCUMENT + self.digest
            yield Reader(content, (), self.content_name, scope, log)
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
                if not is_blank(name) and inner.knows(name) and inner.iri(name) != iri:
                    log.note(f"{name!r} is <{iri}> in the document, but not in this bundle.")
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


def dump_document(document: Document, *, names_in_bundles: bool = False) -> str:
    """Write a document as PROV-JSON, with its prefixes first and its own statements in no bundle.

    With `names_in_bundles`, each bundle has its name as `@id`: ProvToolbox needs it, and `prov`
    refuses it. Equal documents give equal text.
    """
    writers = [Writer(bundle, document.blank) for bundle in document.parts]
    taken = frozenset(iri for writer in writers for iri in writer.blank_iris)
    content = writers.pop(0).content(taken, listed=True) if document.content is not None else {}
    declared = declarable(document.prefixes)
    prefixes = {**declared, **content.pop("prefix", {})}
    bundles: dict[str, dict[str, Any]] = {}
    for writer in writers:
        part = writer.content(taken, listed=True)
        own = {p: n for p, n in part.pop("prefix").items() if prefixes.get(p) != n}
        name = _bundle_name(writer.bundle.iri, document.blank, prefixes, own)
        if names_in_bundles:
            own = {**prefixes, **own}  # ProvToolbox does not look further
        begin: dict[str, Any] = {"prefix": own} if own else {}
        bundles[name] = begin | ({"@id": name} if names_in_bundles else {}) | part
    whole = {"prefix": prefixes, **content} | ({"bundle": bundles} if bundles else {})
    return orjson.dumps(whole).decode()


def _bundle_name(iri: str, blank: str, prefixes: dict[str, str], own: Mapping[str, str]) -> str:
    """Return a name that means the same in the document and in the bundle; may add a prefix.

    Readers disagree on whose prefixes apply to it.
    """
    if blank and iri.startswith(blank):
        return "_:" + iri.removeprefix(blank)
    common = {p: n for p, n in prefixes.items() if p not in own and p != "default"}
    fitting = [(-len(n), p) for p, n in common.items() if n and iri.startswith(n) and iri != n]
    if fitting:
        prefix = min(fitting)[1]
    else:
        prefix = next(p for n in count(1) if (p := f"bundle{n}") not in {*prefixes, *own})
        prefixes[prefix] = split_iri(iri)[0]
    return f"{prefix}:{iri.removeprefix(prefixes[prefix])}"
