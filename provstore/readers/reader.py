"""Which reader speaks: one row per format, found by what a file holds, never by its name.

In: bytes. Out: a `Read`, or every reason why not. To add a format, write a module with its row
and name it here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provstore.errors import BadInput, Problem, UnknownName
from provstore.ingest.extracts import Read, Told
from provstore.prov.model.gc_pause import gc_paused
from provstore.readers.input_file import Given


@dataclass(frozen=True)
class Reader:
    """One format: `looks_like` gives "" if a file is meant to be one, else the reason why not.

    `tell` may then still refuse it, with all its faults (BadInput).
    """

    name: str
    step: str
    title: str
    looks_like: Callable[[Given], str]
    tell: Callable[[Given], Told]

    def read(self, given: Given) -> Read:
        """Read a file of this format wholly.

        Raises:
            BadInput: with everything that is wrong with it.

        """
        with gc_paused():
            told = self.tell(given)
        return Read(
            self.name,
            told.step or self.step,
            (given.source,),
            MappingProxyType(dict(told.answers)),
            told.findings,
            told.things,
            told.notes,
            told.kept,
        )


def choose(given: Given, readers: Mapping[str, Reader]) -> Reader:
    """The one reader whose format this is.

    Raises:
        BadInput: none is it, with what each of them said; or several could be.

    """
    if given.means_json and given.faults:
        raise given.faults
    reasons = {row: row.looks_like(given) for row in readers.values()}
    found = [row for row, reason in reasons.items() if not reason]
    if not found:
        problems = [Problem("", f"No {row.title}: {why}.") for row, why in reasons.items()]
        raise BadInput(given.name, problems, "No reader knows this format.")
    if len(found) > 1:
        names = " or ".join(row.name for row in found)
        what = f"It could be each of these: {', '.join(row.title for row in found)}."
        raise BadInput(given.name, [Problem("", what, f"Name the reader: {names}.")])
    return found[0]


def named(name: str, readers: Mapping[str, Reader], given: Given) -> Reader:
    """The reader that the caller names, if this can be its format.

    Raises:
        UnknownName: there is no such reader.
        BadInput: this is no such file.

    """
    if name not in readers:
        raise UnknownName("reader", name, readers)
    row = readers[name]
    if given.means_json and given.faults:
        raise given.faults
    if why := row.looks_like(given):
        raise BadInput(given.name, [Problem("", f"This is no {row.title}: {why}.")])
    return row
