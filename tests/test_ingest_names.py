"""The IRIs of an ingest: one for each thing, however people spell its name."""

import pytest

from provstore.ingest.ingest_iris import IngestIris


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "doi:10.5072/One",
            "10.5072/one",
            "https://doi.org/10.5072/ONE",
            "http://dx.doi.org/10.5072/one",
        ),
        ("hdl:21.T12995/driving", "https://hdl.handle.net/21.T12995/driving"),
        (
            "hdl:21.14100/8E650F5B-d139-33a9-b0d8-edcb0bfd0987",
            "http://hdl.handle.net/21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0987",
        ),
    ],
)
def test_a_handle_or_doi_is_one_thing_however_it_is_written(spellings: tuple[str, ...]) -> None:
    assert len({IngestIris().thing(spelling) for spelling in spellings}) == 1
