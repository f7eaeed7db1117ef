"""A report said in PROV: who, when, by which form, from what, and back again."""

from collections.abc import Mapping
from io import StringIO

import prov.model
import pytest

from provstore.errors import BadForm
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report, next_report
from provstore.ingest.report_bundle import report_of_bundle
from provstore.projects.forms import load_forms
from provstore.projects.workflow import STEPS
from provstore.prov.model.bundle import IRI, Bundle, Value
from provstore.prov.model.terms import END_TIME, INGEST, PROV, START_TIME, TYPE
from provstore.prov.notations import provjson
from provstore.storage.settings import shipped
from tests.reports import ADA, ANSWERS, DATASET, WHOLE, life, person_iri, prov_of

NAMES = IngestIris("https://data.example.org/")
INGEST_IRI = "https://data.example.org/ingest/cordex-0001"


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    return life(*WHOLE)


@pytest.fixture(scope="module")
def bundles(reports: list[Report]) -> list[Bundle]:
    return [prov_of(report, reports[:index], NAMES) for index, report in enumerate(reports)]


def pairs(bundle: Bundle, kind: str) -> set[tuple[str, ...]]:
    return {relation.arguments[:2] for relation in bundle.relations if relation.kind == kind}


def attributes(bundle: Bundle, iri: str) -> Mapping[str, list[Value]]:
    (element,) = [one for one in bundle.elements if one.iri == iri]
    found: dict[str, list[Value]] = {}
    for key, value in element.attributes:
        found.setdefault(key, []).append(value)
    return found


def test_every_step_of_the_workflow_is_among_these_reports(reports: list[Report]) -> None:
    assert {report.step for report in reports} == set(STEPS) == set(ANSWERS)


def test_a_report_can_be_read_back_from_its_bundle(
    reports: list[Report], bundles: list[Bundle]
) -> None:
    assert [report_of_bundle(bundle) for bundle in bundles] == reports


def test_the_vocabularies_that_judged_the_answers_are_used_and_can_be_read_back() -> None:
    form = load_forms(shipped("forms"))["cordex-cmip6"]
    (vocabulary,) = form.vocabularies
    told = (form.name, form.version, form.example(), form.vocabularies)
    report = next_report([], "cordex-cmip6-0001", "submission", *told)
    bundle = prov_of(report, [], NAMES)
    assert report_of_bundle(bundle) == report
    run = NAMES.run("cordex-cmip6-0001", "submission", 1)
    assert (run, NAMES.vocabulary(vocabulary)) in pairs(bundle, "used")


def test_a_bundle_survives_its_notation(bundles: list[Bundle]) -> None:
    for bundle in bundles:
        assert provjson.load(provjson.dump(bundle).encode()).bundles == (bundle,)


def test_the_prov_library_reads_every_statement(bundles: list[Bundle]) -> None:
    for bundle in bundles:
        document = prov.model.ProvDocument.deserialize(StringIO(provjson.dump(bundle)))
        (read_there,) = document.bundles
        assert str(read_there.identifier.uri) == bundle.iri
        assert len(read_there.get_records()) == len(bundle.elements) + len(bundle.relations)


def test_a_run_has_a_start_an_end_and_the_class_of_its_step(bundles: list[Bundle]) -> None:
    said = attributes(bundles[4], f"{INGEST_IRI}/quality/1")
    assert said[START_TIME][0].text == "2026-03-04T08:00:00Z"
    assert said[END_TIME][0].text == "2026-03-05T09:00:00Z"
    assert said[TYPE] == [Value(INGEST + "Quality", IRI)]


def test_a_person_acts_in_a_role_by_a_form_version_for_an_organisation(
    bundles: list[Bundle],
) -> None:
    (association,) = [
        relation for relation in bundles[1].relations if relation.kind == "wasAssociatedWith"
    ]
    activity, person, plan = association.arguments
    assert activity == f"{INGEST_IRI}/review/1"
    assert plan == "https://data.example.org/form/review/1"
    assert association.attributes == ((PROV + "role", Value(INGEST + "reviewer", IRI)),)
    ((delegate, responsible),) = pairs(bundles[1], "actedOnBehalfOf")
    assert delegate == person
    assert responsible == NAMES.organisation("Example Climate Institute")
    assert (f"{INGEST_IRI}/review/1/report", person) in pairs(bundles[1], "wasAttributedTo")


def test_a_tool_is_a_software_agent_that_acts_for_the_person(bundles: list[Bundle]) -> None:
    tool = "https://data.example.org/tool/esgf-qa/0.6.0"
    assert attributes(bundles[4], tool)[TYPE] == [Value(PROV + "SoftwareAgent", IRI)]
    assert tool in {delegate for delegate, _ in pairs(bundles[4], "actedOnBehalfOf")}


