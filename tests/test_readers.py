"""What tools write is read wholly by the reader of its format, or refused with all faults."""

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provstore.errors import BadInput, UnknownName
from provstore.projects import workflow
from provstore.projects.forms import Form, load_forms
from provstore.prov.notations.input_file import InputFile
from provstore.readers.reader_registry import READERS, Extract, read_extract, recognise_format
from tests.properties import examples
from tests.tool_files import MADE, REAL, netcdf, tool_file

NAMES = sorted(READERS)
FUZZ = examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_every_reader_has_a_file_here() -> None:
    assert {*REAL, *MADE} == {*READERS}


@pytest.mark.parametrize("reader", NAMES)
def test_a_file_is_recognised_by_exactly_one_reader(reader: str, real_inputs: Path) -> None:
    data, _ = tool_file(reader, real_inputs)
    assert recognise_format(InputFile(data, "any name")).name == reader
    others = {name: read_with(data, name) for name in NAMES if name != reader}
    assert {name: said for name, said in others.items() if "Does not match" not in said} == {}


def read_with(data: bytes, reader: str) -> str:
    """What the wrong reader says, when it is named."""
    with pytest.raises(BadInput) as caught:
        read_extract(data, "a file", reader)
    return str(caught.value)


def test_every_real_file_is_read_or_belongs_to_another_room(real_inputs: Path) -> None:
    """PROV documents are imported, JSON Schemas and vocabularies are no reports."""
    unread = []
    folders = ("citation", "dkrz-forms-records", "errata", "netcdf", "publication", "quality")
    for path in sorted(path for name in folders for path in (real_inputs / name).rglob("*.*")):
        try:
            read_extract(path.read_bytes(), path.name)
        except BadInput:
            unread.append(path.name)
    schemas = [
        f"schema_publication_{word}.json" for word in ("create", "moderate", "propose", "update")
    ]
    assert unread == ["ingest_prov_1.json", "prov-ingest-1.json", *schemas]


REFUSED = {
    "errata/cmip6.json": "'uid' is missing",
    "handles/not-found.json": "there is no such handle",
    "handles/values-not-found.json": "it has no such values",
    "transfer/bagit/bag-info.txt": "Submit the manifest of the bag",
    "transfer/bagit/bagit.txt": "Submit the manifest of the bag",
}
"""Files of tools that hold nothing to record, and what is said of them."""


def test_every_file_that_a_tool_wrote_is_read_or_refused_with_a_remedy(
    real_tool_files: Path,
) -> None:
    folders = ("citation", "errata", "handles", "publication", "quality", "transfer")
    refused = {}
    for path in sorted(path for name in folders for path in (real_tool_files / name).rglob("*.*")):
        if path.is_file():
            try:
                read_extract(path.read_bytes(), path.name)
            except BadInput as error:
                refused[str(path.relative_to(real_tool_files))] = str(error)
    assert refused.keys() == REFUSED.keys()
    assert [name for name, words in REFUSED.items() if words not in refused[name]] == []


def resolve(answers: Any, where: str) -> bool:
    """Whether a problem's place is one that was answered."""
    value = answers
    for step in where.split("/")[2:]:
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return False
    return where.startswith("/answers/")


@pytest.fixture(scope="module")
def forms() -> Mapping[str, Form]:
    return load_forms(Path(__file__).parents[1] / "forms")


@pytest.mark.parametrize("reader", NAMES)
def test_the_answers_that_a_file_gives_pass_in_the_form_of_its_step(
    reader: str, real_inputs: Path, forms: Mapping[str, Form]
) -> None:
    found = read_extract(*tool_file(reader, real_inputs))
    form = forms[workflow.STEPS[found.step].forms[0]]
    assert found.answers.keys() <= {field.name for field in form.fields}
    wrong = [one for one in form.problems(dict(found.answers)) if resolve(found.answers, one.where)]
    assert wrong == []


@pytest.mark.parametrize("reader", NAMES)
def test_reading_is_a_function_of_the_bytes(reader: str, real_inputs: Path) -> None:
    data, name = tool_file(reader, real_inputs)
    assert read_extract(data, name) == read_extract(data, name)
    assert hash(read_extract(data, name).findings) == hash(read_extract(data, name).findings)
    assert all(hash(thing) for thing in read_extract(data, name).resources)


def test_an_unknown_file_is_answered_with_one_sentence() -> None:
    with pytest.raises(BadInput) as caught:
        read_extract(b'{"a": 1}', "a.json")
    (problem,) = caught.value.problems
    assert problem.what == "This is nothing that provstore reads."
    assert "provstore formats" in problem.mend
    with pytest.raises(UnknownName):
        read_extract(b"{}", "a", "esgf-qua")


@pytest.mark.parametrize(
    "data", [b"", b"\0\1\2", b"{", b"[" * 100_000, b'{"a": 1, "a": 2}', b"\xff\xfe"]
)
def test_what_nobody_can_read_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read_extract(data, "a")
    assert caught.value.problems


