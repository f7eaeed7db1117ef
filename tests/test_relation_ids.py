"""Relations are named by what they say and where; an identifier stays if it names one thing."""

from hypothesis import given

from provstore.prov.model.bundle import LANG_STRING, Bundle, Element, Relation, Value
from provstore.prov.model.relation_ids import RELATION_IRI, relation_ids
from provstore.prov.model.tables import Tables, chunked_tables, tables_of
from tests.strategies import bundles

EX = "http://example.org/"


def names(bundle: Bundle, tables: Tables | None = None) -> list[str]:
    """The names of all relations, in the order of the tables."""
    return [
        iri for column in relation_ids(bundle.iri, tables or tables_of(bundle)) for iri in column
    ]


@given(bundles)
def test_every_relation_has_an_iri_of_its_own(bundle: Bundle) -> None:
    """Unique in the bundle, no element's and not the bundle's; the same however it is cut."""
    found = names(bundle)
    assert len(set(found)) == len(bundle.relations) == len(found)
    assert not {bundle.iri, *(element.iri for element in bundle.elements)} & set(found)
    assert found == names(bundle, chunked_tables(bundle))


def test_anonymous_relations_are_named_by_bundle_and_content() -> None:
    used = Relation("used", (EX + "a", EX + "e", ""))
    (first,) = names(Bundle(EX + "1", (), (used,)))
    second, third = names(Bundle(EX + "1", (), (used, used._replace(kind="wasStartedBy"))))
    (other,) = names(Bundle(EX + "2", (), (used,)))
    assert first == second  # what else is said in the bundle does not matter
    assert len({first, third, other}) == 3
    assert first.startswith(RELATION_IRI)


def test_names_stay_what_they_were() -> None:
    """Stores hold them: another name for the same statement would be another statement."""
    attributes = ((EX + "k", Value("ä\n'", EX + "t")), (EX + "k", Value("b", LANG_STRING, "de")))
    used = Relation("used", (EX + "a", EX + "e", "2026-04-01T12:00:00Z"), EX + "a", attributes)
    (found,) = names(Bundle(EX + "b", (), (used,)))
    assert found == RELATION_IRI + "cd25743f774b498fb0555122514192a9"


def test_an_identifier_is_kept_only_where_it_names_one_thing() -> None:
    shared = [Relation("used", (EX + "a", EX + end, ""), EX + "u") for end in "ef"]
    alone = Relation("used", (EX + "a", EX + "g", ""), EX + "v")
    bundle = Bundle(EX, (), (*shared, alone))
    assert [iri for iri in names(bundle) if not iri.startswith(RELATION_IRI)] == [EX + "v"]
    beside = Bundle(EX, (Element(EX + "v", ("entity",)),), (alone,))
    assert names(beside)[0].startswith(RELATION_IRI)
