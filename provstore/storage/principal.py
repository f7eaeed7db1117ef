"""Who writes: the account of the operating system that this process runs under.

In: nothing. Out: its name. It is what the system knows, and not what anybody claims.
"""

import os
import sys
from functools import cache

if sys.platform != "win32":
    import pwd


def principal() -> str:
    """Return the account of this process: `os:` and its name, or its number without one.

    >>> principal().startswith("os:")
    True
    """
    if sys.platform == "win32":
        return f"os:{os.environ.get('USERNAME', 'unknown')}"
    return _account(os.geteuid())


@cache
def _account(number: int) -> str:
    """Return the name of an account; looked up once, as the system reads a file for it."""
    try:
        return f"os:{pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"os:{number}"
