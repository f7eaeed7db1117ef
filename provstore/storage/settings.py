"""The settings of a store: `provstore.toml`, and the paths of the store's files.

In: a directory. Out: `Settings`. It opens neither the journal nor a view.
"""

import os
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provstore.errors import Refused, StoreUnavailable
from provstore.prov.model.iris import encode_iri
from provstore.storage.atomic_files import SHARED, write_atomically

FORMAT = 1
FILE_NAME = "provstore.toml"
BACKUP_FILE = "backup.json"
"""The file that makes a directory a backup: a store that can be read, and takes nothing."""
ENVIRONMENT_VARIABLE = "PROVSTORE"
DEFAULT_DIRECTORY = "provstore-data"

_TEMPLATE = """\
# A store of provstore. journal.sqlite holds all data; graph/, rdf/ and search.sqlite are views that
# can be deleted and rebuilt (provstore rebuild). findings.sqlite keeps the results of provstore
# verify --provenance; if it is deleted, everything is checked again.
format = {format}
base = "{base}"

# To use a Neo4j server instead of the built-in graph engine, give the store its own database:
# [graph]
# address = "neo4j://graph.example.org:7687"
# user = "neo4j"
# password_env = "PROVSTORE_GRAPH_PASSWORD"    # the environment variable that holds the password
# database = "neo4j"

# The limits of one query: time, rows of the answer, memory:
# [limits]
# seconds = {limits.seconds}
# rows = {limits.rows}
# megabytes = {limits.megabytes}
"""
_KEYS: dict[str, type] = {"format": int, "base": str, "graph": dict, "limits": dict}
_LIMIT_KEYS: dict[str, type] = {"seconds": int, "rows": int, "megabytes": int}
_GRAPH_KEYS: dict[str, type] = {"address": str, "user": str, "password_env": str, "database": str}


@dataclass(frozen=True)
class GraphServer:
    """A Neo4j server; its password is in an environment variable, never in a file."""

    address: str
    user: str = "neo4j"
    password_env: str = "PROVSTORE_GRAPH_PASSWORD"  # noqa: S105 - a name, not a password
    database: str = "neo4j"

    @property
    def password(self) -> str:
        """The current value of the environment variable."""
        return os.environ.get(self.password_env, "")


@dataclass(frozen=True)
class Limits:
    """The limits of one query; beyond them, it is stopped or its answer is cut."""

    seconds: int = 60
    rows: int = 100_000
    megabytes: int = 2000


@dataclass(frozen=True)
class Settings:
    """The directory of a store, the base of its IRIs, its graph engine and its limits."""

    directory: Path
    base: str
    graph: GraphServer | None = None
    limits: Limits = Limits()

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.directory / "journal.sqlite"

    @property
    def views(self) -> Path:
        """The directory of the views; in the user's cache if the store cannot be written."""
        return views_directory(self.directory)

    @property
    def search(self) -> Path:
        """The file of the search view."""
        return self.views / "search.sqlite"

    @property
    def consistency_results(self) -> Path:
        """The file with the results of the provenance checks."""
        return self.views / "findings.sqlite"


def shipped(folder: str) -> Traversable:
    """The folder `forms`, `queries` or `ontologies`: inside the wheel, or beside the package."""
    package = files("provstore")
    inside = package.joinpath("data", folder)
    return inside if inside.is_dir() else package.joinpath("..", folder)


def store_directory(directory: str | os.PathLike[str] | None) -> Path:
    """Return the store directory: the given one, else $PROVSTORE, else ./provstore-data."""
    return Path(directory or os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_DIRECTORY)


def is_read_only(directory: Path) -> bool:
    """Whether a store takes nothing: a backup, on a read-only medium, or without permission."""
    journal = directory / "journal.sqlite"
    writable = os.access(directory, os.W_OK) and os.access(journal, os.W_OK)
    return not writable or (directory / BACKUP_FILE).exists()


