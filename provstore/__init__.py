"""provstore: a data centre's memory of every data delivery, as W3C PROV.

>>> import provstore
>>> with provstore.open(EXAMPLE) as store:  # the directory of a store
...     print(len(store.ingests()), "ingests")
7 ingests
"""

from provstore import moved_names  # noqa: F401 - first, so that it sees each module load
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

open = ProvStore  # noqa: A001 - provstore.open(DIR) is how it is meant to read
init = ProvStore.create
