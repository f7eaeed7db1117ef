"""The choice of a reader: one row per format; the content of a file decides, never its name.

In: an `InputFile` and the rows. Out: the reader of its format, or all reasons why there is none.
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
    """One format: `looks_like` returns "" if a file has this format, or else the reason why not.

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
            BadInput: the file has faults; lists them all.

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
    """Return the reader for the format of this file.

    Raises:
        BadInput: no reader recognises it (with the reason of each), or several do.

    """
    if input_file.means_json and input_file.faults:
        raise input_file.faults
    reasons = {row: row.looks_like(input_file) for row in readers.values()}
    matching = [row for row, reason in reasons.items() if not reason]
    if not matching:
        problems = [
            Problem("", f"Does not match {row.title!r}: {why}.") for row, why in reasons.items()
        ]
        raise BadInput(
            input_file.name,
            problems,
            "No reader recognises this format.",
            code="PS-INPUT-UNKNOWN-FORMAT",
        )
    if len(matching) > 1:
        names = " or ".join(row.name for row in matching)
        message = (
            f"The content matches several formats: {', '.join(row.title for row in matching)}."
        )
        raise BadInput(
            input_file.name,
            [Problem("", message, f"Choose a reader: {names}.")],
            code="PS-INPUT-SEVERAL-READERS",
        )
    return matching[0]


def named_reader(name: str, readers: Mapping[str, Reader], input_file: InputFile) -> Reader:
    """Return the reader with this name, if the file can have its format.

    Raises:
        UnknownName: no reader has this name.
        BadInput: the file does not have this format.

    """
    if name not in readers:
        raise UnknownName("reader", name, readers, code="PS-NAME-READER")
    row = readers[name]
    if input_file.means_json and input_file.faults:
        raise input_file.faults
    if why := row.looks_like(input_file):
        raise BadInput(
            input_file.name,
            [Problem("", f"Does not match {row.title!r}: {why}.")],
            code="PS-INPUT-OTHER-FORMAT",
        )
    return row
