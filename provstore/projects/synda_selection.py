"""Selection files of synda, which select published datasets.

In: a text of lines `facet="value value"` and `variable[realm][frequency]="value value"`; commas
or blanks separate values, quotation marks are optional, a value may contain `*`. Out: the facets
with their values, or the faults by line. Pure; asks no index.
"""

import re
from collections.abc import Iterator, Mapping

_LINE = re.compile(r"(?P<facet>[A-Za-z][A-Za-z0-9_]*)(?P<marks>(\[[^\[\]]*\])*)=(?P<values>.*)")
_VALUE = re.compile(r"[^\s,=\[\]\"]+")
_VARIABLE = ("realm", "frequency")


def faults(text: str) -> Iterator[str]:
    """Yield the faults of a selection; each completes a sentence that begins with the selection."""
    lines = list(_lines(text))
    for number, line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            yield f"has no facet=value in line {number}"
        elif match["marks"] and match["marks"].count("[") > len(_VARIABLE):
            yield f"has more than {' and '.join(_VARIABLE)} in brackets in line {number}"
        elif not all(map(_VALUE.fullmatch, _values(match["values"]))):
            yield f"has no values, separated by blanks or commas, in line {number}"
    if not lines:
        yield "selects nothing"


def facets(text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the facets of a faultless selection, each with its values in order.

    `variable[atmos][mon]=tas` gives three facets: realm, frequency and variable. If several such
    lines differ, the result does not show which values belong together.
    """
    values_by_facet: dict[str, dict[str, None]] = {}
    for _, line in _lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        marks = match["marks"][1:-1].split("][") if match["marks"] else []
        for name, mark in zip(_VARIABLE, marks, strict=False):
            if mark and mark != "*":
                values_by_facet.setdefault(name, {})[mark] = None
        values_by_facet.setdefault(match["facet"], {}).update(
            dict.fromkeys(_values(match["values"]))
        )
    return {name: tuple(values) for name, values in values_by_facet.items()}


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with content and their numbers; `#` begins a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        content = line.split("#", 1)[0].strip()
        if content:
            yield number, content


def _values(text: str) -> list[str]:
    inside = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    return re.split(r"\s*,\s*|\s+", inside.strip())
