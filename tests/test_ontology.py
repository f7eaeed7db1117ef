"""Every word of our namespace that a record uses is declared, and the file is the tables."""

from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import next_report
from provstore.projects.forms import load_forms
from provstore.projects.ontology import ontology_turtle
from provstore.projects.workflow import STEPS
from provstore.prov.model.terms import INGEST
from provstore.prov.notations.prov_o import nquads
from provstore.storage.settings import shipped
from tests.reports import life, prov_of

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
    assert written == ontology_turtle(load_forms(shipped("forms"))), "run: make ontology"


@pytest.mark.parametrize("form", load_forms(shipped("forms")).values(), ids=lambda form: form.name)
def test_every_word_that_a_report_uses_is_declared(form: object, ontology: rdflib.Graph) -> None:
    earlier = life(*BEFORE[form.step])
    answers = form.example()
    step = "review" if form.step == "any" else form.step
    report = next_report(earlier, "cordex-0001", step, form.name, form.version, answers)
    graph = rdflib.Dataset()
    graph.parse(data=nquads(prov_of(report, earlier, IngestIris())), format="nquads")
    used = {
        str(term)
        for quad in graph.quads()
        for term in quad[1:3]
        if isinstance(term, rdflib.URIRef) and str(term).startswith(INGEST)
    }
    declared = {str(subject) for subject in ontology.subjects(RDF.type)}
    assert used <= declared, used - declared
    assert len(used) > 10


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
