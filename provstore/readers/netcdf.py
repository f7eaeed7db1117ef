"""Global attributes and tracking id of a NetCDF file, classic or HDF5; its data are never read.

In: the bytes of the file. Out: the file with its tracking id, size and checksum, and every global
attribute. `netcdf_classic` reads classic headers; pyfive (extra `provstore[netcdf]`) reads HDF5. It
is pure Python and has a limited number of reads, so a hostile file can at worst be refused.
"""

import io
from collections.abc import Mapping
from typing import Any

from provstore.errors import BadInput, Problem
from provstore.ingest.extracts import ExtractParts, File
from provstore.projects import data_identifiers, drs
from provstore.prov.notations.input_file import InputFile
from provstore.readers import netcdf_classic
from provstore.readers.common import Notes, leaf_values
from provstore.readers.reader import Reader

HDF5 = b"\x89HDF\r\n\x1a\n"
MAX_READS, MAX_READ_BYTES = 20_000, 16 << 20
MAX_VALUE = 100_000  # characters of one attribute
_PROJECT = ("mip_era", "project_id", "project")
_CMIP5 = {"model": "model_id", "experiment": "experiment_id", "time_frequency": "frequency"}
"""Facets of CMIP5 and CORDEX whose attribute has a different name."""


def _looks_like(input_file: InputFile) -> str:
    if input_file.data.startswith((*netcdf_classic.MAGIC, HDF5)):
        return ""
    return "it begins neither like a classic NetCDF file nor like an HDF5 file"


def _read(input_file: InputFile) -> ExtractParts:
    read_attributes = _hdf5 if input_file.data.startswith(HDF5) else _classic
    attributes = read_attributes(input_file)
    notes = Notes()
    name = input_file.name.replace("\\", "/").rpartition("/")[2]
    stated = attributes.get("tracking_id", "")
    tracking = (
        data_identifiers.parse_tracking_id(stated, "/tracking_id")
        if isinstance(stated, str)
        else ""
    )
    if isinstance(tracking, Problem):
        notes.add(tracking)
        tracking = ""
    if not stated:
        notes.note("/tracking_id", "The file has no tracking_id.")
    _compare(name, attributes, notes)
    file = File(name, "", "", tracking, f"sha256:{input_file.sha256}", len(input_file.data))
    return ExtractParts({}, (), (file,), notes.all(), tuple(leaf_values(attributes)))


def _compare(name: str, attributes: Mapping[str, Any], notes: Notes) -> None:
    """Note contradictions between the name of the file and its attributes."""
    named = {str(attributes.get(key)) for key in _PROJECT}
    project = next((row for row in drs.PROJECTS.values() if row.name in named), None)
    if project is None:
        notes.note("", "The attributes name no known project, so the file name is not verified.")
        return
    facets = drs.parse_file_name(name, project)
    if isinstance(facets, Problem):
        notes.add(facets)
        return
    for facet, value in facets.items():
        stated = attributes.get(facet, attributes.get(_CMIP5.get(facet, ""), None))
        if isinstance(stated, str) and stated and stated != value:
            message = f"The attribute has {stated}, the file name has {facet} {value}."
            notes.note(f"/{facet}", message, "Correct the one that is wrong.")


def _classic(input_file: InputFile) -> dict[str, Any]:
    try:
        pairs = list(netcdf_classic.attributes(input_file.data))
    except ValueError as error:
        raise _damaged(input_file, str(error)) from None
    twice = sorted({key for key, _ in pairs if sum(key == each for each, _ in pairs) > 1})
    if twice:
        raise _damaged(input_file, f"the attribute {twice[0]!r} occurs twice")
    return dict(pairs)


class _Budgeted(io.BytesIO):
    """A file with a limited number of reads, so a cycle in a hostile file ends."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads = self.taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.reads += 1
        self.taken += len(data)
        if self.reads > MAX_READS or self.taken > MAX_READ_BYTES:
            raise ValueError("its structure needs too many reads")
        return data


def _hdf5(input_file: InputFile) -> dict[str, Any]:
    try:
        import pyfive
    except ImportError:
        mend = 'Install it: pip install "provstore[netcdf]".'
        problem = Problem("", "Reading NetCDF-4 (HDF5) needs pyfive, which is not installed.", mend)
        raise BadInput(input_file.name, [problem], code="PS-INPUT-PACKAGE-MISSING") from None
    try:
        with pyfive.File(_Budgeted(input_file.data)) as file:
            attributes = {str(key): _plain(value) for key, value in file.attrs.items()}
    except Exception as error:  # a library may raise anything for a damaged file
        raise _damaged(input_file, str(error)[:200] or type(error).__name__) from None
    return {key: value for key, value in attributes.items() if not key.startswith("_")}


def _plain(value: Any) -> Any:
    """Convert a numpy value to a Python value."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").rstrip("\0")
    if isinstance(value, list | tuple):
        inside = [_plain(each) for each in value[:MAX_VALUE]]
        return inside[0] if len(inside) == 1 else inside
    return value if isinstance(value, str | int | float) else str(value)[:MAX_VALUE]


def _damaged(input_file: InputFile, why: str) -> BadInput:
    problem = Problem("", f"This NetCDF file is damaged: {why}.", "Transfer it again.")
    return BadInput(input_file.name, [problem], code="PS-INPUT-DAMAGED")


READERS = (Reader("netcdf", "transfer", "NetCDF file", _looks_like, _read),)
