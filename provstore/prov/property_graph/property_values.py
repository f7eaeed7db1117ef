"""Attribute values ⇄ properties: native values if these are exact, else text with a mark.

In: `Value`s of one attribute. Out: one property, and under `<name>__type` a mark with the datatype,
or `@` and the language, unless the native value implies it. `united_properties` merges the
properties of an element that two bundles describe. Knows no nodes.
"""

from collections.abc import Callable, Mapping, Sequence

from provstore.prov.model.bundle import IRI, LANG_STRING, STRING, Value
from provstore.prov.model.columns import Column
from provstore.prov.model.terms import XSD

Scalar = str | int | float | bool
Property = Scalar | list[Scalar]
Properties = dict[str, Property]

TYPE_SUFFIX = "__type"
"""The end of the name of the property with the marks."""

_INTEGER = XSD + "integer"
_BOOLEAN, _DOUBLE = XSD + "boolean", XSD + "double"
_INTEGERS = (
    "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte", "negativeInteger",
    "nonPositiveInteger",
)  # fmt: skip
_TYPE_OF = {str: STRING, int: _INTEGER, bool: _BOOLEAN, float: _DOUBLE}


def encode_values(name: str, values: Sequence[Value], properties: Properties) -> None:
    """Write the values of one attribute, in canonical order, as a property and its mark."""
    natives = [_native(value) for value in values]
    if len({type(native) for native, _ in natives}) > 1:  # engines want lists of one type
        natives = [(value.text, _type_mark(value)) for value in values]
    marks = [mark for _, mark in natives]
    several = len(values) > 1
    properties[name] = [native for native, _ in natives] if several else natives[0][0]
    if any(marks):
        properties[name + TYPE_SUFFIX] = marks if several else marks[0]  # type: ignore[assignment]


def encode_column(column: Column) -> tuple[Sequence[Scalar], str] | None:
    """Return the properties of the values, and the mark of all of them, "" if they need none.

    Return None if only some of the values have an exact native form.
    """
    _, datatype, language, texts = column
    if datatype == STRING:
        return texts, ""
    if datatype == LANG_STRING:
        return texts, f"@{language}"
    read = _READERS.get(datatype)
    if read is None:
        return texts, datatype
    natives = [native for text in texts if (native := read(text)) is not None]
    if len(natives) < len(texts):
        return None
    return natives, "" if datatype == _TYPE_OF[type(natives[0])] else datatype


def decode_property(stored: Property, marks: Property) -> list[Value]:
    """Read the values that `encode_values` wrote; `marks` is "" if there are none."""
    natives = stored if isinstance(stored, list) else [stored]
    marked = marks if isinstance(marks, list) else [marks] * len(natives)
    return [_value(native, str(mark)) for native, mark in zip(natives, marked, strict=True)]


def united_properties(old: Mapping[str, Property], new: Mapping[str, Property]) -> Properties:
    """Merge the properties of a node that two bundles describe; values are sorted and distinct.

    The result must not depend on the order of loading, so the shorter of two names is kept; of two
    names with the same length, the alphabetically first.
    """
    united: Properties = dict(old)
    for name, stored in new.items():
        if name == "name":
            united[name] = min(str(old.get(name, stored)), str(stored), key=lambda n: (len(n), n))
        elif "__" not in name:
            united[name] = stored
        elif not (name.endswith(TYPE_SUFFIX) and name.removesuffix(TYPE_SUFFIX) in new):
            mark = name + TYPE_SUFFIX
            values = set(decode_property(stored, new.get(mark, "")))
            if name in old:
                values |= set(decode_property(old[name], old.get(mark, "")))
            united.pop(mark, None)
            encode_values(name, sorted(values), united)
    return united


def _native(value: Value) -> tuple[Scalar, str]:
    """Return the native value if it keeps the lexical form, else the text; also return the mark."""
    text, datatype, _ = value
    if datatype == STRING:
        return text, ""
    read = _READERS.get(datatype)
    native = read(text) if read else None
    if native is None:
        return text, _type_mark(value)
    return native, "" if datatype == _TYPE_OF[type(native)] else datatype


def _integer(text: str) -> int | None:
    try:
        number = int(text) if len(text) < 21 else 2**63
    except ValueError:
        return None
    return number if str(number) == text and -(2**63) <= number < 2**63 else None


def _double(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if repr(number) == text and text not in ("inf", "-inf", "nan") else None


_READERS: dict[str, Callable[[str], Scalar | None]] = {
    **{XSD + name: _integer for name in _INTEGERS},
    _BOOLEAN: {"true": True, "false": False}.get,
    _DOUBLE: _double,
}


def _type_mark(value: Value) -> str:
    if value.datatype == STRING:
        return ""
    return f"@{value.language}" if value.datatype == LANG_STRING else value.datatype


def _value(native: Scalar, mark: str) -> Value:
    if isinstance(native, bool):
        text = "true" if native else "false"
    else:
        text = native if isinstance(native, str) else repr(native)
    if mark == IRI or not mark.startswith("@"):
        return Value(text, mark or _TYPE_OF[type(native)])
    return Value(text, LANG_STRING, mark[1:])
