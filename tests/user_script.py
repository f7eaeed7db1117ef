"""What a data manager might write: the types of provstore reach a script (PEP 561).

`make lint` checks this file as its author would: strictly, with none of our own configuration.
"""

from typing import assert_type

import provstore
from provstore import Answer, Iri, ProvStore


def deliveries_awaiting(store: ProvStore, who: str) -> list[str]:
    """The ingests that wait for somebody, each with its step."""
    answer = store.ask("state-of-every-ingest")
    assert_type(answer, Answer)
    assert_type(store.iri("cordex-0001"), Iri)
    return [f"{row['ingest']}: {row['next']}" for row in answer.records() if row["awaits"] == who]


def hand_in(directory: str, form: str) -> str:
    """Submit a filled form, and write what the store knows of it then beside it."""
    with provstore.open(directory) as store:
        receipt = store.submit(form)
        assert_type(receipt.new, bool)
        with open(f"{receipt.ingest}.ttl", "w", encoding="utf-8") as file:
            file.writelines(store.export(receipt.ingest))
        return receipt.ingest
