"""A package is taken exactly as it was sealed; what is damaged or hostile is refused, all of it."""

import io
import json
import stat
import struct
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provstore
from provstore.commands.file_checks import check_source
from provstore.errors import BadForm, BadPackage, UnknownName
from provstore.ingest import sealed_package as module
from provstore.ingest.sealed_package import read_delivery, seal, unseal
from provstore.storage.attachments import Attachments
from tests.test_form_draft import FORMS

FORM = FORMS["generic"]
ANSWERS = {key: each for key, each in FORM.example().items() if key != "attachments"}


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], **said: Any) -> bytes:
    """A package with these files, and a manifest that names them, but for what is said."""
    contents = {getattr(path, "filename", path): content for path, content in files}
    manifest = {
        "package": "provstore package 1",
        "form": FORM.name,
        "version": FORM.version,
        "vocabularies": [],
        "files": {path: sha256(content).hexdigest() for path, content in contents.items()},
    } | said
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in files:
            file.writestr(path, content)
        file.writestr("manifest.json", json.dumps(manifest))
    return out.getvalue()


FILLED = FORM.text(ANSWERS).encode()


def refused(data: bytes) -> dict[str, str]:
    with pytest.raises(BadPackage) as caught:
        unseal(data, "p.zip")
    assert "p.zip" in str(caught.value)
    return {problem.where: problem.what for problem in caught.value.problems}


def test_what_was_sealed_is_unsealed_and_the_same_again_is_the_same_bytes() -> None:
    data = seal(FORM, ANSWERS)
    assert data == seal(FORM, ANSWERS)
    assert unseal(data).form == FILLED
    filled, files = read_delivery(data, "p.zip", FORMS)
    assert filled.answers == ANSWERS
    assert files == {}


def test_answers_that_do_not_fit_are_not_sealed() -> None:
    with pytest.raises(BadForm):
        seal(FORM, {})


def test_files_must_be_those_that_the_answers_name() -> None:
    with pytest.raises(BadPackage) as caught:
        seal(FORM, ANSWERS, {"list.txt": b"a"})
    assert caught.value.problems[0].where == "attachments/list.txt"
    with pytest.raises(BadPackage):
        read_delivery(packed(("form.json", FILLED), ("attachments/a", b"")), "p", FORMS)


@pytest.mark.parametrize(
    "name", ["../a", "a/b", "a\\b", "C:a", "..", "", "a\n", "x" * 201, "\u202e"]
)
def test_a_file_has_a_plain_name(name: str) -> None:
    with pytest.raises(BadPackage):
        seal(FORM, ANSWERS, {name: b""})
    if name:
        assert refused(packed(("form.json", FILLED), (f"attachments/{name}", b"")))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../form.json", "attachments/", "attachments/a/b", "x"]
)
def test_nothing_else_is_in_a_package(path: str) -> None:
    assert path in refused(packed(("form.json", FILLED), (path, b"")))


def test_a_link_is_no_file() -> None:
    link = zipfile.ZipInfo("attachments/a")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    link.create_system = 3
    assert "attachments/a" in refused(packed(("form.json", FILLED), (link, b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("again", ["form.json", "FORM.json", "manifest.json"])
def test_no_name_is_there_twice(again: str) -> None:
    assert again.lower() in refused(packed(("form.json", FILLED), (again, b"{}")))


B = sha256(b"b").hexdigest()


def test_every_fault_of_a_package_is_listed() -> None:
    changed = packed(
        ("form.json", FILLED),
        ("attachments/a", b"a"),
        ("attachments/b", b"b"),
        files={"form.json": "0" * 64, "attachments/b": B, "attachments/c": ""},
    )
    assert set(refused(changed)) == {"form.json", "attachments/a", "attachments/c"}


@pytest.mark.parametrize(
    "said", [{"package": "provstore package 2"}, {"files": []}, {"form": 1}, {"vocabularies": None}]
)
def test_a_manifest_says_what_a_manifest_says(said: dict[str, Any]) -> None:
    assert f"manifest.json/{next(iter(said))}" in refused(packed(("form.json", FILLED), **said))


@pytest.mark.parametrize("missing", ["form.json", "manifest.json"])
def test_nothing_is_missing(missing: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("form.json" if missing == "manifest.json" else "manifest.json", "{}")
    assert missing in refused(out.getvalue())


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(("form.json", FILLED), ("attachments/a", bytes(module.MAX_ATTACHMENT + 1)))
    assert len(bomb) < 100_000
    assert "attachments/a" in refused(bomb)
    # The same, and the central directory says that the file is small.
    size = struct.pack("<L", module.MAX_ATTACHMENT + 1)
    assert refused(bomb.replace(size, struct.pack("<L", 10)))
    monkeypatch.setattr(module, "MAX_UNPACKED", 1000)
    assert "" in refused(packed(("form.json", FILLED), ("attachments/a", bytes(1000))))


def test_too_many_files_are_refused_before_they_are_looked_at() -> None:
    many = [(f"attachments/{n}", b"") for n in range(module.MAX_FILES + 3)]
    assert list(refused(packed(("form.json", FILLED), *many))) == [""]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"{}"])
def test_what_is_no_package_is_refused(data: bytes) -> None:
    assert refused(data)


SEALED = seal(FORM, ANSWERS)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_byte_that_was_changed_changes_nothing_or_is_noticed(place: int, change: int) -> None:
    data = bytearray(SEALED)
    data[place] ^= change
    try:
        found = unseal(bytes(data))
    except BadPackage:
        return
    assert found == unseal(SEALED)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_refused_in_words(data: bytes) -> None:
    refused(b"PK\x03\x04" + data)


def test_a_package_sent_twice_or_as_a_form_is_one_ingest(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "s") as store:
        first = store.submit(SEALED)
        assert (first.new, store.submit(SEALED).new, store.submit(FILLED).new) == (
            True,
            False,
            False,
        )
        assert store.position().position == 1


def test_a_package_is_checked_without_a_store() -> None:
    assert (found := check_source(SEALED, FORMS)).verdict == "valid"
    assert found.kind == "package"
    assert check_source(SEALED[:-30], FORMS).verdict == "invalid"
    assert check_source(packed(("form.json", FORM.blank().encode())), FORMS).problems


def test_attachments_are_kept_by_their_checksum(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path / "attachments")
    attachments.keep([b"a", b"b", b"a"])
    assert attachments.read(sha256(b"a").hexdigest()) == b"a"
    assert len(list((tmp_path / "attachments").iterdir())) == 2
    for wrong in ("0" * 64, "../provstore.toml", ""):
        with pytest.raises(UnknownName):
            attachments.read(wrong)


def test_a_package_of_other_vocabularies_is_taken_with_a_note() -> None:
    data = packed(("form.json", FILLED), vocabularies=["cmip6 6.2.1"])
    filled, _ = read_delivery(data, "p.zip", FORMS)
    assert "cmip6 6.2.1" in filled.notes[0].what
