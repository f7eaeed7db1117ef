"""The settings of a store: `provstore.toml`, and the paths of the store's files.

In: a directory. Out: `Settings`. It opens neither the journal nor a view.
"""

import base64
import json
import os
import re
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provstore.errors import Refused, StoreUnavailable
from provstore.prov.model.iris import encode_iri
from provstore.storage.atomic_files import SHARED, write_atomically
from provstore.storage.file_errors import file_errors, unavailable

FORMAT = 1
FILE_NAME = "provstore.toml"
BACKUP_FILE = "backup.json"
"""The file that makes a directory a backup: a store that can be read, and takes nothing."""
CHECKPOINTS = "checkpoints.jsonl"
ENVIRONMENT_VARIABLE = "PROVSTORE"
LINGER_VARIABLE = "PROVSTORE_LINGER"
DEFAULT_DIRECTORY = "provstore-data"

_TEMPLATE = """\
# A store of provstore. journal.sqlite holds every bundle and is the only truth. graph/, rdf/ and
# search.sqlite are views of it, which can be deleted and rebuilt (provstore rebuild).
# findings.sqlite keeps the results of provstore verify --provenance; without it, everything is
# checked again.
# The id is random: a store is known by it to checkpoints outside its directory. Keep it.
format = {format}
base = "{base}"
id = "{id}"

# A Neo4j server instead of the built-in graph engine; each store needs its own database:
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

# The built-in engines of the graph and the RDF view are shared by everybody who uses the store, and
# end some seconds after the last of them:
# [engines]
# linger = {engines.linger}

# Checkpoints show that entries of the journal were lost or changed. They are written beside the
# journal and in your state directory (~/.local/state). Name a folder on another disk or host, too,
# and sign them:
# [checkpoints]
# every = {checkpoints.every}                                  # entries at most without one
# places = ["/mnt/elsewhere/provstore"]        # folders that exist already
# key = "/etc/provstore/checkpoint-key.pem"    # outside the store; provstore checkpoint --new-key
# public_key = "…"                             # what checks the signatures
"""
_KEYS: dict[str, type] = {
    "format": int, "base": str, "id": str, "generation": int, "predictable": str, "graph": dict,
    "limits": dict, "engines": dict, "checkpoints": dict,
}  # fmt: skip
_ID = re.compile(r"[0-9a-f]{16}")
_CHECKPOINT_KEYS: dict[str, type] = {"every": int, "places": list, "key": str, "public_key": str}
_LIMIT_KEYS: dict[str, type] = {"seconds": int, "rows": int, "megabytes": int}
_ENGINE_KEYS: dict[str, type] = {"linger": int}
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
class EngineSettings:
    """How many seconds a built-in engine stays after its last client.

    $PROVSTORE_LINGER is for all stores, and stronger than a store's own number.
    """

    linger: int = 30

    @classmethod
    def of_environment(cls, linger: int = linger) -> "EngineSettings":
        """Return the settings with what the environment says.

        Raises:
            StoreUnavailable: it says no number of seconds.

        """
        text = os.environ.get(LINGER_VARIABLE) or str(linger)
        if not text.isdecimal():
            raise StoreUnavailable(
                f"${LINGER_VARIABLE} is no number of seconds: {text}.", code="PS-STORE-SETTINGS"
            )
        return cls(int(text))


@dataclass(frozen=True)
class CheckpointSettings:
    """When and where checkpoints are written, what signs them, and what checks the signatures.

    `public_key` is the base64 text of the 32 bytes of an Ed25519 public key.
    """

    every: int = 100
    places: tuple[Path, ...] = ()
    key: Path | None = None
    public_key: str = ""


