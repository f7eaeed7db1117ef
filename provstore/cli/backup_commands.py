"""The commands that keep a store safe: backup, restore, repair, upgrade and permissions."""

from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.audit.backup import restore as restore_backup
from provstore.audit.repair import repair as repair_store
from provstore.audit.upgrade import upgrade as upgrade_store
from provstore.cli.console import print_receipt
from provstore.cli.options import AsJson, Directory, app
from provstore.errors import BadParameter
from provstore.results.receipts import PermissionsResult
from provstore.storage.permissions import set_permissions
from provstore.storage.settings import read_settings, store_directory
from provstore.storage.user_groups import group_name, group_number


@app.command()
def backup(
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="A new directory, or an earlier backup.")
    ],
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Back up the store while others use it.

    Only new content is added to an earlier backup. A backup is verified like
    a store: provstore verify --store DEST.
    """
    with provstore.open(directory) as store:
        result = store.backup(destination)
    print_receipt(result, as_json)
    if result.problems:
        raise typer.Exit(1)


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="The directory of a backup.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    as_json: AsJson = False,
) -> None:
    """Restore a backup as a new store, and verify both."""
    print_receipt(restore_backup(backup, directory), as_json)


@app.command()
def repair(
    sources: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="BACKUP", help="A backup of the store; repeatable."),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Repair a damaged store from backups.

    Only entries whose hashes match are restored. The damaged journal is kept.
    Without a backup, only indexes are rebuilt.
    """
    result = repair_store(store_directory(directory), sources or ())
    print_receipt(result, as_json)
    if result.problems:
        raise typer.Exit(1)


@app.command()
def upgrade(directory: Directory = None, as_json: AsJson = False) -> None:
    """Bring a store of an earlier version into the present format.

    Nobody else may have the store open. Back it up first. Every entry stays as
    it is; the upgrade is recorded with the last hash of the former journal.
    """
    print_receipt(upgrade_store(store_directory(directory)), as_json)


@app.command()
def permissions(
    group: Annotated[
        str, typer.Option(help="Give the files to this group.", show_default=False)
    ] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Close the files to all but the owner.")
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Set who may use the files of a store or a backup.

    Without an option, the files follow the directory of the store. Only their
    owners and root can change them; each may run this command.
    """
    if group and private:
        raise BadParameter("--group and --private cannot be combined.", "Choose one of them.")
    place = store_directory(directory)
    read_settings(place)
    group = group or ("" if private else group_name(place))
    number = group_number(group) if group else None
    result = PermissionsResult(str(place), group, *set_permissions(place, number))
    print_receipt(result, as_json)
    if result.problems:
        raise typer.Exit(1)
