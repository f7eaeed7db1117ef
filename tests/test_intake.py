"""Reports as they come in: each in its place, once, and what is under way is known."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from provstore.errors import BadForm, Refused, UnknownName
from provstore.ingest.sealed_package import seal
from provstore.store import ProvStore
from tests.reports import ADA
from tests.tool_files import GLOBUS_TASK

BEGUN = "2026-03-02T09:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with ProvStore.create(tmp_path / "store", predictable="example") as made:
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
    assert "Ada Example started review" in str(ingest.status())
    ingest.finish("review", review(store, agent=None, started=None))
    assert ingest.status().under_way == ()


def test_nobody_starts_what_is_started(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    with pytest.raises(Refused, match="was started by Ada Example"):
        ingest.start("review", {**ADA, "name": "Ben Example"}, BEGUN)
    again = ingest.start("review", ADA, BEGUN)
    assert not again.new


def test_a_step_that_was_started_is_finished_in_one_breath(store: ProvStore) -> None:
    """Its name need not be said again, and answers need no file."""
    ingest = store.ingest("cordex-0001")
    with pytest.raises(Refused, match="under way: none"):
        ingest.finish(outcome="ok")
    ingest.start("review", by=ADA)
    with pytest.raises(BadForm, match="/answers/outcome"):
        ingest.finish(comment="Fine.")
    assert ingest.finish(outcome="ok").step == "review"
    ingest.start("transfer", by=ADA)
    ingest.start("revision", by=ADA)
    with pytest.raises(Refused, match="under way: transfer, revision"):
        ingest.finish(outcome="ok")
    transfer = store.forms["transfer"]
    form = json.loads(transfer.text(transfer.example() | {"agent": None, "started": None}))
    form["answers"]["ended"] = None
    assert ingest.finish("transfer", report=form).step == "transfer"


def test_the_same_start_after_a_run_is_another_one(
    store: ProvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a whole run fits into the second to which we tell the time."""
    monkeypatch.setattr("provstore.commands.intake.utc_now", lambda: BEGUN)
    ingest = store.ingest("cordex-0001")
    ingest.report("review", review(store, started=BEGUN, ended=BEGUN))
    again = json.loads(store.forms["transfer"].text(store.forms["transfer"].example()))
    again["answers"] |= {"outcome": "action-required"}
    for key in ("agent", "started", "ended"):
        del again["answers"][key]
    for run in (1, 2):
        assert (ingest.start("transfer", ADA).run, ingest.start("transfer", ADA).new) == (
            run,
            False,
        )
        done = ingest.finish("transfer", again)
        assert (done.run, done.outcome, done.new) == (run, "action-required", True)


def test_nobody_finishes_what_was_not_started(store: ProvStore) -> None:
    with pytest.raises(Refused, match=r"review of .* has not been started"):
        store.ingest("cordex-0001").finish("review", review(store))


def test_what_was_finished_may_be_finished_again_with_the_same_answers(store: ProvStore) -> None:
    """Whoever did not see the receipt sends it again, and sees the first one."""
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    answers = review(store, agent=None, started=None, ended=None)
    first, again = ingest.finish("review", answers), ingest.finish("review", answers)
    assert (first.new, again.new) == (True, False)
    assert (again.bundle, again.position) == (first.bundle, first.position)
    with pytest.raises(Refused, match=r"review of .* has not been started"):
        ingest.finish("review", review(store, agent=None, started=None, comment="Another."))


