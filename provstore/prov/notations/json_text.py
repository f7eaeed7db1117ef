"""Bytes → text that may be JSON, or the reason why it cannot. No I/O.

Every reader calls it first, so it makes only a few passes in C over any input.
"""

from provstore.errors import BadDocument, Problem

BYTES_PER_VALUE = 8  # the minimum on average: a long list of single digits is not a document
MAX_DEPTH = 64

_OTHER_FORMATS = (  # the first bytes of files that people send by mistake
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF", "a NetCDF-4 or HDF5 file"),
    (b"CDF", "a NetCDF file"),
    (b"\xff\xfe", "a text in UTF-16"),
    (b"\xfe\xff", "a text in UTF-16"),
)
_BOM = b"\xef\xbb\xbf"
TOO_DEEP = Problem("", f"Lists and objects are nested more than {MAX_DEPTH} deep.")
_TOO_MANY = Problem(
    "", "This file has too many values for its size.", "Split it into several files."
)


def decode_json_text(data: bytes, name: str, limit: int) -> str:
    """Decode `data`, or refuse it with little work.

    Raises:
        BadDocument: it is too large, too deep, or not UTF-8; names one problem.

    """
    problem = obvious_problem(data, limit) or (TOO_DEEP if _too_deep(data) else None)
    if problem is not None:
        raise BadDocument(name, [problem], code="PS-DOCUMENT-NO-JSON")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        fault = (
            f"Byte {error.start} is not UTF-8: the input is not a text, or is in another encoding."
        )
        raise BadDocument(
            name, [Problem("", fault, "Save it as UTF-8.")], code="PS-DOCUMENT-NOT-UTF8"
        ) from None


def obvious_problem(data: bytes, limit: int) -> Problem | None:
    """Return an obvious reason not to read the input, if there is one."""
    if len(data) > limit:
        fault = f"The input has {len(data):,} bytes; at most {limit:,} are allowed."
        return Problem("", fault, "Transfer large data separately, not inside a document.")
    for magic, kind in _OTHER_FORMATS:
        if data.startswith(magic):
            return Problem("", f"This is {kind}, not JSON.", "Send the JSON file.")
    if data.startswith(_BOM):
        fault = "The input begins with a byte order mark, which JSON does not allow."
        return Problem("", fault, "Save it as UTF-8 without BOM.")
    if b"\0" in data:
        return Problem("", "The input has zero bytes: it is a binary file, not JSON.")
    if not data.strip():
        return Problem("", "The input is empty.")
    return _TOO_MANY if data.count(b",") > limit // BYTES_PER_VALUE else None


_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))


def _too_deep(data: bytes) -> bool:
    """Return whether brackets outside of strings nest deeper than MAX_DEPTH, without parsing.

    First, escapes are removed (pairs of backslashes, then quotes after a single one), so that every
    remaining quote begins or ends a string. Two adjacent quotes can be removed as well. Then each
    pass removes the innermost level.
    """
    structure = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(_BRACKETS, _NOT_STRUCTURE)
    brackets = b"".join(structure.replace(b'""', b"").split(b'"')[::2])
    run = b"[" * (MAX_DEPTH + 1)
    for _ in range(MAX_DEPTH):
        if not brackets or run in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return run in brackets or b"[]" in brackets