@dataclass(frozen=True)
class Settings:
    """The directory of a store, the base of its IRIs, its graph engine and its limits.

    `generation` counts the restores, from 1; names of ingests differ from generation to generation.
    `id` is random, and the same in all copies of a store; "" if the store is older than ids. With
    `predictable`, identifiers and salts are computed from this word instead of at random: for
    examples and tests, never for real people.
    """

    directory: Path
    base: str
    graph: GraphServer | None = None
    limits: Limits = Limits()
    generation: int = 1
    checkpoints: CheckpointSettings = CheckpointSettings()
    id: str = ""
    predictable: str = ""
    engines: EngineSettings = EngineSettings()

    @property
    def is_backup(self) -> bool:
        """Whether this is a backup: a store that can be read, and takes nothing.

        Raises:
            StoreUnavailable: the disk does not tell.

        """
        file = self.directory / BACKUP_FILE
        with file_errors(file, "read"):
            return file.exists()

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.directory / "journal.sqlite"

    @property
    def views(self) -> Path:
        """The directory of the views; in the user's cache if the store cannot be written."""
        return views_directory(self.directory, self.id)

    @property
    def runtime(self) -> Path | None:
        """The directory for the sockets of engines; None if it is the directory of the views.

        If that is in the user's cache, it may be on a disk of the network, which has no sockets.
        """
        views = self.views
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
        if views == self.directory or not runtime.is_absolute() or not runtime.is_dir():
            return None
        return runtime / "provstore" / views.name

    @property
    def checkpoint_file(self) -> Path:
        """The file with the checkpoints that lie beside the journal."""
        return self.directory / CHECKPOINTS

    @property
    def search(self) -> Path:
        """The file of the search view."""
        return self.views / "search.sqlite"

    @property
    def consistency_results(self) -> Path:
        """The file with the results of the provenance checks."""
        return self.views / "findings.sqlite"


def shipped(folder: str) -> Path:
    """The folder `forms`, `queries` or `ontologies`: inside the wheel, or beside the package."""
    package = Path(__file__).parents[1]
    inside = package / "data" / folder
    return inside if inside.is_dir() else package.parent / folder


def store_directory(directory: str | os.PathLike[str] | None) -> Path:
    """Return the store directory: the given one, else $PROVSTORE, else ./provstore-data."""
    return Path(directory or os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_DIRECTORY)


def is_read_only(directory: Path, journal: Path | None = None) -> bool:
    """Whether a store takes nothing: a backup, on a read-only medium, or without permission.

    Raises:
        StoreUnavailable: the system cannot tell.

    """
    file = journal or directory / "journal.sqlite"
    with file_errors(directory, "read"):
        writable = os.access(directory, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
        return not writable or (directory / BACKUP_FILE).exists()


def views_directory(directory: Path, id_: str = "") -> Path:
    """Return where the views of a store are; a directory in the user's cache is created.

    There, another store with another `id_` that is mounted in the same place has its own.

    Raises:
        StoreUnavailable: it cannot be created.

    """
    if not is_read_only(directory):
        return directory
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = sha256(os.fsencode(directory.resolve()) + b"\0" + id_.encode()).hexdigest()[:16]
    place = cache / "provstore" / name
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be written, and neither can {place}: {error.strerror or error}.",
            "The views of a store that cannot be written are kept in $XDG_CACHE_HOME.",
            code="PS-STORE-NO-CACHE",
        ) from error
    return place


def checkpoints_of_user() -> Path | None:
    """Return where an account keeps checkpoints of its stores; None if it has no home.

    The folder is in $XDG_STATE_HOME, else in ~/.local/state, and need not exist.
    """
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    try:
        state = state if state.is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return state / "provstore" / "checkpoints"


def check_new_store(directory: Path, base: str) -> None:
    """Check that a store can be created in this directory, with this base.

    Raises:
        Refused: the directory already has a store, or the base cannot begin IRIs.

    """
    if (directory / FILE_NAME).exists() and not _is_unwritten(directory / FILE_NAME):
        raise Refused(
            f"There is already a store in {directory}. Nothing was changed.",
            code="PS-REFUSED-STORE-EXISTS",
        )
    parts = urlsplit(base)
    web = parts.scheme in ("http", "https") and parts.netloc and base.endswith("/")
    if not web or encode_iri(base) != base or '"' in base:
        raise Refused(
            f"{base!r} cannot be the base of IRIs.",
            "Give a web address that ends in a slash, such as https://data.example.org/.",
            code="PS-REFUSED-BASE",
        )


