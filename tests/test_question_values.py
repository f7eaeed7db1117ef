"""Values for the parameters of a question stand in the words, and names are looked up."""

from datetime import UTC, datetime

from provstore.queries.catalogue import Parameter
from provstore.queries.question_values import Candidate, Names, find_values


def names(*hits: Candidate) -> Names:
    def search(words: str, kind: str) -> list[Candidate]:
        return [hit for hit in hits if words in hit.title and kind in ("Person", "Dataset")]

    return Names(["cordex-0001", "cordex-0010"], search, datetime(2026, 3, 20, 12, tzinfo=UTC))


def values(words: str, kind: str, *parameters: str, known: Names | None = None) -> dict[str, str]:
    cards = {name: Parameter(name, kind, "", "") for name in parameters}
    candidates = find_values(words, cards, known or names())
    return {name: " ".join(each.value for each in several) for name, several in candidates.items()}


def test_an_ingest_is_found_whole() -> None:
    assert values("history of Cordex-0010?", "iri", "ingest") == {"ingest": "cordex-0010"}
    assert values("history of cordex-00100", "iri", "ingest") == {}


def test_times_are_taken_in_their_order() -> None:
    assert values("from 2026-02-01 to 2026-03-01T10:00:00Z", "time", "since", "until") == {
        "since": "2026-02-01T00:00:00Z",
        "until": "2026-03-01T10:00:00Z",
    }
    assert values("now", "time", "now") == {"now": "2026-03-20T12:00:00Z"}


def test_a_period_is_a_number_of_days() -> None:
    assert values("for two weeks", "number", "days") == {"days": "14"}
    assert values("more than 30 days", "number", "days") == {"days": "30"}


def test_identifiers_stand_for_themselves() -> None:
    assert values("who made doi:10.5072/x", "iri", "thing") == {"thing": "doi:10.5072/x"}
    uid = "2f6b8a1e-5c3d-4e7f-9a0b-1c2d3e4f5a6b"
    assert values(f"reach of {uid}", "text", "uid") == {"uid": uid}


def test_people_are_looked_up_by_capitals_and_several_are_several() -> None:
    known = names(Candidate("p:1", "Ada Example"), Candidate("p:2", "Ada Other"))
    assert values("work of Ada", "iri", "person", known=known) == {"person": "p:1 p:2"}
    assert values("work of Ada Other", "iri", "person", known=known) == {"person": "p:2"}
    assert values("work of ada", "iri", "person", known=known) == {}
