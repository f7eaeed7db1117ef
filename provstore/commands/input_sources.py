"""What a caller hands in — a path, bytes, or answers — as bytes with a name. Reads, never writes.

In: a `Source` and a limit of size. Out: the bytes, and what to call them in messages. It does not
look into them.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provstore.errors import BadInput, Problem, Refused

Source = str | os.PathLike[str] | bytes | Mapping[str, Any]
"""The path of a file, its content, or a filled form as a mapping."""

LIMIT_BYTES = 64 << 20
"""Bytes. What is longer is not read into memory at all."""


def read_source(source: Source) -> tuple[bytes, str]:
    """The bytes of a source, and its name.

    Raises:
        Refused: there is no such file, or it cannot be read.
        BadInput: it is too long.

    """
    if isinstance(source, bytes):
        return source, "the input"
    if isinstance(source, Mapping):
        return json.dumps(source, ensure_ascii=False).encode(errors="surrogatepass"), "the answers"
    path = Path(source)
    try:
        if not path.is_file():
            fault = "is a directory" if path.is_dir() else "does not exist"
            raise Refused(f"{path} {fault}.", "Name a file.")
        with path.open("rb") as file:
            data = file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Refused(f"{os.fspath(source)!r} cannot be read: {error}.") from error
    if len(data) > LIMIT_BYTES:
        mend = f"Files up to {LIMIT_BYTES >> 20} MiB are read; split it."
        raise BadInput(path.name, [Problem("", "This file is too long.", mend)])
    return data, path.name
