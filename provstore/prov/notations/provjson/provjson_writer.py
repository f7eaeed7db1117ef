"""One bundle → its object in a PROV-JSON document (W3C Member Submission, 2013).

In: a `Bundle`. Out: dicts, lists and texts, with a prefix for every name. Knows no document.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from provstore.prov.model.bundle import IRI, LANG_STRING, Attributes, Bundle, Value
from provstore.prov.model.iris import RESERVED, Prefixes, split_iri
from provstore.prov.model.terms import RELATIONS, TIME, XSD
from provstore.prov.notations.provjson.provjson_values import DATETIME, TIMES

_STRING = XSD + "string"


class Writer:
    """Writes one bundle with the prefixes that it needs."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._own = {
            prefix: namespace
            for prefix, namespace in bundle.prefixes.items()
            if RESERVED.get(prefix, namespace) == namespace and prefix not in ("_", "")
        }
        prefixes = dict(self._own)
        self.names = Prefixes(prefixes)
        unnamed = sorted(
            {split_iri(iri)[0] for iri in self._iris() if self.names.short(iri) == iri}
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

    def content(self) -> dict[str, Any]:
        """Return prefixes and records, by kind and name."""
        short = self.names.short
        content: dict[str, dict[str, Any]] = {}
        for iri, kinds, attributes in self.bundle.elements:
            for kind in kinds:
                content.setdefault(kind, {})[short(iri)] = self._attributes(attributes)
                attributes = ()  # an element has one set of attributes, written with its first kind
        fresh = count(1)
        for kind, arguments, identifier, attributes in self.bundle.relations:
            record: dict[str, Any] = {}
            for argument, value in zip(RELATIONS[kind].arguments, arguments, strict=True):
                if value:
                    record[argument.key] = value if argument.kind == TIME else short(value)
            record |= self._attributes(attributes)
            name = short(identifier) if identifier else f"_:r{next(fresh)}"
            _put(content.setdefault(kind, {}), name, record)
        used = {prefix: self.names.prefixes[prefix] for prefix in self.names.used}
        return {"prefix": used | self._own, **content}

    def _attributes(self, attributes: Attributes) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for key, value in attributes:
            time = key in TIMES and value.datatype == DATETIME
            _put(record, self.names.short(key), value.text if time else self._value(value))
        return record

    def _value(self, value: Value) -> Any:
        if value.datatype == _STRING:
            return value.text
        if value.datatype == IRI:
            return {"$": self.names.short(value.text), "type": "xsd:QName"}
        if value.language:
            return {"$": value.text, "lang": value.language}
        return {"$": value.text, "type": self.names.short(value.datatype)}


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
