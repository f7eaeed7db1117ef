"""What quality control said, in plain Python."""

from collections import defaultdict

from tests.plain.world import PASSED, Rows, World, answers, made, tool


@answers("findings-by-institute", 0, 2, 3)
def _(w: World) -> Rows:
    found = defaultdict(set)
    for reports in w.ingests().values():
        for o in reports:
            for one in o.findings if o.step == "quality" else ():
                found[(reports[0].organisation, one.get("check"), one["severity"])].add(o)
    for (office, check, severity), held in found.items():
        count = len({o.ingest for o in held})
        yield office, w.label(office), check, severity, len(held), count


@answers("checked-with-older-tool", 6, 3)
def _(w: World, tool: str, version: str) -> Rows:
    for o in w.of("quality"):
        used = o.answers["tool"]
        both = _numbers(used["version"]), _numbers(version)
        if used["name"] == tool and len(both[1]) == 3 and both[0] < both[1]:
            yield tool, version, used["version"], o.iri, o.ingest, o.outcome, o.ended


@answers("who-judged-this", 8, 1)
def _(w: World, thing: str) -> Rows:
    reached = w.reach(thing)
    for o in w.of("quality"):
        if o.iri in reached:
            files = (o.answers.get("checked_files"), o.answers.get("failed_files"))
            yield thing, o.iri, o.outcome, o.person, tool(w, o), o.form, *files, o.ended


@answers("which-vocabulary-judged-this", 1, 2, 3, 4)
def _(w: World, ingest: str) -> Rows:
    used = w.pairs("used")
    for o in w.reports:
        if o.ingest != ingest:
            continue
        for run, vocabulary in used:
            if run == o.run and w.a(vocabulary, "Vocabulary"):
                yield ingest, o.ended, o.iri, vocabulary, o.form
        for _, kind, args, _ in w.relations:
            held = kind == "wasAssociatedWith" and args[0] == o.run and args[2]
            if held and w.a(args[1], "SoftwareAgent"):
                yield ingest, o.ended, o.iri, args[2], args[1]


@answers("published-with-findings", 0, 1, 2, 3, 4)
def _(w: World) -> Rows:
    for reports in w.ingests().values():
        for o in reports:
            if o.step == "publication" and o.outcome in PASSED:
                since = max(r.sequence for r in reports[: o.sequence] if r.step == "transfer")
                for q in reports[since : o.sequence]:
                    if q.step == "quality" and q.outcome in PASSED:
                        for f in q.findings:
                            yield made(w, o), q.iri, f.get("check"), f["severity"], f.get("files")


@answers("published-without-passed-quality", 0, 1)
def _(w: World) -> Rows:
    used = w.pairs("used")
    passed = {o.run for o in w.of("quality") if o.outcome in PASSED}
    good = {copy for run, copy in used if run in passed}
    ends: dict[tuple[str, str], list[str]] = defaultdict(list)
    for version, run, end in w.publications():
        if not {copy for user, copy in used if user == run} & good:
            ends[(version, run)] += [end] if end else []
    return [(*what, min(found, default=None)) for what, found in ends.items()]


@answers("compare-two-runs", 2, 3, 4, 5)
def _(w: World, first: str, second: str) -> Rows:
    one, two = (
        {
            (f.get("check"), f["severity"], f["message"], None)
            for o in w.of("quality")
            if o.iri == report
            for f in o.findings
        }
        for report in (first, second)
    )
    for finding in one | two:
        where = "both" if finding in one & two else "first" if finding in one else "second"
        yield first, second, *finding, where


def _numbers(version: str) -> list[int]:
    return [int(part) for part in (version + ".0.0").split(".")[:3] if part.isdecimal()]


@answers("findings-of-an-ingest", 1, 8)
def _(w: World, ingest: str) -> Rows:
    for o in w.ingests().get(ingest, []):
        for number, f in enumerate(o.findings, 1):
            what = (f.get("check"), f["severity"], f["message"], f.get("files"))
            yield ingest, o.sequence, o.step, o.number, *what, f"{o.run}/finding/{number}"
