"""Attributes and times of PROV-JSON records → `Value`s (PROV-JSON 2.3; PROV-DM 5.7).

In: parsed JSON of any shape, as people write it. Out: canonical pairs, or entries in the log. Knows
no records.
"""

import json
import re
from collections.abc import Container
from typing import Any

from provstore.prov.model.bundle import IRI, LANG_STRING, Attributes, Value
from provstore.prov.model.iris import split_iri
from provstore.prov.model.terms import END_TIME, LOCATION, PROV, ROLE, START_TIME, XSD
from provstore.prov.notations.json_strict import Number
from provstore.prov.notations.provjson.provjson_scope import Log, Scope, Steps, kind_of

DATETIME = XSD + "dateTime"
TIMES = frozenset({START_TIME, END_TIME})
"""The attributes of an activity whose values are times without a type (PROV-JSON 3.1.2)."""

_DATETIME_TEXT = re.compile(
    r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)
LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  # language: en, zh-yue
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"  # script and region: -Latn, -CH
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants: -1996
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"  # extensions
    r"|x(?:-[a-z0-9]{1,8})+"
)
"""A language tag (RFC 5646, 2.1) in lower case, as RDF 1.1 Concepts 3.3 compares it."""
QUALIFIED_NAMES = frozenset({XSD + "QName", PROV + "QUALIFIED_NAME"})
PROV_O_WORDS = {
    PROV + "startedAtTime": START_TIME,
    PROV + "endedAtTime": END_TIME,
    PROV + "atLocation": LOCATION,
    PROV + "hadRole": ROLE,
}
_SPECIAL = frozenset({*TIMES, *PROV_O_WORDS})

_Pairs = list[tuple[str, Value]]
_Record = dict[str, Any]


def is_time(text: str) -> bool:
    """Return whether the text is an xsd:dateTime (XML Schema 1.1 Datatypes, 3.3.7)."""
    return _DATETIME_TEXT.fullmatch(text) is not None


class Values:
    """Reads the values of one document or bundle."""

    def __init__(self, scope: Scope, log: Log) -> None:
        self.scope = scope
        self.log = log

    def time(self, value: Any, at: Steps) -> str:
        """Return an xsd:dateTime as it was written, or log a problem and return ""."""
        if type(value) is str and is_time(value):
            return value
        if isinstance(value, dict) and isinstance(value.get("$"), str):
            value = value["$"]
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str):
            text = value.removesuffix("^^xsd:dateTime").strip('"')
            if is_time(text):
                if text != value:
                    self.log.note(f"{value!r} is read as the time {text}.", at=at)
                return text
        mend = "Write it like 2026-04-01T12:00:00Z (xsd:dateTime)."
        self.log.error(f"{_shown(value)} is not a time.", mend, at=at)
        return ""

    def attributes(self, record: _Record, beside: Container[str] = ()) -> Attributes:
        """Read the attributes of a record, without its formal arguments (`beside`)."""
        pairs: _Pairs = []
        known, resolve = self.scope.known, self.scope.iri
        for name, value in record.items():
            if name in beside:
                if value is None:
                    self.log.error("null is not a name.", "Remove the argument.", at=(name,))
                continue
            key = known.get(name) or resolve(name, name)
            if key.startswith(PROV) and f"prov:{key[len(PROV) :]}" in beside:
                fault = f"{name!r} is another name for a formal argument."
                self.log.error(fault, f"Write it as prov:{key[len(PROV) :]}.", at=(name,))
            if type(value) is str and key not in _SPECIAL:
                pairs.append((key, Value(value)))
            elif type(value) is dict and key not in _SPECIAL:
                if read := self._typed(value, (name,)):
                    pairs.append((key, read))
            elif isinstance(value, list):
                for index, part in enumerate(value):
                    pairs.extend(self._values(key, part, (name, index)))
            else:
                pairs.extend(self._values(key, value, (name,)))
        return tuple(pairs)

    def _values(self, key: str, value: Any, at: Steps) -> _Pairs:
        """Return the pair for one value, or log a problem and return none."""
        if key in PROV_O_WORDS:
            word = PROV_O_WORDS[key]
            self.log.note(
                f"{at[0]} is a term of PROV-O; it is read as prov:{split_iri(word)[1]}.", at=at
            )
            key = word
        read = Value(self.time(value, at), DATETIME) if key in TIMES else self._value(value, at)
        return [] if read is None else [(key, read)]

    def _value(self, value: Any, at: Steps) -> Value | None:
        if isinstance(value, dict):
            return self._typed(value, at)
        if isinstance(value, Number):
            return Value(str(value), _number_type(value))
        if isinstance(value, str):
            return Value(value)
        if isinstance(value, bool):
            return Value("true" if value else "false", XSD + "boolean")
        fault = (
            f"An attribute value must be a text, a number or a typed value, not {kind_of(value)}."
        )
        self.log.error(fault, at=at)
        return None

    def _typed(self, value: _Record, at: Steps) -> Value | None:
        """Read `{"$": text, "type": name}` (PROV-JSON 2.3); leave other forms to `_tagged`."""
        text, datatype = value.get("$"), value.get("type")
        if type(text) is not str or type(datatype) is not str or len(value) != 2:
            return self._tagged(value, at)
        known, resolve = self.scope.known, self.scope.iri
        iri = known.get(datatype) or resolve(datatype, *at, "type")
        if iri in QUALIFIED_NAMES:
            return Value(known.get(text) or resolve(text, *at, "$"), IRI)
        if iri == LANG_STRING:
            self.log.error("A text of this type needs a language.", 'Add "lang".', at=at)
        return Value(text, iri)

    def _tagged(self, value: _Record, at: Steps) -> Value | None:
        """Read `{"$": text, "lang": tag}` and other forms that people write for typed values."""
        text, datatype, language = value.get("$"), value.get("type"), value.get("lang")
        if type(text) is not str:
            text = self._text(text, at)
        if text is None or not value.keys() <= {"$", "type", "lang"}:
            mend = 'Write {"$": "text", "type": "xsd:…"} or {"$": "text", "lang": "…"}.'
            self.log.error("This is not a typed value.", mend, at=at)
            return None
        if language is not None:
            tag = language.lower() if isinstance(language, str) else ""
            if LANGUAGE.fullmatch(tag):
                if tag != language:
                    self.log.note(f"The language {language!r} is kept as {tag!r}.", at=at)
                return Value(text, LANG_STRING, tag)
            fault = f"{_shown(language)} is not a language tag."
            self.log.error(fault, "Write it like en or de-CH (BCP 47).", at=(*at, "lang"))
            return None
        if datatype is None:
            return Value(text)
        if isinstance(datatype, str) and not isinstance(datatype, Number):
            return self._typed({"$": text, "type": datatype}, at)
        fault = f"A datatype must be a qualified name, not {kind_of(datatype)}."
        self.log.error(fault, at=(*at, "type"))
        return None

    def _text(self, value: object, at: Steps) -> str | None:
        """Convert a number or truth value in place of a text to text; None for anything else."""
        if value is None or isinstance(value, (dict, list)):
            return None
        fault = f"The number or truth value {value} of a typed value is kept as text."
        self.log.note(fault, at=at)
        return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _number_type(text: str) -> str:
    """Return the datatype of a JSON number, as the `prov` package reads it too."""
    if not text.lstrip("-").isdigit():
        return XSD + "double"
    size = int(text)
    if -(2**31) <= size < 2**31:
        return XSD + "int"
    return XSD + ("long" if -(2**63) <= size < 2**63 else "integer")


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "…"
