"""A directory with a store that acts are done to, and what a caller was told of each act."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from provstore.projects.forms import Form, load_forms
from provstore.storage import checkpoint_places
from provstore.storage.settings import shipped
from provstore.store import ProvStore

BASE = "https://data.example.org/"


@cache
def forms() -> Mapping[str, Form]:
    """The forms, read once for thousands of stores."""
    return load_forms(shipped("forms"))


@dataclass(frozen=True)
class Acknowledgement:
    """What a caller was told, and what must therefore be in the store."""

    act: str
    bundles: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """IRI of a bundle: its position, and the SHA-256 of its content."""
    ingest: str = ""
    attachments: tuple[str, ...] = ()
    draft: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Acknowledgement":
        """Read back what `text` wrote."""
        values = json.loads(text)
        values["bundles"] = {iri: (at, digest) for iri, (at, digest) in values["bundles"].items()}
        values["attachments"] = tuple(values["attachments"])
        return cls(**values)


@dataclass
class Scene:
    """A directory, and the store that is open there, if one is."""

    directory: Path
    autocheckpoint: int = 1000
    _store: ProvStore | None = None

    @property
    def store(self) -> ProvStore:
        """The store; opened when it is first needed."""
        self._choose_account()
        if self._store is None:
            self._use(ProvStore(self.directory))
        assert self._store is not None
        return self._store

    def create(self) -> None:
        """Make the store."""
        self._choose_account()
        self._use(ProvStore.create(self.directory, BASE))

    def close(self) -> None:
        """Close the store, if it is open."""
        self._choose_account()
        if self._store is not None:
            self._store.close()
            self._store = None

    def write_checkpoint(self) -> None:
        """Write the checkpoint that is due: here, and not a moment later in a thread."""
        if self._store is not None:
            self._choose_account()
            self._store._checkpoints.writing.flush()

    def _choose_account(self) -> None:
        """Let the account keep its checkpoints beside the store, so that they suffer with it."""
        os.environ["XDG_STATE_HOME"] = str(self.directory.parent.absolute() / "state")

    def _use(self, store: ProvStore) -> None:
        # Without threads, the same calls come in the same order each time.
        store._checkpoints.writing.delay = checkpoint_places.PATIENCE = math.inf
        store.__dict__["forms"] = forms()
        store.__dict__["views"] = {}  # no engine is started: views are not the truth
        if self.autocheckpoint != 1000:
            store._journal._db.execute(f"PRAGMA wal_autocheckpoint={self.autocheckpoint}")
        self._store = store
