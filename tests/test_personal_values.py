"""Personal values go out of an entry and come back into it, whatever they are."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.ingest.personal_values import (
    DOCUMENT,
    EMAIL,
    FORMER,
    IRI,
    NAME,
    PERSON,
    PRINCIPAL,
    TEXT,
    Concealer,
    Person,
    PersonalValue,
    commitment,
    is_in_place,
    person_key,
    restore,
)
from provstore.ingest.statements import canonical
from provstore.projects.form_fields import Field
from provstore.projects.forms import load_forms
from provstore.prov.model.bundle import Bundle, Element, Value
from provstore.prov.model.terms import INGEST
from provstore.prov.notations import provjson
from provstore.storage.settings import shipped
from tests.properties import examples

SALTS = [bytes([number]) * 16 for number in range(100)]


def concealer() -> Concealer:
    """One whose salts are known beforehand; people are called by their keys."""
    salts = iter(SALTS)
    return Concealer(
        lambda: next(salts), lambda key, name: Person(key, name or f"{PERSON}{key[:3]}")
    )


HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
REFERENCES = st.sampled_from([commitment(salt, "x") for salt in SALTS[:3]]) | HEX
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.text('"\\\n\t\x00\x1f\u2028😀{}[]bfnu0'),
    st.builds("{1}{0}{2}".format, REFERENCES, *[st.sampled_from(["", "\\", "~\\", "\\^"])] * 2),
    st.builds(f'"{PERSON}~{{}}"'.format, REFERENCES),
    st.builds(json.dumps, st.text()),
)


@examples(80)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.integers(1, 4))
def test_a_value_comes_back_at_every_depth_of_json(texts: list[str], depth: int) -> None:
    taking = concealer()
    inner, expected = [taking.conceal(text, TEXT) for text in texts], list(texts)
    concealed: Any = inner
    whole: Any = expected
    for _ in range(depth):
        concealed = {"kept": json.dumps(concealed, ensure_ascii=False)}
        whole = {"kept": json.dumps(whole, ensure_ascii=False)}
    text = json.dumps(concealed, ensure_ascii=False)
    assert json.loads(restore(text, taking.values)) == whole


@examples(60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_bundle_comes_back_beside_texts_that_look_like_references(texts: list[str]) -> None:
    """What nobody concealed stays as it is, even with a mark or a reference in it."""
    taking = concealer()
    facts = [(f"{INGEST}f{n}", Value(text)) for n, text in enumerate(texts)]
    before = Bundle(
        "http://example.org/b", (Element("http://example.org/e", ("entity",), tuple(facts)),)
    )
    hidden = tuple(
        (key, value._replace(text=taking.conceal(value.text, TEXT)) if n % 2 else value)
        for n, (key, value) in enumerate(facts)
    )
    written = provjson.dump(
        Bundle(before.iri, (Element("http://example.org/e", ("entity",), hidden),))
    )
    references = {value.reference for value in taking.values}
    if not any(reference in text for reference in references for text in texts):
        (after,) = provjson.load(restore(written, taking.values).encode()).bundles
        assert after == before


def test_a_value_that_looks_like_a_reference_shows_no_other_value() -> None:
    """Whoever calls themselves like a reference must not be shown somebody's address."""
    taking = concealer()
    hidden = taking.conceal("ada@example.org", EMAIL)
    text = json.dumps([hidden, taking.conceal(hidden, NAME)])
    for values in (taking.values, taking.values[::-1]):
        assert json.loads(restore(text, values)) == ["ada@example.org", hidden]


def test_a_whole_document_comes_back_as_it_was() -> None:
    taking = concealer()
    document = '{"entity": {"ex:a": {"prov:label": "\\\\' + "0" * 64 + '\\\\"}}}'
    content = taking.document(document) + taking.former("the fingerprint of format 1", "its chain")
    assert restore(content, taking.values) == document


def test_two_references_to_one_person_are_one_element() -> None:
    """Somebody may amend their own data, and two people may turn out to be one."""
    first, second = (commitment(salt, "x") for salt in SALTS[:2])
    document = {
        "prefix": {"centre": "http://example.org/"},
        "agent": {
            f"{PERSON}~{first}": {"prov:label": "Ada"},
            f"{PERSON}~{second}": {"prov:label": "Ada Example"},
        },
    }
    values = [
        PersonalValue(each, salt, f"{PERSON}1", IRI, "1", "")
        for each, salt in zip((first, second), SALTS, strict=False)
    ]
    (bundle,) = provjson.load(restore(json.dumps(document), values).encode()).bundles
    (element,) = bundle.elements
    assert element.iri == "http://example.org/person/1"
    assert {value.text for _, value in element.attributes} == {"Ada", "Ada Example"}


