"""Who answers for what, in plain Python."""

from collections import defaultdict
from datetime import datetime

from provstore.prov.model.terms import INGEST, LABEL, RELATIONS
from tests.plain.world import Rows, Said, World, answers, tool


@answers("final-disposition", 0)
def _(w: World) -> Rows:
    for ingest, reports in w.ingests().items():
        s, o = reports[0], reports[-1]
        yield (
            ingest,
            s.answers["dataset"],
            s.person,
            s.ended,
            o.status,
            o.step,
            o.outcome,
            o.person,
            o.ended,
        )


@answers("who-acted-under-which-form", 2, 3, 4, 6)
def _(w: World, since: datetime, until: datetime) -> Rows:
    for o in w.reports:
        if since <= o.ended < until:
            yield since, until, o.ended, o.run, o.person, o.organisation, o.role, o.form


@answers("who-said-this", 1, 2, 3)
def _(w: World, thing: str) -> Rows:
    for bundle, kind, args, _ in w.relations:
        if args[0] == thing and args[1]:
            yield thing, RELATIONS[kind].name, args[1], bundle


@answers("what-programs-did", 0, 2)
def _(w: World) -> Rows:
    done: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for o in w.reports:
        if "tool" in o.answers:
            done[(tool(w, o), o.person)].append(o)
    for (program, person), runs in done.items():
        ends, count = [o.ended for o in runs], len({o.ingest for o in runs})
        yield program, w.label(program), person, len(runs), count, min(ends), max(ends)


@answers("checksums-that-changed", 0, 1, 4, 2, 3)
def _(w: World) -> Rows:
    derived = w.pairs("wasDerivedFrom")
    for ingest, reports in w.ingests().items():
        came: dict[str, set[tuple[Said, str]]] = defaultdict(set)
        for o in reports:
            if checksum := o.answers.get("checksum_manifest_sha256"):
                came["checksum manifest"].add((o, checksum))
            for report, source in derived:
                if report == o.iri and w.a(source, "Source"):
                    for name in w.facts[source][LABEL]:
                        came[name] |= {(o, one) for one in w.facts[source][INGEST + "sha256"]}
        for name, held in came.items():
            if len({checksum for _, checksum in held}) > 1:
                yield from ((ingest, name, o.iri, checksum, o.ended) for o, checksum in held)
