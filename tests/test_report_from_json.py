"""What holds of reports read back from the text of their bundles."""

import json

import pytest

from provstore.ingest.extracts import Extract, Finding, Source
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import next_report
from provstore.ingest.report_bundle import report_of_bundle
from provstore.ingest.report_from_json import report_from_json
from provstore.prov.notations import provjson
from tests.reports import WHOLE, life, prov_of

BASES = ("https://provstore.example/", "https://data.example.org/Prüfung/")


@pytest.mark.parametrize("base", BASES)
def test_every_report_of_a_life_is_recalled_as_it_is_read(base: str) -> None:
    reports = life(*WHOLE)
    for index, report in enumerate(reports):
        bundle = prov_of(report, reports[:index], IngestIris(base))
        text = provjson.dump(bundle)
        assert (
            report_from_json(text, bundle.iri, IngestIris(base))
            == report_of_bundle(bundle)
            == report
        )


def test_a_store_that_got_another_base_still_recalls() -> None:
    (report,) = life("submission")
    bundle = prov_of(report, [], IngestIris(BASES[1]))
    assert report_from_json(provjson.dump(bundle), bundle.iri, IngestIris(BASES[0])) == report


def test_no_text_can_pose_as_the_report() -> None:
    """Whatever comes before it in the bundle: an answer, a message, the name of a file."""
    key = '"centre:ingest/cordex-0001/quality/1/report":{"ingest:answers":"{}"}'
    (*before, quality) = life("submission", "review", "transfer", "quality")
    answers = {**quality.answers, "comment": key}
    report = next_report(before, "cordex-0001", "quality", "quality", "1", answers)
    found = Finding(key, "failed", "error", "\\" + key, file=key + "\\")
    told = Extract("esgf-qa", "quality", (Source(key, "0" * 64, 1),), {}, (found,), (), (), ())
    bundle = prov_of(report, before, IngestIris(), told)
    assert report_from_json(provjson.dump(bundle), bundle.iri, IngestIris()) == report


def test_the_rest_of_the_bundle_is_not_read() -> None:
    """So that the state of an ingest costs the same whatever its reports say besides."""
    (*before, quality) = life("submission", "review", "transfer", "quality")
    bundle = prov_of(quality, before, IngestIris())
    text = provjson.dump(bundle).replace('"activity":{', '"activity":{this is no JSON')
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert report_from_json(text, bundle.iri, IngestIris()) == quality
