"""A large store as a data centre would have it, with its reports as `bundle_of_report` writes them.

In: how many relations are wanted. Out: bundles in the order of their deliveries, the same on every
run, and the names about which the questions are asked. Nothing here was ever handed in.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from provstore.ingest.extracts import DatasetVersion, Extract, File, Replica
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import START, Report, next_report
from provstore.projects.forms import load_forms
from provstore.projects.workflow import STARTED
from provstore.prov.model.bundle import Bundle, Element, Relation
from provstore.storage.settings import shipped
from tests.reports import person_iri, prov_of

BEGUN = datetime(2016, 1, 1, 8, tzinfo=UTC)
PER_DAY = 10
BLOCK = 8
"""Deliveries that build on each other; no lineage leaves its block but by shared names."""

_GOOD = "submission review transfer quality publication archival"
_LOOP = (
    "submission review:action-required revision review transfer:action-required transfer "
    "quality:action-required revision review transfer quality:warning publication archival"
)
_PUBLIC = (
    _GOOD,
    _LOOP,
    f"{_GOOD} erratum",
    f"{_LOOP} erratum retraction",
    f"{_GOOD} retraction",
    "submission review transfer quality:warning publication:action-required publication archival",
)
_OTHER = (
    "submission",
    "submission review:action-required",
    "submission review:rejected",
    "submission review transfer:started",
    "submission review transfer quality:action-required revision review",
    "submission review transfer quality:warning publication",
)
_LIVES = (_PUBLIC, _PUBLIC, _PUBLIC, _PUBLIC, _PUBLIC, _OTHER, _OTHER, _PUBLIC)
"""Which lives the eight deliveries of a block can have."""

_MANAGERS = {
    "review": 0, "transfer": 1, "quality": 2, "publication": 3, "archival": 4, "erratum": 5,
    "retraction": 5,
}  # fmt: skip
_FORMS = load_forms(shipped("forms"))
_EXAMPLES = {name: form.example() for name, form in _FORMS.items()}
NAMES = IngestIris()
ATLAS = "https://example.org/atlas"


def bundles(relations: int) -> Iterator[tuple[str, Bundle]]:
    """Bundles with their ingests until there are so many relations; an atlas of them all last."""
    held = 0
    for number in count():
        if held >= relations:
            break
        for bundle in _delivery(number):
            held += len(bundle.relations)
            yield ingest(number), bundle
    yield "", _atlas(number)


def _atlas(deliveries: int) -> Bundle:
    """A figure of others that was made from the data of every twentieth block."""
    last = (NAMES.dataset(f"{dataset(n)}.{version(n)}") for n in range(3, deliveries, 20 * BLOCK))
    made = tuple(Relation("wasDerivedFrom", (ATLAS, one, "", "", "")) for one in last)
    return Bundle(ATLAS + "/bundle", (Element(ATLAS, ("entity",)),), made)


def _delivery(number: int) -> Iterator[Bundle]:
    earlier: list[Report] = []
    lives = _LIVES[number % BLOCK]
    for index, word in enumerate(lives[number // BLOCK % len(lives)].split()):
        step, _, outcome = word.partition(":")
        report = _report(earlier, number, step, outcome or "ok", index)
        yield prov_of(report, earlier, NAMES, _told(report, number))
        earlier.append(report)


def _report(earlier: list[Report], number: int, step: str, outcome: str, index: int) -> Report:
    begun = BEGUN + timedelta(days=number // PER_DAY + 3 * index, minutes=number % PER_DAY)
    ended = begun + timedelta(hours=1 + (number + index) % 5)
    agent = provider(number) if step in ("submission", "revision") else manager(step, number)
    times = {"started": begun.isoformat(), "ended": ended.isoformat()}
    form = "cordex" if step == "submission" else step
    if outcome == STARTED:
        answers: Mapping[str, Any] = {"agent": agent, "started": times["started"]}
        return next_report(earlier, ingest(number), step, START, "1", answers)
    own = _OWN[step](number, earlier) if step in _OWN else {}
    result = {} if step == "submission" else {"outcome": outcome}
    answers = {**_EXAMPLES[form], "agent": agent, **times, **own, **result}
    version = _FORMS[form].version
    return next_report(earlier, ingest(number), step, form, version, answers)


# ------------------------------------------------------------------------------------ names


def ingest(number: int) -> str:
    """What a delivery is called."""
    return f"cordex-{number + 1:06}"


def dataset(number: int) -> str:
    """What it is about: in each block the last delivers the first one's data again."""
    place = number % BLOCK
    if place == 6 and number // BLOCK % 25 == 0:
        return "cordex.output.EUR-11.HUB.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.HUB.v1"
    about = number - 7 if place == 7 else number
    return f"cordex.output.EUR-11.I{institute(about)}.{gcm(about)}.rcp85.r1i1p1.M{about}.v1"


