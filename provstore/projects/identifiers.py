"""One spelling for what names data: versions, checksums, handles, DOIs, tracking ids.

In: an identifier as somebody wrote it. Out: its one spelling, or a `Problem` that says what was
expected. Pure, offline. It knows no project (that is `drs`) and no PROV; it never guesses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from provstore.errors import Problem

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_VERSION = re.compile(r"(?:[.#]?v|#)?([0-9]{8})", re.ASCII)
_VERSIONED = re.compile(r"(.+?)(?:#v?|\.v)([0-9]{8})", re.ASCII)
_HANDLE = re.compile(
    r"(?:https?://(?:www\.)?hdl\.handle\.net/)?(?:hdl:)?([0-9]+(?:\.[0-9A-Za-z]+)*)/([^\s/?#]\S*)",
    re.ASCII | re.IGNORECASE,
)
_DOI = re.compile(
    r"(?:https?://(?:www\.|dx\.)?doi\.org/)?(?:doi:\s*)?(10\.[0-9]{4,9}(?:\.[0-9]+)*)/(\S+)",
    re.ASCII | re.IGNORECASE,
)
_IS_UUID = re.compile(UUID, re.ASCII | re.IGNORECASE)


def version(text: str, where: str = "") -> str | Problem:
    """Give `v20180605` for `#20180605`, `.v20180605`, `v20180605` or `20180605`."""
    found = _VERSION.fullmatch(text.strip())
    if found and _is_date(found[1]):
        return f"v{found[1]}"
    return Problem(where, f"{_shown(text)} is no version.", "A version is v and a date: v20180605.")


def split_version(text: str, where: str = "") -> tuple[str, str] | Problem:
    """Give the id and the version of `id#20180605`, `id#v20180605` or `id.v20180605`.

    A text without a version gives "" for it; one behind `#` that is no date is a problem.
    """
    text = text.strip()
    found = _VERSIONED.fullmatch(text)
    if found and _is_date(found[2]):
        return found[1], f"v{found[2]}"
    if found or "#" in text:
        return Problem(where, f"{_shown(text)} ends in no version.", "Write id#20180605.")
    return text, ""


def handle(text: str, where: str = "") -> str | Problem:
    """Give `hdl:21.14100/…` for a handle, with or without `hdl:` or its resolver's address.

    Handles do not distinguish the case of ASCII letters (RFC 3651, 3.1): what is a UUID is written
    in lower case, other names stay as they are.
    """
    found = _HANDLE.fullmatch(text.strip())
    if not found:
        return Problem(where, f"{_shown(text)} is no handle.", "A handle is hdl:prefix/suffix.")
    suffix = found[2].lower() if _IS_UUID.fullmatch(found[2]) else found[2]
    return f"hdl:{found[1]}/{suffix}"


def doi(text: str, where: str = "") -> str | Problem:
    """Give `10.5072/example` for a DOI, with or without `doi:` or its resolver's address.

    DOIs do not distinguish the case of ASCII letters (ISO 26324); DataCite writes lower case.
    """
    found = _DOI.fullmatch(text.strip())
    if not found:
        return Problem(where, f"{_shown(text)} is no DOI.", "A DOI is 10.prefix/suffix.")
    return f"{found[1]}/{_ascii_lower(found[2])}"


def tracking_id(text: str, where: str = "") -> str | Problem:
    """Give `hdl:21.14100/<uuid>`, or the bare UUID where there is no prefix (CMIP5, CORDEX)."""
    text = text.strip()
    if _IS_UUID.fullmatch(text):
        return text.lower()
    found = handle(text, where)
    if isinstance(found, str) and _IS_UUID.fullmatch(found.partition("/")[2]):
        return found
    what = f"{_shown(text)} is no tracking id."
    return Problem(where, what, "A tracking id is a UUID, mostly with hdl:prefix/ before it.")


@dataclass(frozen=True, order=True)
class Checksum:
    """A checksum that says its algorithm; its text is `sha256:` and lower-case hex."""

    algorithm: str
    digits: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digits}"

    @property
    def multihash(self) -> str:
        """The same as a multihash in hex; "" for an algorithm that is not in our table."""
        code = next((c for c, name in _MULTIHASH.items() if name == self.algorithm), "")
        return f"{code}{len(self.digits) // 2:02x}{self.digits}" if code else ""


_DIGITS: Mapping[str, int] = MappingProxyType({"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128})
_MULTIHASH: Mapping[str, str] = MappingProxyType({"11": "sha1", "12": "sha256", "13": "sha512"})
"""Codes of the multicodec table, in hex."""
_CHECKSUM = re.compile(r"(?:(md5|sha-?1|sha-?256|sha-?512):)?([0-9a-f]+)", re.ASCII | re.IGNORECASE)


def checksum(text: str, where: str = "", algorithm: str = "") -> Checksum | Problem:
    """Read hex, `sha256:` and hex, or a multihash in hex.

    `algorithm` is what stands beside it in the file ("" if nothing does); then bare hex is known
    by its length. An algorithm that contradicts the digits is a problem.
    """
    found = _CHECKSUM.fullmatch(text.strip())
    told = {_plain(word) for word in (algorithm, found[1] if found else "") if word}
    if not found or not told <= _DIGITS.keys() or len(told) > 1:
        kinds = ", ".join(_DIGITS)
        what = f"{_shown(text)} is no checksum{f' of {algorithm}' if algorithm else ''}."
        return Problem(where, what, f"It is hex of {kinds}, or a multihash.")
    digits = found[2].lower()
    name, rest = _from_multihash(digits)
    if name and told <= {name} and not found[1]:
        return Checksum(name, rest)
    fits = [name for name, length in _DIGITS.items() if len(digits) == length]
    if not fits or not told <= set(fits):
        said = f" of {told.pop()}" if told else ""
        what = f"{_shown(text)} has {len(digits)} digits: that is no checksum{said}."
        lengths = ", ".join(f"{name} {length}" for name, length in _DIGITS.items())
        return Problem(where, what, f"Lengths: {lengths}.")
    return Checksum(fits[0], digits)


def _from_multihash(digits: str) -> tuple[str, str]:
    name, rest = _MULTIHASH.get(digits[:2], ""), digits[4:]
    if name and len(rest) == _DIGITS[name] and digits[2:4] == f"{_DIGITS[name] // 2:02x}":
        return name, rest
    return "", ""


def _plain(algorithm: str) -> str:
    return algorithm.strip().lower().replace("-", "")


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:97]}...")
