"""The token that visitors of a server must show: where it comes from, and how a browser gets it.

In: a file, an environment variable, or nothing. Out: a token. It never stands in a command line,
which every user of the machine can read with `ps`, and never in a log.
"""

import os
import re
import secrets
import stat
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from provstore.errors import Refused
from provstore.web.access_policy import TOKEN_PARAMETER

MIN_TOKEN_LENGTH = 16
"""The minimum number of characters of a token."""

_TOKEN_PATTERN = re.compile(rf"[A-Za-z0-9_-]{{{MIN_TOKEN_LENGTH},200}}")


def read_token(file: Path | None, variable: str) -> str:
    """Return the token in a file, else that in an environment variable, else "".

    Raises:
        Refused: the file cannot be read, or others can read it, or it contains no token.

    """
    # Taken out of the environment: child processes such as kernels do not need it.
    token = os.environ.pop(variable, "")
    if file is not None:
        token = _read(file)
    if file is not None or token:
        check_token(token)
    return token


def check_token(token: str) -> None:
    """Refuse a text that is not a token.

    Raises:
        Refused: it is too short, too long, or has other characters.

    """
    if not _TOKEN_PATTERN.fullmatch(token):
        message = f"A token has {MIN_TOKEN_LENGTH} to 200 letters, digits, hyphens or underscores."
        raise Refused(message, "Make one: openssl rand -hex 24")


def new_token() -> str:
    """Return a random token."""
    return secrets.token_urlsafe(24)


def first_visit(address: str, token: str) -> str:
    """Return the address with the token, for a visitor's first visit."""
    return f"{address}?{TOKEN_PARAMETER}={token}" if token else address


@contextmanager
def opened_in_browser(address: str, *, wanted: bool = True) -> Iterator[Callable[[], object]]:
    """Yield what opens an address in the browser, whose command line does not show the token.

    The browser gets a file that only this user can read, and that leads to the address.
    """
    if not wanted:
        yield lambda: None
        return
    with tempfile.TemporaryDirectory(prefix="provstore-") as folder:  # mode 0700
        page = Path(folder) / "open.html"
        page.write_text(
            '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="refresh" content="0; url={escape(address)}">'
            "<title>provstore</title>"
            f'<a href="{escape(address)}">Open</a>\n',
            encoding="utf-8",
        )
        yield lambda: webbrowser.open(page.as_uri())


def _read(file: Path) -> str:
    try:
        with file.open(encoding="ascii", errors="replace") as opened:
            if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                message = f"Other users can read the token in {file}."
                raise Refused(message, f"Close it: chmod 600 {file}")
            return opened.read(1000).strip()
    except OSError as error:
        raise Refused(f"The token in {file} cannot be read: {error.strerror}.") from error
