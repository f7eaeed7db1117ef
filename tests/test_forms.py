"""Forms: what they ask, and that wrong answers are refused whole, in words that help."""

import copy
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from provstore.errors import BadForm, BadInput, Problem
from provstore.ingest.report import START
from provstore.projects import forms as module
from provstore.projects.form_definitions import FormDefinitions
from provstore.projects.forms import (
    Field,
    Form,
    drop_unanswered,
    load_forms,
    looks_like_form,
    read_filled_form,
)
from provstore.projects.workflow import ANY, FIRST
from tests.properties import examples

FOLDER = Path(__file__).parents[1] / "forms"
FORMS = load_forms(FOLDER)
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def filled(form: str, **answers: Any) -> dict[str, Any]:
    given = FORMS[form].example() | answers
    return {"form": form, "version": FORMS[form].version, "answers": given}


def refused(document: object) -> tuple[Problem, ...]:
    """Every problem of a filled form, given as bytes or as what JSON says."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(BadForm) as caught:
        read_filled_form(data, "form.json", FORMS)
    assert "form.json" in str(caught.value)
    return caught.value.problems


def said(problems: tuple[Problem, ...]) -> dict[str, str]:
    assert len({problem.where for problem in problems}) == len(problems)
    return {problem.where: f"{problem.what} {problem.mend}" for problem in problems}


def all_fields(fields: tuple[Field, ...]) -> list[Field]:
    return [one for field in fields for one in (field, *all_fields(field.parts))]


# --- the forms themselves ------------------------------------------------------------------------


@each_form
def test_every_form_says_what_it_asks_and_passes_its_own_examples(form: Form) -> None:
    assert form.lint() == ()
    assert [field.name for field in form.fields] == [
        name for section in form.sections for name in section.fields
    ]
    assert (
        read_filled_form(form.text(form.example()).encode(), "x", FORMS).answers == form.example()
    )
    for field in all_fields(form.fields):
        assert field.label
        assert field.help.endswith("."), field.pointer


@each_form
def test_every_example_of_a_form_passes_and_not_only_the_first(form: Form) -> None:
    unconditional = {key: each for key, each in form.schema.items() if key != "allOf"}
    form = replace(form, schema=unconditional)
    for field in form.fields:
        for example in field.examples:
            # An answer that other answers depend on is taken alone: only its own rules matter.
            alone = {p.where for p in form.problems({field.name: example})}
            assert not any(where.startswith(f"/answers{field.pointer}") for where in alone)


@each_form
def test_every_form_asks_who_answered_when_and_how_the_step_ended(form: Form) -> None:
    required = {field.name for field in form.fields if field.required}
    assert "agent" in required
    assert ("started" in required) == (form.step != ANY or form.name == START)
    assert ("ended" in required) == (form.step != ANY)
    assert ("outcome" in required) == (form.step not in (FIRST, ANY))
    assert ("dataset" in required) == (form.step == "submission")


@each_form
def test_a_blank_form_names_all_required_fields_as_unanswered(form: Form) -> None:
    with pytest.raises(BadForm) as caught:
        read_filled_form(form.blank().encode(), "blank", FORMS)

    def needed(fields: tuple[Field, ...]) -> list[Field]:
        here = [field for field in fields if field.required]
        return [
            one
            for field in here
            for one in (needed(field.parts) if field.kind == "group" else [field])
        ]

    expected = [f"/answers{field.pointer}" for field in needed(form.fields)]
    assert [problem.where for problem in caught.value.problems] == expected
    for problem, field in zip(caught.value.problems, needed(form.fields), strict=True):
        assert problem.what == f"{field.label}: not answered yet."
        assert problem.mend


def test_null_means_unanswered_and_is_left_out_of_the_answers() -> None:
    document = filled("review", comment=None)
    document["answers"]["agent"] = {
        "name": "Ada Example",
        "orcid": None,
        "email": "ada@example.org",
        "organisation": {"name": "Example Climate Institute", "ror": None},
    }
    answers = read_filled_form(json.dumps(document).encode(), "x", FORMS).answers
    assert "comment" not in answers
    assert answers["agent"] == {
        "name": "Ada Example",
        "email": "ada@example.org",
        "organisation": {"name": "Example Climate Institute"},
    }


def test_an_answer_is_never_changed() -> None:
    answers = FORMS["cordex"].example()
    before = copy.deepcopy(answers)
    FORMS["cordex"].check(answers)
    assert answers == before


def test_forms_are_loaded_without_what_is_slow_to_load() -> None:
    code = (
        "import sys, pathlib; from provstore.projects.forms import load_forms; "
        f"load_forms(pathlib.Path({str(FOLDER)!r})); print('jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_nothing_is_fetched_from_outside_and_a_reference_to_nowhere_is_refused(
    tmp_path: Path,
) -> None:
    form = json.loads((FOLDER / "review" / "form.json").read_text())
    form["properties"]["agent"]["$ref"] = "https://example.org/elsewhere.json"
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "form.json").write_text(json.dumps(form))
    with pytest.raises(BadInput, match=r"elsewhere\.json"):
        load_forms(tmp_path)["review"]


@pytest.mark.parametrize(
    ("fragment", "means"),
    [
        ("#/$defs/a~1b~0c", "a/b~c"), ("#/$defs/a%20b", "a b"), ("#/$defs/twice", "a b"),
        ("../review/1#/$defs/a%20b", "a b"), ("#/$defs/list/anyOf/1", "the second"),
    ],
)  # fmt: skip
def test_a_reference_is_resolved_as_json_schema_says(
    fragment: str, means: str, tmp_path: Path
) -> None:
    """RFC 3986 finds the file, RFC 6901 the place in it; another library finds the same."""
    form = json.loads((FOLDER / "review" / "form.json").read_text())
    form["$defs"] = {
        "a/b~c": {"means": "a/b~c"}, "a b": {"means": "a b"}, "twice": {"$ref": "#/$defs/a%20b"},
        "list": {"anyOf": [{"means": "the first"}, {"means": "the second"}]},
    }  # fmt: skip
    form["properties"] = {"agent": {"$ref": fragment, "title": "its own"}}
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "form.json").write_text(json.dumps(form))
    read = FormDefinitions(tmp_path).read("review")["properties"]["agent"]
    assert read == {"means": means, "title": "its own"}
    resource = DRAFT202012.create_resource(form)
    resolver = Registry().with_resource(form["$id"], resource).resolver(form["$id"])
    target = resolver.lookup(fragment).contents
    assert resolver.lookup(target.get("$ref", fragment)).contents["means"] == means


@pytest.mark.parametrize(
    "fragment", ["#/$defs/nothing", "#anchor", "#/$defs/list/2", "#/$defs/list/-1", "../other/1"]
)
def test_a_reference_to_nothing_is_refused(fragment: str, tmp_path: Path) -> None:
    form = json.loads((FOLDER / "review" / "form.json").read_text())
    form |= {"$defs": {"list": [{}]}, "properties": {"agent": {"$ref": fragment}}}
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "form.json").write_text(json.dumps(form))
    with pytest.raises(BadInput, match="which does not exist"):
        load_forms(tmp_path)["review"]


def test_a_form_is_read_when_it_is_looked_up_and_only_then(tmp_path: Path) -> None:
    for name in ("review", "transfer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "form.json").write_text("{}")
    (tmp_path / "common.json").write_bytes((FOLDER / "common.json").read_bytes())
    (tmp_path / "transfer" / "form.json").write_bytes(
        (FOLDER / "transfer" / "form.json").read_bytes()
    )
    forms = load_forms(tmp_path)
    assert list(forms) == ["review", "transfer"]
    assert "review" in forms
    assert "common" not in forms
    assert forms["transfer"] is forms["transfer"]
    with pytest.raises(BadInput, match="review"):
        forms["review"]
    with pytest.raises(KeyError):
        forms["common"]


@pytest.mark.parametrize(
    "change",
    [
        {"step": "rest"}, {"order": ["agent"]}, {"title": 1}, {"properties": {}},
        {"properties": {"agent": {"$ref": "#"}}},
    ],
)  # fmt: skip
def test_a_form_file_that_contradicts_itself_is_refused(
    change: Mapping[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "common.json").write_bytes((FOLDER / "common.json").read_bytes())
    form = json.loads((FOLDER / "review" / "form.json").read_text())
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "form.json").write_text(json.dumps(form | change))
    with pytest.raises(BadInput, match="review"):
        load_forms(tmp_path)["review"]


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [("obs-g2", True), ("obs-g17", True), ("obs-g0", False), ("obs-g2x", False), ("g2", False)],
)
def test_no_form_has_a_name_that_ends_like_a_generation(
    tmp_path: Path, name: str, is_refused: bool
) -> None:
    """Its ingests would be called like those of the form `obs` after a restore."""
    shutil.copytree(FOLDER, tmp_path / "forms")
    (tmp_path / "forms" / "generic").rename(tmp_path / "forms" / name)
    if not is_refused:
        assert load_forms(tmp_path / "forms")[name].lint() == ()
        return
    with pytest.raises(BadInput) as refused:
        load_forms(tmp_path / "forms")
    assert "'obs' get after a restore. Give its folder another name." in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "poem"}, "no format 'poem'"),
        ({"pattern": "("}, "cannot be read"),
        ({"type": "txt"}, "comment.type"),
        ({"examples": ["", "x"]}, "Comment: it is empty"),
    ],
)
def test_lint_names_what_is_wrong_with_a_form(
    change: Mapping[str, Any], words: str, tmp_path: Path
) -> None:
    (tmp_path / "common.json").write_bytes((FOLDER / "common.json").read_bytes())
    form = json.loads((FOLDER / "review" / "form.json").read_text())
    form["properties"]["comment"] |= change
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "form.json").write_text(json.dumps(form))
    faults = load_forms(tmp_path)["review"].lint()
    assert any(words in fault for fault in faults), faults


# --- wrong answers -------------------------------------------------------------------------------


def test_three_faults_are_three_problems_in_plain_words() -> None:
    document = filled("transfer", method="globos", started=None)
    document["answers"]["agent"] |= {"email": "x"}
    assert said(refused(document)) == {
        "/answers/agent/email": "E-mail: 'x' is not an e-mail address. Example: ada@example.org.",
        "/answers/started": "Started: not answered yet. When this step began, with time zone. "
        "Example: 2026-03-02T09:00:00Z.",
        "/answers/method": "Method: 'globos' is not one of the choices. "
        "Did you mean 'globus'? Choose one of globus, rsync, sftp, gridftp, "
        "http, s3, swift, synda, medium, other.",
    }


@pytest.mark.parametrize(
    ("form", "answers", "where", "words"),
    [
        ("review", {"outcom": "ok"}, "/answers/outcom", "Did you mean 'outcome'?"),
        ("review", {"Comment": "x"}, "/answers/Comment", "Did you mean 'comment'?"),
        ("review", {"comment": 3}, "/answers/comment", "Comment: expected a text"),
        ("review", {"comment": " \n"}, "/answers/comment", "it is empty"),
        ("review", {"comment": "a\x00b"}, "/answers/comment", "U+0000"),
        ("review", {"comment": "a\x1bb"}, "/answers/comment", "U+001B"),
        ("review", {"findings": []}, "/answers/findings", "at least 1"),
        ("review", {"findings": [None]}, "/answers/findings/0", "not nothing"),
        ("review", {"findings": [{"severity": "note"}]}, "/answers/findings/0/message",
         "Message: not answered yet"),
        ("review", {"agent": "Ada"}, "/answers/agent", "expected a group of answers, not a text"),
        ("review", {"agent": None}, "/answers/agent", "Reviewer: not answered yet"),
        ("review", {"outcome": "OK"}, "/answers/outcome", "Did you mean 'ok'?"),
        ("transfer", {"outcome": "rejected"}, "/answers/outcome", "is not one of the choices"),
        ("transfer", {"files": -1}, "/answers/files", "at least 0"),
        ("transfer", {"files": 3.0}, "/answers/files", "expected a whole number, not a number"),
        ("transfer", {"files": True}, "/answers/files", "not true or false"),
        ("transfer", {"files": "12"}, "/answers/files", "not a text"),
        ("transfer", {"started": "2026-03-02T09:00:00"}, "/answers/started", "no time zone"),
        ("transfer", {"started": "2026-03-02T09:31:00Z"}, "/answers/ended", "is before Started"),
        ("transfer", {"started": "2026-03-02T11:00:00+01:00"}, "/answers/ended", "before"),
        ("quality", {"failed_files": 2000}, "/answers/checked_files", "less than Files that"),
        ("publication", {"version": "20260302"}, "/answers/version",
         "Write the letter v and a date of eight digits, as in v20260302."),
        ("publication", {"version": "v20260302\n"}, "/answers/version", "not in the expected form"),
        ("publication", {"search_url": "javascript:alert(1)"}, "/answers/search_url", "https://"),
        ("cordex", {"domain": "AFR-44"}, "/answers/domain", "the dataset id has 'EUR-11' instead"),
        ("cordex", {"data_path": None}, "/answers/data_path", "Data path: not answered yet"),
        ("cordex", {"frequency": ["day", "mon", "day"]}, "/answers/frequency/2", "same as row 1"),
        ("cordex", {"project": "CORDEX"}, "/answers/project", "Write cordex."),
        ("cordex", {"dataset": 3}, "/answers/dataset", "expected a text, not a whole number"),
        ("cordex", {"dataset": "cordex.AFR-44"}, "/answers/dataset", "is not in the expected form"),
        ("generic", {"title": "x" * 301}, "/answers/title", "at most 300"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_one_problem_at_its_place_in_words(
    form: str, answers: Mapping[str, Any], where: str, words: str
) -> None:
    problems = said(refused(filled(form, **answers)))
    assert list(problems) == [where]
    assert words in problems[where]


def test_a_retraction_needs_no_data_path() -> None:
    document = filled("cordex", submission_type="retraction", data_path=None)
    read_filled_form(json.dumps(document).encode(), "x", FORMS)


def test_an_erratum_can_name_the_dataset_of_the_cordex_example() -> None:
    dataset = FORMS["cordex"].example()["dataset"]
    affected = {"dataset": dataset, "version": "v20260302"}
    FORMS["erratum"].check(FORMS["erratum"].example() | {"affected": [affected]})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("orcid",
         ["https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1694-233X"],
         ["https://orcid.org/0000-0002-1825-0098", "0000-0002-1825-0097",
          "https://orcid.org/0000-0002-1694-2330", "https://orcid.org/0000-0002-1825-0097\n"]),
        ("ror",
         ["https://ror.org/03yrm5c26", "https://ror.org/05dxps055", "https://ror.org/02mhbdp94"],
         ["https://ror.org/03yrm5c27", "https://ror.org/03yrm5d26", "ror.org/03yrm5c26",
          "https://ror.org/03yrm5c2", "https://ror.org/03YRM5C26"]),
        ("email", ["a@b.org", "ada.example+x@sub.example.org", "ü@exämple.org"],
         ["a@b", "a b@c.org", "@b.org", "a@", "a@b..org", "a@-b.org", "a@b.org, c@d.org",
          "a@" + "b" * 300 + ".org"]),
        ("date-time",
         ["2026-03-02T09:30:00Z", "2024-02-29T00:00:00.123456-11:30", "2026-03-02T10:30:00+01:00"],
         ["2026-02-29T00:00:00Z", "2026-03-02 09:30:00Z", "2026-03-02T09:30Z", "2026-03-02",
          "2026-03-02T24:00:00Z", "2026-03-02T09:30:60Z", "0001-01-01T00:00:00+01:00",
          "2026-03-02T09:30:00z", "٢٠٢٦-03-02T09:30:00Z", "2026-03-02T09:30:00"]),
        ("uri", ["https://example.org/a?b=c#d", "https://exämple.org/"],
         ["example.org", "https://a b", "https://a/<script>", "https:", "https://a/\x00"]),
    ],
)  # fmt: skip
def test_each_format_takes_what_is_one_and_nothing_else(
    name: str, good: list[str], bad: list[str]
) -> None:
    fault = module.form_rules.FORMATS[name]
    assert [text for text in good if fault(text)] == []
    assert [text for text in bad if not fault(text)] == []


# --- files that are no filled forms --------------------------------------------------------------


def test_problems_of_the_file_and_of_its_answers_come_together() -> None:
    document = filled("review", outcome="fine") | {"version": "0", "anwsers": {}}
    assert list(said(refused(document))) == ["/anwsers", "/version", "/answers/outcome"]


def test_an_unknown_form_is_answered_with_the_near_ones() -> None:
    (problem,) = refused({"form": "cordx", "version": "1", "answers": {}})
    assert (problem.where, problem.mend) == ("/form", "Did you mean 'cordex'?")


@pytest.mark.parametrize(
    "document",
    [[], "form", 1, None, {}, {"form": 1}, {"form": ["cordex"], "version": "1", "answers": {}},
     {"form": "cordex"}, {"form": "cordex", "version": 1, "answers": {}},
     {"form": "cordex", "version": "1", "answers": []}, {"answers": {"form": "cordex"}}],
)  # fmt: skip
def test_what_has_not_the_shape_of_a_filled_form_is_refused(document: object) -> None:
    assert refused(document)


GOOD = FORMS["review"].text(FORMS["review"].example()).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"", GOOD[:-20], GOOD[: len(GOOD) // 2], b"\x89HDF\r\n\x1a\n" + bytes(1000),
        bytes(range(256)), GOOD.replace(b'"ok"', b"NaN"), b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000, GOOD.replace(b'"1"', b'"1", "version": "1"'),
        GOOD.replace(b"Ada", b"\\ud800"), GOOD.replace(b"Ada", b"\xff"), b'"' + b"x" * 5_000_000,
        b'{"form": "review", "version": "1", "answers": {' +
        b",".join(b'"k%d": 1' % n for n in range(200_000)) + b"}}",
        b'{"form": "review", "version": "1", "answers": {"findings": [' +
        b",".join(b"1" for _ in range(1_000_000)) + b"]}}",
        b'{"form": "cordex", "version": "1", "answers": {"derived_from": [' +
        b",".join(b'1,"a.b.v20260302"' for _ in range(200_000)) + b"]}}",
        b'{"form": "' + b"x" * 4_000_000 + b'", "version": "1", "answers": {}}',
        b'{"form": "cordex", "version": "1", "answers": {"dataset": "cordex.output' +
        b".v" * 2_000_000 + b'"}}',
    ],
    ids=lambda data: repr(data[:24]),
)  # fmt: skip
def test_hostile_bytes_are_refused_at_once(data: bytes) -> None:
    started = time.process_time()
    problems = refused(data)
    assert time.process_time() - started < 5
    assert 1 <= len(problems) <= module.MAX_PROBLEMS
    assert all(len(str(problem)) < 1500 for problem in problems)


@pytest.mark.parametrize(
    "answers",
    [float("nan"), {"agent": {1: 2, "x": 3}}, {1: 2}, {"comment": b"x"}, {"comment": "\ud800"},
     {"comment": {1, 2}}, {"\ud800": 1}, {"transfer": (1, 2)}, {"comment": 10**400}],
)  # fmt: skip
def test_answers_from_python_that_json_cannot_hold_are_refused(answers: object) -> None:
    with pytest.raises(BadForm) as caught:
        FORMS["review"].check(answers)
    str(caught.value).encode()


def test_answers_that_hold_themselves_are_refused() -> None:
    answers: dict[str, Any] = {}
    answers["agent"] = answers
    with pytest.raises(BadForm):
        FORMS["review"].check(answers)


_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_json = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.data())
@examples(200)
def test_whatever_is_answered_check_passes_or_says_why(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(list(FORMS.values())))
    names = st.sampled_from([field.name for field in form.fields])
    changes = data.draw(_json | st.dictionaries(names | st.text(), _json, max_size=5))
    answers = form.example() | changes if isinstance(changes, dict) else changes
    known = {field.name for field in form.fields}
    with suppress(BadForm):
        form.check(answers)
        assert drop_unanswered(answers).keys() <= known
    for problem in form.problems(answers):
        assert problem.where.startswith("/answers")
        assert problem.what.endswith(".")
        str(problem).encode()


def test_a_filled_form_is_told_from_prov_by_its_keys() -> None:
    assert looks_like_form(filled("review"))
    assert looks_like_form({"form": "no such form"})
    for other in ({"prefix": {}, "entity": {}}, {"@graph": []}, [], "form", None, {}):
        assert not looks_like_form(other)


def test_answers_to_an_earlier_version_are_taken_with_a_note_where_the_form_says_so() -> None:
    now = FORMS["review"]
    renamed = {"formerly": {"0": {"remark": "comment"}}}
    forms = {"review": replace(now, schema={**now.schema, **renamed})}
    answers = {**now.example(), "remark": "Fine."}
    del answers["comment"]
    document = {"form": "review", "version": "0", "answers": answers}
    filled = read_filled_form(json.dumps(document).encode(), "x", forms)
    assert filled.answers["comment"] == "Fine."
    assert [note.where for note in filled.notes] == ["/version"]
    with pytest.raises(BadForm):
        read_filled_form(json.dumps(document).encode(), "x", FORMS)


def test_one_answer_of_earlier_is_a_list_of_one_where_several_are_asked_for_today() -> None:
    affected = {"dataset": FORMS["cordex"].example()["dataset"], "version": "v20260302"}
    answers = FORMS["erratum"].example() | {"affected": affected}
    document = {"form": "erratum", "version": "1", "answers": answers}
    filled = read_filled_form(json.dumps(document).encode(), "x", FORMS)
    assert filled.answers["affected"] == [affected]
    assert [note.where for note in filled.notes] == ["/version"]
    with pytest.raises(BadForm):
        read_filled_form(json.dumps({**document, "version": "2"}).encode(), "x", FORMS)


def test_an_answer_is_not_overwritten_when_both_of_its_names_are_there() -> None:
    now = FORMS["review"]
    forms = {
        "review": replace(now, schema={**now.schema, "formerly": {"0": {"remark": "comment"}}})
    }
    answers = {**now.example(), "comment": "One.", "remark": "Another."}
    document = {"form": "review", "version": "0", "answers": answers}
    with pytest.raises(BadForm) as caught:
        read_filled_form(json.dumps(document).encode(), "x", forms)
    assert [problem.where for problem in caught.value.problems] == ["/answers/remark"]
