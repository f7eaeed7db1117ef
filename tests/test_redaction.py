"""After a redaction nothing in any file of a store tells who the person was, and all still fits."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pyshacl
import pytest
import rdflib
from starlette.testclient import TestClient

import provstore
from provstore.audit import redaction
from provstore.errors import BadForm, Refused, StoreUnavailable, UnknownName
from provstore.ingest.provider_message import message
from provstore.prov.notations.notation_registry import NOTATIONS, read
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_entries import fault_of_row
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy
from provstore.web.app import make_site
from tests.pages import HOST, HTML, page
from tests.people import (
    ADA,
    BEN,
    DI,
    ORCID,
    delivery,
    files_with,
    filled,
    person,
    review,
    store_in,
)
from tests.reports import person_iri

WHY = {"by": DI, "reason": "The person asked for it."}
CARLA = person("Carla Sample", "carla@example.org", ORCID)
PDF = b"Agreement with \xc3\x96sten and Carla Sample <carla@example.org>"
CHECKSUM = sha256(PDF).hexdigest()
DOCUMENT = {
    "prefix": {"ex": "http://example.org/"},
    "entity": {"ex:a": {"prov:label": "as told by\nCarla Sample"}},
    "agent": {
        "ex:carla-sample": {"prov:label": "C. Sample", "ex:mbox": "mailto:Carla@example.org"},
        "ex:dora": {"prov:label": "Dora Import", "ex:mbox": "dora@import.example.org"},
    },
    "wasAttributedTo": {"_:1": {"prov:entity": "ex:a", "prov:agent": "ex:carla-sample"}},
}
TRACES = (
    "Carla Sample", "carla@example.org", ORCID, ORCID[-19:], "C. Sample", "carla-sample",
    "Sample, Carla",
)  # fmt: skip


class Redacted(NamedTuple):
    """A store in which three people were redacted, the last one is Carla."""

    store: ProvStore
    ingests: tuple[str, ...]
    forms: tuple[bytes, ...]
    before: tuple[tuple[str, ...], ...]


def fill(store: ProvStore) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """Carla delivers twice and reviews Ben's data; others write of her."""
    forms = (
        filled(store, "generic", CARLA, title="One"),
        filled(store, "generic", CARLA, title="Two"),
        filled(store, "generic", BEN, title="Three", description="Carla Sample made it."),
        filled(store, "generic", ADA, title="Four"),
    )
    ingests = tuple(store.submit(form).ingest for form in forms)
    review(store, ingests[0], ADA, "Carla Sample <carla@example.org> knows more.")
    review(store, ingests[2], CARLA, "Fine.")
    store.import_document(DOCUMENT)
    store.keep_attachments([PDF])
    store.write_messages()
    drafts = store.drafts()
    drafts.write(drafts.new(), {"form": "generic", "answers": {"agent": CARLA}})
    drafts.write(drafts.new(), {"form": "generic", "answers": {"agent": ADA}})
    return ingests, forms


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redacted]:
    """All views were asked before, and are open in this process."""
    with store_in(tmp_path_factory.mktemp("redacted")) as store:
        ingests, forms = fill(store)
        store.ask("state-of-every-ingest", language="both")
        assert store.search("Carla").total > 0
        assert store.verify(provenance=True).problems == ()
        assert files_with(store.directory, *TRACES)
        chains = tuple((entry.chain, entry.bundle) for entry in store.entries())
        store.redact("ada@example.org", **WHY)
        store.redact("Dora Import", **WHY)
        store.redact("carla@example.org", **WHY, attachments=[CHECKSUM])
        yield Redacted(store, ingests, forms, chains)


def test_nothing_is_left_in_any_file(redacted: Redacted) -> None:
    """Names, addresses, ORCID and unsalted hashes of them, in whatever file: also free pages."""
    left = files_with(redacted.store.directory, *TRACES, "Dora Import", "dora@import.example.org")
    assert left == []


def test_the_chain_and_all_bundles_still_fit(redacted: Redacted) -> None:
    store = redacted.store
    assert store.verify(provenance=True).problems == ()
    entries = [*store.entries()]
    known = tuple((entry.chain, entry.bundle) for entry in entries)
    assert known[: len(redacted.before)] == redacted.before
    assert [entry.bundle.rpartition("/act/")[2] for entry in entries[-3:]] == [
        f"redaction/{entry.position}/bundle" for entry in entries[-3:]
    ]


