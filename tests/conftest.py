"""What every test may lean on: documents that nobody here wrote."""

import os
from pathlib import Path

import pytest

from tests.engines import engine as engine
from tests.engines import engines as engines
from tests.engines import fuseki as fuseki
from tests.properties import load_profile
from tests.require import missing

load_profile()

SHARED = Path(os.environ.get("PROVSTORE_SHARED") or Path(__file__).parents[2] / "shared")


def shared(name: str) -> Path:
    """A folder of files that nobody here wrote; without it the test is skipped, and says why."""
    folder = SHARED / name
    if not folder.is_dir():
        message = (
            f"the test needs the foreign corpora: set PROVSTORE_SHARED (no {name} in {SHARED})"
        )
        missing("corpora", message)
    return folder


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Documents of other programs, and judgements on them."""
    return shared("corpora")


@pytest.fixture(scope="session")
def real_inputs() -> Path:
    """Records that real deliveries left."""
    return shared("real-inputs")


@pytest.fixture(scope="session")
def real_tool_files() -> Path:
    """Files that tools wrote."""
    return shared("tool-files")
