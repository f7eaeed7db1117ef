"""A report as a journal of format 1 had it can have another edition with another name."""

import json

from provstore.ingest.former_report import Named, Naming, people_in, with_names
from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.terms import INGEST, LABEL
from provstore.prov.notations import provjson

BASE = "https://provstore.example/"
FORMER, NOW = f"{BASE}person/ada-example-1", "https://orcid.org/0000-0002-1825-0097"
ANSWERS = {
    "agent": {"name": "Ada Example", "email": "ada@example.org", "organisation": {"name": "Ada"}},
    "comment": "Ada Example knows.",
    "contacts": [{"name": "Ada Example", "email": "other@example.org"}],
}
REPORT = Bundle(
    f"{BASE}b",
    (
        Element(FORMER, ("agent",), ((LABEL, Value("Ada Example")), (INGEST + "q", Value("x")))),
        Element(
            f"{BASE}r",
            ("entity",),
            (
                (INGEST + "answers", Value(json.dumps(ANSWERS))),
                (INGEST + "by", Value(FORMER, IRI)),
                (LABEL, Value("Ada Example")),
            ),
        ),
    ),
    (Relation("wasAttributedTo", (f"{BASE}r", FORMER)),),
    {"centre": BASE, "ingest": INGEST},
)
NAMING = Naming(
    {Named("Ada Example", "ada@example.org"): Named("Ada Sample", "a@example.org", NOW)},
    {FORMER},
    NOW,
    "Ada Sample",
)


def test_answers_name_people_by_an_address_or_an_orcid() -> None:
    assert [*people_in(ANSWERS)] == [
        Named("Ada Example", "ada@example.org"),
        Named("Ada Example", "other@example.org"),
    ]


def test_another_edition_has_the_present_name_and_nothing_else_changes() -> None:
    """Not the namesake, not a free text, no label of anything but the person."""
    (edition,) = provjson.load(with_names(provjson.dump(REPORT), NAMING).encode()).bundles
    agent, report = edition.elements
    assert (agent.iri, agent.attributes) == (
        NOW, ((LABEL, Value("Ada Sample")), (INGEST + "q", Value("x"))),
    )  # fmt: skip
    (answers,) = report.values(INGEST + "answers")
    expected = json.loads(json.dumps(ANSWERS))
    expected["agent"] |= {"name": "Ada Sample", "email": "a@example.org"}
    assert json.loads(answers.text) == expected
    assert [value.text for value in report.values(INGEST + "by")] == [NOW]
    assert [value.text for value in report.values(LABEL)] == ["Ada Example"]
    assert [relation.arguments for relation in edition.relations] == [(f"{BASE}r", NOW)]


def test_a_report_about_others_is_the_same_text() -> None:
    text = provjson.dump(REPORT)
    others = Naming({Named("Eve", "eve@example.org"): Named("Eva")}, {f"{BASE}e"}, NOW, "Eva")
    assert with_names(text, others) is text
