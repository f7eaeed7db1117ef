"""What people find by words: everything that was said, the best first, whatever they type."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain, permutations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

import provstore
from provstore.cli import app
from provstore.cli.example_deliveries import hand_in, read_deliveries
from provstore.errors import BadParameter, ViewUnavailable
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.terms import INGEST, LABEL, NAMESPACES, RDF, TYPE, XSD
from provstore.prov.notations import provjson
from provstore.results.search_results import SearchResult
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from provstore.views.search import SearchView, search_query, search_view
from provstore.views.search.search_words import (
    MOST_CHARACTERS,
    Term,
    parse_search,
    split_words,
    word_places,
)
from tests.properties import examples
from tests.strategies import bundles, shuffled, texts

EX = "http://example.org/"
START = (0, "")
DRS = "CMIP6.CMIP.MPI-M.MPI-ESM1-2-LR.historical.r1i1p1f1.Amon.tas.gn.v20190710"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture
def view(tmp_path: Path) -> Iterator[SearchView]:
    held = SearchView(tmp_path / "search.sqlite", NAMESPACES)
    yield held
    held.close()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """The store of the example deliveries; no engine is started for it."""
    with provstore.init(tmp_path_factory.mktemp("story") / "store") as store:
        for name, source in read_deliveries(shipped("queries").joinpath("example")):
            hand_in(store, name, source)
        yield store


def thing(name: str, label: str = "", cls: str = "", **said: str) -> Element:
    """A thing with a label, a type and texts in our vocabulary."""
    pairs = [(INGEST + key, Value(text)) for key, text in said.items()]
    pairs += [(LABEL, Value(label))] if label else []
    pairs += [(TYPE, Value(INGEST + cls, IRI))] if cls else []
    return Element(EX + name, ("entity",), tuple(pairs))


def load(view: SearchView, *several: Bundle) -> None:
    """One bundle after the other, each in a transaction of its own."""
    for one in several:
        position, seal = view.position()
        view.load([one], (position, seal), (position + 1, f"seal {position + 1}"))


def held(view: SearchView, *things: Element) -> None:
    """A view that holds these things and no others."""
    view.clear()
    load(view, Bundle(EX + "bundle", things))


def names(found: SearchResult) -> list[str]:
    return [hit.iri.removeprefix(EX) for hit in found.hits]


def everything(view: SearchView) -> tuple[object, ...]:
    """All that the file holds, but for its own numbers."""
    with view._connections.reading() as db:
        said = "SELECT id, iri, bundles, home, types, texts, content FROM thing "
        said += "JOIN said ON said.number = said JOIN facets ON facets.number = facets ORDER BY id"
        where = "SELECT term, doc, col, offset FROM vocabulary ORDER BY 1, 2, 3, 4"
        size = "SELECT things, characters FROM mark"
        return tuple(db.execute(one).fetchall() for one in (said, where, size))


# ------------------------------------------------------------------------------------ laws


@examples(25)
@given(shuffled(bundles, 4), st.data())
def test_any_order_and_any_parting_give_the_same_index(
    orders: tuple[list[Bundle], list[Bundle]], data: st.DataObject
) -> None:
    """Also when a bundle comes twice, and when each comes in a transaction of its own."""
    named: dict[int, Bundle] = {}
    for number, one in enumerate(orders[0]):
        named[id(one)] = Bundle(f"{EX}bundle/{number}", one.elements, one.relations)
    seen = []
    for order in orders:
        renamed = [named[id(one)] for one in order]
        cut = data.draw(st.integers(0, len(renamed)))
        with TemporaryDirectory() as place:
            view = SearchView(Path(place) / "search.sqlite", NAMESPACES)
            view.load(renamed[:cut], START, (1, "one"))
            view.load(renamed[cut:], (1, "one"), (2, "two"))
            seen.append(everything(view))
            view.close()
    assert seen[0] == seen[1]


def test_also_what_changes_no_word_is_the_same_in_any_order(view: SearchView) -> None:
    """A text without words, an attribute of another name, a type that differs by its case."""
    some = [
        Bundle(EX + "1", (thing("it", cls="File", comment="..."),)),
        Bundle(EX + "2", (thing("it", cls="file", remark="..."),)),
        Bundle(EX + "3", (thing("it", cls="file"),)),
    ]
    seen = []
    for order in permutations(some):
        view.clear()
        load(view, *order)
        seen.append(everything(view))
    assert all(one == seen[0] for one in seen)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchView]:
    """A view for examples of Hypothesis: whoever uses it empties it."""
    held = SearchView(tmp_path_factory.mktemp("shelf") / "search.sqlite", NAMESPACES)
    yield held
    held.close()


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.lists(
    st.sampled_from(['"', "*", "NEAR", "(", ")", "AND", "OR", "NOT", "-", "^", ":", "{head}", "+",
                     "a", "'", ";", "\0", "\n", " ", "¶", "¤", "é", "漢", "%", "_", "<b>", "\\"])
).map("".join)  # fmt: skip


@given(anything)
@example('"')
@example('NEAR("a" b, 10)')
@example("facets : x")
@example("a* b*")
@example("e\u0301 \u0301 \u3099")
def test_whatever_was_said_is_found_by_saying_it_again(shelf: SearchView, text: str) -> None:
    """Any text at all: it is never an error, and never a language of queries."""
    held(shelf, thing("it", comment=text), thing("other", comment="something else"))
    found = shelf.search(text)
    assert ("it" in names(found)) == bool(parse_search(text)[0] or not text.strip())
    for hit in found.hits:
        assert "".join(piece for piece, _ in hit.pieces()) == hit.match
        assert all(split_words(piece) for piece, sought in hit.pieces() if sought)


@given(anything, anything)
def test_all_words_must_be_there_and_nothing_else_counts(
    shelf: SearchView, said: str, sought: str
) -> None:
    """Each word, or one that begins so where nothing holds it, must be in a text of the thing."""
    held(shelf, thing("it", comment=said))
    terms, _ = parse_search(sought)
    lines = [f" {' '.join(split_words(text))} " for text in (said, "example.org/it")]

    def holds(term: Term) -> bool:
        end = "" if len(term.words[-1]) > 1 else " "
        return any(f" {' '.join(term.words)}{end}" in line for line in lines)

    asked_for_something = bool(terms) or not sought.strip()
    all_there = all(holds(term) for term in terms)
    assert bool(shelf.search(sought).total) == (asked_for_something and all_there)


@given(texts | anything)
def test_the_places_of_words_are_where_the_words_are(text: str) -> None:
    found = list(word_places(text))
    assert [word for word, _, _ in found] == split_words(text)
    ends = [0, *(end for _, _, end in found)]
    assert all(end <= start < stop for end, (_, start, stop) in zip(ends, found, strict=False))
    assert all(split_words(text[start:stop]) == [word] for word, start, stop in found)


# ------------------------------------------------------------------------ what a word is


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        (DRS, DRS),
        (DRS, "MPI-ESM1-2-LR"),
        (DRS, "mpi esm1"),
        (DRS, "v20190710"),
        (f"hdl:21.14100/{'a' * 8}-1111-2222-3333-{'b' * 12}", f"21.14100/{'a' * 8}-1111"),
        (f"hdl:21.14100/{'a' * 8}-1111-2222-3333-{'b' * 12}", "b" * 12),
        (SHA256, SHA256),
        (SHA256, SHA256[:8] + "*"),
        (SHA256, SHA256[:8]),
        (f"1220{SHA256}", f"1220{SHA256}".upper()),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("ada.lovelace@data.example.org", "ada.lovelace@data.example.org"),
        ("ada.lovelace@data.example.org", "lovelace"),
        ("tas_Amon_MPI-ESM1-2-LR_historical_r1i1p1f1_gn_185001-186912.nc", "185001-186912"),
        ("tas_Amon_MPI-ESM1-2-LR_historical_r1i1p1f1_gn_185001-186912.nc", "tas amon .nc"),
        ("Zürich, café", "zurich CAFE\u0301"),
        ("Straße", "STRASSE"),
        ("東京大学の気候データ", "大学"),
        ("ＣＭＩＰ６", "cmip6"),  # noqa: RUF001
        ("температура воздуха", "ТЕМПЕРАТУРА"),
        ("हिन्दी में", "हिन्दी"),
        ("units are wrong in file 3", '"wrong in file"'),
        ("units are wrong in file 3", "wro* uni*"),
        ("units are wrong in file 3", "wron"),
    ],
)
def test_identifiers_and_words_are_found_whole_and_by_their_parts(
    view: SearchView, said: str, sought: str
) -> None:
    held(view, thing("it", comment=said), thing("other", comment="nothing of this kind"))
    assert names(view.search(sought)) == ["it"]


@pytest.mark.parametrize("sought", ['"file in wrong"', '"are wrong file"', "wrong files", "nits*"])
def test_what_stands_in_another_order_or_is_not_there_is_not_found(
    view: SearchView, sought: str
) -> None:
    held(view, thing("it", comment="units are wrong in file 3", note="file"))
    assert view.search(sought).total == 0


def test_a_phrase_does_not_reach_from_one_text_into_the_next(view: SearchView) -> None:
    held(view, thing("it", comment="one two", remark="three four"))
    assert view.search('"one two"').total == 1
    assert view.search('"two three"').total == view.search('"four one"').total == 0


def test_a_thing_is_found_by_its_iri_and_by_the_end_of_it(view: SearchView) -> None:
    held(view, thing("run/7"), Element(f"{IngestIris().base}ingest/cordex-0001", ("entity",)))
    assert names(view.search(f"{EX}run/7")) == ["run/7"]
    assert view.search("run 7").hits[0].iri == f"{EX}run/7"
    assert view.search("cordex-0001").total == 1


def test_what_only_a_relation_names_is_found_too(view: SearchView) -> None:
    derived = Relation(
        "wasDerivedFrom",
        (EX + "late", EX + "early", "", "", ""),
        "",
        ((EX + "why", Value("interpolated to a regular grid")),),
    )
    view.load([Bundle(EX + "b", (), (derived,))], START, (1, "x"))
    assert names(view.search("early")) == ["early"]
    (hit,) = view.search("interpolated").hits
    assert (hit.iri, hit.kind, hit.bundle) == (EX + "late", "Entity", EX + "b")


def test_numbers_and_times_are_no_words_but_answers_in_answers_are(view: SearchView) -> None:
    answers = json.dumps({"agent": {"name": "Ada Lovelace"}, "findings": [{"message": "a gap"}]})
    pairs = (
        (INGEST + "answers", Value(answers, RDF + "JSON")),
        (INGEST + "bytes", Value("123456", XSD + "integer")),
        (INGEST + "at", Value("2026-03-02T09:00:00Z", XSD + "dateTime")),
    )
    held(view, Element(EX + "it", ("entity",), pairs))
    assert [hit.where for hit in view.search("lovelace").hits] == ["agent_name"]
    assert [hit.where for hit in view.search("gap").hits] == ["findings_message"]
    assert view.search("123456").total == view.search("2026").total == 0


# ------------------------------------------------------------------------------- the order


def test_what_is_called_so_comes_first_then_titles_then_comments(view: SearchView) -> None:
    held(
        view,
        thing("d", "pressure", comment="see the humidity for temperature"),
        thing("c", "report on temperature and much else besides", comment="long"),
        thing("b", "temperature of air"),
        thing("a", "temperature"),
    )
    assert names(view.search("temperature")) == ["a", "b", "c", "d"]


def test_what_fits_alike_is_in_the_order_of_iris(view: SearchView) -> None:
    held(view, *(thing(f"{number:02}", "the same") for number in (3, 1, 2)))
    assert names(view.search("same")) == ["01", "02", "03"]


def test_the_matching_part_of_a_long_text_is_shown_with_its_marks(view: SearchView) -> None:
    text = "blank " * 100 + "the Needle is here " + "blank " * 100
    held(view, thing("it", "a haystack", comment=text))
    (hit,) = view.search("needle here").hits
    assert hit.where == "comment"
    assert [piece for piece, sought in hit.pieces() if sought] == ["Needle", "here"]
    assert len(hit.match) < 300
    assert hit.match.startswith("… ")
    assert hit.match.endswith(" …")


def test_a_thing_of_many_bundles_is_one_hit_told_first_where_its_ingest_begins(
    story: ProvStore,
) -> None:
    found = story.search("cordex-0001")
    hit = found.hits[0]
    assert (hit.kind, hit.title, hit.ingest, hit.step) == (
        "Ingest",
        "cordex-0001",
        "cordex-0001",
        "submission",
    )
    assert hit.bundle == story.names.bundle("cordex-0001", "submission", 1)
    assert hit.bundles == len(story.reports("cordex-0001"))
    assert {"quality", "archival"} < set(hit.steps)
    assert hit.projects == ("cordex",)
    assert len({one.iri for one in story.search("", limit=1000).hits}) == story.search("").total


# ------------------------------------------------------------------------ facets and limits


@pytest.mark.parametrize("words_", ["", "cordex", "units", "ada example"])
def test_a_facet_counts_what_narrowing_by_it_finds(story: ProvStore, words_: str) -> None:
    found = story.search(words_)
    assert sum(found.facets["kind"].values()) == found.total > 0
    for name, counts in found.facets.items():
        for value, many in counts.items():
            narrowed = story.search(words_, **{name: value}, limit=1000)
            assert narrowed.total == many == len(narrowed)
            held_ = {
                "kind": lambda hit: (hit.kind,),
                "step": lambda hit: hit.steps,
                "project": lambda hit: hit.projects,
            }[name]
            assert all(value in held_(hit) for hit in narrowed.hits)


def test_of_too_much_the_number_is_estimated_and_said_to_be(
    view: SearchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is called exactly so is first all the same, and the order of loading is not seen."""
    monkeypatch.setattr(search_query, "COUNTED", 400)
    monkeypatch.setattr(search_query, "RANKED", 50)
    things = [thing(f"{n}", f"common {n}", "File" if n % 4 else "Finding") for n in range(4000)]
    things.append(thing("zzz", "common"))
    seen = []
    for order in (1, 2):
        Random(order).shuffle(things)
        view.clear()
        load(view, *(Bundle(f"{EX}b{n}", tuple(things[n::3])) for n in range(3)))
        seen.append(view.search("common", limit=30))
    found = seen[0]
    assert [hit.iri for hit in seen[1].hits] == [hit.iri for hit in found.hits]
    assert (seen[1].total, seen[1].facets) == (found.total, found.facets)
    assert found.hits[0].iri == EX + "zzz"
    assert (found.counted, found.cut, found.ranked) == (False, True, 50)
    assert found.total == pytest.approx(4001, rel=0.2)
    assert found.facets["kind"]["File"] == pytest.approx(3000, rel=0.2)
    assert any("about" in remark for remark in found.remarks())


