"""Personal values: names, addresses and free texts, apart from what is chained for ever.

In: answers, the fields of their form, random bytes. Out: answers with a reference in the place of
each personal value, and the values. `restore` puts them back. Pure; it knows no journal.

A reference is a commitment: the SHA-256 of a random salt and the value. It tells nothing about the
value, and nobody can find another value for it. To forget a person, value and salt are deleted; the
references stay, so all hashes still fit.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from provstore.projects.form_fields import Field
from provstore.prov.model.bundle import Bundle, Value
from provstore.prov.model.terms import INGEST
from provstore.prov.notations.json_strict import pointer

NAME, EMAIL, ORCID, TEXT = "name", "email", "orcid", "text"
"""What a form says about a field with `personal`."""
IRI, DOCUMENT, FORMER, CHAIN, PRINCIPAL = "iri", "document", "former", "chain", "principal"
"""The IRI of a person, the whole text of a bundle, what hashes it had in a journal of format 1 (no
part of the text), the last chain hash of that journal, and the account that wrote an entry."""

KINDS = frozenset({NAME, EMAIL, ORCID, TEXT, IRI, DOCUMENT, FORMER, CHAIN, PRINCIPAL})

SALT_BYTES = 16
PERSON = "centre:person/"
"""How names of people begin in the PROV-JSON of a report."""
ORCID_NAMESPACE = "https://orcid.org/"
OF_ONE_VALUE = frozenset({DOCUMENT, FORMER})
"""Kinds of values that stand only in an entry that is nothing else."""
PREFIXES: Mapping[str, str] = {"orcid": ORCID_NAMESPACE}
"""Prefixes that a bundle declares so that `restore` can write the names of people."""


OF_FILES: Mapping[str, str] = {
    INGEST + "creator": NAME, INGEST + "citation": TEXT, INGEST + "description": TEXT,
    INGEST + "kept": TEXT,
}  # fmt: skip
"""Attributes that come from the files of tools, and that may name people."""


class PersonalValue(NamedTuple):
    """One value of one entry.

    `person` is the identifier of whom it is about, or ""; `place` is the JSON pointer of the
    answer, or "". `replaced_by` is the position of the act that put this value in the place of
    another one, or 0.
    """

    reference: str
    salt: bytes
    value: str
    kind: str
    person: str
    place: str
    replaced_by: int = 0

    @property
    def is_readable(self) -> bool:
        """Whether each field has its type; a damaged file may have anything."""
        return tuple(map(type, self)) == _TYPES

    @property
    def is_original(self) -> bool:
        """Whether this is the value that the reference was made for."""
        return self.reference == commitment(self.salt, self.value)


_TYPES = (str, bytes, *[str] * 4, int)


class Person(NamedTuple):
    """A person in a store: a random identifier, and the name in PROV-JSON.

    The name is an ORCID (`orcid:0000-…`) or has the identifier (`centre:person/…`).
    """

    identifier: str
    name: str


def commitment(salt: bytes, value: str) -> str:
    """Return the reference to a value: the SHA-256 of salt and value, in hexadecimal.

    >>> commitment(b"0123456789abcdef", "Ada Example")[:12]
    'dbabecf44256'
    """
    return hashlib.sha256(salt + value.encode(errors="surrogatepass")).hexdigest()


class FormerHashes(NamedTuple):
    """What hashes an entry had in a journal of format 1.

    `content` is the SHA-256 of its text if an amendment put another edition in its place, or "".
    """

    fingerprint: str
    chain: str
    content: str = ""


def former_hashes(text: str) -> FormerHashes | None:
    """Read the hashes that an entry had in format 1; None if a redaction deleted them.

    >>> former_hashes("f0 c1")
    FormerHashes(fingerprint='f0', chain='c1', content='')
    """
    return FormerHashes(*text.split(" ")) if text else None


def person_key(name: str, email: str, orcid: str) -> str:
    r"""Return what tells people apart: the ORCID; without one, name and address together.

    >>> person_key("Ada  Example", " Ada@Example.org", "")
    'ada-example\nada@example.org'
    """
    plain = unicodedata.normalize("NFKC", name).lower()
    slug = re.sub(r"\W+", "-", plain).strip("-")
    return orcid or f"{slug}\n{email.strip().lower()}"


class Concealer:
    """Takes the personal values out of one entry; `values` collects them.

    `salt` returns random bytes; `find_person` returns the person with a key, a new one if needed.
    """

    def __init__(
        self, salt: Callable[[], bytes], find_person: Callable[[str, str], Person]
    ) -> None:
        self.values: list[PersonalValue] = []
        self._salt, self._find_person = salt, find_person
        self._people: dict[tuple[str, str, str], Person] = {}

    def conceal(self, value: str, kind: str, person: str = "", place: str = "") -> str:
        """Return the text that stands for a value."""
        salt = self._salt()
        reference = commitment(salt, value)
        self.values.append(PersonalValue(reference, salt, value, kind, person, place))
        return reference_mark(reference)

    def reference(self, value: str, kind: str, person: str = "", place: str = "") -> str:
        """Conceal a value, and return the reference without marks."""
        self.conceal(value, kind, person, place)
        return self.values[-1].reference

    def document(self, text: str) -> str:
        """Return the text that stands for a whole bundle, whose personal values nobody knows."""
        return self.conceal(text, DOCUMENT)

    def former(self, fingerprint: str, chain: str) -> str:
        """Return the text that stands for the hashes that an entry had in format 1."""
        return self.conceal(f"{fingerprint} {chain}", FORMER)

    def principal(self, name: str) -> str:
        """Return the reference to the account that writes the entry."""
        return self.reference(name, PRINCIPAL)

    def agent(self, answers: Mapping[str, Any]) -> str:
        """Return what stands for the person who answers, after the base and `person/`."""
        person = self._person(answers)
        return self.person(person.name, person.identifier)

    def person(self, name: str, identifier: str, place: str = "") -> str:
        """Return what stands for the name of a person, after the base and `person/`."""
        return _SIGN + self.reference(name, IRI, identifier, place)

    def answers(
        self, fields: Sequence[Field], answers: Mapping[str, Any], about: str = ""
    ) -> dict[str, Any]:
        """Return answers to these fields, with references to their personal values.

        `about` is the identifier of the person whom the answers are about.
        """
        return self._group(fields, answers, ("answers",), about)

    def statements(self, bundle: Bundle) -> Bundle:
        """Return a bundle of a report without the personal values from the files of tools."""
        named = {element.iri for element in bundle.elements
                 for key, _ in element.attributes if key in OF_FILES}  # fmt: skip
        if not named:
            return bundle
        elements = tuple(
            element._replace(attributes=tuple(map(self._attribute, element.attributes)))
            if element.iri in named
            else element
            for element in bundle.elements
        )
        return Bundle(bundle.iri, elements, bundle.relations, bundle.prefixes)

    def _attribute(self, attribute: tuple[str, Value]) -> tuple[str, Value]:
        key, value = attribute
        if key not in OF_FILES or value.text in {
            reference_mark(each.reference) for each in self.values
        }:
            return attribute
        person = ""
        if OF_FILES[key] == NAME:
            person = self._person({"name": value.text}).identifier
        return key, value._replace(text=self.conceal(value.text, OF_FILES[key], person))

    def _group(
        self,
        fields: Sequence[Field],
        answers: Mapping[str, Any],
        path: tuple[str, ...],
        about: str = "",
    ) -> dict[str, Any]:
        personal = {field.name: field for field in fields if field.has_personal}
        is_person = any(personal[name].personal == NAME for name in personal if name in answers)
        person = self._person(answers).identifier if is_person else about
        return {
            name: self._answer(personal[name], answer, (*path, name), person)
            if name in personal
            else answer
            for name, answer in answers.items()
        }

    def _answer(self, field: Field, answer: Any, path: tuple[str, ...], person: str = "") -> Any:
        if isinstance(answer, str):
            if not field.personal:
                return answer
            return self.conceal(answer, field.personal, person, pointer("", *path))
        if isinstance(answer, Mapping):
            return self._group(field.parts, answer, path)
        if isinstance(answer, list) and field.parts:
            return [
                self._answer(field.parts[0], row, (*path, str(n))) for n, row in enumerate(answer)
            ]
        return answer

    def _person(self, answers: Mapping[str, Any]) -> Person:
        name, email = str(answers["name"]), str(answers.get("email", ""))
        orcid = str(answers.get("orcid", ""))
        if known := self._people.get((name, email, orcid)):
            return known
        in_prov = f"orcid:{orcid.removeprefix(ORCID_NAMESPACE)}" if orcid else ""
        person = self._find_person(person_key(name, email, orcid), in_prov)
        self._people[name, email, orcid] = person
        return person


class Mark(NamedTuple):
    """A reference in a text: where it is, and how often its text was written into another one."""

    start: int
    end: int
    reference: str
    depth: int


def restore(text: str, values: Iterable[PersonalValue], marks: Iterable[Mark] = ()) -> str:
    """Put the values back into the PROV-JSON of an entry, in the place of their references.

    `marks` are those of the text (`marks_of`), if they are known.

    A reference stands between backslashes, and JSON doubles them each time that a text is written
    into another one. So their number tells how often the value has to be escaped.
    """
    known = {value.reference: value for value in values}
    pieces, done = list[str](), 0
    for start, end, reference, depth in marks or marks_of(text):
        if value := known.get(reference):
            pieces += (text[done:start], _escaped(value, depth))
            done = end
    restored = "".join([*pieces, text[done:]])
    people = [value.value for value in known.values() if value.kind == IRI]
    return restored if len({*people}) == len(people) else _united(restored)


def _united(text: str) -> str:
    """Return PROV-JSON in which nothing is described under the same key twice.

    Two references may have become one person; the descriptions of one thing then are a list.
    """

    def unite(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members: dict[str, list[Any]] = {}
        for key, value in pairs:
            members.setdefault(key, []).append(value)
        return {key: all_[0] if len(all_) == 1 else all_ for key, all_ in members.items()}

    return json.dumps(json.loads(text, object_pairs_hook=unite), ensure_ascii=False)


def marks_of(text: str) -> list[Mark]:
    """Return everything in the text of an entry that looks like a reference.

    The name of a person is one, too, without backslashes.
    """
    marks, at = list[Mark](), text.find(_SIGN)
    while at >= 0:
        rest = text[at + 1 : at + 2 + _MOST]
        number = len(rest) - len(rest.lstrip("\\"))
        first = at + 1 + number
        last = first + _LENGTH
        if number == 0:
            if text.endswith(PERSON, 0, at):
                marks.append(Mark(at - len(PERSON), last, text[first:last], 0))
        elif number in _DEPTHS and text.startswith(_CLOSE, last + number):
            marks.append(Mark(at, last + number + 1, text[first:last], _DEPTHS[number]))
        at = text.find(_SIGN, first)
    return marks


def references(text: bytes) -> Iterator[bytes]:
    """Yield everything in the text of an entry that looks like a reference.

    These are the references of `marks_of`, found without decoding the text.
    """
    at = text.find(b"~")
    while at >= 0:
        first = at + 1
        piece = text[first : at + _LONGEST]
        inner = piece.lstrip(b"\\")
        if number := len(piece) - len(inner):
            first += number
            after = _LENGTH + number
            if number in _DEPTHS and inner[after : after + 1] == b"^":
                yield inner[:_LENGTH]
        elif text.endswith(_PERSON, 0, at):
            yield inner[:_LENGTH]
        at = text.find(b"~", first)


def is_in_place(value: PersonalValue, text: str, principal: str) -> bool:
    """Whether a value has the kind of what stands at its place in an entry."""
    if value.kind in OF_ONE_VALUE:
        return is_one_value(text)
    return (value.kind == PRINCIPAL) == (value.reference == principal)


def is_one_value(text: str | bytes) -> bool:
    """Whether the text of an entry is a reference to a whole document, and nothing else of it."""
    return text[:1] in (_SIGN, b"~")


_LENGTH = 64
"""The characters of a reference."""
_SIGN, _CLOSE = "~", "^"
_DEPTHS = {1 << depth: depth for depth in range(6)}
"""How often a text was written into another one, by the number of backslashes."""
_MOST = max(_DEPTHS)
_LONGEST = 2 + _LENGTH + 2 * max(_DEPTHS)
"""The characters of the longest mark."""
_PERSON = PERSON.encode()


def reference_mark(reference: str) -> str:
    """Return the text that stands for a value with this reference."""
    return f"{_SIGN}\\{reference}\\{_CLOSE}"


def _escaped(value: PersonalValue, depth: int) -> str:
    text = "" if value.kind == FORMER else value.value
    for _ in range(depth):
        text = encode_basestring(text)[1:-1]
    return text
