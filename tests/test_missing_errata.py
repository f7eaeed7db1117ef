"""A new version or a retraction after publication needs an erratum: when that is said, and how."""

from dataclasses import replace

from provstore.ingest.missing_errata import missing_errata
from tests.reports import life

PUBLIC = ("submission", "review", "transfer", "quality", "publication")
AGAIN = ("revision", "review", "transfer", "quality", "publication")


def said(*steps: str, **answers: str) -> list[str]:
    *earlier, last = life(*steps)
    report = replace(last, answers={**last.answers, **answers})
    return [problem.what for problem in missing_errata(report, earlier)]


def test_a_new_version_needs_an_erratum() -> None:
    (message,) = said(*PUBLIC, *AGAIN, version="v20260401")
    assert message == (
        "A new version of published data needs an erratum, but none names v20260302."
    )
    assert said(*PUBLIC, "erratum:action-required", *AGAIN, version="v20260401") == []


def test_a_first_version_and_the_same_one_again_need_none() -> None:
    assert said(*PUBLIC) == []
    assert said(*PUBLIC, *AGAIN) == []
    assert said(*PUBLIC[:4], "publication:action-required", "publication", version="v2") == []


def test_a_retraction_needs_the_erratum_that_it_names() -> None:
    (message,) = said(*PUBLIC, "retraction", erratum="one")
    assert message == "A retraction needs an erratum, but this ingest has no report on one."
    reports = life(*PUBLIC, "erratum", "retraction")
    reported = [replace(report, answers={**report.answers, "uid": "one"}) for report in reports]
    last = replace(reported[-1], answers={**reported[-1].answers, "erratum": "one"})
    assert list(missing_errata(last, reported[:-1])) == []
    assert said(*PUBLIC, "erratum", "retraction", erratum="another") != []


def test_other_steps_need_none() -> None:
    for steps in ((*PUBLIC, "archival"), (*PUBLIC, "revision"), (*PUBLIC, "retraction:started")):
        assert said(*steps) == []
