"""PROV-JSON (W3C Member Submission, 2013) ⇄ bundles.

In: the bytes of a document, hostile until read. Out: its bundles and notes on what was unusual,
or `BadDocument` with every problem. Nothing is dropped, renamed or coerced without a note.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provstore.errors import BadDocument, Problem, UnknownName
from provstore.prov.bundle import IRI, LANG_STRING, Bundle, Element, Relation, Value
from provstore.prov.json_strict import MAX_BYTES, Number, strict_json
from provstore.prov.names import Names, encode, is_absolute, split
from provstore.prov.terms import (
    ELEMENTS,
    END_TIME,
    LOCATION,
    NAMESPACES,
    PROV,
    RELATIONS,
    ROLE,
    START_TIME,
    TIME,
    XSD,
    RelationTerm,
)

RESERVED = {prefix: NAMESPACES[prefix] for prefix in ("prov", "xsd")}
BLANK = "https://w3id.org/provstore/blank/"
DOCUMENT = "https://w3id.org/provstore/document/"

_DATETIME = XSD + "dateTime"
_DATETIME_TEXT = re.compile(
    r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
)
_QUALIFIED_NAMES = frozenset({XSD + "QName", PROV + "QUALIFIED_NAME"})
_TIMES = frozenset({START_TIME, END_TIME})
_PROV_O_WORDS = {
    PROV + "startedAtTime": START_TIME,
    PROV + "endedAtTime": END_TIME,
    PROV + "atLocation": LOCATION,
    PROV + "hadRole": ROLE,
}
_SPECIAL_KEYS = frozenset({*_TIMES, *_PROV_O_WORDS})
_RECORDS = (*ELEMENTS, *RELATIONS)
_STRING = XSD + "string"

Pairs = list[tuple[str, Value]]


@dataclass(frozen=True)
class Reading:
    """What a document says, and what its reader wants a person to know about it."""

    bundles: tuple[Bundle, ...]
    notes: tuple[Problem, ...] = ()


def load(data: bytes, name: str = "document", *, iri: str = "", limit: int = MAX_BYTES) -> Reading:
    """Read a PROV-JSON document of at most `limit` bytes; `name` is what errors call it.

    Statements outside of any bundle form a bundle of their own, named `iri` or, without one,
    by a hash of the document. Raises `BadDocument` with all problems, each with its pointer.
    """
    document = strict_json(data, name, limit, keep_numbers=True)
    if not isinstance(document, dict):
        raise BadDocument(
            name, [Problem("", f"A PROV-JSON document is an object, not {_kind(document)}.")]
        )
    digest = hashlib.sha256(
        json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()[:32]
    log = _Log()
    bundles = list(_document(document, iri or DOCUMENT + digest, BLANK + digest + "/", log))
    if log.problems:
        raise BadDocument(name, sorted(log.problems))
    return Reading(tuple(bundles), tuple(log.notes))


class _Log:
    """Collects what is wrong and what is merely worth telling."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def bad(self, where: str, what: str, mend: str = "") -> None:
        self.problems.append(Problem(where, what, mend))

    def note(self, where: str, what: str) -> None:
        self.notes.append(Problem(where, what))


def _document(document: dict[str, Any], iri: str, blank: str, log: _Log) -> Iterable[Bundle]:
    names = _Scope({}, _prefixes(document, "", log), blank, log)
    top = _Reader(names, log).read(document, "", iri, nested=False)
    if top.elements or top.relations or "bundle" not in document:
        yield top
    bundles = document.get("bundle", {})
    if not isinstance(bundles, dict):
        log.bad("/bundle", f"This is {_kind(bundles)}; bundles are an object, by their names.")
        return
    for name, content in bundles.items():
        where = f"/bundle/{_escape(name)}"
        if not isinstance(content, dict):
            log.bad(where, f"A bundle is an object, not {_kind(content)}.")
            continue
        inner = _Scope(names.prefixes, _prefixes(content, where, log), blank, log)
        bundle_iri = (names if names.knows(name) else inner).iri(name, where)
        if bundle_iri:
            yield _Reader(inner, log).read(content, where, bundle_iri, nested=True)


