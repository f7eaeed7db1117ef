"""Who may use the files of a store: the account that owns it, or the members of a group.

In: the directory of a store, and perhaps the name of a group. Out: files that are for the owner, or
for the group, and a list of those that could not be changed. It opens no file to read it, follows
no link, and leaves alone what is not the store's.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from provstore.errors import Problem
from provstore.storage.atomic_files import PRIVATE, SHARED
from provstore.storage.file_errors import file_errors
from provstore.storage.user_groups import account_name, group_name

OF_OWNER: Mapping[int, int] = MappingProxyType(
    {stat.S_IFDIR: 0o700, stat.S_IFREG: PRIVATE, stat.S_IFSOCK: PRIVATE}
)
OF_GROUP: Mapping[int, int] = MappingProxyType(
    {stat.S_IFDIR: 0o2770, stat.S_IFREG: SHARED, stat.S_IFSOCK: SHARED}
)
"""The mode of each kind of file; links have none of their own."""

FILES = (
    "provstore.toml", "provstore.damaged-*.toml",
    "journal.sqlite*", "journal.damaged-*.sqlite*", "damage.json",
    "search.sqlite*", "findings.sqlite*",
    "graph*", "rdf*",
    "attachments", "attachments.sha256", "outbox", "drafts",
    "checkpoints.jsonl", "backup.json", "unfinished",
    f".{'[0-9a-f]' * 16}*",
)  # fmt: skip
"""What lies in the directory of a store or of a backup; the last are files without a name yet."""

_ENGINES = ("graph", "rdf")
"""Directories where engines make files; an engine sees to it that the next can use them."""
_SECRET = ("graph", "config")
"""Where an engine keeps its passwords. Each makes this anew."""


class Change(NamedTuple):
    """What was done: how many files were changed, why others were not, and what is not the store's.

    `foreign` are names in the directory of the store.
    """

    changed: int
    problems: tuple[Problem, ...]
    foreign: tuple[str, ...]


class _File(NamedTuple):
    """A file of a store: its path there, its name in an open directory, and its status."""

    path: Path
    directory: int
    name: str
    status: os.stat_result

    @property
    def kind(self) -> int:
        return stat.S_IFMT(self.status.st_mode)

    @property
    def mode(self) -> int:
        return stat.S_IMODE(self.status.st_mode)


def set_permissions(directory: Path, group: int | None) -> Change:
    """Give all files of a store to a group, or to the owner of its directory alone.

    The directory comes first: what others create meanwhile is right from the beginning. If this is
    interrupted, calling it again goes on.

    Raises:
        StoreUnavailable: the directory cannot be read.

    """
    changed = 0
    problems: list[Problem] = []
    with file_errors(directory, "read"):
        place = directory.resolve(strict=True)
        owner = place.stat().st_uid
        for file in _files(place, problems):
            if reason := _reason_to_leave(file):
                problems.append(_problem(file.path, reason))
                continue
            user = owner if group is None else file.status.st_uid
            number = file.status.st_gid if group is None else group
            wanted = _mode(file, is_shared=group is not None), user, number
            if (file.mode, file.status.st_uid, file.status.st_gid) == wanted:
                continue
            try:
                changed += _change(file, *wanted)
            except PermissionError:
                account = account_name(file.status.st_uid)
                text = f"It belongs to {account}. Only {account} or root can change it."
                problems.append(_problem(file.path, text))
            except OSError as error:
                problems.append(_problem(file.path, f"{error.strerror}."))
        foreign = sorted(name for name in os.listdir(place) if not _is_of_store(name))
    return Change(changed, tuple(problems), tuple(foreign))


def permission_notes(directory: Path) -> Iterator[str]:
    """Yield which files of a store are for others than its directory, and who cannot reach it.

    Only for an account that can write to the store; nobody else can mend it.

    Raises:
        StoreUnavailable: the directory cannot be read.

    """
    if sys.platform == "win32" or not os.access(directory, os.W_OK):
        return
    faults: dict[str, list[_File]] = {}
    with file_errors(directory, "read"):
        place = directory.resolve(strict=True)
        owner, group = place.stat(), group_name(place)
        for file in _files(place, []):
            if fault := _fault(file, owner, is_shared=bool(group)):
                faults.setdefault(fault, []).append(file)
    readers = f"the group {group}" if group else account_name(owner.st_uid)
    for fault, files in faults.items():
        count = "1 file is" if len(files) == 1 else f"{len(files)} files are"
        yield (
            f"{count} {fault} {readers}, such as {files[0].path} ({files[0].mode:04o}). "
            "Mend this: provstore permissions."
        )
    if group:
        yield from (
            f"By its mode, {above} lets no member of {readers} through to the store."
            for above in place.parents
            if not _lets_through(above, owner.st_gid)
        )


def _fault(file: _File, owner: os.stat_result, *, is_shared: bool) -> str:
    """Return how a file is not as it must be in a store with this owner; "" if it is."""
    if file.kind not in OF_OWNER:
        return ""
    wanted = _mode(file, is_shared=is_shared)
    if file.mode & ~wanted & 0o777:
        return "not only for"
    is_of_engine = file.path.parts[:1] and file.path.parts[0] in _ENGINES
    if not is_of_engine and file.mode & wanted != wanted:
        return "closed to"
    if is_shared and file.status.st_gid != owner.st_gid:
        return "of another group than"
    if not is_shared and file.status.st_uid != owner.st_uid:
        return "of another account than"
    return ""


def _mode(file: _File, *, is_shared: bool) -> int:
    """Return the mode that a file must have."""
    is_secret = file.kind != stat.S_IFDIR and file.path.parts[:2] == _SECRET
    return (OF_GROUP if is_shared and not is_secret else OF_OWNER)[file.kind]


def _files(place: Path, problems: list[Problem]) -> Iterator[_File]:
    """Yield the directory of a store and all that is the store's in it, each before its content."""

    def unreadable(error: OSError) -> None:
        problems.append(_problem(Path("."), f"A directory cannot be read: {error}."))

    for root, folders, names, directory in os.fwalk(place, onerror=unreadable):
        within = Path(root).relative_to(place)
        if within == Path():
            folders[:] = filter(_is_of_store, folders)
            names[:] = [".", *filter(_is_of_store, names)]
        for name in sorted([*names, *folders]):
            with suppress(FileNotFoundError):  # it has just been removed
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                yield _File(within / name, directory, name, status)


