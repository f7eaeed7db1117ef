"""Whatever a text is: it enters or is refused with its place, and leaves as what it was."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

import prov.model
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import provstore
from provstore.errors import BadDocument, BadForm, BadInput, Problem, ProvstoreError, Refused
from provstore.pictures.graph_text import dot, mermaid
from provstore.pictures.picture import GraphPicture
from provstore.projects.forms import Form, load_forms
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.prov.notations.notation_registry import NOTATIONS, Notation, read, write
from provstore.prov.notations.provjson import Reading
from provstore.results.answer import Answer
from provstore.results.receipts import ImportReceipt, Receipt
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.drawings import EX, bundle_of, drawing_of
from tests.hostile_texts import HOSTILE_TEXTS, SENDABLE_TEXTS, TEXTS, mixed_texts
from tests.notation_limits import UNION
from tests.properties import examples
from tests.test_graph_text import DOT, MERMAID

T = TypeVar("T")
PLACES = ("value", "label", "element", "key", "bundle", "namespace", "prefix", "type", "location")
"""Where a text can stand in a document."""

RDFLIB = {
    "turtle": "turtle", "trig": "trig", "nquads": "nquads", "ntriples": "nt", "rdfxml": "xml",
    "jsonld": "json-ld",
}  # fmt: skip
LIBRARY = {"provjson": "json", "provn": "provn", "provxml": "xml"}


def document(**texts: str) -> bytes:
    """A document with texts at some of `PLACES`; documents of other texts name other bundles."""
    mark = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:8]
    prefix, namespace = texts.get("prefix", "ex"), texts.get("namespace", "")
    name = f"{prefix}:thing{texts.get('element', '')}"
    attributes = {
        "prov:label": texts.get("label", "label"),
        f"{prefix}:key{texts.get('key', '')}": texts.get("value", "value"),
        "prov:type": texts.get("type", "type"),
        "prov:location": texts.get("location", "here"),
    }
    content = {
        "prefix": {prefix: f"http://example.org/{namespace}/"},
        "entity": {name: attributes},
        "agent": {f"{prefix}:somebody": {}},
        "wasAttributedTo": {
            "_:1": {"prov:entity": name, "prov:agent": f"{prefix}:somebody", "prov:role": "role"}
        },
    }
    whole = {
        "prefix": content["prefix"],
        "bundle": {f"{prefix}:{mark}{texts.get('bundle', '')}": content},
    }
    return json.dumps(whole).encode()


def texts_of(bundles: list[Bundle]) -> set[str]:
    """Every literal of the bundles."""
    described = [part for b in bundles for part in (*b.elements, *b.relations)]
    return {
        value.text for part in described for _, value in part.attributes if value.datatype != "@id"
    }


def attempt(action: Callable[[], T]) -> T | ProvstoreError:
    """Return the result or the refusal; any other exception is a failure."""
    try:
        return action()
    except ProvstoreError as error:
        return error


def judge(text: str, notation: Notation, bundles: list[Bundle]) -> None:
    """Let a stranger read it: all literals are there, letter by letter."""
    if notation in RDFLIB:
        graph = rdflib.Dataset().parse(data=text, format=RDFLIB[notation])
        literals = {str(o) for *_, o, _ in graph.quads() if isinstance(o, rdflib.Literal)}
        assert texts_of(bundles) <= literals
    elif notation in LIBRARY:
        made = prov.model.ProvDocument.deserialize(content=text, format=LIBRARY[notation])
        assert len(list(made.bundles)) == len(bundles)
    for line in text.split("\n")[:-1] if notation == "provjson-lines" else ():
        json.loads(line)
    if notation in ("provxml", "rdfxml"):
        ElementTree.fromstring(text)
        if text.isascii() and "%" not in text:  # libxml2 wants URIs where RDF/XML allows IRIs
            etree.fromstring(text.encode())


def carried(bundles: list[Bundle], notation: Notation) -> bool:
    """Whether the notation carries them: equal for us and for strangers, or refused by name."""
    text = attempt(lambda: "".join(write(bundles, notation)))
    if isinstance(text, Refused):
        assert any(f"<{bundle.iri}>" in text.message for bundle in bundles), text
        return False
    assert isinstance(text, str), text
    found = read(text.encode(), "again", notation, limit=1 << 30).bundles
    if notation in UNION:
        found = tuple(Bundle(bundles[0].iri, one.elements, one.relations) for one in found)
    assert list(found) == bundles
    return True


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_each_notation_carries_each_text_at_each_place_or_names_the_bundle(
    kind: str, place: str
) -> None:
    for text in HOSTILE_TEXTS[kind]:
        reading = attempt(lambda: read(document(**{place: text}), "sent"))  # noqa: B023
        if isinstance(reading, Reading):
            for notation in NOTATIONS:
                carried(list(reading.bundles), notation)
        else:
            assert isinstance(reading, BadDocument), reading
            assert kind == "surrogate" or (place == "prefix" and (":" in text or text == "_"))
            assert all(problem.where and problem.what for problem in reading.problems)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_strangers_read_each_notation(notation: Notation) -> None:
    for text in (text for text in SENDABLE_TEXTS if "\0" not in text):
        bundles = list(read(document(value=text, label=text, prefix="ex"), "sent").bundles)
        if carried(bundles, notation):
            judge("".join(write(bundles, notation)), notation, bundles)


@pytest.mark.parametrize("place", ["namespace", "prefix", "element", "key"])
@pytest.mark.parametrize("notation", [*RDFLIB, "provn", "provxml"])
def test_strangers_read_names_of_each_notation(notation: Notation, place: str) -> None:
    for text in ("a b", "a`b", "<", ">", '"', "{", "}", "|", "^", "\\", "%", "[", "'", "&", "é"):
        bundles = list(read(document(**{place: text}), "sent").bundles)
        if carried(bundles, notation):
            judge("".join(write(bundles, notation)), notation, bundles)


def test_a_back_tick_or_a_space_in_a_namespace_spoils_no_notation() -> None:
    for text in ' `<>"{}|^\\':
        bundles = list(read(document(namespace=text), "sent").bundles)
        assert all(carried(bundles, notation) for notation in NOTATIONS)
        assert any(
            "not allowed in an IRI" in str(n) for n in read(document(namespace=text), "").notes
        )


# --- the entrances -------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProvStore]:
    with provstore.init(tmp_path / "store") as made:
        yield made


@pytest.fixture(scope="module")
def form() -> Form:
    return load_forms(shipped("forms"))["generic"]


def test_an_import_with_nul_is_refused_with_its_place(store: ProvStore) -> None:
    with pytest.raises(BadDocument) as caught:
        store.import_document(document(value="a\0b", label="\0"))
    assert len(caught.value.problems) == 2
    assert all(p.where.endswith(" http://example.org//thing") for p in caught.value.problems)
    assert all(problem.mend for problem in caught.value.problems)
    assert store.status().bundles == 0


@pytest.mark.parametrize("kind", ["bidi", "homoglyph", "invisible"])
def test_an_import_with_a_name_that_poses_as_another_has_a_note(
    store: ProvStore, kind: str
) -> None:
    for text in HOSTILE_TEXTS[kind]:
        for place in ("element", "prefix", "bundle"):
            taken = store.import_document(document(**{place: text}))
            assert any("can be taken for another" in note.what for note in taken.notes), text


def test_twins_in_one_import_have_a_note(store: ProvStore) -> None:
    content = {
        "prefix": {"ex": "http://example.org/"},
        "entity": {"ex:Z\u00fcrich": {}, "ex:Zu\u0308rich": {}},
    }
    taken = store.import_document(json.dumps(content).encode())
    assert any("looks like" in note.what for note in taken.notes)


def test_what_xml_cannot_carry_has_a_note_when_it_is_imported(store: ProvStore) -> None:
    taken = store.import_document(document(value="\x1b[31m"))
    assert any("which XML cannot carry" in note.what for note in taken.notes)


def answers_with(form: Form, field: str, text: str) -> bytes:
    known = {part.name for part in form.fields}
    answers = {name: each for name, each in form.example().items() if name in known}
    return json.dumps(
        {"form": form.name, "version": form.version, "answers": {**answers, field: text}}
    ).encode()


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_a_form_takes_a_text_or_says_where_it_is_unfit(
    kind: str, store: ProvStore, form: Form
) -> None:
    unfit = {"C0", "C1", "NUL", "surrogate", "non-character"}
    for text in HOSTILE_TEXTS[kind]:
        receipt = attempt(lambda: store.submit(answers_with(form, "title", text)))  # noqa: B023
        if isinstance(receipt, BadInput):
            assert all(problem.what for problem in receipt.problems)
            assert kind in unfit | {"terminal code", "long", "space", "quoting"}, text
        else:
            assert isinstance(receipt, Receipt), receipt
            assert kind not in unfit, ascii(text)


@pytest.mark.parametrize("kind", ["bidi", "homoglyph", "invisible", "C1"])
def test_a_dataset_that_poses_as_another_is_refused_with_its_answer(
    kind: str, store: ProvStore, form: Form
) -> None:
    for text in HOSTILE_TEXTS[kind]:
        with pytest.raises(BadForm) as caught:
            store.submit(answers_with(form, "dataset", f"obs.{text}"))
        assert "/answers/dataset" in {problem.where for problem in caught.value.problems}
    assert store.status().bundles == 0


def test_a_dataset_in_another_normal_form_is_refused(store: ProvStore, form: Form) -> None:
    decomposed, composed = HOSTILE_TEXTS["twin"][:2]
    with pytest.raises(BadForm, match="normal form NFC"):
        store.submit(answers_with(form, "dataset", f"obs.{decomposed}"))
    assert store.submit(answers_with(form, "dataset", f"obs.{composed}")).new


# --- a whole store -------------------------------------------------------------------------------


def test_one_bundle_stops_no_export_of_the_others(store: ProvStore) -> None:
    sent = {}
    for number, text in enumerate(SENDABLE_TEXTS):
        if "\0" not in text:
            for bundle in store.import_document(document(value=text, bundle=f"{number}")).bundles:
                sent[bundle.bundle] = text
    for notation in NOTATIONS:
        left_out: list[Problem] = []
        text = "".join(store.export(notation=notation, expressible=True, left_out=left_out.append))
        found = {bundle.iri for bundle in read(text.encode(), "export", notation).bundles}
        omitted = {problem.where for problem in left_out}
        assert notation in UNION or found | omitted == set(sent)
        assert not found & omitted
        if omitted:
            with pytest.raises(Refused, match=re.escape(f"<{min(omitted, key=list(sent).index)}>")):
                "".join(store.export(notation=notation))


def test_the_command_line_says_how_to_export_the_others(store: ProvStore) -> None:
    store.import_document(document(value="\x1b[31m", bundle="bad"))
    store.import_document(document(value="fine", bundle="good"))

    def export(*options: str) -> subprocess.CompletedProcess[str]:
        place = ("--format", "rdfxml", "--store", str(store.directory))
        command = [sys.executable, "-m", "provstore", "export", *place, *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused, done = export(), export("--expressible")
    assert (refused.returncode, done.returncode) == (1, 0)
    assert "--expressible" in refused.stderr
    assert "fine" in done.stdout
    assert re.search(r"left out: \S+bad: XML cannot carry U\+001B", done.stderr)


@pytest.fixture(scope="module")
def journal_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    with provstore.init(tmp_path_factory.mktemp("hostile") / "store") as made:
        yield made


@examples(50)
@given(st.dictionaries(st.sampled_from(PLACES), mixed_texts, min_size=1))
def test_what_is_imported_is_exported_and_read_again(
    journal_of_all: ProvStore, texts: dict[str, str]
) -> None:
    """From a document through the journal into every notation: equal, or refused by name."""
    store, sent = journal_of_all, document(**texts)
    taken = attempt(lambda: store.import_document(sent, accept_invalid=True))
    if isinstance(taken, BadDocument):
        assert all(problem.what for problem in taken.problems)
        return
    assert isinstance(taken, ImportReceipt), taken
    bundles = list(read(sent, "sent").bundles)
    (name,) = [bundle.bundle for bundle in taken.bundles]
    (kept,) = provjson.load("".join(store.export(name, "provjson")).encode()).bundles
    assert [kept] == bundles
    for notation in NOTATIONS:
        text = attempt(lambda: "".join(store.export(name, notation)))  # noqa: B023
        if isinstance(text, Refused):
            assert f"<{name}>" in text.message
            continue
        assert isinstance(text, str), text
        found = read(text.encode(), "export", notation, limit=1 << 30).bundles
        if notation in UNION:
            found = tuple(Bundle(name, one.elements, one.relations) for one in found)
        assert list(found) == bundles


# --- pictures and answers ------------------------------------------------------------------------


class Tags(HTMLParser):
    """The elements of a page, and its attributes that run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.risks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the name of the element, and what is dangerous in it."""
        self.seen.append(tag)
        self.risks += [name for name, _ in attrs if name.startswith("on")]
        self.risks += [v for n, v in attrs if n in ("href", "src") and v and "script:" in v]


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_no_picture_takes_a_text_for_anything_else(kind: str) -> None:
    chain = [("e", "wasGeneratedBy", "a"), ("a", "wasAssociatedWith", "p")]

    def drawn(text: str) -> GraphPicture:
        words = dict.fromkeys("eap", text)
        return GraphPicture(drawing_of(EX + "e", [bundle_of(chain, words)]), direction="right")

    plain = tags(drawn("plain").html())
    for text in HOSTILE_TEXTS[kind]:
        picture = drawn(text[:3000])
        for root in (
            ElementTree.fromstring(picture.svg()),
            etree.fromstring(picture.svg().encode()),
        ):
            assert {str(one.tag).rpartition("}")[2] for one in root.iter()} <= {
                "svg", "title", "desc", "rect", "g", "path", "ellipse", "text",
            }  # fmt: skip
        page = tags(picture.html())
        assert set(page.seen) == set(plain.seen)
        assert page.seen.count("script") == plain.seen.count("script")
        assert not page.risks
        drawing = picture.drawing
        assert all(DOT.fullmatch(line) for line in dot(drawing).split("\n"))
        assert all(MERMAID.fullmatch(line) for line in mermaid(drawing).split("\n"))


def test_an_answer_as_json_has_the_same_texts() -> None:
    sendable = tuple(text for text in TEXTS if text.encode(errors="replace").decode() == text)
    answer = Answer(("text",), tuple((text,) for text in sendable))
    text = json.dumps(answer.records())
    assert text.isascii()
    assert [row["text"] for row in json.loads(text)] == list(sendable)


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_a_table_of_html_has_no_element_but_its_own(kind: str) -> None:
    plain = set(tags(Answer(("text",), (("plain",),))._repr_html_()).seen)
    for text in HOSTILE_TEXTS[kind]:
        page = tags(Answer((text[:99],), ((text,),))._repr_html_())
        assert set(page.seen) <= plain | {"a", "span"}
        assert not page.risks


def test_no_refusal_of_a_text_is_a_programming_error() -> None:
    for text in TEXTS:
        for notation in NOTATIONS:
            data = text.encode(errors="surrogatepass")
            assert str(attempt(lambda: read(data, "text", notation)))  # noqa: B023
