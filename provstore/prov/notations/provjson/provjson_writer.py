"""One bundle → its object in a PROV-JSON document (W3C Member Submission, 2013).

In: a `Bundle`. Out: dicts, lists and texts, with a prefix for every name. Knows no document.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from provstore.prov.model.bundle import IRI, LANG_STRING, Attributes, Bundle, Value
from provstore.prov.model.iris import RESERVED, Prefixes, split_iri
from provstore.prov.model.terms import RELATIONS, TIME, XSD
from provstore.prov.notations.provjson.provjson_values import DATETIME, TIMES

_STRING = XSD + "string"


def declarable(prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that a PROV-JSON document may declare (2.2)."""
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if RESERVED.get(prefix, namespace) == namespace and prefix not in ("_", "")
    }


class Writer:
    """Writes one bundle with the prefixes that it needs; IRIs in `blank` become blank names."""

    def __init__(self, bundle: Bundle, blank: str = "") -> None:
        self.bundle = bundle
        self._blank = blank
        self._has_values = False
        self._own = declarable(bundle.prefixes)
        prefixes = dict(self._own)
        self.names = Prefixes(prefixes)
        iris = {*self._iris()}
        self.blank_iris = {iri for iri in iris if iri.startswith(blank)} if blank else set()
        unnamed = sorted(
            {
                split_iri(iri)[0]
                for iri in iris
                if self.names.short(iri) == iri and iri not in self.blank_iris
            }
        )
        if unnamed:
            free = (f"ns{number}" for number in range(1, 10**9))
            for namespace in unnamed:
                prefix = next(prefix for prefix in free if prefix not in self.names.prefixes)
                prefixes[prefix] = namespace
            self.names = Prefixes(prefixes)
        self.prefix_of = {
            namespace: prefix for prefix, namespace in prefixes.items() if prefix != "default"
        }

    def _iris(self) -> Iterator[str]:
        for element in self.bundle.elements:
            yield element.iri
            yield from _attribute_iris(element.attributes)
        for kind, arguments, identifier, attributes in self.bundle.relations:
            for argument, value in zip(RELATIONS[kind].arguments, arguments, strict=True):
                if value and argument.kind != TIME:
                    yield value
            if identifier:
                yield identifier
            yield from _attribute_iris(attributes)

    def short(self, iri: str) -> str:
        """Return the name of an IRI: blank if it is in the namespace of blank names."""
        if iri in self.blank_iris:
            return "_:" + iri.removeprefix(self._blank)
        return self.names.short(iri)

    def content(self, taken: Container[str] = (), *, listed: bool = False) -> dict[str, Any]:
        """Return prefixes and records, by kind and name; `taken` are IRIs of blank names.

        With `listed`, the member of a collection is a list, and `xsd` is declared where it is used,
        as ProvToolbox needs it.
        """
        short = self.short
        content: dict[str, dict[str, Any]] = {}
        for iri, kinds, attributes in self.bundle.elements:
            for kind in kinds:
                content.setdefault(kind, {})[short(iri)] = self._attributes(attributes)
                attributes = ()  # an element has one set of attributes, written with its first kind
        fresh = (f"r{number}" for number in count(1) if f"{self._blank}r{number}" not in taken)
        for kind, arguments, identifier, attributes in self.bundle.relations:
            record: dict[str, Any] = {}
            for argument, value in zip(RELATIONS[kind].arguments, arguments, strict=True):
                if value:
                    record[argument.key] = value if argument.kind == TIME else short(value)
            if listed and kind == "hadMember" and arguments[1]:
                record["prov:entity"] = [record["prov:entity"]]
            record |= self._attributes(attributes)
            name = short(identifier) if identifier else f"_:{next(fresh)}"
            _put(content.setdefault(kind, {}), name, record)
        if listed and self._has_values:
            self.names.used.add("xsd")  # the datatype of a plain text is xsd:string
        used = {prefix: self.names.prefixes[prefix] for prefix in sorted(self.names.used)}
        return {"prefix": used | self._own, **content}

    def _attributes(self, attributes: Attributes) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for key, value in attributes:
            time = key in TIMES and value.datatype == DATETIME
            _put(record, self.short(key), value.text if time else self._value(value))
        return record

    def _value(self, value: Value) -> Any:
        self._has_values = True
        if value.datatype == _STRING:
            return value.text
        if value.datatype == IRI:
            return {"$": self.short(value.text), "type": "xsd:QName"}
        if value.language:
            return {"$": value.text, "lang": value.language}
        return {"$": value.text, "type": self.short(value.datatype)}


def _put(record: dict[str, Any], name: str, value: Any) -> None:
    """Add a value to a record; several values with the same name become a list."""
    if name not in record:
        record[name] = value
    elif isinstance(record[name], list):
        record[name].append(value)
    else:
        record[name] = [record[name], value]


def _attribute_iris(attributes: Iterable[tuple[str, Value]]) -> Iterator[str]:
    for key, value in attributes:
        yield key
        if value.datatype == IRI:
            yield value.text
        elif value.datatype not in (_STRING, LANG_STRING):
            yield value.datatype