def test_others_are_as_they_were(redacted: Redacted) -> None:
    report = redacted.store.reports(redacted.ingests[2])[0]
    assert report.answers["agent"] == BEN
    assert report.answers["description"] == "redacted person 3 made it."
    assert len([*redacted.store.drafts().folder.iterdir()]) == 0  # Ada's was redacted as well


def test_a_form_that_was_sent_before_is_still_known(redacted: Redacted) -> None:
    """Forms of people who were redacted, and of others."""
    for form, ingest in zip(redacted.forms, redacted.ingests, strict=True):
        again = redacted.store.submit(form)
        assert (again.new, again.ingest) == (False, ingest)


def test_an_imported_document_stays_out(redacted: Redacted) -> None:
    """It is known, and its former text does not come back."""
    (bundle,) = redacted.store.import_document(DOCUMENT).bundles
    assert not bundle.new
    test_nothing_is_left_in_any_file(redacted)


def test_a_file_that_was_deleted_stays_out(redacted: Redacted) -> None:
    redacted.store.keep_attachments([PDF])
    test_nothing_is_left_in_any_file(redacted)
    assert redacted.store.verify().problems == ()


def test_no_message_goes_to_nobody(redacted: Redacted) -> None:
    outbox = redacted.store.directory / "outbox"
    names = {file.name.partition(".")[0] for file in outbox.iterdir()} - {"position"}
    positions = {f"{entry.position:06}" for entry in redacted.store.entries(redacted.ingests[2])}
    assert names == positions
    reports = redacted.store.reports(redacted.ingests[0])
    assert "@" not in message(reports).to


def test_questions_show_the_person_by_a_number(redacted: Redacted) -> None:
    """In both languages, and never an empty cell where a person stood."""
    store = redacted.store
    for ingest in redacted.ingests[:2]:
        answer = store.ask("who-did-what", ingest=ingest, language="both")
        assert answer.rows
        assert all(row["agent"] for row in answer.records())
    rows = store.ask(
        "who-touched-this", thing=f"{redacted.ingests[0]}/review/1/report", language="both"
    ).records()
    assert {"redacted person 1", "redacted person 3"} <= {row["label"] for row in rows}
    rows = store.ask(
        "what-a-person-did", person=person_iri_of(store, redacted.ingests[0]), language="both"
    ).records()
    assert len(rows) == 3
    assert ORCID not in repr(rows)


def person_iri_of(store: ProvStore, ingest: str) -> str:
    """The IRI of who delivered an ingest."""
    bundle = bundle_of(next(iter(store.entries(ingest))))
    return next(
        relation.arguments[1]
        for relation in bundle.relations
        if relation.kind == "wasAssociatedWith"
    )


def test_a_search_and_the_board_show_the_person_by_a_number(redacted: Redacted) -> None:
    store = redacted.store
    assert store.search("redacted person 3").total > 0
    assert store.search("carla").total == 0
    client = TestClient(Guard(make_site(store), AccessPolicy(frozenset({HOST}))), headers=HTML)
    pages = ("/", f"/ingest/{redacted.ingests[0]}", "/search?q=redacted+person+3")
    shown = [page(client, path) for path in pages]
    assert all("redacted person 3" in one.words for one in shown[1:])
    assert not [term for one in shown for term in TRACES if term.lower() in one.words.lower()]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_export_in_every_notation_names_the_number(redacted: Redacted, notation: Any) -> None:
    text = "".join(redacted.store.export(notation=notation))
    assert "redacted person 3" in text
    assert not [term for term in TRACES if term.lower() in text.lower()]
    if notation == "provjson":
        own = {bundle_of(entry) for entry in redacted.store.entries()}
        assert {*read(text.encode(), notation).bundles} == own


def test_the_shapes_of_reports_still_hold(redacted: Redacted) -> None:
    """On the bundles of reports, without the person's name and address."""
    graphs = {name: rdflib.Graph() for name in ("data", "shapes.ttl", "ingest.ttl")}
    for ingest in redacted.ingests:
        graphs["data"].parse(data="".join(redacted.store.export(ingest)), format="turtle")
    for name in ("shapes.ttl", "ingest.ttl"):
        graphs[name].parse(str(shipped("ontologies").joinpath(name)))
    conforms, _, text = pyshacl.validate(
        graphs["data"], shacl_graph=graphs["shapes.ttl"], ont_graph=graphs["ingest.ttl"]
    )
    assert conforms, text


