"""The life of deliveries, in plain Python."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from provstore.prov.model.terms import INGEST
from tests.plain.world import PASSED, Rows, Said, World, affected, answers, moment, starter, tool


@answers("history-of-an-ingest", 1)
def _(w: World, ingest: str) -> Rows:
    for o in w.ingests().get(ingest, []):
        comment = o.answers.get("comment")
        yield ingest, o.sequence, o.step, o.number, o.outcome, o.status, o.person, o.ended, comment


@answers("how-long-each-step-took", 3)
def _(w: World, ingest: str) -> Rows:
    for o in w.ingests().get(ingest, []):
        yield ingest, o.step, o.number, o.started, o.ended, o.ended - o.started


@answers("who-did-what", 6, 3)
def _(w: World, ingest: str) -> Rows:
    for o in w.ingests().get(ingest, []):
        yield ingest, o.step, o.number, o.person, o.organisation, o.role, o.started, o.ended
        if "tool" in o.answers:
            role = INGEST + "checker"
            yield ingest, o.step, o.number, tool(w, o), None, role, o.started, o.ended


@answers("state-of-every-ingest", 0)
def _(w: World) -> Rows:
    for ingest, reports in w.ingests().items():
        o = reports[-1]
        yield ingest, o.status, o.step, o.number, o.outcome, o.next, o.awaits, o.ended


@answers("what-was-corrected", 0, 2)
def _(w: World) -> Rows:
    for o in w.of("revision"):
        step, _, run = o.answers["corrects"].partition("/")
        corrected = f"{o.ingest}/{step}/{run}/report"
        yield o.iri, o.ingest, corrected, o.answers["reason"], o.person, o.ended
    for o in w.of("erratum"):
        for version in affected(w, o):
            yield o.iri, o.ingest, version, o.answers.get("description"), o.person, o.ended
    for o in w.of("retraction"):
        for version in affected(w, o):
            yield o.iri, o.ingest, version, o.answers["reason"], o.person, o.ended


@answers("waiting-longer-than", 5, 2)
def _(w: World, now: datetime, days: int) -> Rows:
    for ingest, reports in w.ingests().items():
        o = reports[-1]
        if o.status == "open" and now - o.ended > timedelta(days=days):
            yield now, days, ingest, o.next, o.awaits, o.ended, now - o.ended


@answers("which-went-round", 0, 1)
def _(w: World) -> Rows:
    for ingest, reports in w.ingests().items():
        for step in {o.step for o in reports}:
            runs = [o for o in reports if o.step == step]
            if len(runs) > 1:
                yield ingest, step, len(runs), _sent_back(runs)


@answers("how-long-steps-take", 0)
def _(w: World) -> Rows:
    for step in {o.step for o in w.reports}:
        runs = w.of(step)
        took = [o.ended - o.started for o in runs]
        count = len({o.ingest for o in runs})
        yield step, len(runs), count, _sent_back(runs), min(took), max(took)


@answers("from-submission-to-publication", 0)
def _(w: World) -> Rows:
    for ingest, reports in w.ingests().items():
        first = next((o for o in reports if o.step == "publication" and o.outcome in PASSED), None)
        if first:
            begun = reports[0].ended
            yield ingest, begun, first.ended, first.ended - begun, first.sequence


@answers("who-reviewed-their-own", 0, 3, 4)
def _(w: World) -> Rows:
    for review in w.of("review"):
        for o in w.of("submission", "revision"):
            if (o.ingest, o.person) == (review.ingest, review.person):
                yield o.ingest, o.person, w.label(o.person), o.iri, review.iri, review.ended


@answers("who-did-how-much", 2, 4)
def _(w: World, since: datetime, until: datetime) -> Rows:
    done: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for o in w.reports:
        if since <= o.ended < until:
            done[(o.person, o.role)].append(o)
    for (person, role), runs in done.items():
        ends, count = [o.ended for o in runs], len({o.ingest for o in runs})
        name = w.label(person)
        yield since, until, person, name, role, len(runs), count, min(ends), max(ends)


def _sent_back(runs: Iterable[Said]) -> int:
    return sum(o.outcome == "action-required" for o in runs)


@answers("started-and-never-finished", 4, 0, 1)
def _(w: World) -> Rows:
    done = {o.run for o in w.reports}
    for o in w.begun:
        if w.names.run(o.ingest, o.step, o.run) not in done:
            yield (
                w.names.ingest(o.ingest),
                o.step,
                o.run,
                starter(w, o),
                moment(o.answers["started"]),
            )


@answers("what-an-ingest-brought", 2, 1)
def _(w: World, ingest: str) -> Rows:
    told = {o.iri for o in w.reports}
    for one in {member for held, member in w.pairs("hadMember") if held == ingest} - told:
        if not w.a(one, "Start"):
            kind = "data copy" if w.a(one, "DataCopy") else w.data_kind(one)
            yield ingest, one, kind, w.label(one)
