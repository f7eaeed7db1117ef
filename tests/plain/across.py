"""What deliveries have in common, in plain Python."""

from collections import defaultdict
from collections.abc import Iterable

from tests.plain.world import Rows, Said, World, answers, starter


@answers("which-ingests-share-something", 1, 2, 3)
def _(w: World, ingest: str) -> Rows:
    def about(reports: Iterable[Said]) -> set[tuple[str, str]]:
        held = list(reports)
        dataset = w.names.dataset(held[0].answers["dataset"])
        return {("dataset", dataset)} | {("person", o.person) for o in held}

    ingests = {name: about(reports) for name, reports in w.ingests().items()}
    for o in w.begun:
        ingests[w.names.ingest(o.ingest)].add(("person", starter(w, o)))
    for other in ingests.keys() - {ingest}:
        shared = ingests.get(ingest, set()) & ingests[other]
        yield from ((ingest, other, *what) for what in shared)


@answers("ingests-of-a-dataset", 3, 1)
def _(w: World, dataset: str) -> Rows:
    for ingest, reports in w.ingests().items():
        s, o = reports[0], reports[-1]
        if w.names.dataset(s.answers["dataset"]) == dataset:
            yield dataset, ingest, s.person, s.ended, o.status, o.step, o.outcome


@answers("what-a-person-did", 1, 2, 3, 4, 5)
def _(w: World, person: str) -> Rows:
    for o in w.reports:
        if o.person == person:
            yield person, o.ended, o.ingest, o.step, o.number, o.role, o.outcome


@answers("deliveries-of-an-institute", 4, 1)
def _(w: World, organisation: str) -> Rows:
    for ingest, reports in w.ingests().items():
        s = reports[0]
        if s.organisation == organisation:
            dataset, status = s.answers["dataset"], reports[-1].status
            yield organisation, ingest, dataset, s.person, s.ended, status


@answers("same-driving-model", 1, 4)
def _(w: World, driving_model: str) -> Rows:
    for s in w.of("submission"):
        a = s.answers
        if a.get("driving_model") == driving_model:
            for one in a["experiment_id"]:
                yield driving_model, s.ingest, a["dataset"], a["institute_id"], one, a["ensemble"]


@answers("same-files-twice", 0, 1, 2)
def _(w: World) -> Rows:
    sums = [(o.answers.get("checksum_manifest_sha256"), o) for o in w.of("transfer")]
    for checksum, o in sums:
        if checksum and sum(checksum == other for other, _ in sums) > 1:
            dataset = w.names.dataset(w.ingests()[o.ingest][0].answers["dataset"])
            yield checksum, o.run + "/copy", dataset, o.answers["target"]


@answers("findings-that-come-again", 0, 1)
def _(w: World) -> Rows:
    found: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for o in w.of("quality"):
        for one in o.findings:
            if "check" in one:
                found[(one["check"], one["severity"])].append(o)
    for what, held in found.items():
        ingests, ends = {o.ingest for o in held}, [o.ended for o in held]
        if len(ingests) > 1:
            yield *what, len(ingests), len({o.iri for o in held}), min(ends), max(ends)