def test_a_report_that_says_another_start_is_refused(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    ingest.start("review", ADA, BEGUN)
    with pytest.raises(BadForm, match="/answers/started"):
        ingest.finish("review", review(store, started="2026-03-02T09:00:01Z"))
    same_instant = review(store, started="2026-03-02T10:00:00+01:00")
    assert ingest.report("review", same_instant).new


def test_only_what_may_come_can_be_started(store: ProvStore) -> None:
    with pytest.raises(Refused, match="archival is not allowed now"):
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


def test_nobody_is_asked_to_mend_what_may_not_come(store: ProvStore) -> None:
    with pytest.raises(
        Refused, match=r"archival is not allowed now.*Allowed now: review or revision"
    ):
        store.report("cordex-0001", "archival", outcome="ok")
    with pytest.raises(BadForm, match="/answers/outcome"):
        store.report("cordex-0001", "review", review(store, outcome="perhaps"))
    with pytest.raises(UnknownName, match="cordex-0002"):
        store.report("cordex-0002", "review", outcome="ok")


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


def test_a_sealed_package_begins_an_ingest_once_and_its_files_are_kept(store: ProvStore) -> None:
    form, content = store.forms["generic"], b"We agree."
    checksum = sha256(content).hexdigest()
    attached = [{"name": "agreement.txt", "sha256": checksum}]
    answers = {**form.example(), "attachments": attached}
    data = seal(form, answers, {"agreement.txt": content})
    taken = store.submit(data)
    assert (taken.ingest, taken.new, taken.notes) == ("generic-0001", True, ())
    assert store._intake.attachments.read(checksum) == content
    again = store.submit(data)
    assert (again.ingest, again.new) == ("generic-0001", False)
    filled = json.loads(form.text(answers))
    assert not store.submit(filled).new  # the same answers, sent in another way


def test_a_file_that_is_named_but_was_not_sent_is_noted(store: ProvStore) -> None:
    form = store.forms["generic"]
    (note,) = store.submit(json.loads(form.text(form.example()))).notes
    assert (note.where, "agreement.pdf" in note.what) == ("/answers/attachments/0", True)


def corrected(store: ProvStore) -> bytes:
    """The provider's form once more, filled in at home, with another institution."""
    form = store.forms["cordex"]
    return seal(form, {**form.example(), "institution": "MOHC"}, {})


def test_the_form_once_more_is_a_revision_of_what_is_different(store: ProvStore) -> None:
    done = store.report("cordex-0001", "revision", corrected(store), reason="Wrong institution.")
    assert (done.step, done.run, done.outcome) == ("revision", 1, "ok")
    said = store.reports("cordex-0001")[-1].answers
    assert (said["reason"], said["corrects"]) == ("Wrong institution.", "submission/1")
    assert [row["field"] for row in said["changes"]] == ["/institution"]
    assert store.ingest("cordex-0001").answers()["institution"] == "MOHC"
    with pytest.raises(Refused, match="already"):
        store.report("cordex-0001", "revision", corrected(store), reason="Wrong institution.")


def test_a_correction_needs_its_reason_and_the_form_that_began_the_ingest(store: ProvStore) -> None:
    with pytest.raises(BadForm) as missing:
        store.report("cordex-0001", "revision", corrected(store))
    assert [problem.where for problem in missing.value.problems] == ["/answers/reason"]
    other = store.forms["cordex-cmip6"]
    with pytest.raises(Refused, match="began with the form cordex, not cordex-cmip6") as refused:
        store.report("cordex-0001", "revision", seal(other, other.example(), {}), reason="So.")
    assert "provstore form cordex" in str(refused.value)
    assert len(store.reports("cordex-0001")) == 1


def test_an_outcome_that_the_file_of_a_tool_contradicts_is_noted(store: ProvStore) -> None:
    ingest = store.ingest("cordex-0001")
    ingest.report("review", review(store))
    task = {**GLOBUS_TASK, "status": "FAILED", "files_transferred": 3}
    answers = {"agent": ADA, "source": "hpc.example.org:/a", "target": "data.example.org:/b"}
    done = ingest.report("transfer", json.dumps(task).encode(), **answers, outcome="ok")
    assert done.outcome == "ok"
    (note,) = [note for note in done.notes if note.where == "/answers/outcome"]
    assert "The answer is 'ok', but" in note.what
    assert "says 'action-required'" in note.what
