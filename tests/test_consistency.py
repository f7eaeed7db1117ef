"""A journal is valid or not, whatever was known of it before, and only what is new is read."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from typer.testing import CliRunner

import provstore
from provstore.audit import consistency
from provstore.audit.known_violations import update_results
from provstore.cli import app
from provstore.errors import UnknownName
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.constraints import Violation, check_union
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry, Journal
from tests.constraint_cases import EX, said
from tests.properties import examples
from tests.reports import WHOLE, life, prov_of
from tests.test_bundle_groups import several


def write(journal: Journal, bundles: Iterable[Bundle], ingest: str = "") -> None:
    """Write bundles down under names of their own, as a store would."""
    with journal.writing():
        for bundle in bundles:
            number = journal.head().position
            named = Bundle(f"{EX}{number}", bundle.elements, bundle.relations, bundle.prefixes)
            journal.append(named.iri, str(number), ingest, provjson.dump(named))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal.create(tmp_path / "journal.sqlite")
    yield made
    made.close()


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return tmp_path / "findings.sqlite"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The positions of all bundles that are read, in order."""
    positions: list[int] = []

    def noted(entry: Entry) -> Bundle:
        positions.append(entry.position)
        return bundle_of(entry)

    monkeypatch.setattr(consistency, "bundle_of", noted)
    return positions


CLASH = [said("wasDerivedFrom(e1, e2)"), said("wasDerivedFrom(e2, e1)")]
OTHER = [said("used(a, e, -)"), said("used(e, f, -)")]


@pytest.fixture(scope="module")
def full_names() -> Iterator[None]:
    """Violations name things in full, whatever prefixes bundles are written with."""

    def bare(entry: Entry) -> Bundle:
        return replace(bundle_of(entry), prefixes={})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consistency, "bundle_of", bare)
        yield


def whole(journal: Journal) -> tuple[Violation, ...]:
    """What is wrong with everything, held together at once."""
    return check_union(map(consistency.bundle_of, journal.after(0)))


@examples(80, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.usefixtures("full_names")
@given(several, several, st.randoms(use_true_random=False), st.data())
def test_bundle_by_bundle_in_any_order_it_is_the_check_of_the_union(
    some: list[Bundle], more: list[Bundle], random: Random, data: st.DataObject
) -> None:
    """After every few bundles, the same violations, word for word and in the same order."""
    bundles = [*some, *more]
    random.shuffle(bundles)
    with tempfile.TemporaryDirectory() as place:
        journal = Journal.create(Path(place, "journal.sqlite"))
        while bundles:
            few = data.draw(st.just(1) | st.integers(1, len(bundles)))
            write(journal, bundles[:few])
            bundles = bundles[few:]
            assert consistency.journal_violations(journal, Path(place, "findings.sqlite")) == whole(
                journal
            )
        journal.close()


@examples(40)
@pytest.mark.usefixtures("full_names")
@given(several, st.randoms(use_true_random=False))
def test_the_order_of_bundles_does_not_matter(bundles: list[Bundle], random: Random) -> None:
    found = []
    with tempfile.TemporaryDirectory() as place:
        for turn in range(2):
            journal = Journal.create(Path(place, f"journal{turn}.sqlite"))
            for bundle in bundles:
                write(journal, [bundle])
                now = consistency.journal_violations(journal, Path(place, f"findings{turn}.sqlite"))
            found.append(now)
            journal.close()
            random.shuffle(bundles)
    assert found[0] == found[1]


def test_only_what_is_new_and_what_it_meets_is_read(
    journal: Journal, known: Path, read: list[int]
) -> None:
    """Deliveries share people, offices, tools, forms and sources; these tie nobody."""
    names = IngestIris("https://data.example.org/")
    for number in range(20):
        reports = life(*WHOLE, ingest=f"cordex-{number:04}")
        write(
            journal,
            [prov_of(report, reports[:n], names) for n, report in enumerate(reports)],
        )
    assert consistency.journal_violations(journal, known) == ()
    assert len(read) < 2 * journal.head().position
    read.clear()
    assert consistency.journal_violations(journal, known) == ()
    assert read == []
    reports = life(*WHOLE, "review", ingest="cordex-0007")
    write(journal, [prov_of(reports[-1], reports[:-1], names)])
    assert consistency.journal_violations(journal, known) == ()
    assert 0 < len({*read}) < 5


def test_a_contradiction_is_found_when_its_second_half_comes(journal: Journal, known: Path) -> None:
    others = [said(f"wasDerivedFrom(x{n}, y{n})") for n in range(50)]
    write(journal, [CLASH[0], *others])
    assert consistency.journal_violations(journal, known) == ()
    write(journal, [CLASH[1]])
    (found,) = consistency.journal_violations(journal, known)
    assert found.constraint == "42"
    write(journal, OTHER)
    assert [
        violation.constraint for violation in consistency.journal_violations(journal, known)
    ] == [
        "42",
        "55",
    ]
    assert consistency.journal_violations(journal, known) == whole(journal)


def test_names_are_short_by_the_prefixes_of_those_who_clash(journal: Journal, known: Path) -> None:
    """What others bind differently does not make them long."""
    write(journal, [*CLASH, *CLASH])
    write(journal, [Bundle(EX, (), said("used(o, o, -)").relations, {"ex": "http://other.org/"})])
    found = consistency.journal_violations(journal, known)
    write(journal, [said("used(p, q, -)")])
    assert consistency.journal_violations(journal, known) == found


def test_a_violation_that_grows_is_told_once(journal: Journal, known: Path) -> None:
    write(journal, [said(f"wasStartedBy(s; a, e{n}, -, -)") for n in range(2)])
    assert len(consistency.journal_violations(journal, known)) == 1
    write(journal, [said("wasStartedBy(s; a, e9, -, -)"), *(said(f"entity(z{n})") for n in "abc")])
    (found,) = consistency.journal_violations(journal, known)
    assert len(found.statements) == 3


def _remove(path: Path) -> None:
    path.unlink()


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192)


