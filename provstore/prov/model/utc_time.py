"""Instants as ISO 8601 texts in UTC that end in Z, the only form in which they are written.

In: times with a zone. Out: texts that both query languages order and subtract correctly.
"""

from datetime import UTC, datetime
from typing import Literal

Precision = Literal["auto", "seconds", "microseconds"]


def utc_text(moment: datetime, precision: Precision = "auto") -> str:
    """Write a time with a zone in UTC.

    >>> utc_text(datetime.fromisoformat("2026-03-02T10:00:00+01:00"))
    '2026-03-02T09:00:00Z'
    """
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def utc_now(precision: Precision = "seconds") -> str:
    """Return the current time."""
    return utc_text(datetime.now(UTC), precision)
