"""The pages of an SQLite file by what they hold (https://www.sqlite.org/fileformat2.html).

In: the bytes of a file. Out: a class for each page. It is read here without SQLite, so that a page
can be damaged on purpose.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

SCHEMA, FREE, OVERFLOW = "schema", "free", "overflow"
BTREE = {2: "interior-index", 5: "interior-table", 10: "leaf-index", 13: "leaf-table"}
CLASSES = (SCHEMA, *BTREE.values(), OVERFLOW, FREE)


LOG_PART = 256
"""Bytes: a log is damaged in parts of this size."""


def log_classes(data: bytes) -> dict[int, str]:
    """The class of each part of a write-ahead log, by its number from 1."""
    size = int.from_bytes(data[8:12], "big")
    headers = {place // LOG_PART for place in range(32, len(data), 24 + size)}
    parts = range(len(data) // LOG_PART)
    classes = {part + 1: "log-frame" if part in headers else "log-page" for part in parts}
    return {**classes, 1: "log-header"}


def page_size(data: bytes) -> int:
    """The size of a page."""
    size = int.from_bytes(data[16:18], "big")
    return 65536 if size == 1 else size


def page_classes(path: Path) -> dict[int, str]:
    """The class of each page, by its number from 1."""
    data = path.read_bytes()
    size = page_size(data)
    with closing(connect(f"file:{path}?immutable=1", uri=True)) as db:
        roots = [row[0] for row in db.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage")]
    classes = {1: SCHEMA}
    for page in _free_pages(data, size):
        classes[page] = FREE
    for root in roots:
        for page in _tree(data, size, root):
            classes[page] = BTREE[data[(page - 1) * size]]
    for page in range(1, len(data) // size + 1):
        classes.setdefault(page, OVERFLOW)
    return classes


def _free_pages(data: bytes, size: int) -> Iterator[int]:
    trunk = _number(data, 32)
    while trunk:
        yield trunk
        start = (trunk - 1) * size
        for index in range(_number(data, start + 4)):
            yield _number(data, start + 8 + 4 * index)
        trunk = _number(data, start)


def _tree(data: bytes, size: int, page: int) -> Iterator[int]:
    yield page
    start = (page - 1) * size
    if data[start] in (2, 5):
        cells = int.from_bytes(data[start + 3 : start + 5], "big")
        for index in range(cells):
            place = start + 12 + 2 * index
            cell = int.from_bytes(data[place : place + 2], "big")
            yield from _tree(data, size, _number(data, start + cell))
        yield from _tree(data, size, _number(data, start + 8))


def _number(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "big")