def test_the_next_report_of_the_person_is_by_somebody_new(redacted: Redacted) -> None:
    store = redacted.store
    former = person_iri_of(store, redacted.ingests[0])
    later = delivery(store, person("Ada Example", "ada@example.org"), title="Later")
    assert person_iri_of(store, later) not in (former, person_iri_of(store, redacted.ingests[3]))
    assert store.reports(later)[0].answers["agent"]["name"] == "Ada Example"
    assert store.redact("ada@example.org", **WHY).people == ("redacted person 4",)


# ------------------------------------------------------------------------- what may be redacted


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with store_in(tmp_path) as new:
        yield new


def test_a_dry_run_changes_nothing(store: ProvStore) -> None:
    fill(store)
    before = store.position()
    receipt = store.redact("carla@example.org", **WHY, dry_run=True)
    assert (receipt.is_done, receipt.people) == (False, ("redacted person 1",))
    assert store.position() == before
    assert receipt.mentions == (CHECKSUM,)
    done = store.redact("carla@example.org", **WHY)
    assert (done.values, done.entries) == (receipt.values, receipt.entries)


def test_an_attachment_with_a_name_is_listed_and_deleted_only_on_request(store: ProvStore) -> None:
    fill(store)
    assert store.redact("carla@example.org", **WHY).mentions == (CHECKSUM,)
    assert files_with(store.directory, "Carla Sample")
    assert store.redact(attachments=[CHECKSUM], **WHY).attachments == (CHECKSUM,)
    assert not files_with(store.directory, *TRACES)
    assert store.verify().problems == ()


def test_one_answer_can_be_redacted(store: ProvStore) -> None:
    ingest = delivery(store, BEN, description="The neighbour of my aunt")
    name = f"{ingest}/submission/1/description"
    assert store.redact(answers=[name], **WHY).values == 1
    assert store.reports(ingest)[0].answers["description"] == "redacted"
    assert not files_with(store.directory, "The neighbour of my aunt")
    with pytest.raises(Refused, match="already"):
        store.redact(answers=[name], **WHY)
    with pytest.raises(UnknownName, match="redacted") as refusal:
        store.redact(answers=[f"{ingest}/submission/1/title"], **WHY)
    for known in refusal.value.known:
        store.redact(answers=[known], **WHY, dry_run=True)


