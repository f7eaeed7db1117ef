"""PROV-N, PROV-XML and PROV-JSONLD ⇄ PROV-JSON with the `prov` library; any loss is reported.

In: the text of one notation. Out: the text of another, and notes. `prov` does not keep the spelling
of times and numbers, so it gets placeholders (`spelling_guard`). Content that it would silently
ignore is refused first. It knows no store, fetches nothing, and imports `prov` only on demand.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any, Literal

from provstore.errors import BadDocument, Problem, ProvstoreError
from provstore.prov.model.iris import RESERVED, means_reserved
from provstore.prov.notations import prov_dictionary, provjsonld, provxml
from provstore.prov.notations.json_strict import MAX_BYTES
from provstore.prov.notations.optional_packages import import_package
from provstore.prov.notations.spelling_guard import SpellingGuard

LibraryNotation = Literal["provn", "provxml", "provjsonld"]
"""The notations of this module (W3C PROV-N, PROV-XML, and the Member Submission PROV-JSONLD)."""


_DICTIONARY = "Check the statement: only the forms in the Note on PROV-Dictionary are accepted."


def to_provjson(
    data: bytes, name: str, notation: LibraryNotation, limit: int = MAX_BYTES
) -> tuple[bytes, tuple[Problem, ...]]:
    """Convert a document to PROV-JSON; also return notes on whatever was changed.

    Raises:
        BadDocument: it is not in this notation, or PROV-JSON cannot express its content.
        ProvstoreError: a package that this notation needs is not installed.

    """
    text = decode_text(data, name, limit)
    if notation == "provjsonld":
        text = provjsonld.without_escapes(text, name)
    guard = SpellingGuard(text, notation)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            document = _READERS[notation](guard.text, name, guard)
            content = document.serialize(format="json")
        except (BadDocument, ProvstoreError):
            raise
        except Exception as error:  # prov and lxml raise many kinds of exceptions
            advice = _DICTIONARY if re.search(r"Dictionary|derivedBy(?:Insert|Remov)", text) else ""
            raise BadDocument(
                name, [_fault(error, guard)], advice, code="PS-DOCUMENT-SYNTAX"
            ) from None
    notes = dict.fromkeys(Problem("", guard.restore(str(warning.message))) for warning in caught)
    if notation == "provn" and re.search(r"=\s*-?0\d+\s*[,\]]", text):
        notes[
            Problem(
                "",
                "Leading zeros of whole numbers may be lost. Give the numbers a type to keep them.",
            )
        ] = None
    return guard.restore_provjson(content).encode(), tuple(notes)


def from_provjson(text: str, notation: LibraryNotation) -> str:
    """Convert a PROV-JSON document of ours to another notation; equal input gives equal text.

    Raises:
        ProvstoreError: `prov` cannot express it in this notation, or is not installed.

    """
    require_packages(notation)
    guard = SpellingGuard(text, "provjson")
    names = {"provn": "provn", "provxml": "xml", "provjsonld": "jsonld"}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # on what prov 3.3 will refuse; the writer checks the result
        try:
            model = import_package("prov.model").ProvDocument
            document = model.deserialize(content=guard.text, format="json")
            stream = BytesIO()  # to a text stream, prov would write XML as ASCII
            document.serialize(stream, format=names[notation])
        except Exception as error:  # many kinds: two start times, a mention, …
            raise ProvstoreError(
                f"{notation} cannot express this: {error}", code="PS-ERROR-INEXPRESSIBLE"
            ) from None
    written = _COMPLETED.get(notation, str)(stream.getvalue().decode())
    return guard.restore(written if written.endswith("\n") else written + "\n")


def require_packages(notation: LibraryNotation) -> None:
    """Check that the packages for this notation are installed.

    Raises:
        ProvstoreError: a package is not installed; says how to install it.

    """
    import_package("prov.model")
    if notation == "provxml":
        import_package("lxml.etree")


def _fault(error: Exception, guard: SpellingGuard) -> Problem:
    line, column = getattr(error, "line", None), getattr(error, "column", None)
    line, column = getattr(error, "position", (line, column))
    where = f"line {line}, column {column}" if line else ""
    message = guard.restore(str(error)).removeprefix(f"{where}: ") or type(error).__name__
    if isinstance(error, KeyError):
        message = f"{message} is unknown here"
    return Problem(where, message[0].upper() + message[1:] + ("" if message.endswith(".") else "."))


def decode_text(data: bytes, name: str, limit: int = MAX_BYTES) -> str:
    """Decode the bytes of a document.

    Raises:
        BadDocument: they are not UTF-8, or too many.

    """
    if len(data) > limit:
        fault = f"The input has {len(data):,} bytes; at most {limit:,} are allowed."
        raise BadDocument(name, [Problem("", fault)], code="PS-DOCUMENT-TOO-LARGE")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = (
            f"Byte {error.start} is not UTF-8: the input is not a text, or is in another encoding."
        )
        raise BadDocument(
            name, [Problem("", fault, "Save it as UTF-8.")], code="PS-DOCUMENT-NOT-UTF8"
        ) from None


_HEAD = re.compile(
    r"(?:\s|//[^\n\r]*|/\*.*?\*/|\bdocument\b|\b(?:default|prefix\s+[\w.-]+)\s*<[^<>\s]*>)*", re.S
)
_RESERVED = re.compile(r"\bprefix\s+(prov|xsd)\s*<([^<>\s]*)>")


def _provn(text: str, _name: str, _guard: SpellingGuard) -> Any:
    def blank(match: re.Match[str]) -> str:
        prefix, namespace = match.groups()
        if not means_reserved(prefix, namespace):
            return match[0]
        if namespace != RESERVED[prefix]:
            warnings.warn(f"<{namespace}> is read as <{RESERVED[prefix]}>.", stacklevel=1)
        return re.sub(r"\S", " ", match[0])  # PROV-N 3.7.1 does not allow redeclaring these

    end = match.end() if (match := _HEAD.match(text)) else 0
    text, changed = prov_dictionary.replace_in_provn(_RESERVED.sub(blank, text[:end]) + text[end:])
    if changed:
        warnings.warn(prov_dictionary.DICTIONARY_NOTE, stacklevel=1)
    return import_package("prov.model").ProvDocument.deserialize(content=text, format="provn")


_COMPLETED: Mapping[LibraryNotation, Callable[[str], str]] = MappingProxyType(
    {
        "provxml": provxml.without_subtypes,
        "provjsonld": provjsonld.for_every_reader,
    }
)
"""What other readers need beside the output of `prov`."""

_READERS: Mapping[LibraryNotation, Callable[[str, str, SpellingGuard], Any]] = MappingProxyType(
    {"provn": _provn, "provxml": provxml.read, "provjsonld": provjsonld.read}
)