def test_no_more_hits_than_wanted_and_at_least_one(view: SearchView) -> None:
    held(view, *(thing(f"{number}", "the same") for number in range(9)))
    found = view.search("same", limit=4)
    assert (len(found), found.total, found.cut) == (4, 9, True)
    with pytest.raises(BadParameter, match="at least 1"):
        view.search("same", limit=0)


def test_a_long_text_is_looked_for_as_far_as_it_is_read(view: SearchView) -> None:
    held(view, thing("it", comment="needle " * 10))
    found = view.search("needle " * 20_000)
    assert names(found) == ["it"]
    assert "long" in found.remarks()[0]
    assert view.search("x" * 100_000).total == 0
    assert view.search('"' * 100_001).total == 0
    assert view.search("a-" * 50_000).total == 0


def test_a_very_long_text_is_found_by_its_beginning(view: SearchView) -> None:
    held(view, thing("it", comment=f"first {'blank ' * 40_000} last"))
    assert view.search("first blank").total == 1
    assert view.search("last").total == 0
    assert MOST_CHARACTERS < 10_000


def test_a_hub_of_many_texts_does_not_grow_without_end(view: SearchView) -> None:
    """A thing that each bundle says something new of: the same of it is kept in any order."""
    said = [thing("hub", comment=f"{n:03} {'x' * 5000}") for n in range(60)]
    seen = []
    for order in (said, said[::-1]):
        view.clear()
        load(view, *(Bundle(f"{EX}{one.attributes[0][1].text[:3]}", (one,)) for one in order))
        seen.append(everything(view))
    assert seen[0] == seen[1]
    assert view.search("000").total == 1
    assert view.search("059").total == 0


