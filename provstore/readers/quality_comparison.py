"""Two quality runs over the same data: what was fixed, what is new, what is still there.

In: the findings of an earlier and a later run. Out: a `Comparison`. Pure and linear. The later run
judges a corrected version, so versions of datasets and directories of files are left out of sight.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from provstore.ingest.extracts import Finding
from provstore.projects import identifiers

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Comparison:
    """Findings that failed, each once: `fixed` and `unjudged` as before, the others as after.

    `unjudged` failed before, and the later run does not say how it is now: it did not look at the
    file, or its check broke.
    """

    fixed: tuple[Finding, ...]
    new: tuple[Finding, ...]
    still: tuple[Finding, ...]
    unjudged: tuple[Finding, ...]


def compare(
    before: Iterable[Finding], after: Iterable[Finding], files: Collection[str] | None = None
) -> Comparison:
    """Compare two runs of one tool (both in full, or both as summaries).

    `files` are the paths or names of all files of the later run; without them, each file is taken
    to be looked at again.
    """
    after = tuple(after)
    old = {_key(one): one for one in before if one.result == "failed"}
    now = {_key(one): one for one in after if one.result == "failed"}
    broken = {(one.check, _name(one.file)) for one in after if one.result == "broken"}
    looked = None if files is None else {_name(file) for file in files}
    fixed: list[Finding] = []
    unjudged: list[Finding] = []
    for key, one in old.items():
        if key not in now:
            name = _name(one.file)
            seen = looked is None or not name or name in looked
            (fixed if seen and (one.check, name) not in broken else unjudged).append(one)
    return Comparison(
        tuple(fixed),
        tuple(one for key, one in now.items() if key not in old),
        tuple(one for key, one in now.items() if key in old),
        tuple(unjudged),
    )


def _key(one: Finding) -> Key:
    return one.check, one.message, _without_version(one.dataset), _name(one.file)


@lru_cache(maxsize=4096)
def _without_version(dataset: str) -> str:
    split = identifiers.split_version(dataset)
    name = split[0] if isinstance(split, tuple) else dataset
    return ".".join(part for part in name.split(".") if not _is_version(part))


def _is_version(part: str) -> bool:
    """Whether this part of a dataset id is its version, as in CMIP5's (`….v20120625.tas`)."""
    return len(part) == 9 and isinstance(identifiers.version(part), str)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
