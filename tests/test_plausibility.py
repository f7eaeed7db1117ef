"""What valid provenance may still get wrong: times, things nobody describes, names of others."""

import pytest

from provstore.prov.constraints import check
from provstore.prov.constraints.plausibility import (
    check_plausibility,
    claimed_names,
    implausible_times,
    undescribed_things,
)
from provstore.prov.model.bundle import Bundle
from tests.constraint_cases import EX, said

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def told(bundle: Bundle) -> list[str]:
    return [problem.what for problem in implausible_times(bundle)]


@pytest.mark.parametrize(
    ("statements", "later", "earlier"),
    [
        ([f"activity(a, {LATE}, {EARLY})"], "end of a", "start of a"),
        ([f"wasStartedBy(a, -, -, {LATE})", f"activity(a, -, {EARLY})"], "end of a", "start of a"),
        ([f"activity(a, {LATE})", f"wasGeneratedBy(e, a, {EARLY})"],
         "generation of e", "start of a"),
        ([f"activity(a, -, {EARLY})", f"wasGeneratedBy(e, a, {LATE})"],
         "end of a", "generation of e"),
        ([f"activity(a, {LATE})", f"used(a, e, {EARLY})"], "use of e", "start of a"),
        ([f"wasGeneratedBy(e, a, {LATE})", f"used(b, e, {EARLY})"],
         "use of e", "generation of e"),
        ([f"wasInvalidatedBy(e, a, {EARLY})", f"used(u; b, e, {LATE})"],
         "invalidation of e", "use of e"),
        ([f"wasInvalidatedBy(e, a, {EARLY})", f"wasGeneratedBy(e, b, {LATE})"],
         "invalidation of e", "generation of e"),
        ([f"wasGeneratedBy(e, a, {EARLY})", f"wasGeneratedBy(s, b, {LATE})",
          "wasDerivedFrom(e, s)"], "generation of e", "generation of s"),
    ],
)  # fmt: skip
def test_times_that_contradict_the_order_of_events(
    statements: list[str], later: str, earlier: str
) -> None:
    bundle = said(*statements)
    assert told(bundle) == [f"The {later} ({EARLY}) is recorded before the {earlier} ({LATE})."]
    assert check(bundle) == (), "W3C's constraints compare no times"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (EARLY, EARLY),
        ("2026-01-01T01:00:00+01:00", EARLY),
        ("2025-12-31T24:00:00Z", EARLY),
        ("2026-01-02T00:00:00", EARLY),
        ("-0044-03-15T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z"),
        ("2026-02-28T23:59:59.9Z", "2026-03-01T00:00:00Z"),
        ("yesterday", EARLY),
    ],
)
def test_times_that_agree_or_cannot_be_compared(start: str, end: str) -> None:
    assert told(said(f"activity(a, {start}, {end})")) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:30:00+01:00"),
        ("2026-01-01T00:00:00.002Z", "2026-01-01T00:00:00.001Z"),
        ("2024-02-29T00:00:00", "2024-02-28T23:59:59"),
        ("0000-03-01T00:00:00Z", "0000-02-29T00:00:00Z"),
        ("0000-01-01T00:00:00Z", "-0001-12-31T23:00:00Z"),
    ],
)
def test_times_are_compared_as_instants(start: str, end: str) -> None:
    assert len(told(said(f"activity(a, {start}, {end})"))) == 1


def test_what_is_mentioned_should_be_described_somewhere() -> None:
    bundle = said(
        "entity(e)",
        "wasGeneratedBy(g; e, a, -)",
        "used(a, f, -)",
        "wasDerivedFrom(e, e, a, g, u)",
        "wasInfluencedBy(g, e)",
    )
    assert sorted(problem.what for problem in undescribed_things(bundle)) == [
        "This activity is mentioned in a used, but not described.",
        "This entity is mentioned in a used, but not described.",
        "This usage is mentioned in a wasDerivedFrom, but not described.",
    ]
    assert sorted(problem.where for problem in undescribed_things(bundle)) == ["a", "f", "u"]


def test_names_are_given_by_whom_they_belong_to() -> None:
    bundle = said("entity(ours/e)", "used(ours/u; a, ours/seen, -)", "entity(other)")
    assert [problem.where for problem in claimed_names(bundle, EX + "ours/")] == [
        "ours/e",
        "ours/u",
    ]
    assert list(claimed_names(bundle, "")) == []


def test_all_of_it_at_once_sorted() -> None:
    bundle = said(f"activity(ours/a, {LATE}, {EARLY})", "used(ours/a, e, -)")
    found = check_plausibility(bundle, EX + "ours/")
    assert list(found) == sorted(found)
    assert [one.where for one in found] == ["e", "ours/a", "ours/a"]
    assert all(one.mend for one in found)
    assert check_plausibility(said("entity(e)")) == ()