def test_derivation_goes_from_the_later_thing_to_the_earlier(bundles: list[Bundle]) -> None:
    dataset, version = NAMES.dataset(DATASET), NAMES.dataset(DATASET + ".v20260302")
    copies = [NAMES.copy("cordex-0001", "transfer", run) for run in (1, 2)]
    derived = {pair for bundle in bundles for pair in pairs(bundle, "wasDerivedFrom")}
    assert (dataset, "https://hdl.handle.net/21.T12995/driving") in derived
    assert {(copies[0], dataset), (copies[1], dataset), (copies[1], copies[0])} <= derived
    assert (version, copies[1]) in derived
    assert ("https://doi.org/10.5072/one", version) in derived
    assert not {(earlier, later) for later, earlier in derived} & derived


def test_quality_judges_the_copy_of_the_last_transfer(bundles: list[Bundle]) -> None:
    first, second = (NAMES.copy("cordex-0001", "transfer", run) for run in (1, 2))
    assert (f"{INGEST_IRI}/quality/1", first) in pairs(bundles[4], "used")
    assert (f"{INGEST_IRI}/quality/2", second) in pairs(bundles[8], "used")


def test_a_revision_is_a_revision_of_the_report_that_it_corrects(bundles: list[Bundle]) -> None:
    revisions = [
        relation.arguments[:2]
        for relation in bundles[5].relations
        if (TYPE, Value(PROV + "Revision", IRI)) in relation.attributes
    ]
    assert revisions == [(f"{INGEST_IRI}/revision/1/report", f"{INGEST_IRI}/quality/1/report")]


def test_a_retraction_invalidates_the_version(bundles: list[Bundle]) -> None:
    version = NAMES.dataset(DATASET + ".v20260302")
    assert pairs(bundles[-2], "wasInvalidatedBy") == {(version, f"{INGEST_IRI}/retraction/1")}


def test_a_report_describes_only_what_it_brings_about(bundles: list[Bundle]) -> None:
    """Whatever else bears attributes bears the same ones in every bundle that names it."""
    seen: dict[str, object] = {}
    for bundle in bundles:
        made = {later for later, _ in pairs(bundle, "wasGeneratedBy")}
        for element in bundle.elements:
            if element.attributes and element.iri not in made and element.kinds != ("activity",):
                assert seen.setdefault(element.iri, element.attributes) == element.attributes
            if element.iri in made:
                assert element.iri not in seen
                seen[element.iri] = None


def test_two_ingests_share_people_and_data_and_nothing_else() -> None:
    one = prov_of(life("submission")[0], [], NAMES)
    other = prov_of(life("submission", ingest="cordex-0002")[0], [], NAMES)
    shared = {element.iri for element in one.elements} & {element.iri for element in other.elements}
    assert shared == {
        person_iri(NAMES, ADA),
        NAMES.organisation("Example Climate Institute"),
        NAMES.form("cordex", "1"),
        NAMES.dataset(DATASET),
        "https://hdl.handle.net/21.T12995/driving",
    }
    assert one.iri != other.iri


def test_answers_are_attributes_and_are_kept_exactly(bundles: list[Bundle]) -> None:
    said = attributes(bundles[2], f"{INGEST_IRI}/transfer/1/report")
    assert [value.text for value in said[INGEST + "files"]] == ["12"]
    assert said[INGEST + "status"][0].text == "open"
    assert said[INGEST + "awaits"][0].text == "quality_manager"


@pytest.mark.parametrize(
    ("step", "answers", "where"),
    [
        ("revision", {"corrects": "quality/7", "outcome": "ok"}, "/answers/corrects"),
        ("submission", {"derived_from": [DATASET + ".v20250101"]}, "/answers/derived_from/0"),
    ],
)
def test_an_answer_about_what_cannot_be_is_refused(
    step: str, answers: Mapping[str, object], where: str
) -> None:
    before = [] if step == "submission" else life("submission", "review:action-required")
    times = {"started": "2026-03-09T09:00:00Z", "ended": "2026-03-09T10:00:00Z"}
    wrong = {"agent": ADA, "dataset": DATASET, **times, **answers}
    report = next_report(before, "cordex-0001", step, step, "1", wrong)
    with pytest.raises(BadForm) as caught:
        prov_of(report, before, NAMES)
    assert [problem.where for problem in caught.value.problems] == [where]


def test_a_start_says_who_is_at_it_since_when_and_the_report_says_the_same(
    bundles: list[Bundle],
) -> None:
    """So that the union of both has one start; an end has only the report."""
    activity = f"{INGEST_IRI}/quality/1"
    begun, done = attributes(bundles[3], activity), attributes(bundles[4], activity)
    assert END_TIME not in begun
    assert {key: done[key] for key in begun} == begun
    assert bundles[3].iri == f"{activity}/start/bundle"
    assert pairs(bundles[3], "wasGeneratedBy") == {(f"{activity}/start", activity)}
