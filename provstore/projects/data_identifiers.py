"""Normalise identifiers of data: versions, checksums, handles, DOIs, tracking ids.

In: an identifier in any known spelling. Out: its normal spelling, or a `Problem` that says what was
expected. Pure, offline. It knows no project (`drs` does) and no PROV; it never guesses.
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


def parse_version(text: str, where: str = "") -> str | Problem:
    """Return `v20180605` for `#20180605`, `.v20180605`, `v20180605` or `20180605`."""
    match = _VERSION.fullmatch(text.strip())
    if match and _is_date(match[1]):
        return f"v{match[1]}"
    return Problem(where, f"{_shown(text)} is not a version.", "Write v and a date: v20180605.")


def split_version(text: str, where: str = "") -> tuple[str, str] | Problem:
    """Return the id and the version of `id#20180605`, `id#v20180605` or `id.v20180605`.

    The version is "" if the text has none. After `#`, anything but a date is a problem.
    """
    text = text.strip()
    match = _VERSIONED.fullmatch(text)
    if match and _is_date(match[2]):
        return match[1], f"v{match[2]}"
    if match or "#" in text:
        return Problem(where, f"{_shown(text)} does not end in a version.", "Write id#20180605.")
    return text, ""


def parse_handle(text: str, where: str = "") -> str | Problem:
    """Return `hdl:21.14100/…` for a handle, with or without `hdl:` or the address of a resolver.

    Handles do not distinguish the case of ASCII letters (RFC 3651, 3.1): UUIDs are written in
    lower case, other names keep their spelling.
    """
    match = _HANDLE.fullmatch(text.strip())
    if not match:
        return Problem(where, f"{_shown(text)} is not a handle.", "Write hdl:prefix/suffix.")
    suffix = match[2].lower() if _IS_UUID.fullmatch(match[2]) else match[2]
    return f"hdl:{match[1]}/{suffix}"


def parse_doi(text: str, where: str = "") -> str | Problem:
    """Return `10.5072/example` for a DOI, with or without `doi:` or the address of a resolver.

    DOIs do not distinguish the case of ASCII letters (ISO 26324); DataCite writes lower case.
    """
    match = _DOI.fullmatch(text.strip())
    if not match:
        return Problem(where, f"{_shown(text)} is not a DOI.", "Write 10.prefix/suffix.")
    return f"{match[1]}/{_ascii_lower(match[2])}"


def parse_tracking_id(text: str, where: str = "") -> str | Problem:
    """Return `hdl:21.14100/<uuid>`, or the bare UUID where there is no prefix (CMIP5, CORDEX)."""
    text = text.strip()
    if _IS_UUID.fullmatch(text):
        return text.lower()
    parsed = parse_handle(text, where)
    if isinstance(parsed, str) and _IS_UUID.fullmatch(parsed.partition("/")[2]):
        return parsed
    message = f"{_shown(text)} is not a tracking id."
    return Problem(where, message, "A tracking id is a UUID, usually with hdl:prefix/ before it.")


@dataclass(frozen=True, order=True)
class Checksum:
    """A checksum with its algorithm; its text is `sha256:` and lower-case hex."""

    algorithm: str
    digits: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digits}"

    @property
    def multihash(self) -> str:
        """Return it as a multihash in hex, or "" for an algorithm without a code in the table."""
        code = next((c for c, name in _MULTIHASH.items() if name == self.algorithm), "")
        return f"{code}{len(self.digits) // 2:02x}{self.digits}" if code else ""


_DIGITS: Mapping[str, int] = MappingProxyType({"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128})
_MULTIHASH: Mapping[str, str] = MappingProxyType({"11": "sha1", "12": "sha256", "13": "sha512"})
"""Codes of the multicodec table, in hex."""
_CHECKSUM = re.compile(r"(?:(md5|sha-?1|sha-?256|sha-?512):)?([0-9a-f]+)", re.ASCII | re.IGNORECASE)


def parse_checksum(text: str, where: str = "", algorithm: str = "") -> Checksum | Problem:
    """Read hex, `sha256:` and hex, or a multihash in hex.

    `algorithm` is the algorithm that the file names beside the checksum; if it is "", the length of
    bare hex decides. An algorithm that contradicts the digits is a problem.
    """
    match = _CHECKSUM.fullmatch(text.strip())
    algorithms = {_plain(word) for word in (algorithm, match[1] if match else "") if word}
    if not match or not algorithms <= _DIGITS.keys() or len(algorithms) > 1:
        kinds = ", ".join(_DIGITS)
        message = f"{_shown(text)} is not a checksum{f' of {algorithm}' if algorithm else ''}."
        return Problem(where, message, f"Write it in hex ({kinds}) or as a multihash.")
    digits = match[2].lower()
    name, rest = _from_multihash(digits)
    if name and algorithms <= {name} and not match[1]:
        return Checksum(name, rest)
    fits = [name for name, length in _DIGITS.items() if len(digits) == length]
    if not fits or not algorithms <= set(fits):
        stated = f" of {algorithms.pop()}" if algorithms else ""
        message = f"{_shown(text)} has {len(digits)} digits; no checksum{stated} is that long."
        lengths = ", ".join(f"{name} {length}" for name, length in _DIGITS.items())
        return Problem(where, message, f"Known lengths: {lengths}.")
    return Checksum(fits[0], digits)


def _from_multihash(digits: str) -> tuple[str, str]:
    name, rest = _MULTIHASH.get(digits[:2], ""), digits[4:]
    if name and len(rest) == _DIGITS[name] and digits[2:4] == f"{_DIGITS[name] // 2:02x}":
        return name, rest
    return "", ""


def _plain(algorithm: str) -> str:
    """Without hyphens, and without the family that multihash names: `sha2-256` is `sha256`."""
    plain = algorithm.strip().lower().replace("-", "")
    return plain.replace("sha2", "sha", 1) if plain in ("sha2256", "sha2512") else plain


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
