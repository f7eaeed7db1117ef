"""A form on the screen: what a person sees, types and sends, without a browser."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provstore.errors import Refused, UnknownName
from provstore.notebook import form as show_form
from provstore.notebook.form_destination import package_destination, store_destination
from provstore.projects.forms import load_forms
from provstore.projects.workflow import COMMANDS
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.screen import Screen, fill_in

FORMS = load_forms(shipped("forms"))
CORDEX = "cordex-cmip6"
MARKUP = "<img src=x onerror=alert(1)>&\"'</script>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with ProvStore.create(tmp_path / "store", predictable="example") as made:
        yield made


def screen(store: ProvStore, name: str = CORDEX, **kwargs: Any) -> Screen:
    return Screen(show_form(name, store, **kwargs))


def example(name: str = CORDEX) -> dict[str, Any]:
    times = ("started", "ended", "attachments")
    return {key: each for key, each in FORMS[name].example().items() if key not in times}


@pytest.mark.parametrize(
    "name", [form.name for form in FORMS.values() if form.step == "submission"]
)
def test_a_new_form_has_an_input_for_each_question_and_nothing_is_chosen(
    store: ProvStore, name: str
) -> None:
    shown = screen(store, name)
    for widget in shown.widgets():
        if getattr(widget, "description", "") and hasattr(widget, "value"):
            assert widget.value in (None, "", False, (), "a new row"), widget.description
    assert "Not answered" not in shown.html()
    assert "0 of" in shown.html()


def test_what_is_filled_in_reviewed_and_sent_begins_an_ingest(store: ProvStore) -> None:
    shown = screen(store)
    fill_in(shown, example())
    shown.click("Check and review")
    assert "Review your answers" in shown.html()
    shown.click("Send")
    assert "cordex-cmip6-0001" in shown.html()
    assert "Next step: review, by the reviewer" in shown.html()
    (report,) = store.reports("cordex-cmip6-0001")
    answers = dict(report.answers)
    assert answers.pop("started") <= answers.pop("ended")
    assert answers == example()
    assert not shown.form.destination.drafts.has(shown.form.draft_id)


def test_a_text_that_is_wrong_is_named_at_its_field_and_kept(store: ProvStore) -> None:
    shown = screen(store)
    shown.type("ORCID", "0000-0002-1825-0097")
    assert "is not an ORCID" in shown.html()
    assert shown.find("ORCID").value == "0000-0002-1825-0097"
    assert shown.html().count("pv-error") == 1  # of what was not touched yet nothing is said


def test_a_check_names_everything_that_is_missing_and_leads_to_it(store: ProvStore) -> None:
    shown = screen(store)
    shown.click("Check and review")
    assert "22 answers need correction" in shown.html()
    shown.click("Domain: not answered yet.")
    shown.type("Domain", "EUR-12")
    assert "21 answers need correction" in shown.html()


def test_a_question_appears_with_the_answer_that_makes_it_one(store: ProvStore) -> None:
    shown = screen(store)
    assert not [label for label in shown.labels() if label.startswith("Erratum")]
    shown.type("Kind of submission", "new_version")
    assert "Erratum *" in shown.labels()
    assert "Data path *" in shown.labels()
    shown.type("Kind of submission", "retraction")
    assert not [label for label in shown.labels() if label.startswith("Data path")]


def test_an_answer_that_is_asked_no_more_does_not_disappear(store: ProvStore) -> None:
    shown = screen(store)
    shown.type("Kind of submission", "new_version")
    shown.type("Erratum", "abc-1")
    shown.type("Kind of submission", "initial_version")
    assert shown.find("Erratum").value == "abc-1"


def test_a_long_list_of_terms_is_searched_by_name_or_title(store: ProvStore) -> None:
    shown = screen(store)
    institution = shown.find("Institution")
    (found,) = [option for option in institution.options if option.startswith("GERICS ")]
    assert "Climate Service Center" in found
    institution.value = found
    assert shown.form.draft.get("/institution_id") == "GERICS"
    institution.value = "Nobody"
    assert shown.form.draft.get("/institution_id") == "Nobody"
    assert "is not one of the choices" in shown.html()


def test_a_draft_is_resumed_as_it_was_with_answers_nobody_asked_for(store: ProvStore) -> None:
    first = screen(store, answers={"remark": "kept"})
    first.type("Grid", "rotated")
    again = screen(store, draft=first.form.draft_id)
    assert again.find("Grid").value == "rotated"
    assert again.form.draft.answers["remark"] == "kept"
    assert "Kept, but not part of this form: remark" in again.html()
    with pytest.raises(UnknownName):
        screen(store, draft="A" * 24)


def test_a_draft_is_neither_for_another_form_nor_for_another_user(store: ProvStore) -> None:
    first = screen(store)
    first.type("Grid", "rotated")
    with pytest.raises(Refused):
        screen(store, "cmip6", draft=first.form.draft_id)


def test_everything_is_discarded_only_when_asked_twice(store: ProvStore) -> None:
    shown = screen(store)
    shown.type("Grid", "rotated")
    shown.click("Discard everything")
    assert shown.find("Grid").value == "rotated"
    shown.click("Click again to discard all answers")
    assert shown.find("Grid").value == ""
    assert not shown.form.destination.drafts.has(shown.form.draft_id)


def test_a_draft_that_cannot_be_saved_is_said_at_once(store: ProvStore) -> None:
    shown = screen(store)
    folder = shown.form.destination.drafts.folder
    folder.write_text("in the way")
    shown.type("Grid", "rotated")
    assert "NOT saved" in shown.html()


def test_a_table_is_pasted_and_each_wrong_cell_is_marked(store: ProvStore) -> None:
    shown = screen(store)
    toggle = next(w for w in shown.widgets() if type(w).__name__ == "ToggleButtons")
    toggle.value = "Paste or upload a table"
    rows = "\n".join(f"tas{n},mon,{n},\n" for n in range(100))
    shown.type("Variables as a table", f"variable_id,frequency,files,remark\n{rows}")
    before = sum(1 for _ in shown.widgets())
    shown.click("Replace all rows above")
    assert sum(1 for _ in shown.widgets()) == before  # however many rows, the same widgets
    assert len(shown.form.draft.get("/variables")) == 100
    assert "100 rows." in shown.html()
    shown.type("Variables as a table", "variable_id\tfrequency\tfiles\ntas\tmon\tmany\n")
    shown.click("Replace all rows above")
    assert 'class="pv-bad"' in shown.html()


def test_a_table_with_an_unknown_column_is_refused_and_changes_nothing(store: ProvStore) -> None:
    shown = screen(store, answers={"variables": [{"variable_id": "tas", "frequency": "mon"}]})
    toggle = next(w for w in shown.widgets() if type(w).__name__ == "ToggleButtons")
    toggle.value = "Paste or upload a table"
    shown.type("Variables as a table", "variable,freqency\ntas,mon\n")
    shown.click("Replace all rows above")
    assert "row 1, column 2" in shown.html()
    assert len(shown.form.draft.get("/variables")) == 1


def test_rows_are_added_changed_and_removed_one_by_one(store: ProvStore) -> None:
    shown = screen(store)
    for name in ("tas", "pr"):
        shown.type("Variable", name)
        shown.type("Frequency", "mon")
        shown.click("Save this variable to the table")
    shown.type("Variables: row to edit", "row 2")
    assert shown.find("Variable").value == "pr"
    shown.type("Frequency", "day")
    shown.click("Save this variable to the table")
    assert shown.form.draft.get("/variables/1") == {"variable_id": "pr", "frequency": "day"}
    shown.type("Variables: row to edit", "row 1")
    shown.click("Remove this variable")
    assert shown.form.draft.get("/variables") == [{"variable_id": "pr", "frequency": "day"}]


def test_files_are_kept_with_the_draft_and_sent_with_the_answers(store: ProvStore) -> None:
    shown = screen(store, "generic")
    fill_in(shown, example("generic"))
    shown.find("Add to attachments").value = (_file("agreement.txt", b"We agree."),)
    assert "agreement.txt" in shown.html()
    shown.click("Check and review")
    shown.click("Send")
    (named,) = store.reports("generic-0001")[0].answers["attachments"]
    assert store._intake.attachments.read(named["sha256"]) == b"We agree."


def test_a_file_that_is_too_large_or_has_no_plain_name_is_refused(store: ProvStore) -> None:
    shown = screen(store, "generic")
    large = _file("large.bin", bytes((20 << 20) + 1))
    shown.find("Add to attachments").value = (large, _file("../up", b"x"))
    assert shown.form.draft.get("/attachments") is None
    assert "large.bin" in shown.html()
    assert "../up" in shown.html()


def _file(name: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "type": "",
        "size": len(content),
        "content": memoryview(content),
        "last_modified": datetime(2026, 3, 2, tzinfo=UTC),
    }


def test_markup_in_answers_stays_text_wherever_they_are_shown(store: ProvStore) -> None:
    answers = {
        **example(),
        "grid": MARKUP,
        "comment": MARKUP,
        MARKUP: 1,
        "domain_id": MARKUP,
        "variables": [{"variable_id": "tas", "frequency": "mon", "remark": MARKUP}],
        "agent": {**example()["agent"], "name": MARKUP},
    }
    shown = screen(store, answers=answers)
    shown.click("Check and review")
    assert "<img" not in shown.html()
    assert "</script" not in shown.html()
    del answers[MARKUP]
    shown = screen(store, answers={**answers, "domain_id": "EUR-12"})
    shown.click("Check and review")
    assert "Review your answers" in shown.html()
    assert "<img" not in shown.html()
    shown.click("Send")
    assert "cordex-cmip6-0001" in shown.html()


def test_a_correction_starts_from_the_earlier_answers_and_says_what_is_different(
    store: ProvStore,
) -> None:
    form = FORMS[CORDEX]
    store.submit(json.loads(form.text(form.example())))
    shown = screen(store, ingest="cordex-cmip6-0001")
    assert shown.find("Grid").value == form.example()["grid"]
    shown.type("Grid", "lambert_conformal_conic")
    shown.click("Check and review")
    assert "Reason for the correction: not answered yet" in shown.html()
    shown.type("Reason for the correction", "The grid was named wrongly.")
    shown.click("Check and review")
    assert "Changes" in shown.html()
    assert "lambert_conformal_conic" in shown.html()
    shown.click("Send the correction")
    ingest = store.ingest("cordex-cmip6-0001")
    assert ingest.answers()["grid"] == "lambert_conformal_conic"
    assert store.reports("cordex-cmip6-0001")[-1].answers["corrects"] == "submission/1"


def test_a_managers_report_is_filled_in_with_its_own_times(store: ProvStore) -> None:
    form = FORMS[CORDEX]
    store.submit(json.loads(form.text(form.example())))
    shown = screen(store, "review", ingest="cordex-cmip6-0001")
    assert "Started *" in shown.labels()
    fill_in(shown, FORMS["review"].example())
    shown.click("Check and review")
    shown.click("Send")
    assert store.ingest("cordex-cmip6-0001").status().next == "transfer"


def test_at_home_a_package_is_written_that_can_be_submitted(
    store: ProvStore, tmp_path: Path
) -> None:
    shown = Screen(show_form(CORDEX, folder=tmp_path / "home"))
    fill_in(shown, example())
    shown.click("Check and review")
    shown.click("Make the package")
    (package,) = (tmp_path / "home").glob("*.zip")
    assert package.name in shown.html()
    assert store.submit(package).ingest == "cordex-cmip6-0001"
    assert not store.submit(package).new


def test_what_is_refused_on_sending_is_said_and_nothing_is_lost(store: ProvStore) -> None:
    form = FORMS[CORDEX]
    store.submit(json.loads(form.text(form.example())))
    shown = screen(store, "transfer", ingest="cordex-cmip6-0001")
    fill_in(shown, FORMS["transfer"].example())
    shown.click("Check and review")
    shown.click("Send")
    assert "Review your answers" in shown.html()
    assert "pv-said-ill" in shown.html()
    assert shown.form.destination.drafts.has(shown.form.draft_id)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_form_of_no_step_is_not_shown_and_its_command_is_named(
    store: ProvStore, tmp_path: Path, name: str
) -> None:
    for destination in (
        lambda: store_destination(store, name),
        lambda: package_destination(name, tmp_path),
    ):
        with pytest.raises(Refused, match=re.escape(COMMANDS[name])):
            destination()
