"""Readers of other packages: entry points of the group `provstore.readers`.

In: what is installed. Out: their readers. An entry point names a function without arguments that
returns an iterable of `Reader`; what goes wrong in one of them is refused under its name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from provstore.errors import BadInput, Problem, ProvstoreError
from provstore.ingest.extracts import ExtractParts
from provstore.projects import workflow
from provstore.prov.notations.input_file import InputFile
from provstore.readers.reader import Reader

GROUP = "provstore.readers"
T = TypeVar("T")


def installed_readers(own: Mapping[str, Reader]) -> dict[str, Reader]:
    """Return the readers of other packages by name.

    Raises:
        ProvstoreError: a package cannot be loaded, gives no readers, or takes a name twice.

    """
    readers: dict[str, Reader] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        for reader in _readers(entry):
            if reader.name in own or reader.name in readers:
                raise _refusal(entry, f"the name {reader.name!r} is taken")
            if reader.step not in workflow.STEPS:
                raise _refusal(entry, f"{reader.step!r} is not a step")
            readers[reader.name] = _guarded(reader)
    return readers


def _readers(entry: EntryPoint) -> Iterator[Reader]:
    try:
        rows: Iterable[object] = list(entry.load()())
    except Exception as error:  # whatever a stranger's package raises
        raise _refusal(entry, f"{type(error).__name__}: {error}") from None
    for row in rows:
        if not isinstance(row, Reader):
            raise _refusal(entry, f"it returns {type(row).__name__}, not Reader")
        yield row


def _refusal(entry: EntryPoint, why: str) -> ProvstoreError:
    package = entry.dist.name if entry.dist else entry.value
    return ProvstoreError(
        f"The readers of the package {package} cannot be used: {why[:300]}.",
        f"Repair or uninstall the package {package}.",
        code="PS-ERROR-READER-PACKAGE",
    )


def _guarded(reader: Reader) -> Reader:
    """The reader, with its own faults turned into refusals."""

    def attempt(function: Callable[[InputFile], T]) -> Callable[[InputFile], T]:
        def run(input_file: InputFile) -> T:
            try:
                return function(input_file)
            except ProvstoreError:
                raise
            except Exception as error:  # a fault of the stranger's reader, not of the file
                message = f"The reader {reader.name} failed: {type(error).__name__}: {error}."
                problem = Problem("", message[:400], "Report it to the authors of that reader.")
                raise BadInput(input_file.name, [problem], code="PS-INPUT-READER-FAILED") from None

        return run

    read: Callable[[InputFile], ExtractParts] = attempt(reader.read_parts)
    return replace(reader, looks_like=attempt(reader.looks_like), read_parts=read)
