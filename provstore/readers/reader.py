"""The choice of a reader: one row per format; the content of a file decides, never its name.

In: an `InputFile` and the rows. Out: the reader of its format, or all reasons why there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from provstore.errors import BadInput, Problem, UnknownName
from provstore.ingest.extracts import Extract, ExtractParts
from provstore.prov.model.gc_pause import gc_paused
from provstore.prov.notations.input_file import InputFile
from provstore.readers.input_checks import source_of


@dataclass(frozen=True)
class ReaderFacts:
    """What a reader states about its tool.

    `tried` has versions of the tool, each with the file that the reader was tried on. `keys` are
    members of its JSON, `marks` texts in its files: they tell what an unknown file resembles.
    `hand_in` says what to submit if a file of this tool cannot be read.
    """

    tool: str
    tried: Mapping[str, str] = field(default_factory=dict)
    taken: str = ""
    aside: str = ""
    contradicted: str = ""
    keys: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    hand_in: str = ""


@dataclass(frozen=True)
class Reader:
    """One format: `looks_like` returns "" if a file has this format, or else the reason why not.

    `read_parts` may then still refuse it, with all its faults (BadInput). `step` is the step that a
    report of such a file is about.
    """

    name: str
    step: str
    title: str
    looks_like: Callable[[InputFile], str]
    read_parts: Callable[[InputFile], ExtractParts]
    facts: ReaderFacts | None = field(default=None, compare=False)

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


NOTHING = Problem("", "This is nothing that provstore reads.", "All formats: provstore formats")


def choose_reader(
    input_file: InputFile,
    readers: Mapping[str, Reader],
    resembles: Callable[[InputFile, Sequence[Reader]], Problem | None],
) -> Reader:
    """Return the reader for the format of this file; `resembles` explains an unknown file.

    Raises:
        BadInput: no reader recognises it (with what it resembles most), or several do.

    """
    broken = input_file.faults if input_file.means_json else None
    matching = [] if broken else [row for row in readers.values() if not row.looks_like(input_file)]
    if not matching:
        like = resembles(input_file, [*readers.values()])
        if broken and not like:
            raise broken
        problems = [*([like] if like else [NOTHING]), *(broken.problems if broken else ())]
        raise BadInput(input_file.name, problems, code="PS-INPUT-UNKNOWN-FORMAT")
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
