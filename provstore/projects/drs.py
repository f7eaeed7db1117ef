"""Data reference syntax (DRS): the facets in dataset ids, file names and directories.

In: ids and names as people and tools write them. Out: their facets, or `Problem`s; built names;
dataset PIDs; contradictions. Pure, offline. All differences between projects are in PROJECTS.

Sources: CMIP6_CVs 6.2.60.0 (DRS), cordex-cmip6-cv (DRS), the CMIP5 and CORDEX archive
specifications, esgcet's settings (dataset ids), and the rule for dataset PIDs (esgfpid).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid3

from provstore.errors import Problem
from provstore.projects import data_identifiers

VERSION = "version"
"""The facet that is not part of the name of a dataset."""


@dataclass(frozen=True)
class ProjectDrs:
    """One row: how a project names its data, as facets in order.

    A facet with `+` is written as its parts joined by hyphens. `start` is the beginning of every
    dataset id. `handle` is the prefix of dataset PIDs ("" if there are none); `by_node` says that
    a PID also depends on the data node.
    """

    name: str
    start: str
    datasets: tuple[tuple[str, ...], ...]
    file: tuple[str, ...]
    directories: tuple[tuple[str, ...], ...]
    handle: str = ""
    by_node: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CMIP5 = "cmip5 product institute model experiment time_frequency realm cmor_table ensemble"
_CMIP6 = (
    "mip_era activity_id institution_id source_id experiment_id member_id table_id variable_id"
    " grid_label"
)
_CMIP6_FILE = "variable_id table_id source_id experiment_id member_id grid_label"
_CORDEX = (
    "cordex product domain institute driving_model experiment ensemble {} rcm_version"
    " time_frequency variable"
)
_CORDEX6 = (
    "project_id activity_id domain_id institution_id driving_source_id driving_experiment_id"
    " driving_variant_label source_id version_realization frequency variable_id"
)
_CMIP7 = (
    "drs_specs mip_era activity_id institution_id source_id experiment_id variant_label region"
    " frequency variable_id branding_suffix grid_label"
)
_ROWS = (
    ProjectDrs(
        "CMIP5", "cmip5.",
        (_words(_CMIP5), _words(f"{_CMIP5} version variable")),
        _words("variable cmor_table model experiment ensemble"),
        (_words(f"{_CMIP5} version variable"),),
    ),
    ProjectDrs(
        "CMIP6", "CMIP6.",
        (_words(_CMIP6),), _words(_CMIP6_FILE), (_words(f"{_CMIP6} version"),),
        "21.14100",
    ),
    ProjectDrs(
        "CMIP6Plus", "CMIP6Plus.",
        (_words(_CMIP6),), _words(_CMIP6_FILE), (_words(f"{_CMIP6} version"),),
        "21.14100", by_node=True,
    ),
    ProjectDrs(
        "CORDEX", "cordex.",
        (_words(_CORDEX.format("rcm_name")),),
        _words("variable domain driving_model experiment ensemble institute+rcm_name rcm_version"
               " time_frequency"),
        (_words(_CORDEX.format("rcm_name") + " version"),
         _words(_CORDEX.format("institute+rcm_name") + " version")),
    ),
    ProjectDrs(
        "CORDEX-CMIP6", "CORDEX-CMIP6.",
        (_words(_CORDEX6),),
        _words("variable_id domain_id driving_source_id driving_experiment_id"
               " driving_variant_label institution_id source_id version_realization frequency"),
        (_words(f"{_CORDEX6} version"),),
        "21.14103", by_node=True,
    ),
    ProjectDrs(
        "CMIP7", "MIP-DRS7.CMIP7.",
        (_words(_CMIP7),),
        _words("variable_id branding_suffix frequency region grid_label source_id experiment_id"
               " variant_label"),
        (_words(f"{_CMIP7} version"),),
        "21.14107", by_node=True,
    ),
)  # fmt: skip
PROJECTS: Mapping[str, ProjectDrs] = MappingProxyType({row.name: row for row in _ROWS})

_FACET = re.compile(r"[^\s.#|/_]+")
_FACET_OF_ID = re.compile(r"[^\s.#|/]+")
_SPAN = re.compile(r"[0-9]{4,14}(?:-[0-9]{4,14})?(?:-clim)?", re.ASCII)


@dataclass(frozen=True)
class DatasetId:
    """A parsed dataset id; `facets` has all parts, including the version."""

    project: str
    template: tuple[str, ...]
    facets: Mapping[str, str]

    @property
    def dataset(self) -> str:
        """The id without the version."""
        return ".".join(self.facets[name] for name in self.template if name != VERSION)

    @property
    def version(self) -> str:
        """The version as `v20180605`, or ""."""
        return self.facets.get(VERSION, "")

    def __str__(self) -> str:
        return build_dataset_id(self)


def parse_dataset_id(text: str, where: str = "") -> DatasetId | Problem:
    """Parse a dataset id, with or without a version in any known spelling."""
    split = data_identifiers.split_version(text, where)
    if isinstance(split, Problem):
        return split
    name, version = split
    project = project_of(name)
    if project is None:
        begins = ", ".join(row.start for row in _ROWS)
        message = f"{name[:200]!r} is not a dataset id of any known project."
        return Problem(where, message, f"Dataset ids begin with {begins}")
    parts = name.split(".")
    for template in project.datasets:
        facets = _facets(template, parts, version)
        if facets:
            return DatasetId(project.name, template, facets)
    wanted = " or ".join(str(len(template)) for template in project.datasets)
    message = f"{name[:200]!r} is not a dataset id of {project.name}: it has {len(parts)} parts."
    return Problem(where, message, f"Write {wanted} parts: {'.'.join(project.datasets[0])}.")


def build_dataset_id(dataset: DatasetId) -> str:
    """Return a dataset id in its normal spelling: a version at its end becomes `.v20180605`."""
    parts = [dataset.facets[name] for name in dataset.template]
    if dataset.version and VERSION not in dataset.template:
        parts.append(dataset.version)
    return ".".join(parts)


def project_of(text: str) -> ProjectDrs | None:
    """Return the project whose dataset ids begin like this."""
    return next((row for row in _ROWS if text.startswith(row.start)), None)


def _facets(template: tuple[str, ...], parts: list[str], version: str) -> dict[str, str]:
    """Return the facets, or an empty result if the parts do not fit."""
    if len(parts) != len(template) or not all(map(_FACET_OF_ID.fullmatch, parts)):
        return {}
    facets = dict(zip(template, parts, strict=True))
    if VERSION in facets:
        own = data_identifiers.parse_version(facets[VERSION])
        if isinstance(own, Problem) or (version and version != own):
            return {}
        version = own
    return {**facets, VERSION: version} if version else facets


# --- files and directories -----------------------------------------------------------------------


def parse_file_name(name: str, project: ProjectDrs, where: str = "") -> Mapping[str, str] | Problem:
    """Return the facets of a file name, and `time_range` if it has one."""
    stem = name.removesuffix(".nc")
    parts = stem.split("_")
    spans = parts[len(project.file) :]
    fits = stem != name and len(parts) >= len(project.file) and all(map(_FACET.fullmatch, parts))
    if fits and len(spans) <= 1 and all(map(_SPAN.fullmatch, spans)):
        facets = dict(zip(project.file, parts, strict=False))
        return {**facets, "time_range": spans[0]} if spans else facets
    form = f"{'_'.join(project.file)}[_from-to].nc"
    message = f"{name[:200]!r} is not a file name of {project.name}."
    return Problem(where, message, f"Write {form}")


def build_file_name(dataset: DatasetId, time_range: str = "", variable: str = "") -> str:
    """Build a file name of this dataset; pass `variable` if the dataset has several (CMIP5)."""
    facets = {"variable": variable, **dataset.facets} if variable else dataset.facets
    parts = [_written(name, facets) for name in PROJECTS[dataset.project].file]
    return "_".join([*parts, time_range] if time_range else parts) + ".nc"


def check_file_path(dataset: DatasetId, path: str, where: str = "") -> Iterator[Problem]:
    """List contradictions between a dataset and the name and directory of one of its files.

    A directory that does not follow the DRS states nothing, so it contradicts nothing.
    """
    *directory, name = path.split("/")
    project = PROJECTS[dataset.project]
    facets = parse_file_name(name, project, where)
    if isinstance(facets, Problem):
        yield facets
    else:
        for facet, value in facets.items():
            wanted = _written(facet, dataset.facets)
            if wanted and wanted != value:
                message = f"The file {name!r} has {facet} {value}, its dataset has {wanted}."
                yield Problem(where, message, "Correct the one that is wrong.")
    yield from _check_directory(dataset, directory, project, where)


def _check_directory(
    dataset: DatasetId, directory: list[str], project: ProjectDrs, where: str
) -> Iterator[Problem]:
    root = dataset.facets[dataset.template[0]].lower()
    starts = [at for at, part in enumerate(directory) if part.lower() == root]
    claims = [
        list(zip(template, directory[at:], strict=False))
        for template in project.directories
        for at in starts
        if len(directory) - at in (len(template), len(template) - 1)
    ]
    faults = [[*_directory_faults(dataset, claim)] for claim in claims]
    if faults and all(faults):
        for facet, value, wanted in min(faults, key=len):
            message = f"The directory has {facet} {value}, its dataset has {wanted}."
            yield Problem(where, message, "Correct the one that is wrong.")


def _directory_faults(
    dataset: DatasetId, claim: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    for index, (facet, value) in enumerate(claim):
        wanted = _written(facet, dataset.facets)
        same = value.lower() == wanted.lower() if index == 0 else value == wanted
        if wanted and not same:
            yield facet, value, wanted


def _written(facet: str, facets: Mapping[str, str]) -> str:
    """Return the spelling of this facet in a name, or "" if its value is unknown."""
    parts = [facets.get(name, "") for name in facet.split("+")]
    return "-".join(parts) if all(parts) else ""


# --- persistent identifiers of datasets ----------------------------------------------------------


def dataset_pid(dataset: DatasetId, node: str = "", where: str = "") -> str | Problem:
    """Compute the PID of a dataset version by the rule of its project.

    It is `hdl:<prefix>/` and the uuid3 of `<drs>.v<version>`, or of `<drs>.v<version>|<data node>`.
    """
    project = PROJECTS[dataset.project]
    if not project.handle:
        return Problem(where, f"{project.name} has no rule for dataset PIDs.")
    if not dataset.version:
        return Problem(where, f"{dataset.dataset} has no version, so it has no PID.")
    if project.by_node and not node:
        message = f"A PID of {project.name} depends on the data node, which is not given."
        return Problem(where, message)
    name = str(dataset) + (f"|{node}" if project.by_node else "")
    return f"hdl:{project.handle}/{uuid3(NAMESPACE_URL, name)}"


def check_pid(pid: str, dataset: DatasetId, node: str = "", where: str = "") -> Iterator[Problem]:
    """Check a PID against its dataset version; a project without a rule has no problems."""
    wanted, stated = dataset_pid(dataset, node), data_identifiers.parse_handle(pid, where)
    if isinstance(stated, Problem):
        yield stated
    elif isinstance(wanted, str) and stated != wanted:
        by = f" on {node}" if PROJECTS[dataset.project].by_node else ""
        message = f"{stated} is not the PID of {dataset}{by}; expected {wanted}."
        yield Problem(where, message, "Correct the PID or the dataset id.")