def _prefixes(record: dict[str, Any], where: str, log: _Log) -> dict[str, str]:
    found: dict[str, str] = {}
    prefixes = record.get("prefix", {})
    if not isinstance(prefixes, dict):
        log.bad(f"{where}/prefix", f"This is {_kind(prefixes)}; prefixes are an object.")
        return found
    for prefix, namespace in prefixes.items():
        place = f"{where}/prefix/{_escape(prefix)}"
        if not isinstance(namespace, str):
            log.bad(place, f"A namespace is text, not {_kind(namespace)}.")
        elif RESERVED.get(prefix, namespace) != namespace:
            log.bad(
                place,
                f"The prefix {prefix!r} always means <{RESERVED[prefix]}>, here it is bound to"
                f" <{namespace}>.",
                "Give the other namespace another prefix.",
            )
        elif not is_absolute(namespace):
            log.bad(
                place,
                f"The namespace {namespace!r} is not an absolute IRI.",
                "Begin it with a scheme, such as https:.",
            )
        else:
            found[prefix] = namespace
            if namespace[-1] not in "/#:;=?":
                log.note(place, f"The namespace <{namespace}> ends without '/' or '#'.")
    return found


class _Scope:
    """Qualified names of one document or bundle → IRIs (PROV-JSON 2.2)."""

    def __init__(
        self, outer: Mapping[str, str], own: Mapping[str, str], blank: str, log: _Log
    ) -> None:
        self.prefixes = {**outer, **own}
        self.known: dict[str, str] = {}
        self.blank = blank
        self._namespaces = {**RESERVED, **self.prefixes, "_": blank}
        self._log = log

    def knows(self, name: str) -> bool:
        """Whether the prefix of this name is declared here."""
        prefix, colon, _ = name.partition(":")
        return (prefix if colon else "default") in self._namespaces

    def iri(self, name: str, where: str) -> str:
        """The IRI, or "" with a problem noted."""
        found = self.known.get(name)
        if found is None:
            found = self._resolve(name, where)
            if found:
                self.known[name] = found
        return found

    def _resolve(self, name: str, where: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        namespace = self._namespaces.get(prefix)
        if namespace is None and colon and (local.startswith("//") or prefix == "urn"):
            self._log.note(where, f"{name!r} is a full IRI where a qualified name belongs.")
            namespace, local = f"{prefix}:", local
        if namespace is None:
            if colon:
                self._log.bad(
                    where,
                    f"The prefix {prefix!r} of {name!r} is not declared.",
                    'Declare it under "prefix".',
                )
            else:
                self._log.bad(
                    where,
                    f"{name!r} has no prefix, and the document declares no default namespace.",
                    'Write it as prefix:name, or declare "default" under "prefix".',
                )
            return ""
        iri = encode(namespace + local)
        if iri != namespace + local:
            self._log.note(where, f"{name!r} holds characters that no IRI has; now <{iri}>.")
        return iri


class _Reader:
    """Reads the records of one document or bundle."""

    def __init__(self, scope: _Scope, log: _Log) -> None:
        self.scope = scope
        self.log = log

    def read(self, content: dict[str, Any], where: str, iri: str, *, nested: bool) -> Bundle:
        elements: list[Element] = []
        relations: list[Relation] = []
        for kind, records in content.items():
            place = f"{where}/{_escape(kind)}"
            if kind == "prefix" or (kind == "bundle" and not nested):
                continue
            if not isinstance(records, dict):
                if kind in ELEMENTS or kind in RELATIONS:
                    self.log.bad(place, f"This is {_kind(records)}; records are an object by name.")
                    continue
                records = {}
            if kind in ELEMENTS:
                self._elements(kind, records, place, elements)
            elif kind in RELATIONS:
                self._relations(RELATIONS[kind], records, place, relations)
            elif kind == "bundle":
                self.log.bad(place, "A bundle cannot hold bundles (PROV-DM 5.4).")
            else:
                hint = UnknownName("record type", kind, _RECORDS)
                self.log.bad(place, hint.message, hint.advice)
        relations = self._name_what_is_referred_to(relations)
        self._note_undeclared(elements, relations, where)
        return Bundle(iri, tuple(elements), tuple(relations), self.scope.prefixes)

    def _elements(
        self, kind: str, records: dict[str, Any], where: str, found: list[Element]
    ) -> None:
        resolve = self.scope.iri
        for name, record in records.items():
            if type(record) is dict:
                iri = self.scope.known.get(name) or resolve(name, f"{where}/{_escape(name)}")
                pairs = self._attributes(record, where, name) if record else []
                found.append(Element(iri, (kind,), tuple(pairs)))
                continue
            place = f"{where}/{_escape(name)}"
            iri = resolve(name, place)
            if not isinstance(record, list):
                self.log.bad(place, f"A record is an object, not {_kind(record)}.")
                continue
            self.log.note(place, f"{name!r} is described {len(record)} times; the values unite.")
            for index, part in enumerate(record):
                if isinstance(part, dict):
                    pairs = self._attributes(part, place, str(index))
                    found.append(Element(iri, (kind,), tuple(pairs)))
                else:
                    self.log.bad(f"{place}/{index}", f"A record is an object, not {_kind(part)}.")

    def _relations(
        self, term: RelationTerm, records: dict[str, Any], where: str, found: list[Relation]
    ) -> None:
        for name, record in records.items():
            if type(record) is dict:
                self._relation(term, name, record, where, name, found)
                continue
            place = f"{where}/{_escape(name)}"
            if not isinstance(record, list):
                self.log.bad(place, f"A record is an object, not {_kind(record)}.")
                continue
            self.log.note(place, f"{len(record)} statements share the identifier {name!r}.")
            for index, part in enumerate(record):
                if isinstance(part, dict):
                    self._relation(term, name, part, place, str(index), found)
                else:
                    self.log.bad(f"{place}/{index}", f"A record is an object, not {_kind(part)}.")

    def _relation(
        self,
        term: RelationTerm,
        name: str,
        record: dict[str, Any],
        where: str,
        step: str,
        found: list[Relation],
    ) -> None:
        known = self.scope.known
        own_id = name if name.startswith("_:") else known.get(name) or self._iri(name, where, step)
        arguments: list[str] = []
        taken = 0
        several: list[str] = []
        for argument in term.arguments:
            value = record.get(argument.key)
            if value is None:
                if argument.key in record:
                    self.log.bad(
                        f"{where}/{_escape(step)}/{argument.key}",
                        "null is no name.", "Leave the argument out.",
                    )  # fmt: skip
                    taken += 1
                arguments.append("")
                continue
            taken += 1
            if type(value) is str and argument.kind != TIME:
                arguments.append(known.get(value) or self._iri(value, where, step, argument.key))
            elif argument.kind == TIME:
                arguments.append(self._time(value, f"{where}/{_escape(step)}/{argument.key}"))
            else:
                names = self._names(value, f"{where}/{_escape(step)}/{argument.key}")
                arguments.append(names[0] if names else "")
                if len(names) > 1:
                    if term.name == "hadMember" and argument.key == "prov:entity":
                        several = names[1:]
                    else:
                        self.log.bad(
                            f"{where}/{_escape(step)}/{argument.key}",
                            f"{term.name} has one {argument.name}, here are {len(names)}.",
                            "Write one statement for each.",
                        )
        pairs: Pairs = []
        if taken < len(record):
            keys = {argument.key for argument in term.arguments}
            rest = {key: value for key, value in record.items() if key not in keys}
            pairs = self._attributes(rest, where, step)
        if not (arguments[0] and arguments[1]):
            self.log.note(
                f"{where}/{_escape(step)}", f"This {term.name} names only one of its two ends."
            )
        found.append(Relation(term.name, tuple(arguments), own_id, tuple(pairs)))
        for member in several:
            found.append(Relation(term.name, (arguments[0], member), own_id, tuple(pairs)))

    def _iri(self, name: str, *path: str) -> str:
        return self.scope.iri(name, "/".join([path[0], *map(_escape, path[1:])]))

    def _names(self, value: Any, where: str) -> list[str]:
        """The IRIs of a formal argument that is not plain text: a list, or a typed name."""
        if isinstance(value, list):
            if len(value) > 1:
                self.log.note(where, f"One statement names {len(value)} things; one each is kept.")
            return [
                iri
                for index, part in enumerate(value)
                for iri in self._names(part, f"{where}/{index}")
            ]
        if isinstance(value, dict) and isinstance(value.get("$"), str):
            value = value["$"]
        if isinstance(value, str):
            return [self.scope.iri(value, where)]
        self.log.bad(where, f"Here belongs the name of a thing, not {_kind(value)}.")
        return []

    def _time(self, value: Any, where: str) -> str:
        if isinstance(value, dict) and isinstance(value.get("$"), str):
            value = value["$"]
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str):
            text = value.removesuffix("^^xsd:dateTime").strip('"')
            if _DATETIME_TEXT.fullmatch(text):
                if text != value:
                    self.log.note(where, f"{value!r} is read as the time {text}.")
                return text
        self.log.bad(
            where,
            f"{_shown(value)} is not a time.",
            "Write it like 2026-04-01T12:00:00Z (xsd:dateTime).",
        )
        return ""

    def _attributes(self, record: dict[str, Any], where: str, step: str) -> Pairs:
        pairs: Pairs = []
        known = self.scope.known
        for name, value in record.items():
            key = known.get(name) or self._iri(name, where, step, name)
            if type(value) is str and key not in _SPECIAL_KEYS:
                pairs.append((key, Value(value)))
                continue
            place = f"{where}/{_escape(step)}/{_escape(name)}"
            if key in _PROV_O_WORDS:
                word = _PROV_O_WORDS[key]
                self.log.note(
                    place, f"{name} is PROV-O's word; it is read as prov:{split(word)[1]}."
                )
                key = word
            values = value if isinstance(value, list) else [value]
            for index, part in enumerate(values):
                spot = f"{place}/{index}" if isinstance(value, list) else place
                if key in _TIMES:
                    pairs.append((key, Value(self._time(part, spot), _DATETIME)))
                else:
                    read = self._value(part, spot)
                    if read is not None:
                        pairs.append((key, read))
        return pairs

    def _value(self, value: Any, where: str) -> Value | None:
        if isinstance(value, Number):
            return Value(str(value), _number_type(value))
        if isinstance(value, str):
            return Value(value)
        if isinstance(value, bool):
            return Value("true" if value else "false", XSD + "boolean")
        if not isinstance(value, dict):
            self.log.bad(where, f"An attribute value is text, a number or a typed value, not {_kind(value)}.")  # fmt: skip  # noqa: E501
            return None
        unknown = value.keys() - {"$", "type", "lang"}
        text = value.get("$")
        if unknown or text is None or isinstance(text, (dict, list)):
            self.log.bad(
                where,
                "This is not a typed value.",
                'Write {"$": "text", "type": "xsd:…"} or {"$": "text", "lang": "…"}.',
            )
            return None
        if not isinstance(text, str) or isinstance(text, Number):
            self.log.note(where, f"The number or truth value {text} of a typed value is kept as text.")  # fmt: skip  # noqa: E501
            text = ("true" if text else "false") if isinstance(text, bool) else str(text)
        language, datatype = value.get("lang"), value.get("type")
        if language is not None:
            if isinstance(language, str) and language:
                return Value(text, LANG_STRING, language)
            self.log.bad(f"{where}/lang", f"A language tag is text, not {_kind(language)}.")
            return None
        if datatype is None:
            return Value(text)
        if not isinstance(datatype, str):
            self.log.bad(f"{where}/type", f"A datatype is a qualified name, not {_kind(datatype)}.")
            return None
        type_iri = self.scope.iri(datatype, f"{where}/type")
        if type_iri in _QUALIFIED_NAMES:
            return Value(self.scope.iri(text, f"{where}/$"), IRI)
        return Value(text, type_iri)

    def _name_what_is_referred_to(self, relations: list[Relation]) -> list[Relation]:
        """Identifiers `_:x` of relations are dropped, unless another statement points at them."""
        blank = self.scope.blank
        referred = {
            argument
            for relation in relations
            for argument in relation.arguments[2:]
            if argument.startswith(blank)
        }
        return [
            relation._replace(id=self._blank_id(relation.id[2:], referred))
            if relation.id.startswith("_:")
            else relation
            for relation in relations
        ]

    def _blank_id(self, label: str, referred: set[str]) -> str:
        iri = self.scope.blank + encode(label) if referred else ""
        return iri if iri in referred else ""

    def _note_undeclared(
        self, elements: list[Element], relations: list[Relation], where: str
    ) -> None:
        declared = {element.iri for element in elements}
        missing = {
            argument
            for relation in relations
            for argument in relation.arguments[:2]
            if argument and argument not in declared
        }
        if missing:
            shown = ", ".join(f"<{iri}>" for iri in sorted(missing)[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            self.log.note(
                where, f"{len(missing)} things are referred to but not described: {shown}{more}."
            )


def _number_type(text: str) -> str:
    """The datatype of a bare JSON number, as the `prov` package reads it too."""
    if not text.lstrip("-").isdigit():
        return XSD + "double"
    size = int(text)
    if -(2**31) <= size < 2**31:
        return XSD + "int"
    return XSD + ("long" if -(2**63) <= size < 2**63 else "integer")


def _kind(value: Any) -> str:
    if isinstance(value, Number):
        return "a number"
    return {dict: "an object", list: "a list", str: "text", bool: "a truth value"}.get(
        type(value), "null" if value is None else "a number"
    )


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _escape(name: str) -> str:
    """A name as one step of a JSON Pointer (RFC 6901, 3)."""
    return name.replace("~", "~0").replace("/", "~1")


# ---------------------------------------------------------------------------------- writing


def dump(*bundles: Bundle) -> str:
    """One PROV-JSON document that holds the bundles, each under its name; the same every time."""
    written = [_Writer(bundle) for bundle in bundles]
    document: dict[str, Any] = {"prefix": {}, "bundle": {}}
    outer = Names({})
    for number, writer in enumerate(written):
        namespace, local = split(writer.bundle.iri)
        prefix = writer.prefix_of.get(namespace) if len(written) == 1 else f"bundle{number}"
        prefix = prefix or "bundle"
        document["prefix"][prefix] = namespace
        document["bundle"][f"{prefix}:{local}"] = writer.content()
    document["prefix"] |= {"prov": outer.prefixes["prov"], "xsd": outer.prefixes["xsd"]}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class _Writer:
    """One bundle → the object that stands under its name."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        prefixes = {
            prefix: namespace
            for prefix, namespace in bundle.prefixes.items()
            if RESERVED.get(prefix, namespace) == namespace and prefix not in ("_", "")
        }
        self.names = Names(prefixes)
        unnamed = sorted({split(iri)[0] for iri in self._iris() if self.names.short(iri) == iri})
        free = (f"ns{number}" for number in range(1, 10**9))
        for namespace in unnamed:
            prefixes[next(prefix for prefix in free if prefix not in self.names.prefixes)] = (
                namespace
            )
        if unnamed:
            self.names = Names(prefixes)
        self.prefix_of = {namespace: prefix for prefix, namespace in prefixes.items()
                          if prefix != "default"}  # fmt: skip

    def _iris(self) -> Iterable[str]:
        for element in self.bundle.elements:
            yield element.iri
            yield from _attribute_iris(element.attributes)
        for relation in self.bundle.relations:
            times = {
                index
                for index, argument in enumerate(RELATIONS[relation.kind].arguments)
                if argument.kind == TIME
            }
            yield from (a for i, a in enumerate(relation.arguments) if a and i not in times)
            if relation.id:
                yield relation.id
            yield from _attribute_iris(relation.attributes)

    def content(self) -> dict[str, Any]:
        short = self.names.short
        content: dict[str, dict[str, Any]] = {}
        for iri, kinds, attributes in self.bundle.elements:
            for kind in kinds:
                content.setdefault(kind, {})[short(iri)] = self._attributes(attributes)
                attributes = ()  # one element has one set of attributes: the first kind holds it
        anonymous = 0
        for relation in self.bundle.relations:
            record: dict[str, Any] = {}
            for argument, value in zip(
                RELATIONS[relation.kind].arguments, relation.arguments, strict=True
            ):
                if value:
                    record[argument.key] = value if argument.kind == TIME else short(value)
            record |= self._attributes(relation.attributes)
            if relation.id:
                name = short(relation.id)
            else:
                anonymous += 1
                name = f"_:r{anonymous}"
            records = content.setdefault(relation.kind, {})
            if name not in records:
                records[name] = record
            elif isinstance(records[name], list):
                records[name].append(record)
            else:
                records[name] = [records[name], record]
        used = {prefix: self.names.prefixes[prefix] for prefix in self.names.used}
        used |= {p: n for p, n in self.bundle.prefixes.items() if RESERVED.get(p, n) == n and p}
        return {"prefix": used, **content}

    def _attributes(self, attributes: Iterable[tuple[str, Value]]) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for key, value in attributes:
            name = self.names.short(key)
            if key in _TIMES and value.datatype == _DATETIME:
                written: Any = value.text
            else:
                written = self._value(value)
            if name not in record:
                record[name] = written
            elif isinstance(record[name], list):
                record[name].append(written)
            else:
                record[name] = [record[name], written]
        return record

    def _value(self, value: Value) -> Any:
        if value.datatype == _STRING:
            return value.text
        if value.datatype == IRI:
            return {"$": self.names.short(value.text), "type": "xsd:QName"}
        if value.language:
            return {"$": value.text, "lang": value.language}
        return {"$": value.text, "type": self.names.short(value.datatype)}


def _attribute_iris(attributes: Iterable[tuple[str, Value]]) -> Iterable[str]:
    for key, value in attributes:
        yield key
        if value.datatype == IRI:
            yield value.text
        elif value.datatype not in (_STRING, LANG_STRING):
            yield value.datatype