def _hinder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _age(path: Path) -> None:
    update_results(path, lambda findings: findings.begin("rules of old"))
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE mark SET position = 2")
        db.commit()


def _deceive(path: Path) -> None:
    """A mark of another journal, and what was found in that one."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE mark SET chain = 'of another journal'")
        db.execute("DELETE FROM finding")
        db.execute("INSERT INTO finding VALUES (1, '\"something else\"')")
        db.commit()


@pytest.mark.parametrize("harm", [_remove, _damage, _hinder, _age, _deceive])
def test_a_file_that_is_lost_damaged_stale_or_foreign_only_costs_time(
    journal: Journal, known: Path, read: list[int], harm: Callable[[Path], None]
) -> None:
    write(journal, [*CLASH, *OTHER])
    before = consistency.journal_violations(journal, known)
    read.clear()
    harm(known)
    assert consistency.journal_violations(journal, known) == before == whole(journal)
    assert {*read} == {1, 2, 3, 4}
    read.clear()
    assert consistency.journal_violations(journal, known) == before
    assert bool(read) == (harm is _hinder)


def test_the_file_of_a_longer_journal_is_not_believed(tmp_path: Path, known: Path) -> None:
    """A backup was brought back, and went on differently."""
    long, short = (Journal.create(tmp_path / f"{name}.sqlite") for name in ("long", "short"))
    write(long, [*CLASH, *OTHER])
    write(short, OTHER)
    assert len(consistency.journal_violations(long, known)) == 2
    assert consistency.journal_violations(short, known) == whole(short)
    assert len(whole(short)) == 1
    long.close()
    short.close()


def test_an_interrupt_keeps_what_was_known(
    journal: Journal, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(journal, CLASH)
    before = consistency.journal_violations(journal, known)
    write(journal, OTHER)

    def stop(_: object) -> tuple[Violation, ...]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(consistency, "check_union", stop)
        with pytest.raises(KeyboardInterrupt):
            consistency.journal_violations(journal, known)
    assert update_results(known, lambda findings: findings.position) == journal.position_at(2)
    assert consistency.journal_violations(journal, known)[:1] == before
    assert len(consistency.journal_violations(journal, known)) == 2


def test_other_rules_check_everything_again(
    journal: Journal, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found by rules of another version counts for nothing."""
    write(journal, CLASH)
    before = consistency.journal_violations(journal, known)
    checked: list[object] = []
    check = consistency.check

    def counted(bundle: Bundle) -> tuple[Violation, ...]:
        checked.append(bundle)
        return check(bundle)

    monkeypatch.setattr(consistency, "check", counted)
    assert consistency.journal_violations(journal, known) == before
    assert not checked
    monkeypatch.setattr(consistency, "RULES_VERSION", "of another day")
    assert consistency.journal_violations(journal, known) == before
    assert len(checked) == len(CLASH)


def test_no_progress_is_shown_where_nobody_looks(
    journal: Journal,
    known: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(consistency, "PROGRESS_FROM", 1)
    write(journal, CLASH)
    consistency.journal_violations(journal, known)
    assert capsys.readouterr() == ("", "")


def test_of_an_ingest_only_its_own_bundles_are_held_together(journal: Journal, known: Path) -> None:
    write(journal, [CLASH[0], *OTHER], "cordex-0001")
    write(journal, [CLASH[1]], "cordex-0002")
    assert [
        violation.constraint
        for violation in consistency.ingest_violations(journal.of_ingest("cordex-0001"))
    ] == ["55"]
    assert consistency.ingest_violations(journal.of_ingest("cordex-0002")) == ()
    assert [
        violation.constraint for violation in consistency.journal_violations(journal, known)
    ] == [
        "42",
        "55",
    ]


def test_the_command_says_the_same_of_the_whole_and_of_an_ingest(tmp_path: Path) -> None:
    """Text, JSON and exit code; the second time from what is known."""
    place = str(tmp_path / "store")

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["verify", "--store", place, *words])
        assert result.exception is None or isinstance(result.exception, SystemExit | UnknownName)
        return result.exit_code, result.stdout

    with provstore.init(place) as store:
        write(store._journal, [CLASH[0]], "cordex-0001")
        write(store._journal, [CLASH[1]], "cordex-0002")
        (problem,) = store.verify(provenance=True).problems
        assert store.verify("cordex-0001").problems == ()
    first, again = run("--provenance"), run("--provenance")
    assert first == again
    code, text = first
    assert code == 1
    assert text.startswith(f"The store is damaged:\n  - {problem}\n  note: ")
    code, text = run("--provenance", "--json")
    told = json.loads(text)
    keys = ["bundles", "seal", "problems", "vouched", "signed", "notes"]
    assert (code, [*told]) == (1, keys)
    assert [[*one] for one in told["problems"]] == [["where", "what", "mend"]]
    assert run("--provenance", "cordex-0001")[0] == 0
    assert run("--provenance", "cordex-0003")[0] == 1
    assert run()[0] == 0
