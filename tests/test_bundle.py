"""A bundle is a value: its order is its own, and it names its relations by what they say."""

from hypothesis import given

from provstore.prov.bundle import RELATION_IRI, Bundle, Element, Relation, Value
from tests.strategies import bundles, elements, relations, shuffled

EX = "http://example.org/"


@given(shuffled(elements, 5), shuffled(relations, 5))
def test_the_order_of_statements_says_nothing(
    things: tuple[list[Element], list[Element]], said: tuple[list[Relation], list[Relation]]
) -> None:
    one, other = (
        Bundle(EX, tuple(things[side]), tuple(said[side])) for side in (0, 1)
    )  # fmt: skip
    assert one == other
    assert one.relation_iris() == other.relation_iris()


@given(bundles)
def test_saying_everything_twice_says_nothing_new(bundle: Bundle) -> None:
    twice = Bundle(bundle.iri, bundle.elements * 2, bundle.relations * 2)
    assert bundle == twice
    assert bundle == Bundle(bundle.iri, bundle.elements, bundle.relations)


def test_an_element_described_twice_is_one() -> None:
    """Kinds and attributes unite (PROV-DM 2.2; law 3)."""
    one = Element(EX + "e", ("entity",), ((EX + "k", Value("b")), (EX + "k", Value("a"))))
    two = Element(EX + "e", ("agent",), ((EX + "k", Value("a")),))
    (found,) = Bundle(EX, (one, two)).elements
    assert found == (EX + "e", ("agent", "entity"), one.attributes[::-1])
    assert found.values(EX + "k") == (Value("a"), Value("b"))


def test_prefixes_take_no_part_in_equality() -> None:
    assert Bundle(EX, prefixes={"a": EX}) == Bundle(EX)


@given(bundles)
def test_every_relation_has_an_iri_of_its_own(bundle: Bundle) -> None:
    """Unique in the bundle, no element's and not the bundle's; the same from the same bundle."""
    found = bundle.relation_iris()
    assert len(set(found)) == len(bundle.relations) == len(found)
    assert not {bundle.iri, *(element.iri for element in bundle.elements)} & set(found)
    assert found == Bundle(bundle.iri, bundle.elements, bundle.relations).relation_iris()


def test_anonymous_relations_are_named_by_bundle_and_content() -> None:
    used = Relation("used", (EX + "a", EX + "e", ""))
    (first,) = Bundle(EX + "1", (), (used,)).relation_iris()
    second, third = Bundle(EX + "1", (), (used, used._replace(kind="wasStartedBy"))).relation_iris()
    (other,) = Bundle(EX + "2", (), (used,)).relation_iris()
    assert first == second  # what else is said in the bundle does not matter
    assert len({first, third, other}) == 3
    assert first.startswith(RELATION_IRI)


def test_an_identifier_is_kept_only_where_it_names_one_thing() -> None:
    shared = [Relation("used", (EX + "a", EX + end, ""), EX + "u") for end in "ef"]
    alone = Relation("used", (EX + "a", EX + "g", ""), EX + "v")
    bundle = Bundle(EX, (), (*shared, alone))
    assert [iri for iri in bundle.relation_iris() if not iri.startswith(RELATION_IRI)] == [EX + "v"]
    beside = Bundle(EX, (Element(EX + "v", ("entity",)),), (alone,))
    assert beside.relation_iris()[0].startswith(RELATION_IRI)
