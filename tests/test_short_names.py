"""A short name is one that commands take again."""

from provstore.prov.model.iris import Prefixes
from provstore.results.short_names import short_name
from provstore.store import ProvStore
from tests.example import store as store


def test_short_names_lead_back_to_their_iris(store: ProvStore) -> None:
    short = Prefixes(store.prefixes).short
    for iri in (
        f"{store.base}ingest/cordex-0001/review/1",
        f"{store.base}dataset/cordex.output.EUR-11.EXAMPLE.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.EXRCM1.v1",
        f"{store.base}person/abc",
        "https://doi.org/10.5072/exrcm1-eur11-rcp85",
        "https://hdl.handle.net/21.T12995/6f0d3c1b-0001",
        "http://www.w3.org/ns/prov#Agent",
    ):
        assert len(short_name(iri, short)) < len(iri)
        assert store.iri(short_name(iri, short)) == iri
