"""A store of format 1 becomes one of the present format: the same answers, and nothing is lost."""

import shutil
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import provstore
from provstore.audit import upgrade as module
from provstore.audit.backup import backup, restore
from provstore.audit.repair import repair
from provstore.audit.upgrade import upgrade
from provstore.errors import DamagedStore, Refused, StoreUnavailable
from provstore.ingest.ingest_iris import former_person
from provstore.prov.model.terms import INGEST
from provstore.storage.checkpoints import Checkpoints
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal
from provstore.storage.journal_tables import schema
from provstore.storage.settings import read_settings
from provstore.store import ProvStore
from tests.people import DI, delivery, entry_at, files_with, person

ARCHIVE = Path(__file__).parent / "made_by" / "0.1.0.tar.xz"
WHY: Mapping[str, Any] = {"by": DI, "reason": "The person asked for it."}
BEN = person("Ben Test", "ben@example.org")
NEW_ORCID = "https://orcid.org/0000-0002-1694-233X"
QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("state-of-every-ingest", {}),
    ("who-did-what", {"ingest": "cordex-0001"}),
    ("history-of-an-ingest", {"ingest": "cordex-0001"}),
    ("who-touched-this", {"thing": "cordex-0001/archival/1/report"}),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What version 0.1.0 made."""
    scratch = tmp_path_factory.mktemp("made")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(scratch, filter="data")
    (folder,) = scratch.iterdir()
    return folder


@pytest.fixture
def former(made: Path, tmp_path: Path) -> Path:
    """A store of format 1, without its views."""
    ignored = shutil.ignore_patterns("graph", "rdf", "search.sqlite*")
    return Path(shutil.copytree(made / "store", tmp_path / "store", ignore=ignored))


def contents(directory: Path) -> list[tuple[str, str, str, str]]:
    """What the entries of a store are about and say, and when they were recorded."""
    with closing(Journal(directory / "journal.sqlite", read_only=True)) as journal:
        entries = [entry for entry in journal.after(0) if "/act/" not in entry.bundle]
        return [(entry.bundle, entry.ingest, entry.recorded, entry.content) for entry in entries]


def journal_format(directory: Path) -> int:
    """The format of the journal in a directory."""
    with closing(Journal(directory / "journal.sqlite", read_only=True)) as journal:
        return journal.format


def test_answers_are_the_same_before_and_after(made: Path, tmp_path: Path) -> None:
    """In both languages; and before the upgrade the store verifies, and refuses reports."""
    place = Path(shutil.copytree(made / "store", tmp_path / "store"))
    package = (made / "cordex.provstore.zip").read_bytes()

    def answers(store: ProvStore) -> list[object]:
        return [store.ask(name, given, language="both").records() for name, given in QUESTIONS]

    with provstore.open(place) as store:
        assert store.verify(provenance=True).problems == ()
        before, search = answers(store), store.search("cordex").total
        with pytest.raises(StoreUnavailable, match="provstore upgrade") as refusal:
            store.submit(package)
        assert str(place) in refusal.value.advice
        history = [report.answers for report in store.reports("cordex-0001")]
    known = contents(place)
    receipt = upgrade(place)
    assert (receipt.former_position, receipt.position) == (len(known), len(known) + 1)
    assert contents(place) == known
    with provstore.open(place) as store:
        assert store.verify(provenance=True).problems == ()
        assert answers(store) == before
        assert store.search("cordex").total == search
        assert [report.answers for report in store.reports("cordex-0001")] == history
        first, again = store.submit(package), store.submit(package)
        assert (again.new, again.ingest) == (False, first.ingest)
        assert store.verify(views=True).problems == ()


def test_the_upgrade_carries_the_last_hash_of_the_former_chain(former: Path) -> None:
    with closing(Journal(former / "journal.sqlite", read_only=True)) as journal:
        head = journal.head()
    receipt = upgrade(former)
    with provstore.open(former) as store:
        assert former_end(store, receipt.position) == head
    assert head == (receipt.former_position, receipt.former_chain)


def former_end(store: ProvStore, position: int) -> tuple[int, str]:
    """What an upgrade says of the end of the former journal."""
    bundle = bundle_of(entry_at(store, position))
    facts = {key: value.text for element in bundle.elements for key, value in element.attributes}
    return int(facts[INGEST + "formerEntries"]), facts[INGEST + "formerChain"]


def test_a_form_that_was_sent_before_is_still_known(former: Path) -> None:
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        fingerprints = [row[0] for row in db.execute("SELECT fingerprint FROM entry ORDER BY 1")]
    upgrade(former)
    with provstore.open(former) as store:
        journal = store._journal
        found = [journal.entry_of_input(fingerprint) for fingerprint in fingerprints]
        assert {entry.position for entry in found if entry} == {*range(1, len(fingerprints) + 1)}


def test_nothing_that_is_personal_is_in_the_new_chain(former: Path) -> None:
    upgrade(former)
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        rows = repr(db.execute("SELECT * FROM entry").fetchall()).lower()
    for text in ("ada example", "ben test", "@example.org", "0000-0002-1825-0097", "ada-example"):
        assert text not in rows


@pytest.mark.parametrize("name", ["ben@example.org", "Ben Test", None])
def test_a_person_can_be_redacted_from_former_entries(former: Path, name: str | None) -> None:
    """By address, name or former IRI: also the IRI with a digest, and former fingerprints."""
    digest = sha256(b"ben@example.org").hexdigest()[:12]
    iri = former_person("Ben Test", "ben@example.org", "").removeprefix("centre:")
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        fingerprints = [
            row[0]
            for row in db.execute("SELECT fingerprint FROM entry WHERE content LIKE '%Ben Test%'")
        ]
    assert len(fingerprints) == 2
    upgrade(former)
    with provstore.open(former) as store:
        receipt = store.redact(name or f"{store.base}{iri}", **WHY)
        assert receipt.people == ("redacted person 1",)
        assert store.verify(provenance=True).problems == ()
        left = files_with(former, "Ben Test", "ben@example.org", iri, digest)
        content = (former / "journal.sqlite").read_bytes()
        assert not [each for each in fingerprints if each.encode() in content]
        names = {
            report.answers["agent"]["name"]
            for ingest in store.ingests()
            for report in store.reports(ingest)
        }
    assert not left
    assert "redacted person 1" in names
    assert "Ada Example" in names


def test_a_person_is_one_before_and_after_the_upgrade(former: Path) -> None:
    """Who reported before keeps the name, and a redaction takes both."""
    upgrade(former)
    with provstore.open(former) as store:
        delivery(store, BEN)
        store.redact("ben@example.org", **WHY)
        assert store.verify(provenance=True).problems == ()
    assert not files_with(former, "Ben Test", "ben@example.org", "ben-test")


def test_a_namesake_in_reports_from_before_an_upgrade_stays_somebody_else(former: Path) -> None:
    upgrade(former)
    with provstore.open(former) as store:
        store.amend("dan@example.org", name="Ben Test", **WHY)
        runs = runs_of(store, {"Ben Test"})
        (ben, dan) = (
            {f"{store.base}ingest/cordex-0001/{step}/1"} for step in ("review", "transfer")
        )
        assert ben | dan <= runs
        known = iris_of(store, dan)
        store.redact("ben@example.org", **WHY)
        assert ben <= runs_of(store, {"redacted person 1"})
        assert runs_of(store, {"Ben Test"}) | runs_of(store, {"redacted person 1"}) == runs
        assert dan <= runs_of(store, {"Ben Test"})
        assert iris_of(store, dan) == known != iris_of(store, ben)
        assert store.verify(provenance=True).problems == ()
        delivery(store, BEN)


AMENDMENTS: Mapping[str, Mapping[str, Any]] = {
    "rename": {"name": "Ben Sample"},
    "another address": {"email": "ben@new.example.org"},
    "move": {"organisation": {"name": "New Institute"}},
    "ORCID": {"orcid": NEW_ORCID},
    "merge": {"same_as": ["dan@example.org"]},
    "merge with somebody who has an ORCID": {"same_as": ["cleo@example.org"]},
    "all": {
        "name": "Ben Sample", "email": "ben@new.example.org", "orcid": NEW_ORCID,
        "same_as": ["Dan Instance"], "organisation": {"name": "New Institute"},
    },
}  # fmt: skip


@pytest.mark.parametrize("what", AMENDMENTS)
def test_an_amendment_reaches_reports_from_before_an_upgrade(former: Path, what: str) -> None:
    """Of somebody known only from them; both chains still fit, and a redaction takes all names."""
    upgrade(former)
    changes = AMENDMENTS[what]
    other = {"merge": "Dan Instance", "merge with somebody who has an ORCID": "Cleo Demo",
             "all": "Dan Instance"}.get(what, "Ben Test")  # fmt: skip
    with provstore.open(former) as store:
        before = [entry.chain for entry in store.entries()]
        runs = runs_of(store, {"Ben Test", other})
        store.amend("ben@example.org", **changes, **WHY)
        assert runs_of(store, {changes.get("name", "Ben Test")}) == runs
        assert [entry.chain for entry in store.entries()][: len(before)] == before
        verification = store.verify(provenance=True)
        assert verification.problems == ()
        assert "fits all of its 12 entries" in " ".join(verification.notes)
        delivery(store, BEN)  # under the former name
        people = iris_of(store, runs)
        assert iris_of(store, {f"{store.base}ingest/generic-0001/submission/1"}) == people
        assert len(people) == 1
        store.redact("ben@example.org", **WHY)
        assert store.verify(provenance=True).problems == ()
        left = files_with(
            former, "Ben Test", "Ben Sample", "ben@example.org", "ben@new.example.org", "ben-test",
            NEW_ORCID[-19:], *(() if other == "Ben Test" else (other, other.replace(" ", "-"))),
        )  # fmt: skip
        assert not left


def runs_of(store: ProvStore, names: set[str]) -> set[str]:
    """The IRIs of the runs by people with one of these names."""
    return {
        entry.bundle.removesuffix("/bundle")
        for ingest in store.ingests()
        for report, entry in zip(store.reports(ingest), store.entries(ingest), strict=True)
        if report.answers["agent"]["name"] in names
    }


def iris_of(store: ProvStore, runs: set[str]) -> set[str]:
    """The IRIs of whom these runs are associated with."""
    return {
        relation.arguments[1]
        for entry in store.entries()
        for relation in bundle_of(entry).relations
        if relation.kind == "wasAssociatedWith" and relation.arguments[0] in runs
        if "/tool/" not in relation.arguments[1]
    }


def test_questions_in_both_languages_follow_an_amendment_of_former_reports(former: Path) -> None:
    """Two are one under the new name; and once the person is redacted, under a number."""
    upgrade(former)
    with provstore.open(former) as store:

        def agents() -> Mapping[str, str]:
            """By name: who did what, and what the graph and the RDF call them."""
            rows = store.ask("who-did-what", ingest="cordex-0001", language="both").records()
            cypher = "MATCH (p:Resource {uri: $iri}) RETURN head([] + p.prov__label) AS name"
            people = {}
            for iri in {str(row["agent"]) for row in rows}:
                sparql = f"SELECT ?name {{ <{iri}> rdfs:label ?name }}"
                asked = store.cypher(cypher, {"iri": iri}), store.sparql(sparql)
                (name,) = {str(row["name"]) for answer in asked for row in answer.records()}
                assert all(answer.rows for answer in asked)
                people[name] = iri
            return people

        assert agents().keys() >= {"Ben Test", "Dan Instance"}
        runs = runs_of(store, {"Ben Test", "Dan Instance"})
        store.amend("Dan Instance", name="Dan Sample", **WHY)
        store.amend("ben@example.org", name="Ben Sample", same_as=["Dan Sample"], **WHY)
        people = agents()
        assert not people.keys() & {"Ben Test", "Dan Instance", "Dan Sample"}
        known = people["Ben Sample"]
        done = store.ask("what-a-person-did", person=known, language="both").records()
        assert len(done) == len(runs)
        assert {row["step"] for row in done} == {run.split("/")[-2] for run in runs}
        store.redact("Ben Sample", **WHY)
        assert "redacted person 1" in agents()
        assert store.verify(views=True).problems == ()
        names = ("Ben Test", "Ben Sample", "Dan Instance", "Dan Sample", "ben@example.org",
                 "dan@example.org", "ben-test", "dan-instance")  # fmt: skip
    assert not files_with(former, *names)


def test_a_backup_and_a_repair_know_amended_former_reports(former: Path, tmp_path: Path) -> None:
    """An older backup does not bring the former name back."""
    upgrade(former)
    backup(former, tmp_path / "old")
    with provstore.open(former) as store:
        store.amend("ben@example.org", name="Ben Sample", **WHY)
        known = [*store.entries()]
    backup(former, tmp_path / "old")
    restore(tmp_path / "old", tmp_path / "restored")
    for place in (tmp_path / "restored", former):
        with provstore.open(place) as store:
            assert [*store.entries()] == known
            assert store.verify(provenance=True).problems == ()
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        db.execute("DROP TRIGGER personal_is_only_replaced")
        db.execute("UPDATE personal SET value = 'x' WHERE position = 3 AND kind = 'document'")
        db.executescript("CREATE TRIGGER" + next(
            part.partition("END;")[0] + "END;" for part in schema(2).split("CREATE TRIGGER")
            if "personal_is_only_replaced" in part
        ))  # fmt: skip
    assert repair(former, [tmp_path / "old"]).problems == ()
    with provstore.open(former) as store:
        assert [*store.entries()] == known


@pytest.mark.parametrize("has_backup", [True, False])
def test_a_repair_finds_people_of_former_reports_again(
    former: Path, tmp_path: Path, has_backup: bool
) -> None:
    """The same person from a backup; without one, somebody with the same name and IRI."""
    upgrade(former)
    backup(former, tmp_path / "backup")
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        known = sorted(db.execute("SELECT * FROM person"))
        assert db.execute("DELETE FROM person WHERE name LIKE '%ben-test%'").rowcount == 1
        db.commit()
    with provstore.open(former) as store:
        assert "does not have everybody of entry 3" in str(store.verify().problems)
    assert repair(former, [tmp_path / "backup"] if has_backup else []).problems == ()
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        mended = sorted(db.execute("SELECT * FROM person"))
    assert [(key, name) for key, _, name in mended] == [(key, name) for key, _, name in known]
    assert (mended == known) == has_backup
    with provstore.open(former) as store:
        store.amend("ben@example.org", name="Ben Sample", **WHY)
        assert store.verify(provenance=True).problems == ()


def test_checkpoints_of_the_former_journal_are_still_worth_something(former: Path) -> None:
    """The last of them must agree with what the upgrade says; the store takes reports."""
    with closing(Journal(former / "journal.sqlite")) as journal:
        Checkpoints(read_settings(former), journal).write()
        chain = journal.head().chain
    upgrade(former)
    with provstore.open(former) as store:
        assert store.verify().problems == ()
        delivery(store, BEN)
        assert store.checkpoint().new
        assert store.verify().problems == ()
    file = former / "checkpoints.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    assert chain in lines[0]
    file.write_text(lines[0].replace(chain, "0" * 64) + "".join(lines[1:]))
    with provstore.open(former) as store:
        assert "/journal/12" in [problem.where for problem in store.verify().problems]


class Stopped(BaseException):
    """The process is no more."""


@pytest.mark.parametrize("step", ["_compare", "flush_file", "remove_views"])
def test_an_upgrade_that_is_stopped_leaves_a_store_that_opens(
    former: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Before the new journal has its name, the former one is there; the next call begins again."""
    known = contents(former)

    def stop(*_: object) -> None:
        shutil.copytree(former, former.with_name("stopped"))
        raise Stopped

    with monkeypatch.context() as stopping:
        stopping.setattr(module, step, stop)
        with pytest.raises(Stopped):
            upgrade(former)
    stopped = former.with_name("stopped")
    assert contents(stopped) == known
    assert journal_format(stopped) == (2 if step == "remove_views" else 1)
    with provstore.open(stopped) as store:
        assert store.verify().problems == ()
    if step == "remove_views":
        with pytest.raises(Refused, match="already"):
            upgrade(stopped)
        return
    assert [*stopped.glob(".*")]  # half a journal
    upgrade(stopped)
    assert contents(stopped) == known
    assert not [*stopped.glob(".*")]