@pytest.mark.parametrize(
    ("people", "changes", "error"),
    [
        (["nobody@example.org"], {}, UnknownName),
        (["carla@example.org"], {"reason": "Carla Sample asked for it."}, BadForm),
        (["carla@example.org"], {"reason": ""}, BadForm),
        (["carla@example.org"], {"answers": ["generic-0001/submission/1/title"]}, UnknownName),
        (["carla@example.org"], {"attachments": ["0" * 64]}, UnknownName),
        (["carla@example.org", "nobody@example.org"], {}, UnknownName),
        ([], {}, Refused),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_cannot_be_done_is_refused_whole(
    store: ProvStore,
    people: list[str],
    changes: dict[str, Any],
    error: type[Exception],
    dry_run: bool,
) -> None:
    fill(store)
    before = [*store.entries()]
    if people or not dry_run:
        with pytest.raises(error):
            store.redact(*people, **(WHY | changes), dry_run=dry_run)
    assert [*store.entries()] == before


def test_who_redacts_their_own_data_is_named_as_somebody_new(store: ProvStore) -> None:
    """The redaction itself names them; it can be redacted again by somebody else."""
    delivery(store, ADA)
    store.redact("ada@example.org", by=ADA, reason="I leave.")
    assert store.verify(provenance=True).problems == ()
    store.redact("ada@example.org", **WHY)
    assert not files_with(store.directory, "Ada Example", "ada@example.org")
    assert store.verify(provenance=True).problems == ()


def test_a_person_who_is_named_twice_gets_one_number(store: ProvStore) -> None:
    ingest = delivery(store, ADA)
    receipt = store.redact("ada@example.org", "Ada Example", **WHY)
    assert receipt.people == ("redacted person 1",)
    assert store.reports(ingest)[0].answers["agent"]["name"] == "redacted person 1"
    delivery(store, BEN)
    assert store.redact("ben@example.org", **WHY).people == ("redacted person 2",)


def test_a_namesake_keeps_name_and_number(store: ProvStore) -> None:
    one, two = delivery(store, ADA), delivery(store, ADA | {"email": "other@example.org"})
    receipt = store.redact("ada@example.org", **WHY)
    (note,) = receipt.notes
    assert person_iri(store._names.iris, ADA | {"email": "other@example.org"}) in note
    store.redact("other@example.org", **WHY)
    names = [store.reports(each)[0].answers["agent"]["name"] for each in (one, two)]
    assert names == ["redacted person 1", "redacted person 2"]


def test_a_shared_address_stays_that_of_the_other(store: ProvStore) -> None:
    delivery(store, person("Ada Example", "team@example.org"))
    two = delivery(store, person("Ben Test", "team@example.org"))
    store.redact("Ada Example", **WHY)
    assert store.reports(two)[0].answers["agent"]["email"] == "team@example.org"
    assert not files_with(store.directory, "Ada Example")


def test_a_person_of_an_import_goes_with_all_that_the_import_says(store: ProvStore) -> None:
    store.import_document(DOCUMENT)
    store.redact("http://example.org/carla-sample", **WHY)
    assert not files_with(store.directory, "C. Sample", "carla@example.org", "carla-sample")
    assert store.verify(provenance=True).problems == ()


# -------------------------------------------------------------------------------- interruptions


def test_a_redaction_that_is_stopped_anywhere_happened_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each statement and each step, the files are as after kill -9; they are opened."""
    with store_in(tmp_path) as store:
        fill(store)
        store.search("Carla")
        (store.directory / f".{'0a' * 8}").write_bytes(b"SQLite format 3\0 Carla Sample")
        (store.directory / "journal.damaged-1.sqlite").write_bytes(b"Carla Sample")
        before = store.position().position
        copies = [tmp_path / f"{number}" for number in range(400)]
        left = iter(copies)

        def cut(*_: object) -> None:
            ignored = shutil.ignore_patterns("*-shm")
            shutil.copytree(store.directory, next(left), ignore=ignored)

        def cutting(act: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*arguments: Any, **more: Any) -> Any:
                cut()
                return act(*arguments, **more)

            return wrapped

        for owner, name in (
            (redaction.Attachments, "forget"), (redaction.Outbox, "rewrite"),
            (redaction.Drafts, "discard_mentions"), (redaction, "remove_views"),
            (redaction, "remove_halves"), (Path, "unlink"), (shutil, "rmtree"),
        ):  # fmt: skip
            monkeypatch.setattr(owner, name, cutting(getattr(owner, name)))
        store._journal._db.set_trace_callback(cut)
        store.redact("carla@example.org", **WHY, attachments=[CHECKSUM])
        store._journal._db.set_trace_callback(None)
        cut()
        monkeypatch.undo()
    ends = {False: 0, True: 0}
    states = [place for place in copies if place.exists()]
    for place in [*states[::7], states[-1]]:
        with provstore.open(place) as store:
            is_done = store.position().position > before
            assert store.verify().problems == ()
            assert bool(files_with(place, *TRACES)) != is_done
            ends[is_done] += 1
            assert not any(store._journal.replacements().values())
    assert min(ends.values()) > 2


def test_a_store_that_cannot_be_cleaned_now_still_takes_reports(
    store: ProvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`verify` says that traces may be left; a later opening removes them."""
    fill(store)

    def broken(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr(redaction.Drafts, "discard_mentions", broken)
        with pytest.raises(StoreUnavailable, match="recorded"):
            store.redact("carla@example.org", **WHY, attachments=[CHECKSUM])
        with provstore.open(store.directory) as again:
            assert delivery(again, BEN, title="Five") == "generic-0005"
            assert any("may be left" in note for note in again.verify().notes)
    with provstore.open(store.directory) as again:
        assert not files_with(again.directory, *TRACES)
        assert not any("may be left" in note for note in again.verify().notes)


def test_others_who_read_all_the_time_do_not_lose_the_redaction(
    store: ProvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setattr("provstore.storage.journal_file.WAIT_SECONDS", 0.1)
    with (
        provstore.open(store.directory) as impatient,
        closing(Journal(store.directory / "journal.sqlite", read_only=True)) as other,
        other.snapshot(),
        pytest.raises(StoreUnavailable, match="recorded"),
    ):
        impatient.redact("carla@example.org", **WHY, attachments=[CHECKSUM])
    with provstore.open(store.directory):
        assert not files_with(store.directory, *TRACES)


def test_every_stored_row_is_as_it_was_recorded(redacted: Redacted) -> None:
    journal = redacted.store._journal
    for row in journal.rows(0, journal.head().position):
        assert hasattr(row, "content")
        assert not fault_of_row(row)  # type: ignore[arg-type]