def version(number: int) -> str:
    """The version that a delivery publishes."""
    return f"v{BEGUN + timedelta(days=number // PER_DAY):%Y%m%d}"


def institute(number: int) -> int:
    """One institute delivers a fifth of all, the others some forty each."""
    return 0 if number % 5 == 0 else 1 + number // 50


def gcm(number: int) -> str:
    """One global model drives every third delivery, the others some twenty each."""
    return "GCM-0" if number % 3 == 0 else f"GCM-{1 + number // 30}"


def provider(number: int) -> dict[str, Any]:
    """One of three people of the institute."""
    office = institute(number)
    name = f"Provider {office} {number % 3}"
    email = f"p{office}.{number % 3}@example.org"
    return {"name": name, "email": email, "organisation": {"name": f"Institute {office}"}}


def manager(step: str, number: int) -> dict[str, Any]:
    """One of two people for each task; they stay for all the years."""
    name = f"Manager {2 * _MANAGERS[step] + number % 2}"
    email = f"{name.lower().replace(' ', '')}@example.org"
    return {"name": name, "email": email, "organisation": {"name": "Example Data Centre"}}


def _office(number: int) -> str:
    return NAMES.organisation(f"Institute {number}")


def person(agent: Mapping[str, Any]) -> str:
    """The IRI of somebody."""
    return person_iri(NAMES, agent)


def _handle(number: int) -> str:
    digits = sha256(str(number).encode()).hexdigest()
    return (
        f"hdl:21.14100/{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
    )


def _uid(number: int) -> str:
    return _handle(10**9 + number).rpartition("/")[2]


# ---------------------------------------------------------------------------------- answers


def _submission(number: int, _: list[Report]) -> dict[str, Any]:
    place, first = number % BLOCK, number - number % BLOCK
    sources = [f"cmip5.output1.{gcm(number)}.rcp85.6hr.v20120101"]
    if place in (2, 3):
        sources += [f"{dataset(one)}.{version(one)}" for one in range(first, number)]
    own: dict[str, Any] = {"dataset": dataset(number), "derived_from": sources}
    own |= {"driving_model": gcm(number), "institute_id": f"I{institute(number)}"}
    if place == 7:
        own |= {"derived_from": [f"cmip5.output1.{gcm(first)}.rcp85.6hr.v20120101"]}
        own |= {"replaces": [f"{dataset(first)}.{version(first)}"]}
    return own


def _transfer(number: int, earlier: list[Report]) -> dict[str, Any]:
    alike = number - 7 if number % (50 * BLOCK) == 7 else number  # a few came before
    checksum = sha256(f"{alike} {0 if alike != number else len(earlier)}".encode()).hexdigest()
    target = f"data.example.org:/pool/{ingest(number)}"
    return {"checksum_manifest_sha256": checksum, "target": target}


