"""The law of personal data: whatever is done to people, the journal fits, and a model agrees.

The model is plain: who made which delivery, and what each person is called now.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provstore.commands.personal_acts import PersonalAct, record_act
from provstore.errors import Refused
from provstore.ingest.journal_acts import REDACTION, act_bundle_iri, replaced_values
from provstore.ingest.personal_values import commitment
from provstore.ingest.redaction_plan import Replacement
from provstore.prov.notations.notation_registry import read
from provstore.storage.entry_bundle import bundle_of
from provstore.store import ProvStore
from tests.people import ADA, DI, delivery, entry_at, files_with, filled, person, store_in
from tests.properties import examples

WHY = {"by": DI, "reason": "They wrote to us."}


def orcid_of(number: int) -> str:
    """The ORCID with this number, and its check digit.

    >>> orcid_of(21825009)
    'https://orcid.org/0000-0002-1825-0097'
    """
    digits, total = f"{number:015}", 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = "0123456789X"[(12 - total % 11) % 11]
    return "https://orcid.org/" + "-".join((digits + check)[at : at + 4] for at in range(0, 16, 4))


@dataclass(eq=False)
class Known:
    """A person as the store should know them."""

    name: str
    email: str
    orcid: str = ""
    names: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)

    @property
    def keys(self) -> set[tuple[str, ...]]:
        """What leads to this person."""
        pairs = {(name, email) for name in self.names for email in self.emails}
        return pairs | ({(self.orcid,)} if self.orcid else set())


class World:
    """A store and its model, and what is done to both."""

    def __init__(self, store: ProvStore) -> None:
        self.store = store
        self.fresh = 1000 * store.position().position
        self.first = tuple(
            (f"{name}{self.fresh} Example", f"{name}{self.fresh}@example.org".lower())
            for name in ("Ada", "Ben", "Cleo")
        )
        self.orcids = tuple(orcid_of(20_000_000 + self.fresh + number) for number in range(3))
        self.documents: dict[str, tuple[int, bool]] = {}
        self.people: list[Known] = []
        self.runs: dict[str, Known] = {}
        self.called: dict[str, str] = {}
        self.forms: dict[str, bytes] = {}
        self.redacted = store._journal.personal.next_number() - 1

    def find(self, name: str, email: str, orcid: str = "") -> Known | None:
        """Who has this key."""
        key = (orcid,) if orcid else (name, email)
        return next((each for each in self.people if key in each.keys), None)

    def now(self, number: int) -> Known | None:
        """Who the person that began with this name and address is now."""
        return self.find(*self.first[number])

    def report(self, number: int, use_new: bool) -> None:
        """A delivery, under the first name or the present one."""
        known = self.now(number)
        name, email = self.first[number]
        orcid = ""
        if known and use_new:
            name, email, orcid = known.name, known.email, known.orcid
        if known is None:
            known = Known(name, email, "", {name}, {email})
            self.people.append(known)
        self.fresh += 1
        form = filled(self.store, "generic", person(name, email, orcid), title=f"T{self.fresh}")
        ingest = self.store.submit(form).ingest
        self.runs[ingest], self.forms[ingest] = known, form
        self.called[ingest] = name  # until an act says otherwise

    def call(self, known: Known) -> None:
        """All that the person did so far is by the present name."""
        self.called |= {ingest: known.name for ingest, each in self.runs.items() if each is known}

    def repeat(self, number: int, _flag: bool) -> None:
        """A form is sent again: nothing changes, whoever was redacted or amended."""
        for ingest, form in [*self.forms.items()][number : number + 1]:
            before = self.store.position()
            again = self.store.submit(form)
            assert (again.new, again.ingest) == (False, ingest)
            assert self.store.position() == before

    def document(self, number: int, _flag: bool) -> None:
        """A document of others names the person."""
        name, email = self.first[number]
        self.fresh += 1
        self.store.import_document({
            "prefix": {"ex": f"http://example.org/{self.fresh}/"},
            "agent": {"ex:a": {"prov:label": name, "ex:mbox": email}},
            "entity": {"ex:e": {"ex:q": f"by\n{name}"}},
        })  # fmt: skip
        self.documents[f"http://example.org/{self.fresh}/a"] = number, False

    def rename(self, number: int, also_address: bool) -> None:
        """A new name, perhaps a new address."""
        if known := self.now(number):
            self.fresh += 1
            former = known.email
            known.name = f"Name{self.fresh} Example"
            changes = {"name": known.name}
            if also_address:
                known.email = changes["email"] = f"n{self.fresh}@example.org"
            self.store.amend(former, **WHY, **changes)
            known.names.add(known.name)
            known.emails.add(known.email)
            self.call(known)

    def identify(self, number: int, _flag: bool) -> None:
        """An ORCID becomes known."""
        known = self.now(number)
        if known and not known.orcid:
            if self.find("", "", self.orcids[number]):
                return  # of whom this person was split
            known.orcid = self.orcids[number]
            self.store.amend(known.email, **WHY, orcid=known.orcid)
            self.call(known)

    def merge(self, number: int, forwards: bool) -> None:
        """Two turn out to be one."""
        one, other = self.now(number), self.now((number + (1 if forwards else 2)) % 3)
        if one and other and one is not other:
            if one.orcid and other.orcid:
                with pytest.raises(Refused, match="different ORCIDs"):
                    self.store.amend(one.email, **WHY, same_as=[other.email])
                return
            self.store.amend(one.email, **WHY, same_as=[other.email])
            one.names |= other.names
            one.emails |= other.emails
            one.orcid = one.orcid or other.orcid
            self.people.remove(other)
            self.runs = {
                ingest: one if known is other else known for ingest, known in self.runs.items()
            }
            self.call(one)

    def redact(self, number: int, _flag: bool) -> None:
        """A person is forgotten; nothing is left in any file."""
        if known := self.now(number):
            receipt = self.store.redact(known.email, **WHY)
            self.redacted += 1
            known.name = f"redacted person {self.redacted}"
            assert receipt.people == (known.name,)
            self.people.remove(known)
            self.call(known)
            self.documents |= {
                iri: (each, True) for iri, (each, _) in self.documents.items()
                if self.first[each][0] in known.names
            }  # fmt: skip
            gone = known.names | known.emails | ({known.orcid[-19:]} - {""})
            assert files_with(self.store.directory, *gone) == []

    def agree(self) -> None:
        """The store and the model say the same."""
        assert self.store.verify().problems == ()
        iris: dict[str, Known] = {}
        for ingest, known in self.runs.items():
            (report,) = self.store.reports(ingest)
            assert report.answers["agent"]["name"] == self.called[ingest]
            bundle = bundle_of(next(iter(self.store.entries(ingest))))
            (iri,) = {
                relation.arguments[1]
                for relation in bundle.relations
                if relation.kind == "wasAssociatedWith"
            }
            assert iris.setdefault(iri, known) is known
        assert len(iris) == len({*map(id, self.runs.values())})
        own = {bundle_of(entry) for entry in self.store.entries()}
        assert {bundle.iri for bundle in own} == {entry.bundle for entry in self.store.entries()}
        for notation in ("provjson", "trig"):
            text = "".join(self.store.export(notation=notation))
            assert {*read(text.encode(), notation).bundles} == own


ACTS = ("report", "repeat", "document", "rename", "identify", "merge", "redact")
DEEDS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.booleans()), min_size=3, max_size=9
)
REPORTS = [("report", number, False) for number in range(3)]


def live(world: World, deeds: list[tuple[str, int, bool]]) -> None:
    """Do all of it, in order."""
    for name, number, flag in deeds:
        getattr(world, name)(number, flag)
    world.agree()


@examples(8)
@given(DEEDS)
@example([*REPORTS, ("merge", 0, True), ("redact", 0, True), ("report", 0, True)])
@example([*REPORTS, ("rename", 1, True), ("report", 1, True), ("document", 1, True),
          ("redact", 1, True), ("repeat", 1, True), ("report", 1, False)])  # fmt: skip
@example([*REPORTS, ("identify", 0, True), ("report", 0, True), ("merge", 1, False),
          ("redact", 1, True)])  # fmt: skip
@example([*REPORTS, ("rename", 1, True), ("merge", 0, True), ("report", 1, False)])
def test_whatever_is_done_to_people_the_journal_and_a_model_agree(
    deeds: list[tuple[str, int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as scratch, store_in(Path(scratch)) as store:
        live(World(store), [*REPORTS[:2], *deeds])


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """One store with its engines for all examples; each has people of its own."""
    with store_in(tmp_path_factory.mktemp("asked")) as store:
        yield store


@examples(2)
@given(st.lists(DEEDS, min_size=2, max_size=2))
@example([[("document", 0, True), ("document", 1, True), ("rename", 0, True), ("report", 0, True),
           ("report", 1, True)],
          [("identify", 0, True), ("merge", 1, True), ("redact", 1, True), ("repeat", 1, True),
           ("report", 2, True), ("document", 2, True)]])  # fmt: skip
@example([[("rename", 1, True), ("merge", 0, True), ("report", 1, False), ("document", 1, True)],
          [("redact", 0, True), ("report", 1, False), ("document", 0, True)]])  # fmt: skip
def test_questions_agree_with_the_model_in_both_languages(
    asked: ProvStore, parts: list[list[tuple[str, int, bool]]]
) -> None:
    """Each delivery is by the person whom the model knows, before and after views were asked."""
    world = World(asked)
    live(world, REPORTS)
    for deeds in parts:
        live(world, deeds)
        agree_in_both_languages(world)


def agree_in_both_languages(world: World) -> None:
    """Graph and RDF know who did what, and how people are called; so do documents of others."""
    store, agents = world.store, dict[Known, set[str]]()
    for ingest, known in world.runs.items():
        rows = store.ask("who-did-what", ingest=ingest, language="both").records()
        agents.setdefault(known, set()).update(str(row["agent"]) for row in rows)
    for known, iris in agents.items():
        (agent,) = iris
        done = store.ask("what-a-person-did", person=agent, language="both").records()
        expected = {name for name, each in world.runs.items() if each is known}
        assert {str(row["ingest"]).rpartition("/")[2] for row in done} == expected
        names = {known.name} | {world.called[ingest] for ingest in expected}
        assert labels(store, agent) == (names, names)  # somebody may still use a former name
    for iri, (number, forgotten) in world.documents.items():
        name = world.first[number][0]
        assert labels(store, iri) == ((set(), set()) if forgotten else ({name}, {name}))
    assert store.verify(views=True).problems == ()


def labels(store: ProvStore, iri: str) -> tuple[set[str], set[str]]:
    """How the RDF and the graph call somebody."""
    cypher = "MATCH (r:Resource {uri: $iri}) UNWIND [] + r.prov__label AS name RETURN name"
    sparql = f"SELECT ?name {{ <{iri}> rdfs:label ?name }}"
    answers = store.sparql(sparql), store.cypher(cypher, {"iri": iri})
    rdf, graph = ({str(row["name"]) for row in answer.records()} for answer in answers)
    return rdf, graph


def test_an_act_names_each_replaced_value_with_a_commitment_to_the_new_one(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        journal, iris = store._journal, store._names.iris
        (value,) = [one for _, one in journal.personal.all_values() if one.kind == "name"]
        answers: dict[str, Any] = {"agent": DI, "reason": "Asked for."}
        replaced = [Replacement(1, value.reference, "somebody")]
        act = PersonalAct(REDACTION, store.forms["redaction"], answers, replaced, {})
        with journal.writing():
            assert record_act(journal, act, iris) == 2
        entry = entry_at(store, 2)
        assert entry.bundle == act_bundle_iri(REDACTION, 2, iris)
        ((at, reference, now),) = replaced_values(bundle_of(entry))
        (new,) = [one for _, one in journal.personal.all_values() if one.reference == reference]
        assert (at, new.value, new.replaced_by) == (1, "somebody", 2)
        assert now == commitment(new.salt, new.value)
        assert store.reports("generic-0001")[0].answers["agent"]["name"] == "somebody"
        assert store.verify(provenance=True).problems == ()


def test_an_act_that_cannot_be_recorded_replaces_nothing(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        journal, iris = store._journal, store._names.iris
        (value,) = [one for _, one in journal.personal.all_values() if one.kind == "name"]
        answers: dict[str, Any] = {"agent": DI, "reason": "Asked for."}
        replaced = [Replacement(1, value.reference, "somebody")]
        act = PersonalAct(REDACTION, store.forms["redaction"], answers, replaced, {})

        def fail(*_: object) -> None:
            raise RuntimeError

        with pytest.raises(RuntimeError), journal.writing():
            record_act(journal, act, iris, fail)
        assert store.position().position == 1
        assert store.reports("generic-0001")[0].answers["agent"] == ADA
        assert store.verify().problems == ()
