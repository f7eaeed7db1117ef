"""All known formats, and the choice among them by content.

In: bytes and a name. Out: an `Extract`, or a refusal that lists every fault. To add a format, write
a module with its row and add it here; other packages use an entry point (`provstore.readers`).
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from provstore.ingest.extracts import Extract, Finding, Source
from provstore.prov.notations.input_file import InputFile
from provstore.readers import (
    checksum_manifest,
    compliance_checker,
    compliance_page,
    compliance_report,
    datacite_record,
    dkrz_forms_record,
    errata_service,
    esgf_qa,
    esgf_qa_attributes,
    esgf_qa_parts,
    esgf_search,
    globus,
    handle_record,
    mapfile,
    netcdf,
    prepare_checker,
    publication_event,
    qa_dkrz,
    qa_dkrz_log,
    rsync,
    stac_item,
)
from provstore.readers.extract_merge import merge_extracts
from provstore.readers.quality_comparison import Comparison, compare_findings
from provstore.readers.reader import Reader, choose_reader, named_reader
from provstore.readers.resemblance import resemblance
from provstore.readers.third_party_readers import installed_readers

__all__ = [
    "READERS", "Comparison", "Extract", "Finding", "Reader", "Source", "all_readers",
    "compare_findings", "merge_extracts", "read_extract", "read_file", "recognise_format",
]  # fmt: skip

_MODULES = (
    compliance_checker,
    compliance_page,
    compliance_report,
    esgf_qa,
    esgf_qa_parts,
    esgf_qa_attributes,
    prepare_checker,
    qa_dkrz,
    qa_dkrz_log,
    mapfile,
    esgf_search,
    stac_item,
    publication_event,
    handle_record,
    datacite_record,
    errata_service,
    checksum_manifest,
    globus,
    rsync,
    dkrz_forms_record,
    netcdf,
)
READERS: Mapping[str, Reader] = MappingProxyType(
    {row.name: row for module in _MODULES for row in module.READERS}
)
"""The formats that provstore itself knows, by name."""


@cache
def all_readers() -> Mapping[str, Reader]:
    """All known formats by name: our own, and those of installed packages.

    Raises:
        ProvstoreError: a package with readers cannot be used.

    """
    return MappingProxyType({**READERS, **installed_readers(READERS)})


def read_extract(data: bytes, name: str, reader: str | None = None) -> Extract:
    """Read a file that a tool wrote, as `read_file` does; errors call it `name`."""
    return read_file(InputFile(data, name), reader)


def read_file(input_file: InputFile, reader: str | None = None) -> Extract:
    """Read a file that a tool wrote; `reader` names its format, or the content decides.

    Raises:
        BadInput: no reader recognises the file, or it has faults; all are listed.
        UnknownName: no reader has this name.

    """
    row = (
        recognise_format(input_file)
        if reader is None
        else named_reader(reader, all_readers(), input_file)
    )
    return row.read(input_file)


def recognise_format(input_file: InputFile) -> Reader:
    """Return the reader for this file.

    Raises:
        BadInput: no reader recognises the file, or several do.

    """
    return choose_reader(input_file, all_readers(), resemblance)
