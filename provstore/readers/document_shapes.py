"""What a document must look like, as a value; and every fault of one that does not.

In: a JSON value and its shape, made of the few words below. Out: problems, each with its JSON
Pointer, what stands there and what was expected. A document that passed can be indexed without
fear. Linear in the size of the document. Knows no format.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from provstore.errors import BadInput, Problem
from provstore.projects.form_rules import shown
from provstore.prov.notations.json_strict import pointer

MAX_PROBLEMS = 1000  # nobody reads more, and a hostile file could have millions

Shape = Callable[[Any, str], Iterator[Problem]]
_NOTHING: Mapping[str, Shape] = {}


def check(shape: Shape, document: object, name: str) -> Any:
    """Give the document, which has this shape.

    Raises:
        BadInput: it has not; with all faults.

    """
    if faults := [*islice(shape(document, ""), MAX_PROBLEMS)]:
        raise BadInput(name, faults)
    return document


def _of(kinds: type | tuple[type, ...], words: str) -> Shape:
    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            yield _wanted(value, where, words)

    return faults


text = _of(str, "a text")
whole = _of(int, "a whole number")
number = _of((int, float), "a number")
flag = _of(bool, "true or false")


def anything(_value: Any, _where: str) -> Iterator[Problem]:
    """Whatever it is, it is kept."""
    return iter(())


def filled(value: Any, where: str) -> Iterator[Problem]:
    """A text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        yield _wanted(value, where, "a text that is not empty")


def count(value: Any, where: str) -> Iterator[Problem]:
    """A whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield _wanted(value, where, "a whole number, 0 or more")


def among(*words: str) -> Shape:
    """One of these words."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in words:
            yield _wanted(value, where, "one of " + ", ".join(words))

    return faults


def spelt(parse: Callable[[str, str], object]) -> Shape:
    """A text that `parse` understands."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _wanted(value, where, "a text")
        elif isinstance(found := parse(value, where), Problem):
            yield found

    return faults


def optional(shape: Shape) -> Shape:
    """Null, or this shape."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if value is not None:
            yield from shape(value, where)

    return faults


def items(shape: Shape, least: int = 0, *, unique: bool = False) -> Shape:
    """A list of values of this shape."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield _wanted(value, where, "a list")
            return
        if len(value) < least:
            yield _wanted(value, where, f"a list of at least {least}")
        for index, each in enumerate(value):
            yield from shape(each, f"{where}/{index}")
        if unique and all(isinstance(each, str) for each in value):
            seen: set[str] = set()
            for index, each in enumerate(value):
                if each in seen:
                    yield Problem(f"{where}/{index}", f"{shown(each)} stands here twice.")
                seen.add(each)

    return faults


def row(*shapes: Shape) -> Shape:
    """A list of exactly these."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, list) or len(value) != len(shapes):
            yield _wanted(value, where, f"a list of {len(shapes)} values")
            return
        for index, (shape, each) in enumerate(zip(shapes, value, strict=True)):
            yield from shape(each, f"{where}/{index}")

    return faults


def table(shape: Shape, key: Shape = anything, least: int = 0) -> Shape:
    """An object with any keys, all their values of this shape."""

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _wanted(value, where, "an object in braces")
            return
        if len(value) < least:
            yield Problem(where, "This object is empty.")
        for name, each in value.items():
            here = pointer(where, name)
            yield from key(name, here)
            yield from shape(each, here)

    return faults


def fields(
    needed: Mapping[str, Shape], possible: Mapping[str, Shape] = _NOTHING, *, closed: bool = False
) -> Shape:
    """An object with these keys; with others too, unless it is closed."""
    known = {**possible, **needed}

    def faults(value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _wanted(value, where, "an object in braces")
            return
        for name in needed.keys() - value.keys():
            yield Problem(pointer(where, name), f"There is no {name!r}.", "It is needed here.")
        for name in known.keys() & value.keys():
            yield from known[name](value[name], pointer(where, name))
        if closed:
            for name in value.keys() - known.keys():
                what = f"{shown(name)} does not belong here."
                yield Problem(pointer(where, name), what, f"Known are {', '.join(sorted(known))}.")

    return lambda value, where: iter(sorted(faults(value, where)))


def either(*shapes: Shape) -> Shape:
    """One of these shapes; if none fits, the faults of the nearest one.

    Nearest is what is of the right kind and wrong only inside, then what has the fewest faults.
    """

    def faults(value: Any, where: str) -> Iterator[Problem]:
        found = []
        for shape in shapes:
            one = [*islice(shape(value, where), MAX_PROBLEMS)]
            if not one:
                return
            found.append(one)
        yield from min(
            found, key=lambda faults: (any(f.where == where for f in faults), len(faults))
        )

    return faults


def _wanted(value: Any, where: str, words: str) -> Problem:
    return Problem(where, f"{shown(value)} stands here.", f"It must be {words}.")
