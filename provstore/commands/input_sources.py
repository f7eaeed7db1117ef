"""Turns what a caller passes (a path, bytes, or answers) into an input file. It never writes.

In: a `Source`. Out: its bytes, and a name for them in messages. It does not interpret the bytes.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provstore.errors import BadInput, Problem, Refused
from provstore.prov.notations.input_file import MAX_BYTES, InputFile

Source = str | os.PathLike[str] | bytes | Mapping[str, Any]
"""The path of a file, its content, or a filled form as a mapping."""


def read_source(source: Source) -> InputFile:
    """Return the content of a source, with its name.

    Raises:
        Refused: the file does not exist or cannot be read.
        BadInput: the file is larger than `MAX_BYTES`.

    """
    if isinstance(source, bytes):
        return InputFile(source, "the input")
    if isinstance(source, Mapping):
        text = json.dumps(source, ensure_ascii=False)
        return InputFile(text.encode(errors="surrogatepass"), "the answers")
    path = Path(source)
    try:
        if not path.is_file():
            fault = "is a directory" if path.is_dir() else "does not exist"
            raise Refused(f"{path} {fault}.", "Give the path of a file.", code="PS-REFUSED-NO-FILE")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Refused(
            f"{os.fspath(source)!r} cannot be read: {error}.", code="PS-REFUSED-UNREADABLE-FILE"
        ) from error
    if len(data) > MAX_BYTES:
        mend = f"The limit is {MAX_BYTES >> 20} MiB. Split the file."
        raise BadInput(
            path.name, [Problem("", "This file is too large.", mend)], code="PS-INPUT-TOO-LARGE"
        )
    return InputFile(data, path.name)
