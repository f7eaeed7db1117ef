"""Data reference syntax: what dataset ids, file names and directories of a project say.

In: ids and names as they are in the wild. Out: their facets, or `Problem`s; built names; dataset
PIDs; and what contradicts what. Pure, offline; all that differs between projects is in PROJECTS.

Sources: CMIP6_CVs 6.2.60.0 (DRS), cordex-cmip6-cv (DRS), the CMIP5 and CORDEX archive
specifications, esgcet's settings (dataset ids), and the rule that makes dataset PIDs (esgfpid).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid3

from provstore.errors import Problem
from provstore.projects import data_identifiers

VERSION = "version"
"""The facet that is not a part of a dataset's own name."""


@dataclass(frozen=True)
class ProjectDrs:
    """One row: how a project names things, as facets in order.

    A facet with `+` in it is written as its parts joined by hyphens.
    `start` is how dataset ids begin. `handle` is the prefix of dataset PIDs ("" if there are none);
    `by_node` says that the data node is a part of what they are made from.
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
    """A dataset id that was understood; `facets` hold every part, the version among them."""

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
    """Understand a dataset id, with or without its version in any of its spellings."""
    split = data_identifiers.split_version(text, where)
    if isinstance(split, Problem):
        return split
    name, version = split
    project = project_of(name)
    if project is None:
        begins = ", ".join(row.start for row in _ROWS)
        message = f"{name[:200]!r} begins like no dataset id of a project that is known here."
        return Problem(where, message, f"They begin with {begins}")
    parts = name.split(".")
    for template in project.datasets:
        facets = _facets(template, parts, version)
        if facets:
            return DatasetId(project.name, template, facets)
    wanted = " or ".join(str(len(template)) for template in project.datasets)
    message = f"{name[:200]!r} is no dataset id of {project.name}: it has {len(parts)} parts."
    return Problem(where, message, f"It needs {wanted}: {'.'.join(project.datasets[0])}.")


def build_dataset_id(dataset: DatasetId) -> str:
    """The one spelling of a dataset id: the version, if it stands last, as `.v20180605`."""
    parts = [dataset.facets[name] for name in dataset.template]
    if dataset.version and VERSION not in dataset.template:
        parts.append(dataset.version)
    return ".".join(parts)


def project_of(text: str) -> ProjectDrs | None:
    """The row of the project whose dataset ids begin so."""
    return next((row for row in _ROWS if text.startswith(row.start)), None)


def _facets(template: tuple[str, ...], parts: list[str], version: str) -> dict[str, str]:
    """The facets, or none if these parts do not fit."""
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
    """The facets of a file name, and `time_range` if it has one."""
    stem = name.removesuffix(".nc")
    parts = stem.split("_")
    spans = parts[len(project.file) :]
    fits = stem != name and len(parts) >= len(project.file) and all(map(_FACET.fullmatch, parts))
    if fits and len(spans) <= 1 and all(map(_SPAN.fullmatch, spans)):
        facets = dict(zip(project.file, parts, strict=False))
        return {**facets, "time_range": spans[0]} if spans else facets
    form = f"{'_'.join(project.file)}[_from-to].nc"
    message = f"{name[:200]!r} is no file name of {project.name}."
    return Problem(where, message, f"It is written {form}")


def build_file_name(dataset: DatasetId, time_range: str = "", variable: str = "") -> str:
    """The name of a file of this dataset; `variable` where the dataset holds several (CMIP5)."""
    facets = {"variable": variable, **dataset.facets} if variable else dataset.facets
    parts = [_written(name, facets) for name in PROJECTS[dataset.project].file]
    return "_".join([*parts, time_range] if time_range else parts) + ".nc"


def check_file_path(dataset: DatasetId, path: str, where: str = "") -> Iterator[Problem]:
    """Say what in a file's name and directory contradicts its dataset.

    A directory that does not follow the DRS claims nothing, and so contradicts nothing.
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
                message = f"The file {name!r} says {facet} {value}, its dataset says {wanted}."
                yield Problem(where, message, "One of them is wrong.")
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
            message = f"The directory says {facet} {value}, its dataset says {wanted}."
            yield Problem(where, message, "One of them is wrong.")


def _directory_faults(
    dataset: DatasetId, claim: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    for index, (facet, value) in enumerate(claim):
        wanted = _written(facet, dataset.facets)
        same = value.lower() == wanted.lower() if index == 0 else value == wanted
        if wanted and not same:
            yield facet, value, wanted


def _written(facet: str, facets: Mapping[str, str]) -> str:
    """How this facet is written, or "" if it is not known."""
    parts = [facets.get(name, "") for name in facet.split("+")]
    return "-".join(parts) if all(parts) else ""


# --- persistent identifiers of datasets ----------------------------------------------------------


def dataset_pid(dataset: DatasetId, node: str = "", where: str = "") -> str | Problem:
    """The PID that a dataset version has by the rules of its project.

    It is `hdl:<prefix>/` and the uuid3 of `<drs>.v<version>`, or of that with `|<data node>`.
    """
    project = PROJECTS[dataset.project]
    if not project.handle:
        return Problem(where, f"{project.name} has no rule for PIDs of datasets.")
    if not dataset.version:
        return Problem(where, f"{dataset.dataset} has no PID without a version.")
    if project.by_node and not node:
        message = f"A PID of {project.name} is made from the data node too, which is not said."
        return Problem(where, message)
    name = str(dataset) + (f"|{node}" if project.by_node else "")
    return f"hdl:{project.handle}/{uuid3(NAMESPACE_URL, name)}"


def check_pid(pid: str, dataset: DatasetId, node: str = "", where: str = "") -> Iterator[Problem]:
    """Say whether a PID contradicts its dataset version; silent where there is no rule."""
    wanted, stated = dataset_pid(dataset, node), data_identifiers.parse_handle(pid, where)
    if isinstance(stated, Problem):
        yield stated
    elif isinstance(wanted, str) and stated != wanted:
        by = f" on {node}" if PROJECTS[dataset.project].by_node else ""
        message = f"{stated} is not the PID of {dataset}{by}: that is {wanted}."
        yield Problem(where, message, "The PID or the dataset id is wrong.")
