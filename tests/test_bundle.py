"""A bundle is a value: its order is its own, and all that it says is in order."""

from hypothesis import given

from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from tests.strategies import bundles, elements, relations, shuffled

EX = "http://example.org/"


@given(shuffled(elements, 5), shuffled(relations, 5))
def test_the_order_of_statements_says_nothing(
    things: tuple[list[Element], list[Element]], said: tuple[list[Relation], list[Relation]]
) -> None:
    one, other = (Bundle(EX, tuple(things[side]), tuple(said[side])) for side in (0, 1))
    assert one == other


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
