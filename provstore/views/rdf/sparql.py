"""Checks SPARQL queries, and converts parameters and results.

In: a query, a parameter, a term in the engine's JSON. Out: a checked query, an encoded parameter, a
cell. It opens no connection.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from provstore.errors import BadParameter, BadQuery
from provstore.prov.model.terms import XSD
from provstore.results.cell_values import Cell, Iri, read_duration

TOKEN = re.compile(
    r"""(?P<skip>\#[^\n\r]*|[?$](?P<variable>\w+)
        |'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*")
        |<(?P<iri>[^<>"{}|^`\\\x00-\x20]*)>|(?P<name>[\w.-]*:[\w.%:-]*)|(?P<word>[A-Za-z]+)|(?P<bracket>[(){}])""",
    re.VERBOSE | re.DOTALL,
)
"""The tokens of a query that matter here: variables, IRIs, names, words and brackets."""

_PLAIN_IRI = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+")
_SUBSELECT = re.compile(r"(?:\s|#[^\n\r]*)*SELECT\b", re.IGNORECASE)
_ERROR_PLACE = re.compile(r"error at (\d+):(\d+)")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_INTEGERS = frozenset(XSD + name for name in ("integer", "int", "long", "nonNegativeInteger"))


def refuse_federation(text: str) -> None:
    """Refuse a query that accesses other servers.

    Raises:
        BadQuery: the query contains SERVICE or LOAD, in any spelling.

    """
    plain = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16) % 0x110000), text)
    for variant in {text, plain}:
        for token in TOKEN.finditer(variant):
            if (token["word"] or "").upper() in ("SERVICE", "LOAD"):
                raise BadQuery(
                    f"{token['word'].upper()} is not allowed: a query must not access other "
                    "servers.",
                    "Remove this clause.",
                )


def bind_known_iris(text: str, parameters: Mapping[str, Cell]) -> str:
    """Add the known IRIs to each SELECT as `VALUES`.

    An engine that gets its parameters only at execution plans without them, and scans the whole
    store. A parameter applies wherever it is selected: `VALUES` adds only a starting point.
    """
    known = {
        name: f"<{value}>"
        for name, value in parameters.items()
        if isinstance(value, Iri) and _PLAIN_IRI.fullmatch(value)
    }
    parts: list[str] = []
    selected: list[str] | None = None
    depth = end = 0
    for token in TOKEN.finditer(text):
        depth += (token["bracket"] == "(") - (token["bracket"] == ")")
        if (token["word"] or "").upper() == "SELECT":
            selected, depth = [], 0
        elif selected is None or depth:
            continue
        elif token["variable"] in known:
            selected.append(token["variable"])
        elif token["bracket"] == "{":
            if selected and not _SUBSELECT.match(text, token.end()):
                names = [*dict.fromkeys(selected)]
                head, row = (
                    " ".join(f"?{name}" for name in names),
                    " ".join(known[name] for name in names),
                )
                parts += (text[end : token.end()], f" VALUES ({head}) {{ ({row}) }} ")
                end = token.end()
            selected = None
    return "".join(parts) + text[end:]


def parameter_names(text: str) -> list[str]:
    """Return the names with a dollar sign in a query: parameters, or variables."""
    names = (token["variable"] for token in TOKEN.finditer(text) if token[0].startswith("$"))
    return list(dict.fromkeys(names))


def point_to_error(text: str, message: str) -> str:
    """Add the line of the query that the engine's message refers to, and mark the place."""
    place, lines = _ERROR_PLACE.search(message), text.splitlines()
    if place is None or not 1 <= int(place[1]) <= len(lines):
        return message
    return f"{message}\n{lines[int(place[1]) - 1]}\n{' ' * (int(place[2]) - 1)}^"


def encode_parameter(value: Cell) -> tuple[str, str]:
    """Encode a parameter as text and datatype; an IRI has no datatype."""
    if isinstance(value, Iri):
        return str(value), ""
    if isinstance(value, datetime):
        return value.isoformat(), XSD + "dateTime"
    if isinstance(value, bool):
        return str(value).lower(), XSD + "boolean"
    for kind, name in ((str, "string"), (int, "integer"), (float, "double")):
        if isinstance(value, kind):
            return str(value), XSD + name
    raise BadParameter(
        f"A value of type {type(value).__name__} cannot be a parameter in SPARQL.",
        "Use a single value, or use Cypher.",
    )


def read_term(term: Any) -> Cell:
    """Convert a term to a cell; the engine sends an IRI as text and a literal as a list."""
    if term is None:
        return None
    if isinstance(term, str):
        return Iri(term)
    text: str = term[0]
    read = _READERS.get(term[1]) if len(term) > 1 else None
    try:
        return read(text) if read else text
    except (ValueError, ArithmeticError):
        return text  # an ill-typed literal stays a text


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


_READERS: dict[str, Callable[[str], Cell]] = {
    **dict.fromkeys(_INTEGERS, int),
    XSD + "decimal": _number,
    XSD + "double": float,
    XSD + "float": float,
    XSD + "boolean": lambda text: text in ("true", "1"),
    XSD + "dateTime": datetime.fromisoformat,
    XSD + "dayTimeDuration": read_duration,
    XSD + "duration": read_duration,
}