# ------------------------------------------------------------------------- nothing is found


@pytest.mark.parametrize(
    ("sought", "only", "said"),
    [
        ("qualty", {}, "Did you mean 'quality'?"),
        ("qualty", {}, "Nothing contains 'qualty'."),
        ("quality zzzz", {}, "Nothing contains 'zzzz'."),
        ("archival retraction", {}, "nothing contains all of them"),
        ("quality", {"kind": "Findung"}, "Known: Finding."),
        ("archival", {"kind": "Person"}, "none with the kind 'Person'"),
        ("...", {}, "The search contains no words."),
    ],
)
def test_who_finds_nothing_is_told_why(
    story: ProvStore, sought: str, only: Mapping[str, str], said: str
) -> None:
    found = story.search(sought, **only)
    assert (found.total, found.hits, found.facets) == (0, (), {})
    assert any(said in remark for remark in found.remarks()), found.remarks()


def test_a_word_that_nothing_holds_may_go_on_and_that_is_said(view: SearchView) -> None:
    held(view, thing("it", "temperature"))
    found = view.search("temper")
    assert names(found) == ["it"]
    assert "longer words" in found.remarks()[0]
    assert view.search("temperature").remarks() == []


def test_a_beginning_of_too_many_words_is_said_to_be(view: SearchView) -> None:
    held(view, *(thing(f"{n}", f"ab{n:03}") for n in range(200)))
    found = view.search("ab*")
    assert found.total == search_query.PREFIX_WORDS
    assert any("begin with 'ab'" in note for note in found.remarks())


