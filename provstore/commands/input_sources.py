"""What a caller hands in (a path, bytes, or answers) as an input file. Reads, never writes.

In: a `Source` and a limit of size. Out: the bytes, and what to call them in messages. It does not
look into them.
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
    """The content of a source, and its name.

    Raises:
        Refused: there is no such file, or it cannot be read.
        BadInput: it is longer than `MAX_BYTES`.

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
            raise Refused(f"{path} {fault}.", "Name a file.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Refused(f"{os.fspath(source)!r} cannot be read: {error}.") from error
    if len(data) > MAX_BYTES:
        mend = f"Files may have up to {MAX_BYTES >> 20} MiB; split it."
        raise BadInput(path.name, [Problem("", "This file is too long.", mend)])
    return InputFile(data, path.name)
