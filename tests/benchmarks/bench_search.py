"""How fast the index of words is made and asked, in CPU time, how large it is, how that grows.

Prints figures; asserts nothing. `python -m tests.benchmarks.bench_search [ELEMENTS…]`.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from math import ceil
from pathlib import Path

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.statements import Statements, attributes
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import INGEST, PROV
from provstore.views.search import SearchView
from tests.reports import person_iri

SIZES = (10_000, 100_000, 1_000_000)
PARTS = 36
"""Elements that each bundle brings into the world."""

BATCH = 100
TIMES = 50
NAMES = IngestIris()
ABOUT = (
    "units are missing",
    "time axis has a gap",
    "attribute tracking_id is not unique",
    "range of values is suspicious",
    "cell_methods is not as the table says",
)
QUESTIONS = {
    "a rare word": "{rare}",
    "a common word": "cordex",
    "two common words": "cordex tas",
    "a common and a rare word": "cordex {rare}",
    "a word of comments only": "minor",
    "common, never together": "tas units",
    "a dataset id": "{drs}",
    "a phrase": '"time axis has a gap"',
    "a beginning": "{checksum}*",
    "a common beginning": "cor*",
    "of one kind": "units",
    "nothing, and near words": "qualty",
    "everything": "",
}


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure and print."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            measure(size, Path(place) / "search.sqlite")


def measure(size: int, path: Path) -> None:
    """One size: make the index, ask it."""
    view = SearchView(path, NAMES.prefixes)
    spent, at = 0.0, (0, "")
    many = ceil(size / PARTS)
    for start in range(0, many, BATCH):
        some = range(start, min(start + BATCH, many))
        bundles = [delivery(number) for number in some]
        then = (some[-1] + 1, "seal")
        begun = time.process_time()
        view.load(bundles, at, then)
        spent += time.process_time() - begun
        at = then
    held = view.search("")
    mb = sum(one.stat().st_size for one in path.parent.iterdir()) / 1e6
    print(
        f"{size:>9,} elements in {spent:.1f} s = {size / spent:,.0f}/s, {mb:.0f} MB "
        f"= {mb * 1e6 / size:,.0f} B each; told: {held.total:,}"
    )
    chance = random.Random(size)
    for name, text in QUESTIONS.items():
        kind = "Finding" if name == "of one kind" else ""
        times = []
        for _ in range(TIMES):
            number = chance.randrange(many)
            words = text.format(
                rare=rare(number), drs=drs(number), checksum=checksum(number, 1)[:8]
            )
            begun = time.process_time()
            found = view.search(words, kind=kind)
            times.append((time.process_time() - begun) * 1000)
        times.sort()
        print(
            f"          {name:<26} p50 {times[TIMES // 2]:7.1f} ms   "
            f"p95 {times[TIMES * 95 // 100]:7.1f} ms   "
            f"{'' if found.counted else 'about '}{found.total:,} found"
        )
    view.close()


def rare(number: int) -> str:
    """A word that one delivery in 500 shares with it."""
    return f"station{number // 500}"


def drs(number: int) -> str:
    """The id of its dataset."""
    return (
        f"cordex.output.EUR-11.INST{number % 50}.MPI-M-MPI-ESM-LR.rcp85.r{number % 40}i1p1"
        f".RCM{number % 9}.v1.day.tas{number}"
    )


def checksum(number: int, part: int) -> str:
    """That of one of its files."""
    return sha256(f"{number} {part}".encode()).hexdigest()


def delivery(number: int) -> Bundle:
    """What a quality report tells of one dataset: its files and findings, and who was at it."""
    said, ingest = Statements(), f"cordex-{number + 1:04}"
    run = NAMES.run(ingest, "quality", 1)
    parts = count()
    for iri, kind, label, cls, facts in _elements(number, ingest, run):
        said.element(iri, kind, label, cls, attributes(facts))
        if next(parts):
            said.relate("hadMember", run + "/report", iri)
    return said.bundle(NAMES.bundle(ingest, "quality", 1), {})


def _elements(number: int, ingest: str, run: str) -> Iterator[tuple[str, str, str, str, list]]:
    dataset, person = drs(number), f"Person {number % 2000}"
    yield run, "activity", f"quality 1 of {ingest}", INGEST + "Quality", []
    comment = f"Checked at {rare(number)}; the provider was told of what is open."
    yield (
        run + "/report",
        "entity",
        f"quality report 1 of {ingest}",
        INGEST + "QualityReport",
        [("outcome", "warning"), ("comment", comment)],
    )
    yield NAMES.dataset(dataset), "entity", dataset, INGEST + "Dataset", []
    mail = f"person{number % 2000}@example.org"
    yield person_iri(NAMES, {"name": person, "email": mail}), "agent", person, PROV + "Person", []
    for part in range(PARTS - 16):
        name = f"tas_EUR-11_MPI-ESM-LR_r{number % 40}i1p1_RCM{number % 9}_day_{1950 + part}.nc"
        facts = [("checksum", checksum(number, part)), ("path", f"/pool/cordex/{number}/{name}")]
        yield NAMES.file(dataset, name), "entity", name, INGEST + "File", facts
    for part in range(12):
        message = f"{ABOUT[(number + part) % 5]} in file {part}"
        facts = [("severity", "minor"), ("check", f"check{part}"), ("message", message)]
        yield f"{run}/finding/{part}", "entity", message, INGEST + "Finding", facts


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
