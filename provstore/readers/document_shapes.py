"""Shapes of JSON documents, and the faults of documents that do not have them.

In: a JSON value and its shape, built from the functions below. Out: problems, each with its JSON
Pointer, the value there and the expected one. A document that passed can be indexed safely. Linear
in the size of the document. Knows no format.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from provstore.errors import BadInput, Problem
from provstore.projects.form_rules import quote_answer
from provstore.prov.notations.json_strict import pointer

MAX_PROBLEMS = 1000  # people read no more, and a hostile file could have millions

Shape = Callable[[Any, str], Iterator[Problem]]
_NOTHING: Mapping[str, Shape] = {}


def check_shape(shape: Shape, document: object, name: str) -> Any:
    """Check a document against a shape and return it.

    Raises:
        BadInput: the document does not have this shape; lists all faults.

    """
    if faults := [*islice(shape(document, ""), MAX_PROBLEMS)]:
        raise BadInput(name, faults, code="PS-INPUT-SHAPE")
    return document


def _of_type(kinds: type | tuple[type, ...], expected: str) -> Shape:
    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            yield _mismatch(value, where, expected)

    return faults


text = _of_type(str, "a text")
integer = _of_type(int, "a whole number")
number = _of_type((int, float), "a number")
boolean = _of_type(bool, "true or false")


def any_value(_value: Any, _where: str) -> Iterator[Problem]:
    """Accept any value."""
    return iter(())


def nonblank(value: Any, where: str) -> Iterator[Problem]:
    """A text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        yield _mismatch(value, where, "a text that is not empty")


def natural(value: Any, where: str) -> Iterator[Problem]:
    """A whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield _mismatch(value, where, "a whole number, 0 or more")


def one_of(*choices: str) -> Shape:
    """One of these texts."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in choices:
            yield _mismatch(value, where, "one of " + ", ".join(choices))

    return faults


def parsed_by(parse: Callable[[str, str], object]) -> Shape:
    """A text that `parse` accepts."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _mismatch(value, where, "a text")
        elif isinstance(parsed := parse(value, where), Problem):
            yield parsed

    return faults


def optional(shape: Shape) -> Shape:
    """Null, or this shape."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if value is not None:
            yield from shape(value, where)

    return faults


def list_of(shape: Shape, least: int = 0, *, unique: bool = False) -> Shape:
    """A list of values of this shape."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield _mismatch(value, where, "a list")
            return
        if len(value) < least:
            yield _mismatch(value, where, f"a list of at least {least}")
        for index, each in enumerate(value):
            yield from shape(each, f"{where}/{index}")
        if unique and all(isinstance(each, str) for each in value):
            seen: set[str] = set()
            for index, each in enumerate(value):
                if each in seen:
                    yield Problem(f"{where}/{index}", f"{quote_answer(each)} occurs twice.")
                seen.add(each)

    return faults


def tuple_of(*shapes: Shape) -> Shape:
    """A list of exactly these shapes."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, list) or len(value) != len(shapes):
            yield _mismatch(value, where, f"a list of {len(shapes)} values")
            return
        for index, (shape, each) in enumerate(zip(shapes, value, strict=True)):
            yield from shape(each, f"{where}/{index}")

    return faults


def mapping_of(shape: Shape, key: Shape = any_value, least: int = 0) -> Shape:
    """An object with any keys, all their values of this shape."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _mismatch(value, where, "an object in braces")
            return
        if len(value) < least:
            yield Problem(where, "This object is empty.")
        for name, each in value.items():
            member = pointer(where, name)
            yield from key(name, member)
            yield from shape(each, member)

    return faults


def object_of(
    needed: Mapping[str, Shape], possible: Mapping[str, Shape] = _NOTHING, *, closed: bool = False
) -> Shape:
    """An object with these keys, and with others unless it is closed."""
    known = {**possible, **needed}

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _mismatch(value, where, "an object in braces")
            return
        for name in needed.keys() - value.keys():
            yield Problem(pointer(where, name), f"{name!r} is missing.", "Add it.")
        for name in known.keys() & value.keys():
            yield from known[name](value[name], pointer(where, name))
        if closed:
            for name in value.keys() - known.keys():
                message = f"{quote_answer(name)} does not belong here."
                yield Problem(pointer(where, name), message, f"Known: {', '.join(sorted(known))}.")

    return lambda value, where: iter(sorted(faults(value, where)))


def any_of(*shapes: Shape) -> Shape:
    """One of these shapes; if none fits, the faults of the closest one.

    A shape of the right kind with faults only inside is closest, then the one with fewest faults.
    """

    def faults(value: Any, where: str) -> Iterator[Problem]:
        alternatives = []
        for shape in shapes:
            shape_faults = [*islice(shape(value, where), MAX_PROBLEMS)]
            if not shape_faults:
                return
            alternatives.append(shape_faults)
        yield from min(
            alternatives, key=lambda faults: (any(f.where == where for f in faults), len(faults))
        )

    return faults


def _mismatch(value: Any, where: str, expected: str) -> Problem:
    return Problem(where, f"{quote_answer(value)} is wrong here.", f"Expected {expected}.")
