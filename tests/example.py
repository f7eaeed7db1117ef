"""The example deliveries in a store, and beyond them what PROV allows and our reports never say.

In: a store, or none. Out: the same, filled. Questions are asked about both.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import provstore
from provstore.cli.example_deliveries import hand_in, read_deliveries
from provstore.ingest.report import Report
from provstore.prov.notations import provjson
from provstore.storage.journal import sha256_of_text
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.reports import WHOLE, WORD, life, prov_of

EX, _TYPE = "http://example.org/", "prov:QUALIFIED_NAME"
_VERSION = {"prov:type": {"$": "ingest:DatasetVersion", "type": _TYPE}}
_PUBLICATION = {"prov:type": {"$": "ingest:Publication", "type": _TYPE}}


def _all(*relations: dict[str, object]) -> dict[str, dict[str, object]]:
    return {
        f"_:{number}": {f"prov:{name}": value for name, value in one.items()}
        for number, one in enumerate(relations)
    }


ODD = {
    "prefix": {"ex": EX, "ingest": "https://w3id.org/provstore/ns#"},
    "entity": {
        "ex:v1": _VERSION | {"prov:label": [{"$": "Zwei", "lang": "de"}, "two"]},
        "ex:v2": _VERSION | {"prov:label": {"$": "5", "type": "xsd:int"}},
        "ex:v3": _VERSION,
        "ex:self": {}, "ex:round": {}, "ex:about": {}, "ex:\u00fc": {}, "ex:Z": {}, "ex:a": {},
    },
    "activity": {
        "ex:zoneless": _PUBLICATION | {"prov:endTime": "2012-01-01T09:00:00"},
        "ex:timeless": _PUBLICATION,
        "ex:eastern": _PUBLICATION | {"prov:endTime": "2012-01-01T09:00:00.25+05:30"},
    },
    "agent": {"ex:agent": {"prov:label": ["B", "A"]}, "ex:nameless": {}},
    "wasGeneratedBy": _all(
        {"entity": "ex:v1", "activity": "ex:zoneless"},
        {"entity": "ex:v2", "activity": "ex:timeless"},
        {"entity": "ex:v3", "activity": "ex:eastern"},
        {"entity": "ex:v3", "activity": "ex:zoneless"},
        {"entity": "ex:round"},
    ),
    "used": _all(
        {"activity": "ex:zoneless", "entity": "ex:round"},
        {"activity": "ex:eastern", "entity": "ex:agent"},
        {"activity": "ex:timeless", "entity": "ex:undescribed"},
    ),
    "wasDerivedFrom": _all(
        {"generatedEntity": "ex:round", "usedEntity": "ex:about"},
        {"generatedEntity": "ex:about", "usedEntity": "ex:round"},
        {"generatedEntity": "ex:self", "usedEntity": "ex:self"},
        *({"generatedEntity": "ex:v1", "usedEntity": f"ex:{name}"} for name in "\u00fcZa"),
    ),
    "wasAssociatedWith": _all(
        {"activity": "ex:zoneless", "agent": "ex:agent", "role": "operator"},
        {"activity": "ex:zoneless", "agent": "ex:agent",
         "role": {"$": "ingest:publisher", "type": _TYPE}},
        {"activity": "ex:timeless", "agent": "ex:agent", "role": ["x", "w"]},
        {"activity": "ex:eastern", "agent": "ex:nameless"},
        {"activity": "ex:eastern", "agent": "ex:agent", "role": {"$": "rolle", "lang": "de"}},
    ),
}  # fmt: skip
"""What PROV allows and our own reports never say."""

AGAIN = {
    "prefix": {"ex": EX, "run": "https://provstore.example/ingest/"},
    "activity": {
        "ex:eastern": {"prov:endTime": "2013-01-01T00:00:00Z"},
        "run:cordex-0001/quality/1": {
            "prov:startTime": "2026-01-19T09:00:00.0+01:00",
            "prov:endTime": "2026-01-19T12:00:00.0+01:00",
        },
    },
}
"""Times of runs that others wrote down too, in other words."""

TWICE = (
    "submission", "review", "transfer", "quality", "publication:action-required", "publication",
    "revision", "review", "transfer", "quality:warning", "publication",
)  # fmt: skip
MANY = 60
THINGS = [
    *(EX + name for name in ("v1", "v2", "v3", "round", "self", "eastern", "agent", "a")),
    EX + "undescribed",
    EX + "nowhere",
    "https://provstore.example/ingest/cordex-1000/archival/1",
    "https://hdl.handle.net/21.T12995/driving",
]


def play(store: ProvStore) -> None:
    """Hand in the example deliveries."""
    for file, content in read_deliveries(Path(str(shipped("queries"))) / "example"):
        hand_in(store, file, content)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """A store that holds the example deliveries."""
    with provstore.init(tmp_path_factory.mktemp("example") / "store", predictable=WORD) as made:
        play(made)
        yield made


def play_more(store: ProvStore) -> None:
    """Hand in odd documents, deliveries that are corrected and taken back, and many more."""
    for document in (ODD, AGAIN):
        store.import_document(json.dumps(document).encode(), accept_invalid=True)
    _keep(store, life(*WHOLE, ingest="cordex-1000"))
    _keep(store, life(*TWICE, ingest="cordex-1001"))
    for number in range(MANY):
        _keep(store, life(*WHOLE[:9], ingest=f"cordex-{2000 + number}"))


def _keep(store: ProvStore, reports: list[Report]) -> None:
    for number, report in enumerate(reports):
        bundle = prov_of(report, reports[:number], store._names.iris)
        content = provjson.dump(bundle)
        with store._journal.writing():
            store._journal.append(bundle.iri, sha256_of_text(bundle.iri), report.ingest, content)