def test_a_store_that_others_have_open_is_not_upgraded(
    former: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.1)
    known = contents(former)
    with provstore.open(former) as store:
        store.ingests()
        with pytest.raises(StoreUnavailable, match="Nothing was changed") as refusal:
            upgrade(former)
        assert "everywhere else" in refusal.value.advice
        assert store.verify().problems == ()
    assert contents(former) == known
    assert journal_format(former) == 1
    assert not [*former.glob(".*")]
    upgrade(former)


def test_a_store_of_this_format_and_a_backup_are_refused(former: Path, tmp_path: Path) -> None:
    backup(former, tmp_path / "backup")
    with pytest.raises(Refused, match="backup"):
        upgrade(tmp_path / "backup")
    upgrade(former)
    with pytest.raises(Refused, match="already"):
        upgrade(former)


def test_a_damaged_store_is_not_upgraded(former: Path) -> None:
    with closing(sqlite3.connect(former / "journal.sqlite")) as db:
        (trigger,) = db.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'entry_is_never_changed'"
        ).fetchone()
        db.execute("DROP TRIGGER entry_is_never_changed")
        db.execute("UPDATE entry SET content = replace(content, 'Ben', 'Eve') WHERE position = 3")
        db.execute(trigger)
        db.commit()
    with pytest.raises(DamagedStore, match="/journal/3"):
        upgrade(former)
    assert journal_format(former) == 1


def test_a_backup_of_the_former_store_is_not_mixed_with_the_new_one(
    former: Path, tmp_path: Path
) -> None:
    backup(former, tmp_path / "backup")
    upgrade(former)
    with pytest.raises(Refused, match="new directory"):
        backup(former, tmp_path / "backup")
    backup(former, tmp_path / "other")
    assert contents(tmp_path / "backup") == contents(tmp_path / "other")
