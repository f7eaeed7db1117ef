"""Which reader speaks: one row per format, found by what a file holds, never by its name.

In: bytes. Out: an `Extract`, or every reason why not. To add a format, write a module with its row
and name it here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provstore.errors import BadInput, Problem, UnknownName
from provstore.ingest.extracts import Extract, ExtractParts
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.notations.input_file import InputFile
from provstore.readers.input_checks import source_of


@dataclass(frozen=True)
class Reader:
    """One format: `looks_like` gives "" if a file is meant to be one, else the reason why not.

    `read_parts` may then still refuse it, with all its faults (BadInput).
    """

    name: str
    step: str
    title: str
    looks_like: Callable[[InputFile], str]
    read_parts: Callable[[InputFile], ExtractParts]

    def read(self, input_file: InputFile) -> Extract:
        """Read a whole file of this format.

        Raises:
            BadInput: with everything that is wrong with it.

        """
        with gc_paused():
            parts = self.read_parts(input_file)
        return Extract(
            self.name,
            parts.step or self.step,
            (source_of(input_file),),
            MappingProxyType(dict(parts.answers)),
            parts.findings,
            parts.resources,
            parts.notes,
            parts.kept,
        )


def choose_reader(input_file: InputFile, readers: Mapping[str, Reader]) -> Reader:
    """The one reader whose format this is.

    Raises:
        BadInput: none is it, with what each of them said; or several could be.

    """
    if input_file.means_json and input_file.faults:
        raise input_file.faults
    reasons = {row: row.looks_like(input_file) for row in readers.values()}
    matching = [row for row, reason in reasons.items() if not reason]
    if not matching:
        problems = [Problem("", f"No {row.title}: {why}.") for row, why in reasons.items()]
        raise BadInput(input_file.name, problems, "No reader knows this format.")
    if len(matching) > 1:
        names = " or ".join(row.name for row in matching)
        message = f"It could be each of these: {', '.join(row.title for row in matching)}."
        raise BadInput(input_file.name, [Problem("", message, f"Name the reader: {names}.")])
    return matching[0]


def named_reader(name: str, readers: Mapping[str, Reader], input_file: InputFile) -> Reader:
    """The reader that the caller names, if this can be its format.

    Raises:
        UnknownName: there is no such reader.
        BadInput: this is no such file.

    """
    if name not in readers:
        raise UnknownName("reader", name, readers)
    row = readers[name]
    if input_file.means_json and input_file.faults:
        raise input_file.faults
    if why := row.looks_like(input_file):
        raise BadInput(input_file.name, [Problem("", f"This is no {row.title}: {why}.")])
    return row