# ------------------------------------------------------------------------------- the file


def _spoil(path: Path) -> None:
    path.write_bytes(b"this is no database " * 1000)


def _newer(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=99")
    db.close()


def _another(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE something (x)")
    db.close()


def _hole(path: Path) -> None:
    """All pages but the first are overwritten, as a failing disk may do it."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


@pytest.mark.parametrize("damage", [_spoil, _newer, _another, _hole])
def test_a_damaged_file_is_said_to_be_and_made_anew(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with provstore.init(tmp_path / "store") as store:
        store.import_document(_document("temperature"))
        assert store.search("temperature").total == 1
    damage(tmp_path / "store" / "search.sqlite")
    with provstore.open(tmp_path / "store") as store:
        with pytest.raises(ViewUnavailable, match="provstore rebuild search"):
            store.search("temperature")
        assert store.status().views[-1].state == "down"
        assert store.import_document(_document("pressure")).bundles[0].new
        assert store.rebuild("search") == ["search"]
        assert store.search("temperature").total == store.search("pressure").total == 1


def _document(label: str) -> bytes:
    said = {"prefix": {"ex": EX}, "entity": {f"ex:{label}-1": {"prov:label": label}}}
    return json.dumps(said).encode()


def test_a_file_that_is_gone_is_made_again(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store:
        store.import_document(_document("temperature"))
        before = store.search("temperature")
    for file in (tmp_path / "store").glob("search.sqlite*"):
        file.unlink()
    with provstore.open(tmp_path / "store") as store:
        assert store.search("temperature") == before


def test_many_threads_search_while_others_write(tmp_path: Path) -> None:
    """Each sees whole bundles only, and everything that was there when it began."""
    with provstore.init(tmp_path / "store") as store:
        faults: list[object] = []

        def search() -> None:
            try:
                for _ in range(10):
                    least = store.position().position
                    found = store.search("the same", limit=100)
                    if found.total < least or found.total != len(found):
                        faults.append((least, found.total))
            except Exception as error:  # what went wrong in a thread is shown by the test
                faults.append(error)

        def write(first: int) -> None:
            for number in range(first, first + 5):
                store.import_document(_document(f"the same {number}"))

        threads = [threading.Thread(target=search) for _ in range(6)]
        threads += [threading.Thread(target=write, args=(100 * one,)) for one in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert faults == []
        assert store.search("the same").total == 10
        assert len(store._index._connections._idle) <= 6


def test_two_who_load_the_same_at_once_load_it_once(tmp_path: Path) -> None:
    one, other = (SearchView(tmp_path / "search.sqlite", NAMESPACES) for _ in range(2))
    some = [Bundle(f"{EX}{n}", (thing("it", "same", note=f"{n}"),)) for n in range(50)]
    loading = [
        threading.Thread(target=view.load, args=(some, START, (50, "end"))) for view in (one, other)
    ]
    for thread in loading:
        thread.start()
    for thread in loading:
        thread.join()
    assert one.position() == other.position() == (50, "end")
    assert other.search("same").hits[0].bundles == 50
    one.clear()
    assert other.position() == START
    assert other.search("same").total == 0
    for view in (one, other):
        view.close()


def test_two_things_of_one_hash_stay_two(view: SearchView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_view, "ID_BITS", 2)
    load(view, *(Bundle(f"{EX}b{n % 3}{n}", (thing(f"{n % 9}", f"t{n % 9}"),)) for n in range(27)))
    assert sorted(names(view.search(""))) == [f"{n}" for n in range(9)]
    assert {hit.bundles for hit in view.search("").hits} == {3}
    assert names(view.search("t7")) == ["7"]


# ------------------------------------------------------------- how it looks, real documents


HOSTILE = "<script>alert('&')</script><b onmouseover=\"x\">"


def test_no_text_of_a_store_becomes_markup(view: SearchView) -> None:
    held(view, thing("it", HOSTILE, comment=f"{HOSTILE} needle"))
    for sought in ("script", "needle", "nedle", HOSTILE):
        page = view.search(sought)._repr_html_() + view.search(sought).answer()._repr_html_()
        assert "<script" not in page
        assert "<b on" not in page
    assert "<mark>script</mark>" in view.search("script")._repr_html_()


def test_real_documents_can_be_searched(view: SearchView, corpora: Path) -> None:
    """Whatever strangers call a thing finds it, and its IRI finds it before all others."""
    load(view, *real(corpora))
    called = {
        (element.iri, value.text)
        for bundle in real(corpora)
        for element in bundle.elements
        for value in element.values(LABEL)
    }
    assert len(called) > 50
    for iri, label in sorted(called):
        found = view.search(label, limit=1000)
        assert iri in {hit.iri for hit in found.hits}, label
        assert view.search(iri).hits[0].iri == iri


@cache
def real(corpora: Path) -> tuple[Bundle, ...]:
    """The bundles of real documents, each under a name of its own."""
    read = (
        provjson.load(path.read_bytes(), path.name).bundles
        for path in sorted((corpora / "real-documents").rglob("*.json"))
        if path.name != "test_testsuite_1234.json"  # a record of the first forms, not PROV
    )
    every = enumerate(chain.from_iterable(read))
    return tuple(Bundle(f"{EX}{n}", one.elements, one.relations) for n, one in every)


# ------------------------------------------------------------------------ the command line


def test_the_command_prints_hits_facets_and_what_else_is_to_be_known(
    story: ProvStore, capfd: pytest.CaptureFixture[str]
) -> None:
    place = ["--store", str(story.settings.directory)]

    def run(*typed: str) -> tuple[str, str]:
        done = CliRunner().invoke(app, ["search", *typed, *place])
        assert done.exit_code == 0, done.output
        return done.stdout, done.stderr

    found = json.loads(run("cordex-0001", "--limit", "3", "--json")[0])
    assert found.keys() == {
        "words",
        "total",
        "counted",
        "ranked",
        "cut",
        "hits",
        "facets",
        "near",
        "notes",
    }
    assert found["hits"][0].keys() == {
        "iri",
        "name",
        "kind",
        "title",
        "where",
        "match",
        "marks",
        "ingest",
        "step",
        "project",
        "bundle",
        "bundles",
        "steps",
        "projects",
    }
    assert len(found["hits"]) == 3
    rows, told = run("ada", "example", "--kind", "person", "--csv")
    assert rows.splitlines()[0] == "kind,title,match,ingest,step,thing"
    assert all(row.startswith("Person,Ada Example,") for row in rows.splitlines()[1:])
    assert "kind     Person 2" in told
    assert "of 153" in run("--limit", "5")[1]
    rows, told = run("qualty")
    assert (rows, told.splitlines()[0]) == ("", "No hits.")
    assert "Did you mean 'quality'?" in told
    assert not capfd.readouterr().err
