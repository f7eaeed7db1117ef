"""The table of deliveries is what `state-of-every-ingest` answers, and follows the store."""

from pathlib import Path

import pytest

import provstore
from provstore.store import ProvStore
from provstore.web.delivery_table import DeliveryTable
from tests.example import store as store


def test_it_is_what_the_question_answers_about_our_own_reports(store: ProvStore) -> None:
    rows = DeliveryTable(store).rows()
    assert list(rows) == store.ingests()
    answered = {
        row["ingest"]: row
        for row in store.ask("state-of-every-ingest")
        if str(row["ingest"]).rpartition("/")[2] in rows
    }
    assert len(answered) == len(rows)
    for name, delivery in rows.items():
        row = answered[store.iri(name)]
        for column in ("status", "step", "run", "outcome", "since"):
            assert getattr(delivery, column) == row[column], (name, column)
        for column in ("next", "awaits"):
            assert getattr(delivery, column) == (row[column] or ""), (name, column)
        assert delivery.busy == store.ingest(name).status().under_way


def test_it_reads_each_entry_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    entries = ProvStore.entries

    def count(self: ProvStore, ingest: str | None = None, *, after: int = 0) -> object:
        for entry in entries(self, ingest, after=after):
            read.append(entry.position)
            yield entry

    monkeypatch.setattr(ProvStore, "entries", count)
    with provstore.init(tmp_path / "store") as store:
        table, form = DeliveryTable(store), store.forms["cordex"]
        assert table.rows() == {}
        for number in range(3):
            store.submit(form.text(form.example() | {"comment": f"{number}"}).encode())
            assert len(table.rows()) == number + 1
            assert table.rows() is table.rows()
        review = store.forms["review"]
        store.report("cordex-0002", "review", review.text(review.example()).encode())
        assert table.rows()["cordex-0002"].next == "transfer"
        assert read == [1, 2, 3, 4]


def test_a_name_that_was_redacted_is_gone(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        form, table = store.forms["cordex"], DeliveryTable(store)
        store.submit(form.text(form.example()).encode())
        agent = form.example()["agent"]
        assert table.rows()["cordex-0001"].provider == agent["name"]
        by = {"name": "Olga Officer", "email": "o@example.org", "organisation": {"name": "Centre"}}
        store.redact(agent["email"], by=by, reason="A request.")
        delivery = table.rows()["cordex-0001"]
        assert agent["name"] not in (delivery.provider, *delivery.people)
