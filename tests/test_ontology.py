"""Every word of our namespace that a record uses is declared, and the file is the tables."""

from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from provstore.audit import redaction
from provstore.commands import amendments
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import upgrade_bundle
from provstore.ingest.report import next_report
from provstore.projects.forms import Form, load_forms
from provstore.projects.ontology import ontology_turtle
from provstore.projects.workflow import STEPS
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import INGEST
from provstore.prov.notations.prov_o import nquads
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.reports import ADA, life, prov_of

FORMS = load_forms(shipped("forms"))
BEFORE = {
    "submission": [],
    "review": ["submission"],
    "transfer": ["submission", "review"],
    "quality": ["submission", "review", "transfer"],
    "publication": ["submission", "review", "transfer", "quality"],
    "archival": ["submission", "review", "transfer", "quality", "publication"],
    "revision": ["submission", "review:action-required"],
    "reopening": ["submission", "review:rejected"],
    "any": ["submission"],
    "erratum": ["submission", "review", "transfer", "quality", "publication"],
    "retraction": ["submission", "review", "transfer", "quality", "publication"],
}


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(str(shipped("ontologies").joinpath("ingest.ttl")), format="turtle")


def test_the_file_is_what_the_tables_say() -> None:
    written = Path(str(shipped("ontologies").joinpath("ingest.ttl"))).read_text(encoding="utf-8")
    assert written == ontology_turtle(FORMS), "run: make ontology"


REPORTED = [one for name, one in FORMS.items() if name not in (redaction.FORM, amendments.FORM)]


@pytest.mark.parametrize("form", REPORTED, ids=lambda form: form.name)
def test_every_word_that_a_report_uses_is_declared(form: Form, ontology: rdflib.Graph) -> None:
    earlier = life(*BEFORE[form.step])
    answers = form.example()
    step = "review" if form.step == "any" else form.step
    report = next_report(earlier, "cordex-0001", step, form.name, form.version, answers)
    used = words(prov_of(report, earlier, IngestIris()))
    assert used <= declared(ontology), used - declared(ontology)
    assert len(used) > 10


def test_every_word_that_an_act_uses_is_declared(ontology: rdflib.Graph, tmp_path: Path) -> None:
    by = {**ADA, "name": "Rosa Example", "email": "rosa@example.org"}
    with ProvStore.create(tmp_path / "store") as store:
        form = store.forms["generic"]
        store.submit(form.text(form.example() | {"agent": ADA}).encode())
        amended = store.amend(ADA["email"], by=by, reason="She said so.", name="Ada New")
        redacted = store.redact(ADA["email"], by=by, reason="She asked for it.")
        acts = {entry.position: bundle_of(entry) for entry in store.entries()}
    act = upgrade_bundle(3, "2026-03-01T00:00:00Z", (1, 2, "0" * 64), IngestIris())
    for bundle in (acts[amended.position], acts[redacted.position], act):
        used = words(bundle)
        assert used <= declared(ontology), used - declared(ontology)
        assert len(used) > 3


def words(bundle: Bundle) -> set[str]:
    """The words of our namespace that a bundle uses."""
    graph = rdflib.Dataset()
    graph.parse(data=nquads(bundle), format="nquads")
    return {
        str(term)
        for quad in graph.quads()
        for term in quad[1:3]
        if isinstance(term, rdflib.URIRef) and str(term).startswith(INGEST)
    }


def declared(ontology: rdflib.Graph) -> set[str]:
    return {str(subject) for subject in ontology.subjects(RDF.type)}


def test_every_step_has_its_classes(ontology: rdflib.Graph) -> None:
    for step in STEPS.values():
        for name, above in ((step.activity, "Run"), (step.report, "Report")):
            term = rdflib.URIRef(INGEST + name)
            assert (term, RDF.type, OWL.Class) in ontology
            assert (term, RDFS.subClassOf, rdflib.URIRef(INGEST + above)) in ontology


def test_every_declared_word_is_explained(ontology: rdflib.Graph) -> None:
    for subject in set(ontology.subjects(RDF.type)):
        if str(subject).startswith(INGEST):
            assert ontology.value(subject, RDFS.comment), subject
