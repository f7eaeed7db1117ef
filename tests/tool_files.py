"""One file of every format that a reader knows: real ones where there are any, else made alike."""

import json
import tempfile
from functools import cache
from pathlib import Path

from tests.require import missing

SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
REAL = {
    "compliance-checker": "quality/compliance-checker/cf1.6_cmip5_single_file.json",
    "esgf-qa": "quality/esgf-qa/qa_result_*.json",
    "esgf-qa-cluster": "quality/esgf-qa/qa_result_*.cluster.json",
    "esgf-qa-tests": "quality/esgf-qa/perfile_0532af_*.json",
    "esgf-qa-datasets": "quality/esgf-qa/dataset_files_map.json",
    "esgf-qa-files": "quality/esgf-qa/files_to_check_dict.json",
    "esgf-qa-attributes": "quality/esgf-qa/perfile_b037ad_*.json",
    "esgf-mapfile": "publication/CMIP6.DCPP.*.map",
    "esgf-solr": "publication/solr_dataset_CESM2_tas_historical.json",
    "stac-item": "publication/stac_item_cmip6.json",
    "esgf-event": "publication/stac_event_cmip7.json",
    "version-chain": "errata/pid_version_chain_response.json",
    "cmip6-citations": "citation/CMIP6_citation_by_source_activity.json",
    "first-generation": "dkrz-forms-records/test_testsuite_1234.json",
    "netcdf": "netcdf/areacello_*.nc",
}
"""Readers whose format has a real file; where it lies in the real inputs."""

