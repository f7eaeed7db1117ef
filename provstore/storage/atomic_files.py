"""Files that are written whole or not at all, whatever happens meanwhile.

In: a path and its content. It knows nothing else.
"""

import os
import secrets
from pathlib import Path


def write_atomically(file: Path, content: bytes) -> None:
    """Write a file for its owner's eyes; on return it survives power loss. Folders are made.

    Raises:
        OSError: it cannot be written; what was there before is as it was.

    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = file.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):  # its name must survive too; Windows knows no such thing
        folder = os.open(file.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
