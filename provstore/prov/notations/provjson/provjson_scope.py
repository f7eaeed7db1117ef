"""The scope of a PROV-JSON document or bundle: its prefixes, and the log of problems and notes.

In: prefixes as declared, qualified names as written. Out: IRIs, and `Problem`s with pointers.
Knows no records and no values.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from provstore.errors import Problem
from provstore.prov.model.iris import RESERVED, encode_iri, is_absolute, means_reserved, split_iri
from provstore.prov.notations.json_strict import Number, is_plain, pointer

Steps = tuple[str | int, ...]
"""A place in a document: the keys and numbers that lead to it."""


_FOLDER = re.compile(r"[a-z]+://[A-Za-z0-9.-]+/(?:[A-Za-z0-9._~/-]*[/#])?")
"""Namespaces to which any plain letters can be appended to make a legal IRI."""


class Doubt(Exception):
    """There may be a problem, so the input must be read again by the strict reader."""


class Log:
    """Collects problems and notes.

    `place` is the place that is being read; a message adds the steps `at` to it. So pointers are
    only made for messages. `fast` is true if `json_fast` has read the JSON.
    """

    def __init__(self, *, fast: bool = False) -> None:
        self.fast = fast
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.place: Steps = ()

    def error(self, fault: str, mend: str = "", *, at: Steps = ()) -> None:
        """Add a problem; the document will be refused."""
        self.problems.append(Problem(pointer("", *self.place, *at), fault, mend))

    def note(self, fault: str, *, at: Steps = ()) -> None:
        """Add a note on something unusual that is accepted."""
        self.notes.append(Problem(pointer("", *self.place, *at), fault))

    def check_plain(self, part: object) -> None:
        """Check a part that the caller has not found to be a string, if `json_fast` has read it.

        Raises:
            Doubt: the strict reader must read the JSON.

        """
        if self.fast and not is_plain(part):
            raise Doubt


class ResolvedNames(dict[str, str]):
    """Resolved names → IRIs. `[]` also resolves a new name, if that needs no message.

    Raises:
        Doubt: it may need a message; use `Scope.iri`.

    """

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        super().__init__()
        self.namespaces = namespaces

    def __missing__(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        namespace = self.namespaces.get(prefix)
        if namespace is None or prefix == "_" or not local:
            raise Doubt
        iri = namespace + local
        if encode_iri(iri) != iri:
            raise Doubt
        self[name] = iri
        return iri

    def resolve_all(self, names: Sequence[str]) -> list[str]:
        """Resolve many names at once; fast if they are plain and in one namespace.

        Raises:
            Doubt: a name may need a message.

        """
        prefix = names[0].partition(":")[0]
        namespace = self.namespaces.get(prefix, "")
        plain = rf"(?:{re.escape(prefix)}:[A-Za-z0-9._~/-]++\n)++"
        lines = "\n".join((*names, ""))
        if (
            prefix == "_"
            or lines.count("\n") > len(names)
            or not _FOLDER.fullmatch(namespace)
            or not re.fullmatch(plain, lines)
        ):
            return list(map(self.__getitem__, names))
        iris = [namespace + name[len(prefix) + 1 :] for name in names]
        self.update(zip(names, iris, strict=True))
        return iris


class Blanks:
    """The blank names of a document: `_:x` has one meaning in all of it, and none elsewhere.

    PROV-JSON requires a key for every relation, so a relation without an identifier usually has a
    blank key. A blank key is an identifier only if the name also has another role in the document:
    key of an element or a bundle, argument, attribute, or value. `named` has the IRIs of these
    names; it is complete once the whole document has been read.
    """

    def __init__(self, namespace: Callable[[], str]) -> None:
        self._namespace = namespace
        self.named: set[str] = set()

    def iri(self, name: str) -> str:
        """Return the IRI of a blank name."""
        return self._namespace() + encode_iri(name.removeprefix("_:"))

    def identifier(self, key: str) -> str:
        """Return the identifier of a relation with this key, or "" if the key is none."""
        iri = self.iri(key) if is_blank(key) else ""
        return iri if iri in self.named else ""


def is_blank(name: str) -> bool:
    """Return whether a name is blank: it has a meaning only in its document."""
    return name.startswith("_:")


class Scope:
    """Qualified names of one document or bundle → IRIs (PROV-JSON 2.2).

    A bundle inherits the prefixes of its document and may redefine them. `known` has all names
    resolved so far: look there first. `blanks` are the blank names of the whole document.
    """

    def __init__(
        self,
        outer: Mapping[str, str],
        own: Mapping[str, str],
        blanks: Blanks,
        log: Log,
    ) -> None:
        self.prefixes = {**outer, **own}
        self.blanks = blanks
        self._namespaces = {**RESERVED, **self.prefixes}
        self.known = ResolvedNames(self._namespaces)
        self._log = log

    def knows(self, name: str) -> bool:
        """Return whether the prefix of this name is declared in this scope."""
        prefix, colon, _ = name.partition(":")
        return (prefix if colon else "default") in self._namespaces

    def iri(self, name: str, *at: str | int) -> str:
        """Return the IRI of a name, or log a problem and return ""."""
        iri = self.known.get(name)
        if iri is None:
            iri = self._resolve(name, at)
            if iri:
                self.known[name] = iri
        return iri

    def _resolve(self, name: str, at: Steps) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        if is_blank(name):
            iri = self.blanks.iri(name)
            self.blanks.named.add(iri)
            return iri
        namespace = self._namespaces.get(prefix)
        if namespace is None and colon and (local.startswith("//") or prefix == "urn"):
            self._log.note(f"{name!r} is a full IRI, but a qualified name is required.", at=at)
            namespace = f"{prefix}:"
        if namespace is None:
            if colon:
                fault = f"The prefix {prefix!r} of {name!r} is not declared."
                self._log.error(fault, 'Declare it under "prefix".', at=at)
            else:
                fault = f"{name!r} has no prefix, and the document declares no default namespace."
                mend = 'Write it as prefix:name, or declare "default" under "prefix".'
                self._log.error(fault, mend, at=at)
            return ""
        iri = encode_iri(namespace + local)
        if not local and not split_iri(iri)[0]:
            self._log.error(f"{name!r} stands for <{iri}>, which is only a scheme.", at=at)
            return ""
        if iri != namespace + local:
            self._log.note(
                f"{name!r} has characters that are not allowed in an IRI; changed to <{iri}>.",
                at=at,
            )
        return iri


def read_prefixes(record: Mapping[str, Any], where: Steps, log: Log) -> dict[str, str]:
    """Return the prefixes that a document or bundle declares; `prov`, `xsd` and `_` are fixed."""
    log.place = (*where, "prefix")
    declared: dict[str, str] = {}
    prefixes = record.get("prefix", {})
    if not isinstance(prefixes, dict):
        log.error(f"This is {kind_of(prefixes)}; prefixes must be an object.")
        return declared
    for prefix, namespace in prefixes.items():
        if not isinstance(namespace, str):
            log.error(f"A namespace must be a text, not {kind_of(namespace)}.", at=(prefix,))
        elif ":" in prefix:
            log.error("A prefix must not have a colon.", at=(prefix,))
        elif prefix == "_":
            fault = "The prefix '_' is reserved for blank names, which have no namespace."
            log.error(fault, "Choose another prefix for the namespace.", at=(prefix,))
        elif prefix in RESERVED and namespace != RESERVED[prefix]:
            if means_reserved(prefix, namespace):
                log.note(f"<{namespace}> is read as <{RESERVED[prefix]}>.", at=(prefix,))
                continue
            fault = (
                f"The prefix {prefix!r} always stands for <{RESERVED[prefix]}>; here it is bound to"
                f" <{namespace}>."
            )
            log.error(fault, "Choose another prefix for the other namespace.", at=(prefix,))
        elif not is_absolute(namespace):
            fault = f"The namespace {namespace!r} is not an absolute IRI."
            log.error(fault, "Begin it with a scheme, such as https:.", at=(prefix,))
        else:
            declared[prefix] = namespace
            for note in _notes_on_namespace(namespace):
                log.note(note, at=(prefix,))
    return declared


def _notes_on_namespace(namespace: str) -> Iterator[str]:
    if namespace[-1] not in "/#:;=?":
        yield f"The namespace <{namespace}> ends without '/' or '#'."
    if (legal := encode_iri(namespace)) != namespace:
        fault = f"{namespace!r} has characters that are not allowed in an IRI"
        yield f"{fault}; names in it begin with <{legal}>."


def kind_of(value: object) -> str:
    """Name the kind of a JSON value."""
    if isinstance(value, Number):
        return "a number"
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a truth value"}
    return kinds.get(type(value), "null")
