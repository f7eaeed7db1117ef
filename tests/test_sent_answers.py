"""What is sent again is known, whatever rules and versions forms have since (law 6)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provstore.errors import BadForm, Refused
from provstore.ingest.sealed_package import seal
from provstore.projects import form_rules
from provstore.projects.forms import Form
from provstore.prov.notations.input_file import InputFile
from provstore.results.receipts import Receipt
from provstore.store import ProvStore
from tests.people import ADA, BEN, filled, store_in

CONTROL = "A line,\x85and another"
"""A text that forms accepted once, and refuse now."""


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[ProvStore]:
    with store_in(tmp_path) as store:
        yield store


@pytest.fixture
def formerly(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forms accept any character, until the rule comes."""
    monkeypatch.setattr(form_rules, "unfit_character", lambda _: "")
    return monkeypatch.undo


def submit(store: ProvStore, text: str = CONTROL) -> Receipt:
    return store.submit(filled(store, "generic", ADA, description=text))


def report(store: ProvStore, ingest: str, text: str = CONTROL) -> Receipt:
    return store.report(ingest, "review", filled(store, "review", BEN, comment=text))


def answer(store: ProvStore, ingest: str, text: str = CONTROL) -> Receipt:
    answers = {**store.forms["review"].example(), "agent": BEN, "comment": text}
    return store._intake.report(ingest, "review", [], answers)


def start(store: ProvStore, ingest: str, text: str = CONTROL) -> Receipt:
    answers = {"agent": BEN, "started": "2026-03-02T09:00:00Z", "comment": text}
    return store._intake.start(ingest, "review", answers)


def finish(store: ProvStore, ingest: str, text: str = CONTROL) -> Receipt:
    example = store.forms["review"].example()
    answers = {key: example[key] for key in ("findings", "outcome")} | {"comment": text}
    return store._intake.finish(ingest, "review", [], answers)


def assert_known(first: Receipt, again: Receipt) -> None:
    assert (again.new, again.bundle, again.position) == (False, first.bundle, first.position)


def test_a_submission_from_before_a_rule_is_known(
    scratch: ProvStore, formerly: Callable[[], None]
) -> None:
    first = submit(scratch)
    formerly()
    assert_known(first, submit(scratch))
    with pytest.raises(BadForm, match="U\\+0085"):
        submit(scratch, f"{CONTROL}.")


@pytest.mark.parametrize("act", [report, answer, start])
def test_a_report_from_before_a_rule_is_known(
    act: Callable[..., Receipt], scratch: ProvStore, formerly: Callable[[], None]
) -> None:
    ingest = submit(scratch, "Plain.").ingest
    first = act(scratch, ingest)
    formerly()
    assert_known(first, act(scratch, ingest))
    with pytest.raises((BadForm, Refused)):  # the step was reported on
        act(scratch, ingest, f"{CONTROL}.")


def test_a_finished_run_from_before_a_rule_is_known(
    scratch: ProvStore, formerly: Callable[[], None]
) -> None:
    ingest = submit(scratch, "Plain.").ingest
    start(scratch, ingest, "Plain.")
    first = finish(scratch, ingest)
    formerly()
    assert_known(first, finish(scratch, ingest))
    with pytest.raises(BadForm):
        finish(scratch, ingest, f"{CONTROL}.")


def with_schema(form: Form, **keywords: Any) -> Form:
    return replace(form, **{key: each for key, each in keywords.items() if key == "version"},
                   schema={**form.schema, **keywords})  # fmt: skip


def test_answers_to_a_version_are_known_whatever_version_the_form_has(scratch: ProvStore) -> None:
    """As they were recorded, as one that is read as the next, and as one that is not read."""
    intake, form = scratch._intake, scratch.forms["generic"]
    sent = InputFile(filled(scratch, "generic", ADA), "form.json")
    first = intake.submit(sent)
    versions: tuple[dict[str, dict[str, str]], ...] = ({form.version: {}}, {})
    for formerly in versions:
        newer = with_schema(form, version="9", formerly=formerly)
        again = replace(intake, forms={**scratch.forms, "generic": newer}).submit(sent)
        assert_known(first, again)


def test_answers_that_were_read_as_the_next_version_are_known_in_the_one_after(
    scratch: ProvStore,
) -> None:
    intake, form = scratch._intake, scratch.forms["generic"]
    sent = InputFile(filled(scratch, "generic", ADA), "form.json")
    receipts = []
    for version in ("8", "9"):
        newer = with_schema(form, version=version, formerly={form.version: {}})
        receipts.append(replace(intake, forms={**scratch.forms, "generic": newer}).submit(sent))
    assert_known(*receipts)


def test_a_package_from_before_a_rule_heals_its_attachment(
    scratch: ProvStore, formerly: Callable[[], None]
) -> None:
    form, content = scratch.forms["generic"], b"a plot"
    checksum = InputFile(content, "plot.png").sha256
    answers = {**form.example(), "description": CONTROL}
    answers["attachments"] = [{"name": "plot.png", "sha256": checksum, "bytes": len(content)}]
    package = seal(form, answers, {"plot.png": content})
    first = scratch.submit(package)
    (scratch.directory / "attachments" / checksum).unlink()
    formerly()
    assert_known(first, scratch.submit(package))
    assert (scratch.directory / "attachments" / checksum).read_bytes() == content
