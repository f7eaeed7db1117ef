"""What tools really write becomes reports: bytes in, a `Read` out, found by content.

`read` and `READERS` are all that the other rooms need. Pure: a reader never opens a file, and
whatever it is given it reads wholly or refuses with every fault.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provstore.ingest.readers.formats import (
        READERS,
        Comparison,
        Finding,
        Read,
        Reader,
        Source,
        compare,
        read,
        recognise,
        together,
    )

__all__ = [
    "READERS", "Comparison", "Finding", "Read", "Reader", "Source", "compare", "read", "recognise",
    "together",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the formats when the first file is read, not with the library (PEP 562)."""
    if name not in __all__:
        raise AttributeError(name)
    from provstore.ingest.readers import formats

    return getattr(formats, name)
