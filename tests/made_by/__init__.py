"""What earlier versions made, and nobody makes anew: one archive for each version.

In: the name of an archive. Out: the folder with a store, drafts and a sealed package.
"""

import tarfile
from pathlib import Path

ARCHIVES = sorted(Path(__file__).parent.glob("*.tar.xz"))
FORMAT_1 = Path(__file__).parent / "0.1.0.tar.xz"
"""Its store has a journal of format 1."""


def unpack(archive: Path, place: Path) -> Path:
    """Unpack an archive into a directory; return the folder that it contains."""
    before = {*place.iterdir()}
    with tarfile.open(archive) as file:
        file.extractall(place, filter="data")
    (folder,) = {*place.iterdir()} - before
    return folder
