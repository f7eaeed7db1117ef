"""ProvToolbox reads what we write, and we read what it writes; its own faults are listed."""

from collections import Counter
from pathlib import Path

import pytest

from provstore.errors import BadDocument, Refused
from provstore.prov.notations import Notation, notation_registry
from tests import foreign
from tests.properties import FACTOR
from tests.require import missing
from tests.servers.java import ServerMissing
from tests.servers.provtoolbox import judged

ENDINGS: dict[Notation, str] = {
    "provjson-toolbox": "json",
    "provn": "provn",
    "provxml": "provx",
    "provjsonld": "jsonld",
}
STEP = 6 if FACTOR == 1 else 1
"""A sample; with PROVSTORE_EXAMPLES, all documents of the corpora."""

ITS_FAULTS = {
    "newMentionOf not supported": "it reads no mentions",
    'Unrecognized field "mentionOf"': "it reads no mentions",
    "Null namespace for": "it forgets prefixes that only values use, also in what it writes itself",
    "Can not pass null 'prefix' value": "it writes no names without prefix as names of attributes",
    "Default namespace uri lacks a prefix": "it writes no values without prefix in PROV-XML",
}
"""Part of what ProvToolbox says → why that is a fault of its own."""

NOT_PROV = {
    "'null:": "it writes the prefix null where a name has none",
    "The prefix '_' is reserved": "it makes up a prefix for blank names",
    'Could not create a valid QualifiedName for "".': "it writes empty names",
    "Expected ']', found '%%'": "it writes a datatype after a language in PROV-N",
    "has no prov:ref attribute": "it writes memberships without a member",
    'The "entity" array of Membership is empty': "it writes memberships without a member",
    "An identifier is missing": "it writes empty names",
    "Unterminated string": "it does not escape the ends of lines in PROV-N",
}
"""Part of what we say → why what ProvToolbox wrote is not PROV."""


@pytest.fixture(scope="module")
def answers(
    corpora: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[Path, str], list[Path]]:
    """What it says of all documents that we write; and those that it wrote."""
    place = tmp_path_factory.mktemp("provtoolbox")
    files: dict[Path, list[Path]] = {}
    for number, path in enumerate(foreign.documents(corpora)[::STEP]):
        if path.stat().st_size > 300_000:
            continue
        document = notation_registry.read(path.read_bytes(), path.name).document
        for notation, ending in ENDINGS.items():
            try:
                text = "".join(notation_registry.write(document, notation))
            except Refused:  # listed in notation_limits
                continue
            file = place / f"{number}-{path.stem[:30]}-ours.{ending}"
            file.write_text(text)
            again = [place / f"{number}-{kind}-its.{kind}" for kind in ENDINGS.values()]
            files[file] = again if notation == "provjson-toolbox" else []
    try:
        found = judged(files, place)
    except ServerMissing as error:
        missing("provtoolbox", error.reason)
    return found, sorted(place.glob("*-its.*"))


def test_it_reads_what_we_write(answers: tuple[dict[Path, str], list[Path]]) -> None:
    found, _ = answers
    assert len(found) > 400
    faults = {
        file.name: answer
        for file, answer in found.items()
        if answer != "read" and not any(part in answer for part in ITS_FAULTS)
    }
    assert not faults, faults
    read = Counter(file.suffix for file, answer in found.items() if answer == "read")
    for ending, share in ((".json", 0.96), (".jsonld", 0.99), (".provn", 0.92), (".provx", 0.9)):
        assert read[ending] >= share * sum(file.suffix == ending for file in found), ending


def test_we_read_what_it_writes(answers: tuple[dict[Path, str], list[Path]]) -> None:
    _, written = answers
    assert len(written) > 300
    faults: dict[str, str] = {}
    for file in written:
        if not file.stat().st_size:
            continue  # it failed while writing
        try:
            notation_registry.read(file.read_bytes(), file.name)
        except BadDocument as error:
            faults[file.name] = str(error)
    rest = {
        name: fault for name, fault in faults.items() if not any(part in fault for part in NOT_PROV)
    }
    assert not rest, rest
    assert len(faults) <= 0.06 * len(written)  # 20 of 377 were not PROV when this was measured
