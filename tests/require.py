"""What tests cannot do without: missing, it is a loud skip, or a failure where it is required."""

import os
from typing import NoReturn

import pytest


def missing(name: str, reason: str) -> NoReturn:
    """Skip, or fail if PROVSTORE_REQUIRE names it (CI does)."""
    if name in os.environ.get("PROVSTORE_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here, but {reason}", pytrace=False)
    pytest.skip(f"{name}: {reason}")
