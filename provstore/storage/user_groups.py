"""Groups of users of this machine, and directories that are made for one.

In: the name of a group, or a directory. Out: numbers and names, as the system knows them. It knows
no file of a store.
"""

import os
import sys
from pathlib import Path

from provstore.errors import Refused
from provstore.storage.atomic_files import is_for_group, make_directory

if sys.platform != "win32":
    import grp
    import pwd


def group_number(name: str) -> int:
    """Return the number of a group of which this account is a member.

    Raises:
        Refused: there is no such group, or this account is not a member.

    """
    if sys.platform == "win32":
        raise Refused("On Windows, a store has one account.", code="PS-REFUSED-GROUP")
    try:
        number = grp.getgrnam(name).gr_gid
    except (KeyError, ValueError):
        raise Refused(
            f"There is no group {name!r} on this machine. Nothing was changed.",
            "List yours: id -Gn. Or let an administrator make it: groupadd.",
            code="PS-REFUSED-GROUP",
        ) from None
    if os.geteuid() and number not in (os.getegid(), *os.getgroups()):
        account = account_name(os.geteuid())
        raise Refused(
            f"{account} is not a member of the group {name}. Nothing was changed.",
            f"An administrator adds you: usermod -aG {name} {account}. Then log in again.",
            code="PS-REFUSED-GROUP",
        )
    return number


def make_for_group(directory: Path, group: int) -> None:
    """Make the directory of a new store for a group, with parents that are missing.

    Raises:
        OSError: it cannot be made, or not for the group; then nothing new is left.

    """
    places = [directory, *directory.parents]
    missing = [place for place in places if not place.exists()]
    make_directory(directory)
    try:
        for place in reversed(missing or [directory]):
            if not (is_for_group(place) and place.stat().st_gid == group):
                os.chown(place, -1, group)
                place.chmod(0o2770)
    except OSError:
        for place in missing:
            place.rmdir()
        raise


def group_name(directory: Path) -> str:
    """Return the name of the group that a directory was made for; "" if it is for its owner."""
    if sys.platform == "win32" or not is_for_group(directory):
        return ""
    return _name_of_group(directory.stat().st_gid)


def account_name(number: int) -> str:
    """Return the name of an account, or its number if it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"account {number}"


def _name_of_group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return f"{number}"
