"""What every test may lean on: documents that nobody here wrote, and real servers."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("PROVSTORE_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of foreign documents; its absence is said aloud."""
    folder = SHARED / "corpora"
    if not folder.is_dir():
        pytest.skip(f"the corpora are not at {folder}: nothing foreign was read")
    return folder
