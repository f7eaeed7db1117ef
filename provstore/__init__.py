"""provstore: a data centre's memory of every data delivery, as W3C PROV.

>>> import provstore
>>> with provstore.open(EXAMPLE) as store:  # the directory of a store
...     print(len(store.ingests()), "ingests")
7 ingests
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from provstore import moved_names  # noqa: F401 - first, so that it sees each module load

if TYPE_CHECKING:
    from provstore.errors import (
        BadDocument,
        BadForm,
        BadInput,
        BadPackage,
        BadParameter,
        BadQuery,
        BadQuestion,
        BadTable,
        Problem,
        ProvstoreError,
        Refused,
        StoreUnavailable,
        UnknownName,
        ViewUnavailable,
    )
    from provstore.queries.picture_data import Impact, Lineage
    from provstore.results.answer import Answer, Iri
    from provstore.results.receipts import (
        AmendmentReceipt,
        BackupResult,
        CheckpointReceipt,
        CheckResult,
        ImportReceipt,
        IngestStatus,
        Receipt,
        RedactionReceipt,
        RepairResult,
        RestoreResult,
        StoreStatus,
        VerifyResult,
    )
    from provstore.results.search_results import SearchResult
    from provstore.store import ProvStore
    from provstore.store_ingest import Ingest

    open = ProvStore  # noqa: A001 - provstore.open(DIR) is how it is meant to read
    init = ProvStore.create

__all__ = [
    "AmendmentReceipt",
    "Answer",
    "BackupResult",
    "BadDocument",
    "BadForm",
    "BadInput",
    "BadPackage",
    "BadParameter",
    "BadQuery",
    "BadQuestion",
    "BadTable",
    "CheckResult",
    "CheckpointReceipt",
    "Impact",
    "ImportReceipt",
    "Ingest",
    "IngestStatus",
    "Iri",
    "Lineage",
    "Problem",
    "ProvStore",
    "ProvstoreError",
    "Receipt",
    "RedactionReceipt",
    "Refused",
    "RepairResult",
    "RestoreResult",
    "SearchResult",
    "StoreStatus",
    "StoreUnavailable",
    "UnknownName",
    "VerifyResult",
    "ViewUnavailable",
    "init",
    "open",
]

_HOMES = {
    "Answer": "results.answer",
    "Impact": "queries.picture_data",
    "Ingest": "store_ingest",
    "Iri": "results.answer",
    "Lineage": "queries.picture_data",
    "ProvStore": "store",
    "SearchResult": "results.search_results",
    **dict.fromkeys(
        (
            "AmendmentReceipt", "BackupResult", "CheckResult", "CheckpointReceipt",
            "ImportReceipt", "IngestStatus", "Receipt", "RedactionReceipt",
            "RepairResult", "RestoreResult", "StoreStatus", "VerifyResult",
        ),
        "results.receipts",
    ),
}  # fmt: skip
"""The module of each class that is not an error. It is loaded when the class is first used, so that
a command loads only what it needs."""
_MODULES = ("errors", "store", "store_ingest")
"""Modules that can be named without an import of their own."""


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "open":
        member = __getattr__("ProvStore")
    elif name == "init":
        member = __getattr__("ProvStore").create
    else:
        member = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
    return globals().setdefault(name, member)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
