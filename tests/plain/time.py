"""What could be known when, in plain Python."""

from datetime import datetime
from typing import Any

from tests.plain.world import Rows, World, answers, moment, zoned


@answers("state-on-a-date", 1)
def _(w: World, at: datetime) -> Rows:
    for ingest, reports in w.ingests().items():
        if then := [o for o in reports if o.ended <= at]:
            o = then[-1]
            yield at, ingest, o.status, o.step, o.number, o.outcome, o.next, o.awaits, o.ended


@answers("what-changed-between", 2)
def _(w: World, earlier: datetime, later: datetime) -> Rows:
    for ingest, reports in w.ingests().items():
        before = [o for o in reports if o.ended <= earlier]
        between = [o for o in reports if earlier < o.ended <= later]
        was: tuple[Any, Any] = (before[-1].status, before[-1].step) if before else (None, None)
        if between:
            now = between[-1]
            yield earlier, later, ingest, *was, now.status, now.step, len(between)


@answers("what-came-and-went", 2, 3, 4, 5)
def _(w: World, since: datetime, until: datetime) -> Rows:
    words = {"wasGeneratedBy": "made", "wasInvalidatedBy": "withdrawn"}
    reports = {o.iri for o in w.reports}
    for _, kind, args, _ in w.relations:
        if kind in words and args[0] not in reports and args[1] and args[2] and zoned(args[2]):
            at = moment(args[2])
            if since <= at < until:
                yield since, until, at, words[kind], args[0], args[1], w.label(args[0])


@answers("public-on-a-date", 1)
def _(w: World, at: datetime) -> Rows:
    first: dict[str, datetime] = {}
    for version, _, end in w.publications():
        if zoned(end):
            first[version] = min(first.get(version, moment(end)), moment(end))
    for version, published in first.items():
        if published <= at and not (version in w.withdrawn() and w.withdrawn()[version] <= at):
            yield at, version, published