# --- mutations: refused clearly, or read wholly --------------------------------------------------


def attempt(data: bytes, name: str) -> Extract | None:
    """Read it; a refusal says why. Anything else that is raised fails the test."""
    try:
        found = read_extract(data, name)
    except BadInput as error:
        refused = error
    else:
        assert found.sources[0].bytes == len(data)
        str(found).encode()  # no half of a character
        return found
    assert refused.problems
    assert all(problem.what for problem in refused.problems)
    str(refused).encode()
    return None


@pytest.mark.parametrize("reader", [*NAMES, "hdf5"])
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["cut", "flip", "swap", "lines"]))
@FUZZ
def test_damaged_bytes_are_refused_or_read_wholly(
    reader: str, real_inputs: Path, seed: int, kind: str
) -> None:
    data, name = (netcdf("NETCDF4"), "x.nc") if reader == "hdf5" else tool_file(reader, real_inputs)
    dice = random.Random(seed)
    broken = bytearray(data)
    if kind == "cut":
        del broken[dice.randrange(len(data)) :]
    elif kind == "flip":
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(min(len(data), 6000))] = dice.randrange(256)
    elif kind == "swap":
        here, there = sorted(dice.randrange(len(data)) for _ in range(2))
        broken = bytearray(data[:here] + data[there:] + data[here:there])
    else:
        lines = data.splitlines(keepends=True)
        broken = bytearray(b"".join(dice.choices(lines, k=len(lines))))
    attempt(bytes(broken), name)


OTHERS: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "mandatory",
    [],
    {},
    [[]],
    {"a": {"b": []}},
    "1220",
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and list, as (container, key)."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        keys = (
            list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        )
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


JSON_READERS = [name for name in NAMES if name in REAL or MADE[name][:1] == b"{"]
JSON_READERS = [name for name in JSON_READERS if name not in ("netcdf", "esgf-mapfile")]


@pytest.mark.parametrize("reader", JSON_READERS)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 3))
@FUZZ
def test_a_changed_document_is_refused_or_read_wholly(
    reader: str, real_inputs: Path, seed: int, times: int
) -> None:
    data, name = tool_file(reader, real_inputs)
    document, dice = json.loads(data), random.Random(seed)
    for _ in range(times):
        container, key = dice.choice(places(document) or [({"a": 1}, "a")])
        if dice.random() < 0.3:
            del container[key]
        elif dice.random() < 0.2 and isinstance(container, dict):
            container[dice.choice(["", "a/b~c", "é", key + "x"])] = container.pop(key)
        else:
            container[key] = deepcopy(dice.choice(OTHERS))
    attempt(json.dumps(document).encode(), name)


@pytest.mark.parametrize("reader", JSON_READERS)
def test_a_document_with_a_key_twice_or_too_deep_is_refused(reader: str, real_inputs: Path) -> None:
    data, name = tool_file(reader, real_inputs)
    text = data.decode().strip()
    key = next(iter(json.loads(text)))
    twice = "{" + f"{json.dumps(key)}: 1, " + text[1:]
    deep = "{" + f'"deep": {"[" * 100}{"]" * 100}, ' + text[1:]
    assert attempt(twice.encode(), name) is None
    assert attempt(deep.encode(), name) is None


@pytest.mark.parametrize("reader", JSON_READERS)
def test_nothing_that_stands_in_a_document_is_lost(reader: str, real_inputs: Path) -> None:
    """A member that nobody knows, put into any object, is refused or found again."""
    data, name = tool_file(reader, real_inputs)
    count = len([part for part in objects(json.loads(data)) if isinstance(part, dict)])
    lost = []
    for index in sorted(random.Random(0).sample(range(count), min(count, 60))):
        document = json.loads(data)
        target = [part for part in objects(document) if isinstance(part, dict)][index]
        target["unheard-of"] = "a value that nobody knows"
        found = attempt(json.dumps(document).encode(), name)
        if found and "a value that nobody knows" not in str(found):
            lost.append([*target][:5])
    assert lost == []


def objects(value: Any) -> list[Any]:
    """The document and everything in it that is an object or list."""
    inside = [container[key] for container, key in places(value)]
    return [one for one in (value, *inside) if isinstance(one, dict | list)]


TEXT_READERS = [
    "prepare", "esgf-mapfile", "checksums", "rsync", "compliance-checker-text", "qa-dkrz-log",
    "errata-datasets",
]  # fmt: skip


@pytest.mark.parametrize("reader", TEXT_READERS)
@pytest.mark.parametrize("line", ["a line that nobody knows", "# a line that nobody knows"])
def test_no_line_of_a_text_is_lost(reader: str, line: str, real_inputs: Path) -> None:
    data, name = tool_file(reader, real_inputs)
    lines = data.decode().splitlines()
    for place in range(len(lines) + 1):
        text = "\n".join([*lines[:place], line, *lines[place:]])
        found = attempt(text.encode(), name)
        assert found is None or "a line that nobody knows" in str(found)