PREPARE = """Processing: /data/CMIP6/tas_Amon_EX_historical_r1i1p1f1_gn_1850-1860.nc

\033[1;31;47m
=====================================================================================
Your file contains "units":"C" and
CMIP6 tables requires "units":"K".
=====================================================================================
\033[0m
\033[1;31;47m
*************************************************************************************
* Error: The input file is not CMIP6 compliant                                      *
* Check your file or use CMOR 3.x to achieve compliance for ESGF publication        *
*************************************************************************************
\033[0m
Processing: /data/CMIP6/pr_Amon_EX_historical_r1i1p1f1_gn_1850-1860.nc

\033[1;32m
*************************************************************************************
* This file is compliant with the CMIP6 specification and can be published in ESGF  *
*************************************************************************************
\033[0m
"""
PREPARE_LATER = """\rCheck netCDF file(s): 100% | 4/4 files\r\033[K\033[1;31;47m
==========================================================================
Your file contains "units: "C" and
 CMIP6 tables requires "units": "K".
==========================================================================
\033[0m
\033[1;31m└──> :: CV FAIL    :: /data/CMIP6/tas_Amon_EX_historical_r1i1p1f1_gn_1850-1860.nc\033[0m
C Traceback:
! In function: _CV_checkFilename
!

!!!!!!!!!!!!!!!!!!!!!!!!!
!
! Warning: The time range of the file name is unusual.
!
!!!!!!!!!!!!!!!!!!!!!!!!!
\033[1;32m     :: CV SUCCESS :: /data/CMIP6/pr_Amon_EX_historical_r1i1p1f1_gn_1850-1860.nc\033[0m
'external_variables'
\033[1;34;47m└──> :: SKIPPED    :: /data/CMIP6/ua_Amon_EX_historical_r1i1p1f1_gn_1850-1860.nc\033[0m
\033[95m
Number of files scanned: 4\033[0m\033[1;31;47m
Number of file with error(s): 2\033[0m
"""
CHECKER_TEXT = f"""

{"-" * 80}
                         IOOS Compliance Checker Report
                                 Version 6.1.0
                     Report generated 2026-11-29T14:59:27Z
                                     cf:1.6
       http://cfconventions.org/cf-conventions/v1.6.0/cf-conventions.html
{"-" * 80}
                               Corrective Actions
tas.nc has 2 potential issues


                                     Errors
{"-" * 80}
§3.1 Units
* units of tas are C
  and that is wrong


                                    Warnings
{"-" * 80}
§2.6 Attributes
* Conventions is missing
"""
CHECKER_PAGE = """<!doctype html>
<html><head><style>p {color: red}</style></head><body>
<h2 align="center">IOOS Compliance Checker Report</h2>
<p>Version 6.1.0</p>
<p>For dataset /data/tas.nc</p>
<p>Report generated 2026-11-29T14:59:31Z</p>
<h3><a href=http://cfconventions.org target="_blank">cf:1.6</a></h3>
<div class="high-priority-table collapse in"><table>
<tr><td>All high priority checks passed!</th></tr></table></div>
<div class="medium-priority-table collapse in"><table><thead><tr><th>Name</th></tr></thead>
<tr></td></tr>
<tr><td>§2.6 Attributes</td><td>
<ul><li>Conventions does not contain &#34;CF-1.6&#34;</li></ul></td></tr>
</table></div>
</body></html>
"""
QA_LOG = """---
# Log-file created by QA-DKRZ
configuration:
 options:
  PROJECT: CMIP6
DRS_PATH_BASE: CMIP6
start:
 date: 2026-03-01T09:00:00
 qa-revision: 0.6.7
items:
 - date: 2026-03-01T10:00:00
   file: tas_Amon_EX_historical_r1i1p1f1_gn_185001-186912.nc
   data_path: /data/CMIP6/CMIP/EXAMPLE/EX/historical/r1i1p1f1/Amon/tas/gn/v20200108
   period:
    begin: 1850-01-01T00:00:00
    end: 1869-12-31T00:00:00
   conclusion: 'CF: PASS, CV: FAIL, DRS(F): PASS'
   events:
    - event:
       annotation: Variable <tas>: attribute <comment> is empty.
       impact: L2
       tag: '2_3'
   status: 0
"""
QA_DKRZ = {
    "QA_conclusion": "FAIL",
    "project": "CORDEX",
    "QA_logfile": "/qa/EXAMPLE.log",
    "data_path": ["/data/cordex"],
    "selection": ["EUR-11/.*=.*"],
    "DRS_0": "EUR-11",
    "DRS_1": "*",
    "annotation": [
        {"DRS_1": ["tas", "pr"], "annotation": "Missing cell_methods.", "tag": "CF_7.3",
         "severity": "L1"},
        {"scope": ["mon"], "variable": ["tas"], "caption": "Time gap", "comment": "1975",
         "severity": "error"},
    ],
}  # fmt: skip
HANDLE = {
    "responseCode": 1,
    "handle": "21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0987",
    "values": [
        {"index": index, "type": key, "data": {"format": "string", "value": value}, "ttl": 86400}
        for index, (key, value) in enumerate(
            {
                "URL": "https://handle-esgf.example.org/landing",
                "AGGREGATION_LEVEL": "DATASET",
                "DRS_ID": "CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn",
                "VERSION_NUMBER": "20190308",
                "HAS_PARTS": "hdl:21.14100/1b37978f-caf6-4e4a-9893-3266a93077a2",
                "HOSTING_NODE": '<locations><location id="0" host="esgf.example.org"/></locations>',
                "REPLICA_NODE": "esgf2.example.org;esgf3.example.org",
                "ERRATA_IDS": "8fee2815-db82-95a8-a88e-dcda0afbb225",
                "IS_PART_OF": "doi:10.22033/ESGF/CMIP6.2185",
            }.items(),
            1,
        )
    ],
}
ISSUE = {
    "uid": "8fee2815-db82-95a8-a88e-dcda0afbb225",
    "title": "Precipitation is too large",
    "description": "The units of pr were converted twice.",
    "project": "cmip6",
    "severity": "high",
    "status": "new",
    "datasets": ["CMIP6.CMIP.IPSL.IPSL-CM6A-LR.piControl.r1i1p1f1.3hr.pr.gr#20180802"],
    "urls": ["https://example.org/issue"],
    "materials": ["https://example.org/plot.png"],
}
DATACITE = {
    "data": {
        "id": "10.5072/example-1",
        "type": "dois",
        "attributes": {
            "doi": "10.5072/EXAMPLE-1",
            "creators": [{"name": "Example, Ada", "nameType": "Personal"}],
            "titles": [{"title": "Example model output"}],
            "publisher": "Example World Data Archive",
            "publicationYear": 2026,
            "types": {"resourceTypeGeneral": "Dataset", "resourceType": None},
            "relatedIdentifiers": [
                {"relatedIdentifier": "hdl:21.14100/8E650F5B-d139-33a9-b0d8-edcb0bfd0987",
                 "relationType": "HasPart", "relatedIdentifierType": "Handle"},
                {"relatedIdentifier": "https://doi.org/10.5072/example-0",
                 "relationType": "IsNewVersionOf", "relatedIdentifierType": "DOI"},
            ],
            "rightsList": [{"rights": "CC BY 4.0"}],
        },
    }
}  # fmt: skip
GLOBUS_TASK = {
    "DATA_TYPE": "task",
    "task_id": "6b7a1c1e-0000-11f1-8000-0242ac110002",
    "type": "TRANSFER",
    "status": "SUCCEEDED",
    "label": "cordex-0001",
    "request_time": "2026-11-23 07:38:06+00:00",
    "completion_time": "2026-11-23 09:12:44+00:00",
    "source_endpoint_display_name": "hpc.example.org",
    "destination_endpoint_display_name": "data.example.org",
    "files": 12,
    "files_transferred": 12,
    "bytes_transferred": 1250000,
    "faults": 0,
}
GLOBUS_FILES = {
    "DATA_TYPE": "successful_transfers",
    "marker": 0,
    "DATA": [
        {"DATA_TYPE": "successful_transfer", "source_path": f"/hpc/{name}",
         "destination_path": f"/pool/{name}", "size": 10, "checksum": SHA,
         "checksum_algorithm": "SHA256"}
        for name in ("a.nc", "b.nc")
    ],
}  # fmt: skip
RSYNC = """2026/11/23 07:38:25 [1234] receiving file list
2026/11/23 07:38:26 [1234] >f+++++++++ cordex/tas.nc
2026/11/23 07:38:26 [1234] cd+++++++++ cordex/
2026/11/23 07:38:27 [1234] >f.st...... cordex/pr mm.nc
Number of files: 3 (reg: 2, dir: 1)
Number of regular files transferred: 2
Total transferred file size: 1,250,000 bytes
sent 61 bytes  received 1,250,400 bytes  833,640.67 bytes/sec
total size is 1,250,000  speedup is 1.00
"""
GLOBUS_ERRORS = {
    "DATA_TYPE": "skipped_errors",
    "DATA": [
        {"DATA_TYPE": "skipped_error", "source_path": "/hpc/a.nc", "destination_path": "/pool/a.nc",
         "error_code": "PERMISSION_DENIED", "error_details": "x", "error_time": "2026-11-23"}
    ],
}  # fmt: skip
MADE = {
    "compliance-checker-text": CHECKER_TEXT.encode(),
    "compliance-checker-html": CHECKER_PAGE.encode(),
    "qa-dkrz-log": QA_LOG.encode(),
    "globus-errors": json.dumps(GLOBUS_ERRORS).encode(),
    "esgf-qa-directories": b'{"/data/in": {"tas_Amon_EX": ["/data/in/tas_Amon_EX_1850.nc"]}}',
    "esgf-qa-paths": b'["/data/in/tas_Amon_EX_1850.nc", "/data/in/pr_Amon_EX_1850.nc"]',
    "errata-datasets": f"{ISSUE['datasets'][0]}\n".encode(),
    "prepare": PREPARE.encode(),
    "qa-dkrz": json.dumps(QA_DKRZ).encode(),
    "handle-record": json.dumps(HANDLE).encode(),
    "errata-issue": json.dumps(ISSUE).encode(),
    "datacite": json.dumps(DATACITE).encode(),
    "checksums": f"{SHA}  data/tas.nc\n{SHA} *data/pr mm.nc\n".encode(),
    "globus-task": json.dumps(GLOBUS_TASK).encode(),
    "globus-files": json.dumps(GLOBUS_FILES).encode(),
    "rsync": RSYNC.encode(),
}


