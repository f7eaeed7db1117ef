"""The promises that provstore is known not to keep yet, as a table (`open_faults.toml`)."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest


@cache
def open_faults() -> Mapping[str, str]:
    """The cases that fail today, each with the reason."""
    table = tomllib.loads(Path(__file__).with_name("open_faults.toml").read_text())
    listed = table.get("fault", [])
    faults = {fault["case"]: fault["reason"] for fault in listed}
    assert len(faults) == len(listed), "a case is listed twice"
    return faults


def parameters(cases: Iterable[str]) -> list[object]:
    """Cases as parameters of a test; known faults must fail, so that a mended one is noticed."""
    return [
        pytest.param(
            case,
            id=case,
            marks=[
                pytest.mark.xfail(strict=True, raises=AssertionError, reason=open_faults()[case])
            ]
            if case in open_faults()
            else [],
        )
        for case in cases
    ]
