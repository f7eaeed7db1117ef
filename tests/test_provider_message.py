"""What a message to a provider says after each step: its meaning, findings, the next step."""

from provstore.ingest.provider_message import message
from tests.reports import ADA, WHOLE, life


def test_every_step_has_a_message_to_the_one_who_submitted() -> None:
    reports = life(*WHOLE)
    for index in range(len(reports)):
        told = message(reports[: index + 1])
        assert told.to == ADA["email"]
        assert told.subject.startswith(f"cordex-0001: {told.step}")
        assert told.text.startswith("Dear Ada Example,\n")
        assert told.next == "" or told.next in told.text


def test_a_demand_names_its_findings_and_who_must_act() -> None:
    reports = life("submission", "review", "transfer", "quality:action-required")
    finding = {"severity": "error", "check": "cf:units", "message": "pr is in mm/s"}
    reports[-1].answers["findings"] = [finding]
    told = message(reports)
    assert told.findings == (finding,)
    assert "- error, cf:units: pr is in mm/s" in told.text
    assert "Next step: revision (yours)." in told.text


def test_a_letter_stays_one_that_can_be_read() -> None:
    reports = life("submission", "review", "transfer", "quality:action-required")
    finding = {"severity": "error", "check": "cf:units", "message": "pr is in mm/s"}
    reports[-1].answers["findings"] = [finding] * 1000
    told = message(reports)
    assert len(told.findings) == 1000
    assert told.text.count("- error, cf:units") == 200
    assert "- and 800 more" in told.text


def test_a_publication_names_version_and_handle() -> None:
    told = message(life("submission", "review", "transfer", "quality", "publication"))
    assert told.facts == {"version": "v20260302", "pid": "hdl:21.T12995/one"}
    assert "Handle: hdl:21.T12995/one" in told.text


def test_an_end_is_said_to_be_one() -> None:
    assert "Your delivery is rejected." in message(life("submission", "review:rejected")).text
