"""Law 5 in SHACL: every record has the shape that we promise, and a broken one has not."""

import pytest
import rdflib
from pyshacl import validate

from provstore.ingest.names import Names
from provstore.ingest.record import record
from provstore.prov.notations import write
from provstore.settings import shipped
from tests.reports import WHOLE, life


def parsed(name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(str(shipped("ontologies").joinpath(name)), format="turtle")


@pytest.fixture(scope="module")
def records() -> str:
    """A whole life as one graph, in N-Triples."""
    reports = life(*WHOLE)
    bundles = [record(one, reports[:index], Names()) for index, one in enumerate(reports)]
    return "".join(write(bundles, "ntriples"))


def holds(text: str) -> tuple[bool, str]:
    data = rdflib.Graph().parse(data=text, format="nt")
    conforms, _, words = validate(
        data, shacl_graph=parsed("shapes.ttl"), ont_graph=parsed("ingest.ttl")
    )
    return bool(conforms), str(words)


def test_every_record_has_its_shape(records: str) -> None:
    conforms, words = holds(records)
    assert conforms, words


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ("prov#wasAttributedTo", "attributed to the one person"),
        ("prov#hadMember", "member of exactly one ingest"),
        ("prov#wasAssociatedWith", "Somebody does every run"),
        ("prov#hadRole", "has a role in a run"),
        ("prov#startedAtTime", "starts once"),
        ("ns#answers", "as they were given"),
    ],
)
def test_a_record_that_lacks_something_has_not(records: str, lost: str, words: str) -> None:
    lines = [line for line in records.splitlines() if lost + ">" not in line]
    conforms, said = holds("\n".join(lines))
    assert not conforms
    assert words in said
