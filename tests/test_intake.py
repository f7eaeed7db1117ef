"""Reports as they come in: each in its place, once, and what is under way is known."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provstore.errors import BadForm, Refused, UnknownName
from provstore.ingest.package import seal
from provstore.store import ProvStore
from tests.reports import ADA

BEGUN = "2026-03-02T09:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with ProvStore.create(tmp_path / "store") as made:
        form = made.forms["cordex"]
        made.submit(json.loads(form.text(form.example())))
        yield made


def review(store: ProvStore, **answers: Any) -> dict[str, Any]:
    example = {**store.forms["review"].example(), **answers}
    return json.loads(store.forms["review"].text(example))


def test_a_step_that_was_started_needs_its_person_and_time_only_once(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    begun = ingest.start("review", ADA, BEGUN)
    assert (begun.outcome, begun.status, begun.next) == ("started", "open", "review")
    done = ingest.finish("review", review(store, agent=None, started=None, ended=None))
    assert (done.step, done.run, done.outcome) == ("review", 1, "ok")
    answers = store.reports("cordex-0001")[-1].answers
    assert (answers["agent"], answers["started"]) == (ADA, BEGUN)


def test_who_is_at_it_since_when_shows_until_it_is_finished(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    assert ingest.status().under_way == (("review", "Ada Example", BEGUN),)
    assert "Ada Example is at review" in str(ingest.status())
    ingest.finish("review", review(store, agent=None, started=None))
    assert ingest.status().under_way == ()


def test_nobody_starts_what_is_started(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    with pytest.raises(Refused, match="was started by Ada Example"):
        ingest.start("review", {**ADA, "name": "Ben Example"}, BEGUN)
    again = ingest.start("review", ADA, BEGUN)
    assert not again.new


def test_nobody_finishes_what_was_not_started(store: ProvStore) -> None:
    with pytest.raises(Refused, match="Nobody has started review"):
        store.ingest("cordex-0001").finish("review", review(store))


def test_a_report_that_says_another_start_is_refused(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    with pytest.raises(BadForm, match="/answers/started"):
        ingest.finish("review", review(store, started="2026-03-02T09:00:01Z"))
    same_instant = review(store, started="2026-03-02T10:00:00+01:00")
    assert ingest.report("review", same_instant).new


def test_only_what_may_come_can_be_started(store: ProvStore) -> None:
    with pytest.raises(Refused, match="archival may not come now"):
        store.ingest("cordex-0001").start("archival", ADA)
    with pytest.raises(UnknownName, match="review"):
        store.ingest("cordex-0001").start("reviw", ADA)
    with pytest.raises(UnknownName):
        store.ingest("cordex-0007")


def test_a_person_is_checked_as_in_any_form(store: ProvStore) -> None:
    with pytest.raises(BadForm) as caught:
        store.ingest("cordex-0001").start("review", {"name": "Ada"}, "yesterday")
    named = {problem.where for problem in caught.value.problems}
    assert {"/answers/agent/email", "/answers/started"} <= named


def test_a_start_holds_up_nobody_else(store: ProvStore) -> None:
    """A provider may take a delivery back while somebody is at its review."""
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    form = store.forms["revision"]
    answers = {**form.example(), "corrects": "submission/1", "outcome": "withdrawn"}
    assert ingest.report("revision", json.loads(form.text(answers))).status == "withdrawn"
    assert ingest.status().under_way == (("review", "Ada Example", BEGUN),)


def test_both_languages_know_what_is_under_way(store: ProvStore) -> None:
    store.ingest("cordex-0001").start("review", ADA, BEGUN)
    answer = store.ask("started-and-never-finished", language="both")
    assert [(row["step"], row["started"]) for row in answer.records()] == [("review", BEGUN)]


def test_a_sealed_package_begins_an_ingest_once(store: ProvStore) -> None:
    form = store.forms["generic"]
    data = seal(form, form.example())
    taken = store.submit(data)
    assert (taken.ingest, taken.new) == ("generic-0001", True)
    again = store.submit(data)
    assert (again.ingest, again.new) == ("generic-0001", False)
    filled = json.loads(form.text(form.example()))
    assert not store.submit(filled).new  # the same answers, sent in another way