def test_a_value_is_of_the_kind_that_stands_at_its_place() -> None:
    taking = concealer()
    texts = {TEXT: taking.conceal("a", TEXT), DOCUMENT: taking.document("b")}
    one, two = taking.values
    assert is_in_place(one, json.dumps(texts[TEXT]), "")
    assert is_in_place(two, texts[DOCUMENT], "")
    assert not is_in_place(one._replace(kind=FORMER), json.dumps(texts[TEXT]), "")
    assert not is_in_place(one, json.dumps(texts[TEXT]), one.reference)
    assert is_in_place(one._replace(kind=PRINCIPAL), "{}", one.reference)
    assert not is_in_place(one._replace(kind=PRINCIPAL), json.dumps(texts[TEXT]), "")


def test_a_reference_is_no_hash_of_the_value_alone() -> None:
    assert commitment(SALTS[0], "Ada") != commitment(SALTS[1], "Ada")
    assert commitment(b"", "Ada") == sha256(b"Ada").hexdigest()


@pytest.mark.parametrize(
    ("name", "email"),
    [(" ada  example", "ADA@example.org "), ("Ada-Example", "ada@example.org"),
     ("\uff21da Example", "ada@EXAMPLE.org")],
)  # fmt: skip
def test_spelling_does_not_make_another_person(name: str, email: str) -> None:
    assert person_key(name, email, "") == person_key("Ada Example", "ada@example.org", "")


def test_people_are_told_apart_by_orcid_or_by_name_and_address_together() -> None:
    keys = [
        person_key("Ada Example", "team@example.org", ""),
        person_key("Ben Test", "team@example.org", ""),
        person_key("Ada Example", "ada@example.org", ""),
        person_key("Ada Example", "ada@example.org", "https://orcid.org/0000-0002-1825-0097"),
        person_key("李雷", "team@example.org", ""),
        person_key("韩梅", "team@example.org", ""),
    ]
    assert len({*keys}) == len(keys)
    assert keys[3] == person_key("A. E.", "x@example.org", "https://orcid.org/0000-0002-1825-0097")


FORMS = load_forms(shipped("forms"))


def personal_texts(fields: Iterable[Field], answers: Any) -> Iterator[str]:
    """The answers to personal fields, at any depth."""
    for field in fields:
        answer = answers.get(field.name) if isinstance(answers, dict) else answers
        for one in answer if isinstance(answer, list) else [answer]:
            if isinstance(one, dict):
                yield from personal_texts(field.parts[0].parts or field.parts, one)
            elif isinstance(one, str) and (field.personal or _of_list(field)):
                yield one


def _of_list(field: Field) -> bool:
    return field.kind == "list" and bool(field.parts[0].personal)


@pytest.mark.parametrize("name", FORMS)
def test_answers_to_every_form_come_back_and_nothing_personal_stays(name: str) -> None:
    form, taking = FORMS[name], concealer()
    answers = form.example()
    hidden = taking.answers(form.fields, answers)
    text = canonical({"answers": canonical(hidden)})
    assert json.loads(json.loads(restore(text, taking.values))["answers"]) == answers
    texts = [*personal_texts(form.fields, answers)]
    assert texts or "agent" not in answers
    assert not [personal for personal in texts if json.dumps(personal, ensure_ascii=False) in text]
    assert sorted(texts) == sorted(value.value for value in taking.values)


def test_files_of_tools_are_concealed_once() -> None:
    """A description may be an answer and a value of a file: it is one value."""
    taking = concealer()
    answer = taking.conceal("Ask Ada Example.", TEXT)
    element = Element(
        "http://example.org/e",
        ("entity",),
        (
            (INGEST + "description", Value(answer)),
            (INGEST + "citation", Value("Example, A. (2026)")),
        ),
    )
    bundle = taking.statements(Bundle("http://example.org/b", (element,)))
    written = provjson.dump(bundle)
    assert "Example, A." not in written
    restored = restore(written, taking.values)
    (after,) = provjson.load(restored.encode()).bundles
    assert {value.text for _, value in after.elements[0].attributes} == {
        "Ask Ada Example.", "Example, A. (2026)",
    }  # fmt: skip
