"""All formats that are known, and the choice among them by content.

In: bytes and a name. Out: a `Read`, or a refusal that lists every fault. Pure.
"""

from collections.abc import Mapping
from types import MappingProxyType

from provstore.ingest.extracts import Finding, Read, Source
from provstore.ingest.readers import (
    checksums,
    compliance_checker,
    datacite,
    errata,
    esgf_qa,
    esgf_qa_attributes,
    esgf_qa_parts,
    event,
    first_generation,
    handle_record,
    mapfile,
    netcdf,
    prepare,
    qa_dkrz,
    solr,
    stac,
    transfer_manifest,
)
from provstore.ingest.readers.compare import Comparison, compare
from provstore.ingest.readers.given import Given
from provstore.ingest.readers.table import Reader, choose, named
from provstore.ingest.readers.together import together

__all__ = [
    "READERS", "Comparison", "Finding", "Read", "Reader", "Source", "compare", "read", "recognise",
    "together",
]  # fmt: skip

_MODULES = (
    compliance_checker,
    esgf_qa,
    esgf_qa_parts,
    esgf_qa_attributes,
    prepare,
    qa_dkrz,
    mapfile,
    solr,
    stac,
    event,
    handle_record,
    datacite,
    errata,
    checksums,
    transfer_manifest,
    first_generation,
    netcdf,
)
READERS: Mapping[str, Reader] = MappingProxyType(
    {row.name: row for module in _MODULES for row in module.READERS}
)
"""Every format that is known, by name."""


def read(data: bytes, name: str, reader: str | None = None) -> Read:
    """Read a file that a tool wrote; `reader` names its format where that must not be found.

    Raises:
        BadInput: no reader knows it, or the one that does lists all that is wrong with it.
        UnknownName: there is no reader of this name.

    """
    given = Given(data, name)
    row = choose(given, READERS) if reader is None else named(reader, READERS, given)
    return row.read(given)


def recognise(data: bytes, name: str) -> Reader:
    """The reader that would speak.

    Raises:
        BadInput: none would, or several.

    """
    return choose(Given(data, name), READERS)
