"""What a fault reaches, in plain Python."""

from provstore.prov.model.terms import PROV
from tests.plain.world import Rows, World, affected, answers, archived, moment, zoned


@answers("what-a-correction-reaches", 1, 2)
def _(w: World, correction: str) -> Rows:
    for o in w.of("erratum", "retraction"):
        if o.iri == correction:
            for version in affected(w, o):
                for one in (w.alternates(version) | w.derived(version)) - {version}:
                    yield correction, version, one, w.data_kind(one), w.label(one)


@answers("dois-an-erratum-hits", 1, 2, 3)
def _(w: World, uid: str) -> Rows:
    for o in w.of("erratum"):
        if o.answers.get("uid") == uid:
            for version in affected(w, o):
                for one in w.alternates(version) | w.derived(version):
                    if w.a(one, "ArchiveCopy") and w.fact(one, "doi"):
                        yield uid, version, one, w.fact(one, "doi"), w.fact(one, "archive")


@answers("ingests-an-erratum-reaches", 1, 2)
def _(w: World, uid: str) -> Rows:
    for o in w.of("erratum"):
        if o.answers.get("uid") == uid:
            for version in affected(w, o):
                for ingest, member in w.pairs("hadMember"):
                    if member == version and w.a(ingest, "Ingest"):
                        yield uid, version, ingest


@answers("used-after-it-was-withdrawn", 0, 5, 3, 2)
def _(w: World) -> Rows:
    for version, when in w.withdrawn().items():
        for run, used in w.pairs("used"):
            begun = [moment(t) for t in w.facts[run][PROV + "startTime"] if zoned(t)]
            if used in {version} | w.alternates(version) and begun and min(begun) > when:
                yield version, when, used, run, w.label(run), min(begun)


@answers("made-from-withdrawn-data", 0, 2)
def _(w: World) -> Rows:
    taken_back = {thing for thing, _ in w.pairs("wasInvalidatedBy")}
    for version, when in w.withdrawn().items():
        for made in w.derived(version) - w.alternates(version) - taken_back - {version}:
            yield version, when, made, w.data_kind(made), w.label(made)


@answers("archived-though-replaced", 0, 2, 3, 4)
def _(w: World) -> Rows:
    for new, old in w.revisions():
        for copy in archived(w, old):
            for newer_copy in archived(w, new) or [None]:
                yield copy, w.fact(copy, "archive"), old, new, newer_copy