def _is_of_store(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in FILES)


def _reason_to_leave(file: _File) -> str:
    """Return why a file must not be changed: it may be one of somebody else; "" if it may."""
    if file.kind not in OF_GROUP:
        return "It is no file, and was left alone."
    if file.kind == stat.S_IFREG and file.status.st_nlink > 1:
        return "It has another name elsewhere, and was left alone."
    return ""


def _change(file: _File, mode: int, user: int, group: int) -> bool:
    """Change mode and owners of a file; return false if another file has its name by now.

    Raises:
        OSError: this account may not.

    """
    if hasattr(os, "O_PATH"):  # a handle of this kind takes no lock of SQLite with it
        handle = os.open(file.name, os.O_PATH | os.O_NOFOLLOW, dir_fd=file.directory)
        try:
            if not os.path.samestat(os.fstat(handle), file.status):
                return False
            place = f"/proc/self/fd/{handle}"
            os.chown(place, user, group)
            os.chmod(place, mode)
        finally:
            os.close(handle)
    else:
        os.chown(file.name, user, group, dir_fd=file.directory, follow_symlinks=False)
        os.chmod(file.name, mode, dir_fd=file.directory, follow_symlinks=False)
    return True


def _problem(path: Path, text: str) -> Problem:
    return Problem(f"/{path}", text)


def _lets_through(directory: Path, group: int) -> bool:
    status = directory.stat()
    needed = stat.S_IXGRP if status.st_gid == group else stat.S_IXOTH
    return bool(status.st_mode & needed)
