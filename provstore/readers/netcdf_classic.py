"""The global attributes of a classic NetCDF file (CDF-1, CDF-2, CDF-5), from its header alone.

In: bytes, not trusted. Out: names and values, or a `ValueError` with the fault. It follows the
format specification (NUG, appendix B; CDF-5 of PnetCDF) and compares every length with the rest of
the file before it reads.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")
MAX_ENTRIES = 100_000
_DIMENSION, _ATTRIBUTE = 0x0A, 0x0C
_KINDS = {  # nc_type: size, struct code ("" is text)
    1: (1, "b"), 2: (1, ""), 3: (2, "h"), 4: (4, "i"), 5: (4, "f"), 6: (8, "d"),
    7: (1, "B"), 8: (2, "H"), 9: (4, "I"), 10: (8, "q"), 11: (8, "Q"),
}  # fmt: skip

Value = str | int | float | list[int] | list[float]


@dataclass
class _Header:
    data: bytes
    wide: bool  # CDF-5 has 64-bit counts
    place: int = 4

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.place:
            raise ValueError(f"it is cut short at byte {len(self.data)}")
        self.place += length
        return self.data[self.place - length : self.place]

    def padded(self, length: int) -> bytes:
        taken = self.take(length)
        self.take(-length % 4)
        return taken

    def tag(self) -> int:
        return int.from_bytes(self.take(4))

    def count(self) -> int:
        return int.from_bytes(self.take(8 if self.wide else 4))

    def entries(self, tag: int, entry_kind: str) -> int:
        """Read the number of entries of the list that begins here."""
        stated_tag, number = self.tag(), self.count()
        if stated_tag not in (0, tag) or (stated_tag == 0 and number):
            raise ValueError(f"there is no list of {entry_kind} at byte {self.place}")
        if number > MAX_ENTRIES:
            raise ValueError(f"it claims {number:,} {entry_kind}")
        return number

    def name(self) -> str:
        return self.padded(self.count()).decode("utf-8")

    def value(self) -> Value:
        kind = self.tag()
        if kind not in _KINDS:
            raise ValueError(f"the type {kind} at byte {self.place} is unknown")
        number = self.count()
        size, code = _KINDS[kind]
        raw = self.padded(size * number)
        if not code:
            return raw.decode("utf-8", "replace").rstrip("\0")
        values = list(struct.unpack(f">{number}{code}", raw))
        return values[0] if len(values) == 1 else values


def attributes(data: bytes) -> Iterator[tuple[str, Value]]:
    """Return the global attributes in the order of the file.

    Raises:
        ValueError: the file is of another format or damaged (this includes UnicodeDecodeError).

    """
    if data[:4] not in MAGIC:
        raise ValueError("it does not begin like a classic NetCDF file")
    header = _Header(data, wide=data[3] == 5)
    header.count()  # the number of records
    for _ in range(header.entries(_DIMENSION, "dimensions")):
        header.name()
        header.count()
    for _ in range(header.entries(_ATTRIBUTE, "attributes")):
        yield header.name(), header.value()