def _quality(number: int, _: list[Report]) -> dict[str, Any]:
    many = 300 if number % 2000 == 0 else number % 6
    findings = [
        {
            "severity": ("note", "warning", "error")[one % 3],
            "check": f"cf:1.8 rule {(number + one) % 60}",
            "message": f"Rule {(number + one) % 60} does not hold for variable {one}.",
            "files": 1 + one,
        }
        for one in range(many)
    ]
    tool = {"name": "esgf-qa", "version": ("0.5.0", "0.6.0", "0.10.1")[number // 7 % 3]}
    return {"tool": tool, "findings": findings}


def _publication(number: int, _: list[Report]) -> dict[str, Any]:
    node = f"esgf{number % 4}.example.org"
    return {"version": version(number), "pid": _handle(number), "data_node": node}


def _archival(number: int, _: list[Report]) -> dict[str, Any]:
    return {"identifier": f"M{number}", "doi": f"10.5072/m{number}"}


def _revision(_: int, earlier: list[Report]) -> dict[str, Any]:
    return {"corrects": f"{earlier[-1].step}/{earlier[-1].run}"}


def _erratum(number: int, _: list[Report]) -> dict[str, Any]:
    about = {"dataset": dataset(number), "version": version(number)}
    return {"uid": _uid(number), "affected": [about]}


def _retraction(number: int, _: list[Report]) -> dict[str, Any]:
    return {"version": version(number), "erratum": _uid(number)}


_OWN = {
    "submission": _submission, "transfer": _transfer, "quality": _quality,
    "publication": _publication, "archival": _archival, "revision": _revision,
    "erratum": _erratum, "retraction": _retraction,
}  # fmt: skip


def _told(report: Report, number: int) -> Extract | None:
    """What the publisher's tools knew besides: replicas and a few files."""
    if report.step != "publication" or report.outcome != "ok" or number % 2:
        return None
    held, own = dataset(number), version(number)
    files = [
        File(f"tas_{number}_{one}.nc", dataset=f"{held}.{own}", checksum=f"sha256:{one}", bytes=one)
        for one in range(4)
    ]
    nodes = [Replica(held, own, f"esgf{one}.example.org") for one in range(2 + number % 2)]
    things = [DatasetVersion(held, own), *files, *nodes]
    return Extract("example", "publication", (), {}, (), tuple(things), (), ())


# --------------------------------------------------------------------------- what is asked

_ONE = 3 * BLOCK + 3
"""A delivery like many others: it went round, was published, corrected and taken back."""

_NOTHING = "https://example.org/nothing"
_GCM = NAMES.dataset("cmip5.output1.GCM-0.rcp85.6hr.v20120101")
_QUALITY = person_iri(NAMES, manager("quality", 0))
_DATA = NAMES.dataset(f"{dataset(_ONE)}.{version(_ONE)}")
_TIMES = ("2016-02-01T00:00:00Z", "2100-01-01T00:00:00Z", "1999-01-01T00:00:00Z")
_SPANS = (("2016-02-01T00:00:00Z", "2016-03-01T00:00:00Z"),
          ("1999-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
          ("1999-01-01T00:00:00Z", "1999-02-01T00:00:00Z"))  # fmt: skip

CASES = ("middle", "hub", "none")
ABOUT: Mapping[str, tuple[str, str, str]] = {
    "organisation": (_office(1), _office(0), _NOTHING),
    "dataset": (NAMES.dataset(dataset(_ONE)), NAMES.dataset(dataset(6)), _NOTHING),
    "driving_model": ("GCM-1", "GCM-0", "nothing"),
    "person": (person(provider(1)), _QUALITY, _NOTHING),
    "ingest": (NAMES.ingest(ingest(_ONE)), NAMES.ingest(ingest(_ONE)), _NOTHING),
    "thing": (_DATA, ATLAS, _NOTHING),
    "source": (NAMES.dataset(dataset(3 * BLOCK)), _GCM, _NOTHING),
    "other": (NAMES.dataset(f"{dataset(_ONE - 1)}.{version(_ONE - 1)}"), ATLAS, _NOTHING),
    "correction": (NAMES.report(ingest(_ONE), "erratum", 1),) * 2 + (_NOTHING,),
    "uid": (_uid(_ONE), _uid(_ONE), "nothing"),
    "tool": ("esgf-qa", "esgf-qa", "nothing"),
    "version": ("0.6.0", "9", "0.6.0"),
    "first": (NAMES.report(ingest(_ONE), "quality", 1), NAMES.report(ingest(0), "quality", 1),
              _NOTHING),
    "second": (NAMES.report(ingest(_ONE), "quality", 2),) * 2 + (_NOTHING,),
    "days": ("14", "14", "100000"),
    "at": _TIMES,
    "now": (_TIMES[0], _TIMES[1], _TIMES[0]),
    "since": tuple(since for since, _ in _SPANS),
    "until": tuple(until for _, until in _SPANS),
    "earlier": tuple(since for since, _ in _SPANS),
    "later": tuple(until for _, until in _SPANS),
}  # fmt: skip
"""What each parameter is asked with: an example of middle size, the biggest hub, no answer."""

HUBS = {"what-depends-on-this": _GCM, "who-said-this": _QUALITY}
"""Things that are hubs for these questions."""
