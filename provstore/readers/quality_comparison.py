"""Compare two quality runs over the same data: fixed, new and remaining findings.

In: the findings of an earlier and a later run. Out: a `Comparison`. Pure and linear. The later run
checks a corrected version, so versions of datasets and directories of files are ignored.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from provstore.ingest.extracts import Finding
from provstore.projects import data_identifiers

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Comparison:
    """Failed findings, each once: `fixed` and `unjudged` of the earlier run, others of the later.

    `unjudged` failed before, and the later run has no result: it did not check the file, or its
    check broke.
    """

    fixed: tuple[Finding, ...]
    new: tuple[Finding, ...]
    still: tuple[Finding, ...]
    unjudged: tuple[Finding, ...]


def compare_findings(
    before: Iterable[Finding], after: Iterable[Finding], files: Collection[str] | None = None
) -> Comparison:
    """Compare two runs of one tool (both in full, or both as summaries).

    `files` are the paths or names of all files of the later run; without them, all files
    count as checked again.
    """
    after = tuple(after)
    old = {_key(finding): finding for finding in before if finding.result == "failed"}
    now = {_key(finding): finding for finding in after if finding.result == "failed"}
    broken = {
        (finding.check, _name(finding.file)) for finding in after if finding.result == "broken"
    }
    checked_names = None if files is None else {_name(file) for file in files}
    fixed: list[Finding] = []
    unjudged: list[Finding] = []
    for key, finding in old.items():
        if key not in now:
            name = _name(finding.file)
            seen = checked_names is None or not name or name in checked_names
            (fixed if seen and (finding.check, name) not in broken else unjudged).append(finding)
    return Comparison(
        tuple(fixed),
        tuple(finding for key, finding in now.items() if key not in old),
        tuple(finding for key, finding in now.items() if key in old),
        tuple(unjudged),
    )


def _key(finding: Finding) -> Key:
    return finding.check, finding.message, _without_version(finding.dataset), _name(finding.file)


@lru_cache(maxsize=4096)
def _without_version(dataset: str) -> str:
    split = data_identifiers.split_version(dataset)
    name = split[0] if isinstance(split, tuple) else dataset
    return ".".join(part for part in name.split(".") if not _is_version(part))


def _is_version(part: str) -> bool:
    """Whether this part of a dataset id is its version, as in CMIP5 (`….v20120625.tas`)."""
    return len(part) == 9 and isinstance(data_identifiers.parse_version(part), str)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
