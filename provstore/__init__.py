"""provstore: a data centre's memory of every data delivery, as W3C PROV.

import provstore
with provstore.open("DIR") as store:
    store.submit("cordex.json")
    store.ask("state-of-every-ingest")
"""

from provstore import moved_names  # noqa: F401 - first, so that it sees each module load
from provstore.errors import ProvstoreError
from provstore.results.answer import Answer, Iri
from provstore.store import ProvStore

__all__ = ["Answer", "Iri", "ProvStore", "ProvstoreError", "init", "open"]

open = ProvStore  # noqa: A001 - provstore.open(DIR) is how it is meant to read
init = ProvStore.create