def _is_unwritten(file: Path) -> bool:
    """Whether a power failure left a file with a name and without content: an unfinished `init`."""
    return file.is_file() and not file.read_bytes().strip(b"\0 \t\r\n")


def write_settings(directory: Path, base: str, id_: str = "", predictable: str = "") -> None:
    """Write `provstore.toml`, whole or not at all; this file makes a directory a store.

    Without the id that the store had before, it gets a new one.
    """
    text = _TEMPLATE.format(
        format=FORMAT,
        base=base,
        id=id_ or secrets.token_hex(8),
        limits=Limits(),
        engines=EngineSettings(),
        checkpoints=CheckpointSettings(),
    )
    if predictable:
        line = f"predictable = {json.dumps(predictable)}   # an example: never for real people\n"
        text = text.replace("\n\n", f"\n{line}\n", 1)
    write_atomically(directory / FILE_NAME, text.encode(), SHARED)


def read_settings(directory: Path) -> Settings:
    """Read `provstore.toml`.

    Raises:
        StoreUnavailable: the store is missing, incomplete or of a newer version, or the file is
            faulty or cannot be read.

    """
    with file_errors(directory / FILE_NAME, "read"):
        return _read_settings(directory)


def _read_settings(directory: Path) -> Settings:
    path = directory / FILE_NAME
    if not path.is_file() or _is_unwritten(path):
        if (directory / "journal.sqlite").exists():
            raise StoreUnavailable(
                f"The store in {directory} is incomplete: it has a journal, but {FILE_NAME} is "
                "missing or empty.",
                f"Complete it: provstore init {directory}",
                code="PS-STORE-INCOMPLETE",
            )
        raise StoreUnavailable(
            f"There is no store in {directory}.",
            f"Create one: provstore init {directory}. Or name another: --store DIR or $PROVSTORE.",
            code="PS-STORE-MISSING",
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoreUnavailable(
            f"{path} cannot be read: {error}.", code="PS-STORE-UNREADABLE"
        ) from error
    if isinstance(table.get("format"), int) and table["format"] > FORMAT:
        raise StoreUnavailable(
            f"{path} was written by a newer provstore (format {table['format']}; this version "
            f"reads format {FORMAT}).",
            "Update provstore.",
            code="PS-STORE-NEWER",
        )
    _check_table(path, "", table, _KEYS, required=("format", "base"))
    graph = table.get("graph")
    if graph is not None:
        _check_table(path, "graph.", graph, _GRAPH_KEYS, required=("address",))
    limits = table.get("limits", {})
    _check_table(path, "limits.", limits, _LIMIT_KEYS, required=())
    if faults := [f"limits.{name} must be above 0" for name, most in limits.items() if most < 1]:
        raise StoreUnavailable(f"{path} is faulty: {'; '.join(faults)}.", code="PS-STORE-SETTINGS")
    server = GraphServer(**graph) if graph else None
    generation = table.get("generation", 1)
    if generation < 1:
        raise StoreUnavailable(
            f"{path} is faulty: generation must be above 0.", code="PS-STORE-SETTINGS"
        )
    id_ = table.get("id", "")
    if "id" in table and not _ID.fullmatch(id_):
        raise StoreUnavailable(
            f"{path} is faulty: id must be 16 digits of 0-9 and a-f.", code="PS-STORE-SETTINGS"
        )
    checkpoints = _read_checkpoints(path, table.get("checkpoints", {}))
    if (directory / BACKUP_FILE).exists():  # the store has gone on since, and its places with it
        checkpoints = replace(checkpoints, places=())
    return Settings(
        directory,
        table["base"],
        server,
        Limits(**limits),
        generation,
        checkpoints,
        id_,
        table.get("predictable", ""),
        _read_engines(path, table.get("engines", {})),
    )


def begin_generation(directory: Path) -> int:
    """Begin the next generation of names, and return it: for a store that was just restored.

    Entries that were acknowledged after the backup may be lost, with their names. The names of new
    ingests therefore differ from all that were ever given. All else in `provstore.toml` stays as it
    is, byte for byte.

    Raises:
        StoreUnavailable: the file is missing, faulty, or cannot be written.

    """
    generation = read_settings(directory).generation + 1
    path = directory / FILE_NAME
    try:
        before, mode = path.read_bytes(), path.stat().st_mode & 0o777
        table = {**tomllib.loads(before.decode()), "generation": generation}
        for after in _with_generation(before, generation):
            with suppress(tomllib.TOMLDecodeError):
                if tomllib.loads(after.decode()) == table:
                    write_atomically(path, after, mode)
                    return generation
    except OSError as error:
        raise unavailable(path, "written", error) from error
    raise StoreUnavailable(
        f"{path} is written in a way that provstore cannot extend.",
        f"Put the line generation = {generation} at its beginning.",
        code="PS-STORE-SETTINGS",
    )


def _with_generation(text: bytes, generation: int) -> Iterator[bytes]:
    """Yield the ways to set the generation in a text of settings, the most natural one first."""
    line = b"generation = %d" % generation
    yield re.sub(rb"(?m)^generation[ \t]*=[ \t]*[0-9_]+", line, text, count=1)
    yield re.sub(rb"(?m)^(format[^\r\n]*)(\r?\n)", rb"\1\2" + line + rb"\2", text, count=1)
    yield line + b"\n" + text


def _read_engines(path: Path, table: dict[str, Any]) -> EngineSettings:
    _check_table(path, "engines.", table, _ENGINE_KEYS, required=())
    if table.get("linger", 0) < 0:
        raise StoreUnavailable(
            f"{path} is faulty: engines.linger must not be below 0.", code="PS-STORE-SETTINGS"
        )
    return EngineSettings.of_environment(**table)


def _read_checkpoints(path: Path, table: dict[str, Any]) -> CheckpointSettings:
    _check_table(path, "checkpoints.", table, _CHECKPOINT_KEYS, required=())
    store, faults = path.parent.resolve(), []
    named = {f"checkpoints.places[{n}]": place for n, place in enumerate(table.get("places", ()))}
    faults += [f"{name} is not text" for name, place in named.items() if not isinstance(place, str)]
    if "key" in table:
        named["checkpoints.key"] = table["key"]
    # Whoever can change the store could otherwise change these with it. A relative path is one
    # from the directory of the store.
    paths: dict[str, Path] = {}
    for name, text in named.items():
        try:
            if isinstance(text, str):
                paths[name] = (store / Path(text).expanduser()).resolve()
        except (OSError, RuntimeError, ValueError):  # ~nobody, a NUL, a loop of links
            faults.append(f"{name} is not a path")
    faults += [f"{name} lies inside the store" for name, to in paths.items() if _is_in(to, store)]
    if table.get("every", 1) < 1:
        faults.append("checkpoints.every must be above 0")
    if (public_key := table.get("public_key", "")) and not _is_public_key(public_key):
        faults.append("checkpoints.public_key is not an Ed25519 public key in base64")
    if faults:
        raise StoreUnavailable(f"{path} is faulty: {'; '.join(faults)}.", code="PS-STORE-SETTINGS")
    key = paths.pop("checkpoints.key", None)
    every = table.get("every", CheckpointSettings.every)
    return CheckpointSettings(every, tuple(paths.values()), key, public_key)


def _is_in(path: Path, directory: Path) -> bool:
    return path == directory or directory in path.parents


def _is_public_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except ValueError:
        return False


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
        raise StoreUnavailable(f"{path} is faulty: {'; '.join(faults)}.", code="PS-STORE-SETTINGS")
