"""One ingest as a data manager leads it: its state, its history, and how it shows itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from provstore.errors import BadForm, Refused
from provstore.store import ProvStore
from provstore.store_ingest import Ingest
from tests.reports import ADA


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    with ProvStore.create(tmp_path / "store", predictable="example") as made:
        for name in ("cordex", "review"):
            form = made.forms[name]
            filled = json.loads(form.text(form.example()))
            if name == "cordex":
                made.submit(filled)
            else:
                made.report("cordex-0001", "review", filled)
        yield made.ingest("cordex-0001")


def test_its_history_is_a_row_for_each_report(ingest: Ingest) -> None:
    ingest.start("transfer", ADA)
    rows = ingest.history().records()
    assert [(row["step"], row["run"], row["outcome"]) for row in rows] == [
        ("submission", 1, "ok"),
        ("review", 1, "ok"),
        ("transfer", 1, "started"),
    ]


def test_its_status_says_what_may_come_and_who_must_act(ingest: Ingest) -> None:
    status = ingest.status()
    assert (status.status, status.next, status.awaits) == ("open", "transfer", "transfer_manager")
    assert status.allowed == ("transfer", "revision")


def test_a_person_can_be_read_from_a_file(ingest: Ingest, tmp_path: Path) -> None:
    person = tmp_path / "ada.json"
    person.write_text(json.dumps(ADA))
    assert ingest.start("transfer", person).outcome == "started"


def test_in_a_notebook_it_shows_itself_and_text_stays_text(ingest: Ingest) -> None:
    ingest.start("transfer", {**ADA, "name": "<script>alert(1)</script>"})
    shown = ingest._repr_html_()
    assert shown.count("<li>") == 3
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_a_correction_is_a_revision_of_the_answers_that_says_what_is_different(
    ingest: Ingest,
) -> None:
    for reason, path in (("Moved.", "hpc.example.org:/a"), ("Moved again.", "hpc.example.org:/b")):
        receipt = ingest.correct({**ingest.answers(), "data_path": path}, reason)
        assert (receipt.step, receipt.outcome) == ("revision", "ok")
        assert ingest.answers()["data_path"] == path
    first, second = ingest._reports()[-2:]
    assert (first.answers["corrects"], second.answers["corrects"]) == ("submission/1", "revision/1")
    (change,) = second.answers["changes"]
    assert (change["before"], change["after"]) == ("hpc.example.org:/a", "hpc.example.org:/b")


def test_a_correction_that_changes_nothing_or_is_wrong_is_refused(ingest: Ingest) -> None:
    with pytest.raises(Refused):
        ingest.correct(ingest.answers(), "Nothing.")
    with pytest.raises(BadForm):
        ingest.correct({**ingest.answers(), "domain": "Europe"}, "Larger.")
    assert len(ingest.history().records()) == 2
