"""What stands in the place of a person: in values, in texts, in whole documents of others."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import (
    DOCUMENT,
    EMAIL,
    IRI,
    NAME,
    ORCID,
    TEXT,
    PersonalValue,
)
from provstore.ingest.redaction_plan import Subject, names_of, replacements, without_terms
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from tests.people import traces_of
from tests.properties import examples

IRIS = IngestIris()
ADA = Subject(
    "3f", 7, ("Ada Example", "ada@example.org", "https://orcid.org/0000-0002-1825-0097"),
    ("http://example.org/people/ada",), frozenset({"other"}),
)  # fmt: skip


def value(text: str, kind: str, person: str = "") -> PersonalValue:
    """A value of an entry."""
    return PersonalValue("r", b"", text, kind, person, "")


def replaced(one: PersonalValue, subject: Subject = ADA) -> str:
    """What stands there after the redaction."""
    texts = [each.text for each in replacements([(1, one)], subject, IRIS)]
    return texts[0] if texts else one.value


@pytest.mark.parametrize(
    ("kind", "text"),
    [(NAME, "redacted person 7"), (EMAIL, "redacted"), (ORCID, "redacted"), (TEXT, "redacted"),
     (IRI, "centre:person/3f")],
)  # fmt: skip
def test_every_value_about_the_person_is_replaced(kind: str, text: str) -> None:
    assert replaced(value("anything", kind, "3f")) == text


@pytest.mark.parametrize(
    "text",
    ["Ada Example", "ADA EXAMPLE", "(Ada Example)", "Example, Ada", "Ada\nExample", "Ada  Example",
     "ada@example.org", "<Ada@Example.org>", "mailto:ada@example.org", "0000-0002-1825-0097",
     "https://orcid.org/0000-0002-1825-0097", "http://example.org/people/ada"],
)  # fmt: skip
def test_a_text_that_names_the_person_does_not_any_more(text: str) -> None:
    found = replaced(value(f"Ask {text}.", TEXT))
    assert "redacted person 7" in found
    assert not [t for t in traces_of("Ada Example", "ada@example.org") if t in found.encode()]
    assert found == replaced(value(found, TEXT))


@pytest.mark.parametrize("text", ["Ada", "Adas Examples", "Canada Examples", "ada@example.organic"])
def test_other_words_stay(text: str) -> None:
    assert replaced(value(text, TEXT)) == text


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("own", ["NFC", "NFD"])
def test_letters_may_be_composed_or_not(own: str, form: str) -> None:
    subject = Subject("3f", 1, (unicodedata.normalize(own, "Östen Ünal"),), ())
    for name in ("Östen Ünal", "ÖSTEN ÜNAL", "Ünal, Östen"):
        text = f"by {unicodedata.normalize(form, name)}!"
        assert without_terms(text, subject) == "by redacted person 1!"


def test_a_namesake_keeps_the_name() -> None:
    """Somebody with an address or ORCID of their own; of others nothing but the name is known."""
    assert replaced(value("Ada Example", NAME, "other")) == "Ada Example"
    assert replaced(value("Ada Example", NAME, "of whom nothing is known")) == "redacted person 7"
    assert replaced(value("Ben with Ada Example", NAME, "other")) == "Ben with redacted person 7"


def test_what_an_earlier_redaction_put_there_names_nobody() -> None:
    values = [value("redacted person 1", NAME), value("redacted", EMAIL), value("Ada", NAME)]
    assert names_of(values) == ("Ada",)


def test_a_text_in_json_is_replaced_as_a_text() -> None:
    """A line break before a name is written with an `n`: the name would be part of a word."""
    kept = json.dumps({"by": ["\nAda Example"], "inner": json.dumps(["\tada@example.org"])})
    found = json.loads(replaced(value(kept, TEXT)))
    assert found["by"] == ["\nredacted person 7"]
    assert json.loads(found["inner"]) == ["\tredacted person 7"]
    other = '{"a":  [1.0, "b"]}'
    assert replaced(value(other, TEXT)) == other


def document(**parts: Any) -> str:
    """A document of others, as the journal has it."""
    prefix = {"ex": "http://example.org/", "p": "http://example.org/people/"}
    (bundle,) = provjson.load(json.dumps({"prefix": prefix, **parts}).encode()).bundles
    return provjson.dump(bundle)


def _typed(text: str, datatype: str) -> dict[str, str]:
    return {"$": text, "type": datatype}


def read(text: str) -> Bundle:
    """The bundle in a document."""
    (bundle,) = provjson.load(text.encode()).bundles
    return bundle


def test_a_document_that_does_not_mention_the_person_stays_as_it_is() -> None:
    text = document(entity={"ex:a": {"prov:label": "Ada"}}, agent={"ex:b": {"ex:mbox": "b@x.org"}})
    assert replaced(value(text, DOCUMENT)) == text


@pytest.mark.parametrize(
    "agent",
    [
        {"p:ada": {"prov:label": "A. E.", "ex:born": "1815"}},
        {"ex:x": {"prov:label": "A. E.", "ex:mbox": "ada@example.org"}},
        {"ex:x": {"ex:nick": "A. E.", "ex:mbox": _typed("mailto:Ada@example.org", "xsd:anyURI")}},
        {"ex:x": {"ex:n": "ada example", "ex:home": _typed("ex:A._E.", "prov:QUALIFIED_NAME")}},
    ],
)
def test_an_agent_who_is_the_person_loses_all_that_is_said_of_them(agent: dict[str, Any]) -> None:
    (name,) = agent
    text = document(
        agent=agent,
        activity={"ex:run": {}},
        wasAssociatedWith={"_:1": {"prov:activity": "ex:run", "prov:agent": name}},
    )
    found = replaced(value(text, DOCUMENT))
    bundle = read(found)
    (person,) = [element for element in bundle.elements if "agent" in element.kinds]
    assert person.iri == IRIS.person("3f")
    assert {one.text for _, one in person.attributes} <= {"redacted person 7", "redacted"}
    assert bundle.relations[0].arguments[1] == person.iri
    assert not any(term in found for term in ("A. E.", "A._E.", "1815", "people/ada"))


def test_two_names_of_the_person_become_one_without_nonsense() -> None:
    """Nobody is a specialization of themselves (PROV-CONSTRAINTS 52)."""
    text = document(
        agent={"p:ada": {}, "ex:x": {"ex:mbox": "ada@example.org"}},
        specializationOf={"_:1": {"prov:specificEntity": "p:ada", "prov:generalEntity": "ex:x"}},
    )
    bundle = read(replaced(value(text, DOCUMENT)))
    assert [element.iri for element in bundle.elements] == [IRIS.person("3f")]
    assert not bundle.relations


def test_an_iri_that_names_the_person_stays_an_iri() -> None:
    text = document(entity={"ex:home/ada@example.org/data": {"prov:label": "by\nAda Example"}})
    (element,) = read(replaced(value(text, DOCUMENT))).elements
    assert element.iri == "http://example.org/home/redacted-person-7/data"
    assert element.attributes[0][1].text == "by\nredacted person 7"


@examples(40)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6),
    st.sampled_from(['"', "\\", "'", "/", "ü", "{", "%"]),
    st.sampled_from(["{}", "by\n{}", '["{}"]', "\\n{}", "{}\t"]),
)
def test_any_name_goes_out_of_any_document(given_name: str, odd: str, around: str) -> None:
    name = f"{given_name.strip() or 'X'}{odd} Example"
    subject = Subject("3f", 7, (name,), ())
    text = document(entity={"ex:a": {"prov:label": f"{around.format(name)}"}})
    found = replaced(value(text, DOCUMENT), subject)
    ((_, label),) = read(found).elements[0].attributes
    if around not in ("\\n{}",):  # there, the name is part of a word
        assert name not in label.text
        assert "redacted person 7" in found
