"""What all readers ask of an input file: its lines, its keys, its checksum.

In: an `InputFile`. Out: values, reasons, or `BadInput`. It does not decide on formats.
"""

from collections.abc import Iterator

from provstore.errors import BadInput, Problem
from provstore.ingest.extracts import Source
from provstore.prov.notations.input_file import InputFile

NO_OBJECT = "it is not a JSON object"


def source_of(input_file: InputFile) -> Source:
    """Return the name, the checksum and the size of the file."""
    return Source(input_file.name, input_file.sha256, len(input_file.data))


def numbered_lines(input_file: InputFile) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with its place: `line 3`."""
    for number, line in enumerate(input_file.lines, 1):
        if line.strip():
            yield f"line {number}", line


def missing_keys(input_file: InputFile, *keys: str) -> str:
    """Return why the file is not a JSON object with these keys, or ""."""
    if not isinstance(input_file.document, dict):
        return NO_OBJECT
    missing = [repr(key) for key in keys if key not in input_file.document]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def raise_problems(input_file: InputFile, problems: list[Problem]) -> None:
    """Refuse the file if there are problems.

    Raises:
        BadInput: there are problems; lists them.

    """
    if problems:
        raise BadInput(input_file.name, problems[:1000], code="PS-INPUT-CONTENT")