def tool_file(reader: str, real_inputs: Path) -> tuple[bytes, str]:
    """A file of this format, and its name."""
    if reader in MADE:
        return MADE[reader], f"{reader}.txt"
    (path,) = (path for path in real_inputs.glob(REAL[reader]) if _is_it(reader, path))
    return path.read_bytes(), path.name


def _is_it(reader: str, path: Path) -> bool:
    return (".cluster" in path.name) == (reader == "esgf-qa-cluster")


@cache
def netcdf(layout: str) -> bytes:
    """A NetCDF file of this layout, written by the reference library, with many attributes."""
    try:
        import netCDF4
        import numpy as np
    except ImportError:
        missing("netCDF4", "it is not installed: our reading has no judge")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.nc"
        with netCDF4.Dataset(path, "w", format=layout) as file:
            file.setncatts(
                {
                    **{f"attribute_{number}": "x" * number for number in range(1, 31)},
                    "mip_era": "CMIP6",
                    "source_id": "CESM2",
                    "experiment_id": "historical",
                    "title": "Größe in °C",
                    "realization_index": np.int32(1),
                    "branch_time": 10957.5,
                    "levels": np.array([1, 2, 3], "i4"),
                    "tracking_id": "hdl:21.14100/1b37978f-caf6-4e4a-9893-3266a93077a2",
                }
            )
            file.createDimension("time", None)
            file.createDimension("lat", 4)
            variable = file.createVariable("tas", "f4", ("time", "lat"))
            variable.units = "K"
            variable[0] = np.ones(4)
        return path.read_bytes()
