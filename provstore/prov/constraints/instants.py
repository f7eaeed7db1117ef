"""Times as comparable instants (XML Schema Part 2, 3.2.7).

In: an xsd:dateTime as written. Out: whether it has a time zone, and its seconds. Pure.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

_TIME = re.compile(
    r"(-?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)


class Instant(NamedTuple):
    """Seconds since the year 0; two instants compare only if both or neither have a zone."""

    zoned: bool
    seconds: Fraction


@lru_cache(maxsize=4096)
def parse_instant(text: str) -> Instant | None:
    """Return the instant of a text, or None if it is not an xsd:dateTime."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    minutes = (_days(year, month, day) * 24 + hour) * 60 + minute
    zone = match[7]
    if zone and zone != "Z":
        shift = int(zone[1:3]) * 60 + int(zone[4:])
        minutes -= shift if zone[0] == "+" else -shift
    return Instant(bool(zone), Fraction(match[6]) + minutes * 60)


def _days(year: int, month: int, day: int) -> int:
    """Count days in the Gregorian calendar; here years begin in March, so leap days come last."""
    year -= month < 3
    return (
        365 * year
        + year // 4
        - year // 100
        + year // 400
        + (153 * ((month + 9) % 12) + 2) // 5
        + day
    )


def comparable_time(text: str) -> Instant | str:
    """Return a key that is equal for all spellings of the same instant."""
    return parse_instant(text) or text


def is_before(time: str, other: str) -> bool:
    """Return whether one time is certainly before the other."""
    first, second = parse_instant(time), parse_instant(other)
    return bool(first and second and first.zoned == second.zoned and first < second)
