"""Moments as ISO 8601 texts in UTC, ending in Z: the one spelling in which they are written.

In: moments with a zone. Out: texts that both query languages order and subtract rightly.
"""

from datetime import UTC, datetime
from typing import Literal

Precision = Literal["auto", "seconds", "microseconds"]


def utc_text(moment: datetime, precision: Precision = "auto") -> str:
    """A moment with a zone, in UTC.

    >>> utc_text(datetime.fromisoformat("2026-03-02T10:00:00+01:00"))
    '2026-03-02T09:00:00Z'
    """
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def utc_now(precision: Precision = "seconds") -> str:
    """The present moment."""
    return utc_text(datetime.now(UTC), precision)
