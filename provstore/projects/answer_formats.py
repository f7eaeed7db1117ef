"""The formats that a form may require of a text: times, addresses, ORCID, ROR, selections.

In: a text. Out: what is wrong with it, or "". Pure. `jsonschema` has some of these formats, but
skips each one whose checking library is not installed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from provstore.projects import synda_selection

_TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?", re.ASCII)
_ZONE = re.compile(r"Z|[+-]([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\W_](-*[^\W_])*(\.[^\W_](-*[^\W_])*)+")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_ORCID = re.compile(r"https://orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.ASCII)
_ROR = re.compile(r"https://ror\.org/(0[a-hj-km-np-tv-z0-9]{6})([0-9]{2})")
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's Base32: without i, l, o and u


def instant(text: object) -> datetime | None:
    """Return the instant of a time with a zone, or None if the text is no such time."""
    time = _TIME.match(text) if isinstance(text, str) else None
    if time is None or not _ZONE.fullmatch(time.string, time.end()):
        return None
    try:
        return datetime.fromisoformat(time.string).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or before the year 1 in UTC
        return None


def _time(text: str) -> str:
    if instant(text):
        return ""
    return "has no time zone" if _TIME.fullmatch(text) else "is not a date and time with its zone"


def _email(text: str) -> str:
    fits = len(text) <= 254 and _EMAIL.fullmatch(text)
    return "" if fits else "is not an e-mail address"


def _uri(text: str) -> str:
    return "" if _ADDRESS.fullmatch(text) else "is not a web address"


def _orcid(text: str) -> str:
    if not (match := _ORCID.fullmatch(text)):
        return "is not an ORCID"
    digits = match[1].replace("-", "")
    total = 0
    for digit in digits[:-1]:  # ISO 7064 mod 11-2
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "" if digits[-1] == "0123456789X"[check] else f"is not an ORCID: {_TYPO}"


def _ror(text: str) -> str:
    if not (match := _ROR.fullmatch(text)):
        return "is not a ROR"
    number = 0
    for letter in match[1]:
        number = number * 32 + _BASE32.index(letter)
    check = 98 - number * 100 % 97  # ISO/IEC 7064 mod 97-10
    return "" if int(match[2]) == check else f"is not a ROR: {_TYPO}"


def _selection(text: str) -> str:
    return next(iter(synda_selection.faults(text)), "")


_TYPO = "its check digits do not match, so at least one character is wrong"
FORMATS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "date-time": _time,
        "email": _email,
        "uri": _uri,
        "orcid": _orcid,
        "ror": _ror,
        "selection": _selection,
    }
)
