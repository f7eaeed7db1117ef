"""What was published under which names, in plain Python."""

from tests.plain.world import PASSED, Rows, World, affected, answers, archived, made, moment

HANDLE = "https://hdl.handle.net/"


@answers("what-was-published", 0, 2, 1, 5)
def _(w: World) -> Rows:
    gone = w.withdrawn()
    for o in w.of("publication"):
        if o.outcome in PASSED:
            version, asked = made(w, o), o.answers
            for copy in archived(w, version) or [None]:
                handle = asked.get("pid")
                yield (
                    version,
                    o.ingest,
                    o.ended,
                    asked.get("data_node"),
                    handle,
                    copy,
                    gone.get(version),
                )


@answers("versions-of-a-dataset", 1, 3, 4, 6)
def _(w: World, dataset: str) -> Rows:
    gone, chain = w.withdrawn(), w.revisions()
    for version in {v for v, d in w.pairs("specializationOf") if d == dataset}:
        ends = [moment(end) for v, _, end in w.publications() if v == version and end]
        for old in [b for a, b in chain if a == version] or [None]:
            for new in [a for a, b in chain if b == version] or [None]:
                for copy in archived(w, version) or [None]:
                    if ends:
                        yield dataset, version, min(ends), old, new, gone.get(version), copy


@answers("copies-of-what-was-withdrawn", 0, 2)
def _(w: World) -> Rows:
    taken_back = {thing for thing, _ in w.pairs("wasInvalidatedBy")}
    for version, when in w.withdrawn().items():
        for copy in w.alternates(version) - taken_back:
            kind = w.data_kind(copy).replace("other data", "another copy")
            yield version, when, copy, kind, w.label(copy)


@answers("names-that-contradict", 0, 1, 2, 3)
def _(w: World) -> Rows:
    named = w.pairs("alternateOf")
    proper = {v for v, d in w.pairs("specializationOf") if w.a(d, "Dataset")}
    for name, one in named:
        for other_name, two in named:
            if name == other_name and one < two and {one, two} <= proper:
                yield "one name, two versions", name, one, two
            if one == two and name < other_name and _handles(w, name, other_name):
                yield "one version, two handles", one, name, other_name


@answers("published-under-erratum", 0, 4, 6)
def _(w: World) -> Rows:
    for o in w.of("erratum"):
        a = o.answers
        for version in set(affected(w, o)) - w.withdrawn().keys():
            for new in [n for n, old in w.revisions() if old == version] or [None]:
                yield version, a.get("uid"), a.get("title"), a.get("severity"), o.iri, o.ended, new


@answers("why-versions-changed", 0, 1, 2, 3)
def _(w: World) -> Rows:
    told = [(version, o.iri) for o in w.of("erratum") for version in affected(w, o)]
    runs = w.pairs("wasGeneratedBy")
    changes = [
        (old, "new version", run)
        for new, old in w.revisions()
        for thing, run in runs
        if thing == new and w.a(run, "Publication")
    ]
    taken = w.pairs("wasInvalidatedBy")
    changes += [(thing, "retraction", run) for thing, run in taken if w.a(run, "Retraction")]
    for version, change, run in changes:
        for erratum in [iri for named, iri in told if named == version] or [None]:
            yield version, change, run, erratum


@answers("names-and-copies-of-a-dataset", 1, 2)
def _(w: World, dataset: str) -> Rows:
    for version in {v for v, d in w.pairs("specializationOf") if d == dataset}:
        for other in w.alternates(version) if w.a(version, "DatasetVersion") else ():
            kind = w.data_kind(other).replace("other data", "another copy")
            kind = "replica" if w.a(other, "Replica") else kind
            yield dataset, version, other, kind, w.label(other)


@answers("errata-of-a-dataset", 1, 5)
def _(w: World, dataset: str) -> Rows:
    versions = {v for v, d in w.pairs("specializationOf") if d == dataset}
    for o in w.of("erratum"):
        title, severity = o.answers.get("title"), o.answers.get("severity")
        for version in versions.intersection(affected(w, o)):
            yield dataset, version, o.answers.get("uid"), title, severity, o.iri, o.ended


def _handles(w: World, *names: str) -> bool:
    return all(one.startswith(HANDLE) and w.a(one, "DatasetVersion") for one in names)
