"""Selection files of synda: which published datasets somebody wants.

In: a text of lines `facet="value value"` and `variable[realm][frequency]="value value"`; commas
do as well as blanks, quotation marks may be left out, a value may hold `*`. Out: the facets with
their values, or what is wrong, line by line. Pure; asks no index.
"""

import re
from collections.abc import Iterator, Mapping

_LINE = re.compile(r"(?P<facet>[A-Za-z][A-Za-z0-9_]*)(?P<marks>(\[[^\[\]]*\])*)=(?P<values>.*)")
_VALUE = re.compile(r"[^\s,=\[\]\"]+")
_VARIABLE = ("realm", "frequency")


def faults(text: str) -> Iterator[str]:
    """What is wrong with a selection, as ends of sentences that begin with it."""
    lines = list(_lines(text))
    for number, line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            yield f"has no facet=value in line {number}"
        elif match["marks"] and match["marks"].count("[") > len(_VARIABLE):
            yield f"has more than {' and '.join(_VARIABLE)} in brackets in line {number}"
        elif not all(map(_VALUE.fullmatch, _values(match["values"]))):
            yield f"has no values, apart by blanks or commas, in line {number}"
    if not lines:
        yield "selects nothing"


def facets(text: str) -> Mapping[str, tuple[str, ...]]:
    """The facets of a selection without faults, each with its values in their order.

    `variable[atmos][mon]=tas` says three things: realm, frequency and variable. Which of them
    belong together is lost here where several lines say different ones.
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
    """The lines that say something, by their numbers; `#` begins a remark."""
    for number, line in enumerate(text.splitlines(), 1):
        content = line.split("#", 1)[0].strip()
        if content:
            yield number, content


def _values(text: str) -> list[str]:
    inside = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    return re.split(r"\s*,\s*|\s+", inside.strip())
