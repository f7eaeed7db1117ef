"""Runs the command line, and turns errors into messages and exit codes.

Exit 0: done. 1: refused, with the reason. 2: wrong usage. No traceback reaches a user.
"""

import os
import sys
from io import TextIOWrapper
from typing import NoReturn

from provstore.cli.console import print_message
from provstore.errors import BadParameter, ProvstoreError, Refused


def main() -> NoReturn:
    """Run the command line; no traceback reaches a user."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # print letters that a terminal lacks as escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        from provstore.cli import app  # imported here, because Ctrl-C may interrupt it

        app()
    except BadParameter as error:
        _stop(error, 2)
    except ProvstoreError as error:
        _stop(error, 1)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except Exception as error:  # no traceback reaches a user, unless requested
        if "PROVSTORE_TRACEBACK" in os.environ:
            raise
        _stop(_in_plain_words(error), 1)
    raise SystemExit(0)


def _in_plain_words(error: Exception) -> ProvstoreError:
    """Describe an error that nobody expected; one of the system names a file and a reason."""
    advice = "Please report it, with the output of PROVSTORE_TRACEBACK=1."
    if not isinstance(error, OSError):
        return ProvstoreError(f"Internal error: {type(error).__name__}: {error}.", advice)
    reason = error.strerror or str(error)
    if files := [os.fsdecode(file) for file in (error.filename, error.filename2) if file]:
        return Refused(f"{' and '.join(files)}: {reason}.", "Correct this, then try again.")
    return Refused(f"The system reports: {reason}.", f"Try again. If it stays: {advice}")


def _stop(error: ProvstoreError, code: int) -> NoReturn:
    print_message(f"provstore: {error}")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
