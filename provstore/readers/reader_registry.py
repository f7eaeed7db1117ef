"""All known formats, and the choice among them by content.

In: bytes and a name. Out: an `Extract`, or a refusal that lists every fault. Pure. To add a format,
write a module with its row and add it here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from provstore.ingest.extracts import Extract, Finding, Source
from provstore.prov.notations.input_file import InputFile
from provstore.readers import (
    checksum_manifest,
    compliance_checker,
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

__all__ = [
    "READERS", "Comparison", "Extract", "Finding", "Reader", "Source", "compare_findings",
    "merge_extracts", "read_extract", "read_file", "recognise_format",
]  # fmt: skip

_MODULES = (
    compliance_checker,
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
"""All known formats by name."""


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
        choose_reader(input_file, READERS)
        if reader is None
        else named_reader(reader, READERS, input_file)
    )
    return row.read(input_file)


def recognise_format(input_file: InputFile) -> Reader:
    """Return the reader for this file.

    Raises:
        BadInput: no reader recognises the file, or several do.

    """
    return choose_reader(input_file, READERS)
