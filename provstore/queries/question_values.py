"""Finds values for the parameters of a question in the words with which somebody asked it.

In: words, parameters, and functions that look names up. Out: candidates for each parameter. Only
words that look like names are looked up; it knows no store.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from provstore.prov.model.utc_time import utc_text
from provstore.queries.catalogue import Parameter

MOST_CANDIDATES = 5

_KINDS: Mapping[str, tuple[str, ...]] = {
    "organisation": ("Organization",),
    "person": ("Person",),
    "dataset": ("Dataset",),
    "thing": ("DatasetVersion", "Dataset"),
    "correction": ("ErratumReport", "RetractionReport"),
}
"""The kinds of things that a parameter of this name may be, in the words of the search."""

_DATE = re.compile(r"\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z?)?(?!\S)")
_PERIOD = re.compile(r"\b(\d+|a|two|three|four|six|ten) (day|week|month)s?\b")
_COUNTS = {"a": 1, "two": 2, "three": 3, "four": 4, "six": 6, "ten": 10}
_DAYS = {"day": 1, "week": 7, "month": 30}
_UID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_MODEL = re.compile(r"\b[A-Z][A-Za-z0-9]*-[A-Z0-9][\w-]*")
_IDENTIFIER = re.compile(
    r"https?://\S+|doi:\S+|hdl:\S+|(?<!\S)10\.\d{4,}/\S+|(?:[\w-]+\.){4,}[\w-]+"
)
_PATH = re.compile(r"[\w-]+/[\w-]+/\d+(?:/\w+)*")
_NAME = re.compile(r"[^\s?!,;]*[A-Z0-9][^\s?!,;]*")


@dataclass(frozen=True)
class Candidate:
    """A value that the words may mean, and its title for people."""

    value: str
    title: str

    def __str__(self) -> str:
        return f"{self.value}  ({self.title})" if self.title not in ("", self.value) else self.value


@dataclass(frozen=True)
class Names:
    """What is known of names: all ingests, a search by words and kind, and the present time."""

    ingests: Collection[str]
    search: Callable[[str, str], Sequence[Candidate]]
    now: datetime


def find_values(
    words: str, parameters: Mapping[str, Parameter], names: Names
) -> dict[str, tuple[Candidate, ...]]:
    """Return the candidates for each parameter that has any.

    >>> days = Parameter("days", "number", "", "14")
    >>> known = Names([], lambda words, kind: (), datetime(2026, 3, 1, tzinfo=UTC))
    >>> find_values("waiting for two weeks", {"days": days}, known)["days"][0].value
    '14'
    """
    times = [_time(match[0]) for match in _DATE.finditer(words)]
    values: dict[str, tuple[Candidate, ...]] = {}
    for name, parameter in parameters.items():
        if parameter.kind == "time" and name != "now":
            candidates = [Candidate(times.pop(0), "")] if times else []
        else:
            candidates = [*_candidates(name, words, names)]
        if distinct := dict.fromkeys(candidates):
            values[name] = tuple(distinct)[:MOST_CANDIDATES]
    return values


def _candidates(name: str, words: str, names: Names) -> Iterator[Candidate]:
    if name == "ingest":
        called = {ingest for ingest in names.ingests if _is_named(ingest, words)}
        yield from (Candidate(ingest, "") for ingest in sorted(called))
    elif name == "now":
        yield Candidate(utc_text(names.now.replace(microsecond=0)), "now")
    elif name == "days":
        for count, unit in _PERIOD.findall(words.casefold()):
            yield Candidate(str((_COUNTS.get(count) or int(count)) * _DAYS[unit]), "")
    elif name in ("uid", "driving_model"):
        pattern = _UID if name == "uid" else _MODEL
        yield from (Candidate(value, "") for value in pattern.findall(words))
    elif name in _KINDS:
        written = [*_IDENTIFIER.findall(words), *_PATH.findall(words)]
        yield from (Candidate(value, "") for value in written)
        if not written:
            yield from _looked_up(words, _KINDS[name], names)


def _looked_up(words: str, kinds: Sequence[str], names: Names) -> Iterator[Candidate]:
    called = [name for name in _NAME.findall(words) if len(name) > 1]
    for query in dict.fromkeys([" ".join(called), *called]):
        hits = [hit for kind in kinds for hit in names.search(query, kind)] if query else []
        if hits:
            yield from hits
            return


def _is_named(ingest: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(ingest)}(?![\w-])", words, re.IGNORECASE) is not None


def _time(written: str) -> str:
    moment = datetime.fromisoformat(written.removesuffix("Z"))
    return utc_text(moment.replace(tzinfo=UTC))
