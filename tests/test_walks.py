"""Data go one way through the house: opened once, down the floors, and never back to the facade.

Each walk is watched with the interpreter's profiler. A generator that a lower room reads from runs
in the room that made it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import provstore
from provstore.commands.file_checks import check_source
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.benchmarks.documents import document
from tests.example import play
from tests.walks import Walk, walk

FORMS = load_forms(shipped("forms"))
REPORT = "cordex-0001/publication/1/report"
STREAMED = {("prov/notations/notation_writers.py", "storage/entry_bundle.py")}
"""A writer takes bundles one by one from the journal, so that no store must fit into memory."""
NAMING = {("pictures/drawing.py", "queries/picture_data.py")}
"""A drawing is handed the function that shortens names."""


def form(name: str, **answers: object) -> bytes:
    return FORMS[name].text(FORMS[name].example() | answers).encode()


def opened(walked: Walk) -> tuple[int, int]:
    """How often JSON was parsed in haste, and how often strictly."""
    calls = walked.calls
    folder = "prov/notations/json_strict.py:"
    return calls[f"{folder}fast_json"], calls[f"{folder}strict_json"]


@pytest.mark.parametrize(
    "data",
    [
        document(120),
        form("cordex"),
        b'{"prefix": {"ex": "http://example.org/"}, "entity": {"ex:e": {}}}',
        b'{"tool": "unknown"}',
    ],
    ids=["a PROV document", "a form", "a small document", "a file that nobody knows"],
)
def test_check_parses_a_file_once(data: bytes) -> None:
    assert max(opened(walk(lambda: check_source(data, FORMS)))) == 1


def test_check_parses_rdf_in_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The notations that it cannot be stop at its first lines; the one that it is is read once."""
    from provstore.prov.notations import input_file, notation_readers

    parsed: list[object] = []
    parse = input_file.ox.parse

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(input_file_ox, name)

        def parse(self, *arguments: object, **more: object) -> object:
            parsed.append(more.get("format"))
            return parse(*arguments, **more)  # type: ignore[arg-type]

    input_file_ox = input_file.ox
    monkeypatch.setattr(input_file, "ox", Counting())
    monkeypatch.setattr(notation_readers, "ox", Counting())
    turtle = b"@prefix prov: <http://www.w3.org/ns/prov#> .\n<http://e.org/e> a prov:Entity .\n"
    assert check_source(turtle, FORMS).reader == "turtle"
    assert len(parsed) == len(set(parsed)) == 3  # N-Triples, N-Quads, Turtle


def test_submit_parses_a_form_once(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        store.submit(form("generic"))
        walked = walk(lambda: store.submit(form("generic", comment="another")))
        assert opened(walked) == (1, 1)  # strictly, because there are numbers in it


def test_a_report_reads_no_more_of_its_ingest_when_that_is_long(tmp_path: Path) -> None:
    """The reports of an ingest are kept; each new one costs one more, whatever came before."""
    with provstore.init(tmp_path / "store") as store:
        store.submit(form("generic"))
        read = []
        for number, step in enumerate(["review", "transfer"] + ["quality"] * 10):
            data = form(step, outcome="warning", comment=str(number))
            walked = walk(lambda step=step, data=data: store.report("generic-0001", step, data))
            read.append(walked.calls["ingest/report_from_json.py:report_from_json"])
    assert max(read[1:]) == 1


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    with provstore.init(tmp_path_factory.mktemp("walks") / "store") as made:
        play(made)
        made.ask("state-of-every-ingest", language="both")
        yield made


@pytest.mark.parametrize(
    "verb",
    [
        lambda store: [*store.export("cordex-0001")],
        lambda store: [*store.export(REPORT)],
        lambda store: [*store.export(REPORT.replace("report", "bundle"))],
        lambda store: store.lineage(REPORT).draw(),
        lambda store: store.impact("cordex-0001/erratum/1/report"),
        lambda store: store.ask("where-did-this-come-from", thing=REPORT, language="both"),
        lambda store: store.reports("cordex-0001"),
        lambda store: store.check(form("cordex")),
        lambda store: store.submit(form("generic", comment="walked")),
    ],
    ids=["ingest", "thing", "bundle", "lineage", "impact", "ask", "reports", "check", "submit"],
)
def test_no_room_calls_back_to_a_higher_floor(
    store: ProvStore, verb: Callable[[ProvStore], object]
) -> None:
    verb(store)
    walked = walk(lambda: verb(store))
    assert walked.climbs.keys() <= STREAMED | NAMING


def test_the_facade_enters_an_export_once(store: ProvStore) -> None:
    walked = walk(lambda: [*store.export(REPORT)])
    entered = {name: count for name, count in walked.calls.items() if name.startswith("store.py")}
    assert entered == {"store.py:ProvStore.export": 1}


def test_a_package_is_opened_once(tmp_path: Path) -> None:
    from provstore.ingest.sealed_package import seal

    answers = FORMS["generic"].example()
    del answers["attachments"]
    package = seal(FORMS["generic"], answers)
    with provstore.init(tmp_path / "store") as store:
        walked = walk(lambda: store.submit(package))
        assert walked.calls["ingest/sealed_package.py:unseal"] == 1
