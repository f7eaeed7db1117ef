"""The life of an ingest as a picture: every run in its lane, the loops visible."""

from provstore.pictures.timeline import Timeline
from tests.reports import life
from tests.test_svg_document import parsed, words

STEPS = (
    "submission", "review", "transfer", "quality:action-required", "revision", "review",
    "transfer:action-required", "transfer", "quality",
)  # fmt: skip


def timeline(*steps: str, person: str = "Ada Example") -> Timeline:
    rows = tuple(
        {
            "sequence": report.sequence,
            "step": report.step,
            "run": report.run,
            "outcome": report.outcome,
            "person": person,
            "started": report.answers["started"],
            "ended": report.answers.get("ended", ""),
        }
        for report in life(*steps)
    )
    return Timeline("cordex-0001", rows, "open", "publication", "publisher")


def test_every_run_is_there_with_its_outcome_and_what_comes_next() -> None:
    shown = words(parsed(timeline(*STEPS).svg()))
    for said in (
        "submission 1",
        "quality 1",
        "action-required",
        "transfer 3",
        "next: publication",
        "the publisher",
        "Ada Example",
        "2026-03-04",
    ):
        assert said in shown


def test_a_step_that_leads_back_is_a_loop() -> None:
    told = timeline(*STEPS)
    assert [told.rows[at]["step"] for at in told.loops] == ["review", "transfer"]
    assert told.about == "9 runs, 2 loops. Status: open. Next step: publication, by the publisher."
    assert "loop: a step is repeated" in told.svg()
    assert "loop: a step" not in timeline("submission", "review").svg()


def test_lanes_stand_in_the_order_of_the_workflow() -> None:
    assert timeline(*STEPS).lanes == [
        "submission",
        "review",
        "transfer",
        "quality",
        "publication",
        "revision",
    ]


def test_hostile_names_stay_names_and_the_bytes_are_the_same_each_time() -> None:
    told = timeline(*STEPS, person="</svg><script>alert(1)</script>")
    parsed(told.svg("x"))
    assert told.svg() == told.svg()


def test_an_ingest_that_has_ended_expects_nothing() -> None:
    ended = Timeline("cordex-0001", timeline("submission").rows, "closed")
    assert ended.about == "1 run, 0 loops. Status: closed."
    assert "next" not in words(parsed(ended.svg(bare=True)))
