"""What an unknown file resembles most, and what is wrong with it as a file of that format.

In: an `InputFile` that no reader recognises, and the readers. Out: one problem: the format, what it
lacks and what to hand in.
"""

from collections.abc import Iterator, Mapping, Sequence

from provstore.errors import Problem
from provstore.prov.notations.input_file import InputFile
from provstore.readers.reader import Reader
from provstore.readers.reader_facts import facts_of

_LOOKED_AT = 20_000
"""How many members of a document, and how many bytes of a text, count."""
_ENOUGH = 0.4
"""The share of its keys or marks that a file must have to resemble a format."""
OTHERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "a tag file of BagIt": (
        ("BagIt-Version:", "Bagging-Date:", "Payload-Oxum:", "Tag-File-Character-Encoding:"),
        "Submit the manifest of the bag: manifest-sha256.txt.",
    ),
    "a JSON Schema": (('"$schema"', '"properties"'), "Submit a document, not its schema."),
}
"""Formats that people confuse with those that are read: marks, and what to hand in."""


def resemblance(input_file: InputFile, readers: Sequence[Reader]) -> Problem | None:
    """Return the format that a file resembles most, with what is wrong with it, or None."""
    keys = _keys(input_file.document)
    head = input_file.data[:_LOOKED_AT].decode(errors="replace")
    for title, (marks, hand_in) in OTHERS.items():
        if sum(mark in head for mark in marks) >= 2:
            return Problem("", f"This looks like {title}, which is not read.", hand_in)
    best, most = None, 0.0
    for row in readers:
        score = _score(row, keys, head, parsed=input_file.document is not None)
        if score > most:
            best, most = row, score
    if best is None or most < _ENOUGH:
        return None
    message = f"This looks like {best.title!r}, but {_fault(best, input_file, keys)}."
    return Problem("", message, facts_of(best).hand_in)


def _fault(row: Reader, input_file: InputFile, keys: frozenset[str]) -> str:
    """What is wrong with the file as one of this format."""
    if input_file.means_json and input_file.faults:
        return "it is not JSON"
    missing = [key for key in facts_of(row).keys if key not in keys]
    lacking = f" (of its usual keys, these are missing: {', '.join(missing)})" if missing else ""
    return f"{row.looks_like(input_file) or 'it is damaged'}{lacking}"


def _score(row: Reader, keys: frozenset[str], head: str, *, parsed: bool) -> float:
    """The share of the signs of a format that the file has; at least two must fit."""
    facts = facts_of(row)
    if parsed:
        fitting, signs = [key for key in facts.keys if key in keys], facts.keys
    else:
        signs = (*facts.marks, *(f'"{key}"' for key in facts.keys if head[:1] in "{["))
        fitting = [sign for sign in signs if sign in head]
    return len(fitting) / len(signs) if len(fitting) >= 2 else 0.0


def _keys(document: object) -> frozenset[str]:
    """The names of members of a document, those near its root first."""
    return frozenset(name for name, _ in zip(_names(document), range(_LOOKED_AT), strict=False))


def _names(document: object) -> Iterator[str]:
    level: list[object] = [document]
    while level:
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                yield from value
                below += value.values()
            elif isinstance(value, list):
                below += value
        level = below[:_LOOKED_AT]