def views_directory(directory: Path) -> Path:
    """Return where the views of a store are; a directory in the user's cache is created.

    Raises:
        StoreUnavailable: it cannot be created.

    """
    if not is_read_only(directory):
        return directory
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = sha256(os.fsencode(directory.resolve())).hexdigest()[:16]
    place = cache / "provstore" / name
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be written, and neither can {place}: {error.strerror or error}.",
            "The views of a store that cannot be written are kept in $XDG_CACHE_HOME.",
        ) from error
    return place


def check_new_store(directory: Path, base: str) -> None:
    """Check that a store can be created in this directory, with this base.

    Raises:
        Refused: the directory has a store already, or the base cannot begin IRIs.

    """
    if (directory / FILE_NAME).exists() and not _is_unwritten(directory / FILE_NAME):
        raise Refused(f"There is already a store in {directory}. Nothing was changed.")
    parts = urlsplit(base)
    web = parts.scheme in ("http", "https") and parts.netloc and base.endswith("/")
    if not web or encode_iri(base) != base or '"' in base:
        raise Refused(
            f"{base!r} cannot be the base of IRIs.",
            "Give a web address that ends in a slash, such as https://data.example.org/.",
        )


def _is_unwritten(file: Path) -> bool:
    """Whether a power failure left a file with a name and without content: an unfinished `init`."""
    return file.is_file() and not file.read_bytes().strip(b"\0 \t\r\n")


def write_settings(directory: Path, base: str) -> None:
    """Write `provstore.toml`, whole or not at all; this file makes a directory a store."""
    text = _TEMPLATE.format(format=FORMAT, base=base, limits=Limits())
    write_atomically(directory / FILE_NAME, text.encode(), SHARED)


def read_settings(directory: Path) -> Settings:
    """Read `provstore.toml`.

    Raises:
        StoreUnavailable: the store is missing, incomplete or of a newer version, or the file is
            faulty.

    """
    path = directory / FILE_NAME
    if not path.is_file() or _is_unwritten(path):
        if (directory / "journal.sqlite").exists():
            raise StoreUnavailable(
                f"The store in {directory} is incomplete: it has a journal, but {FILE_NAME} is "
                "missing or empty.",
                f"Complete it: provstore init {directory}",
            )
        raise StoreUnavailable(
            f"There is no store in {directory}.",
            f"Create one: provstore init {directory}. Or name another: --store DIR or $PROVSTORE.",
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoreUnavailable(f"{path} cannot be read: {error}.") from error
    if isinstance(table.get("format"), int) and table["format"] > FORMAT:
        raise StoreUnavailable(
            f"{path} was written by a newer provstore (format {table['format']}; this version "
            f"reads format {FORMAT}).",
            "Update provstore.",
        )
    _check_table(path, "", table, _KEYS, required=("format", "base"))
    graph = table.get("graph")
    if graph is not None:
        _check_table(path, "graph.", graph, _GRAPH_KEYS, required=("address",))
    limits = table.get("limits", {})
    _check_table(path, "limits.", limits, _LIMIT_KEYS, required=())
    if faults := [f"limits.{name} must be above 0" for name, most in limits.items() if most < 1]:
        raise StoreUnavailable(f"{path} is faulty: {'; '.join(faults)}.")
    server = GraphServer(**graph) if graph else None
    return Settings(directory, table["base"], server, Limits(**limits))


def _check_table(
    path: Path, place: str, table: dict[str, Any], keys: dict[str, type], required: tuple[str, ...]
) -> None:
    faults = [f"{place}{key} is not known" for key in table if key not in keys]
    faults += [f"{place}{key} is missing" for key in required if key not in table]
    faults += [
        f"{place}{key} is not of the type {keys[key].__name__}"
        for key, value in table.items()
        if key in keys and not isinstance(value, keys[key])
    ]
    if faults:
        raise StoreUnavailable(f"{path} is faulty: {'; '.join(faults)}.")
