"""A sealed package: a filled form and the files that belong to it, in one zip file.

In: a form, answers, files; or bytes from anywhere, not trusted until checked. Out: bytes, a
`Package`, or `BadPackage` with every problem. Pure: nothing is unpacked to a disk; names are only
compared.

    form.json          the filled form
    attachments/NAME   the files that the answers name, with their SHA-256
    manifest.json      form, version, versions of vocabularies, SHA-256 of every other file
"""

import json
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from typing import Any

from provstore.errors import BadDocument, BadPackage, Problem
from provstore.projects.form_rules import quote_answer
from provstore.projects.forms import (
    FilledForm,
    Form,
    check_filled_form,
    looks_like_form,
    read_form_document,
)
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import pointer, strict_json

MAX_ATTACHMENT = 20 << 20
MAX_UNPACKED = 64 << 20
MAX_FILES = 500
"""Limits: bytes of one attachment, bytes of all files, number of files. Data do not belong in a
package."""

MAX_NAME = 200
"""The maximum length of a file name, in bytes."""

_FORM, _MANIFEST, _FOLDER = "form.json", "manifest.json", "attachments/"
_KIND = "provstore package 1"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    LookupError, OSError, UnicodeError, OverflowError,
)  # fmt: skip
"""The errors of zipfile on damaged and hostile files."""


@dataclass(frozen=True)
class Package:
    """The content of an unchanged package; `seal` is the SHA-256 of its manifest."""

    form: bytes
    attachments: Mapping[str, bytes]
    vocabularies: tuple[str, ...]
    seal: str


def looks_like_package(data: bytes) -> bool:
    """Tell whether bytes are meant to be a package: a zip file, empty or not."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def seal(
    form: Form, answers: Mapping[str, Any], attachments: Mapping[str, bytes] | None = None
) -> bytes:
    """Seal a filled form and its attachments; equal input gives equal bytes.

    Raises:
        BadForm: the answers do not fit the form.
        BadPackage: the attachments differ from those in the answers, or are too large.

    """
    form.check(answers)
    attached = attachments or {}
    name = f"package of form {form.name}"
    if problems := [*_faults_of_files(attached), *_faults_of_match(answers, attached)]:
        raise BadPackage(name, problems, code="PS-PACKAGE-FILES")
    files = {_FORM: form.text(answers).encode()}
    files |= {_FOLDER + called: content for called, content in sorted(attached.items())}
    manifest = {
        "package": _KIND,
        "form": form.name,
        "version": form.version,
        "vocabularies": list(form.vocabularies),
        "files": {path: sha256(content).hexdigest() for path, content in files.items()},
    }
    files[_MANIFEST] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)  # always 1980, so that equal content gives equal bytes
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    return out.getvalue()


def unseal(data: bytes, name: str = "package") -> Package:
    """Read a package and compare every file in it with its manifest.

    Raises:
        BadPackage: it is damaged, too large, or has unexpected content; lists every problem.

    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            entries = package.infolist()
            if problems := [*_faults_of_entries(entries)]:
                raise BadPackage(name, problems, code="PS-PACKAGE-CONTENT")
            files = _unpacked(package, entries, name)
    except _DAMAGED as error:
        raise BadPackage(
            name,
            [Problem("", f"The package cannot be unpacked: {error}.", _PACK_AGAIN)],
            code="PS-PACKAGE-DAMAGED",
        ) from error
    manifest = _manifest(files.pop(_MANIFEST, b""), name)
    if problems := [*_faults_of_seal(manifest["files"], files)]:
        raise BadPackage(name, problems, code="PS-PACKAGE-CHANGED")
    attachments = {
        path.removeprefix(_FOLDER): content for path, content in files.items() if path != _FORM
    }
    vocabularies = tuple(map(str, manifest["vocabularies"]))
    written = json.dumps(manifest, sort_keys=True).encode()
    return Package(
        files[_FORM],
        MappingProxyType(attachments),
        vocabularies,
        sha256(written).hexdigest(),
    )


@dataclass(frozen=True)
class Delivery:
    """What a provider or a data manager sends: a filled form, and the files that belong to it.

    `vocabularies` are those of the form when it was filled in; None where no package says so.
    """

    form_file: InputFile
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    vocabularies: tuple[str, ...] | None = None

    @property
    def form_name(self) -> str:
        """The form that it names, "" for none; it is not checked yet."""
        document = self.form_file.document
        return str(document.get("form", "")) if isinstance(document, dict) else ""

    def document(self, known: Mapping[str, Any] | None = None) -> object:
        """Return the form as it was sent; `known` answers fill what one outside a package lacks.

        Raises:
            BadForm: it is no JSON; lists every problem.

        """
        document = read_form_document(self.form_file)
        return _with_known(document, known) if known and self.vocabularies is None else document

    def read(self, forms: Mapping[str, Form], known: Mapping[str, Any] | None = None) -> FilledForm:
        """Read and check the answers; `known` ones fill what a form outside a package leaves open.

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            BadPackage: the files are not those that the answers name.

        """
        name = self.form_file.name
        filled = check_filled_form(self.document(known), name, forms)
        if self.vocabularies is None:
            return filled
        if problems := [*_faults_of_match(filled.answers, self.attachments)]:
            raise BadPackage(name, problems, code="PS-PACKAGE-FILES")
        if self.vocabularies == filled.form.vocabularies:
            return filled
        both = (self.vocabularies, filled.form.vocabularies)
        filled_with, judged_by = (", ".join(vocabularies) or "none" for vocabularies in both)
        note = Problem(
            "", f"It was filled in with vocabularies {filled_with}, but checked with {judged_by}."
        )
        return replace(filled, notes=(*filled.notes, note))


def open_delivery(input_file: InputFile) -> Delivery:
    """Open a package, or else a filled form.

    Raises:
        BadPackage: the package was changed after sealing; lists every problem.

    """
    if not looks_like_package(input_file.data):
        return Delivery(input_file)
    package = unseal(input_file.data, input_file.name)
    form_file = InputFile(package.form, input_file.name)
    return Delivery(form_file, package.attachments, package.vocabularies)


def read_delivery(
    data: bytes, name: str, forms: Mapping[str, Form]
) -> tuple[FilledForm, Mapping[str, bytes]]:
    """Read what a provider sends, a filled form or a package: the answers and their files.

    Raises:
        BadForm: the answers do not fit the form; lists every problem.
        BadPackage: it was changed after sealing, or its files differ from those in the answers.

    """
    delivery = open_delivery(InputFile(data, name))
    return delivery.read(forms), delivery.attachments


def looks_like_delivery(input_file: InputFile) -> bool:
    """Whether it seems to be a package or a filled form; its content decides."""
    return looks_like_package(input_file.data) or looks_like_form(input_file.document)


def _with_known(document: object, known: Mapping[str, Any]) -> object:
    """Fill the open answers of a form with those that are known."""
    answers = document.get("answers") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(answers, dict):
        return document
    answered = {key: answer for key, answer in answers.items() if answer is not None}
    return {**document, "answers": {**known, **answered}}


def files_in_answers(
    answers: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str, str, str]]:
    """Yield the files that the answers name: place, name and SHA-256."""
    if isinstance(answers, dict) and {"name", "sha256"} <= answers.keys():
        yield pointer("/answers", *path), str(answers["name"]), str(answers["sha256"])
    elif isinstance(answers, (dict, list)):
        inside = answers.items() if isinstance(answers, dict) else enumerate(answers)
        for step, each in inside:
            yield from files_in_answers(each, (*path, step))


# --- problems ------------------------------------------------------------------------------------

_PACK_AGAIN = "Make the package again and send it unchanged."


def _faults_of_match(answers: Any, attachments: Mapping[str, bytes]) -> Iterator[Problem]:
    """Check that the files are exactly those that the answers name, with their checksums."""
    sums = {called: sha256(content).hexdigest() for called, content in attachments.items()}
    asked = list(files_in_answers(answers))
    for where, called, checksum in asked:
        if called not in sums:
            yield Problem(
                where, f"The file {quote_answer(called)} is not in the package.", _PACK_AGAIN
            )
        elif sums[called] != checksum:
            message = f"The file {quote_answer(called)} does not have the checksum in the answers."
            yield Problem(where, message, "Attach the file again.")
    for called in attachments.keys() - {called for _, called, _ in asked}:
        yield Problem(_FOLDER + called, "No answer names this file.", "Remove it.")


def _faults_of_files(attachments: Mapping[str, bytes]) -> Iterator[Problem]:
    """Check the names and sizes of attachments."""
    for called, content in attachments.items():
        if fault := fault_of_name(called):
            yield Problem(_FOLDER + called, fault, "Rename the file.")
        if len(content) > MAX_ATTACHMENT:
            yield Problem(_FOLDER + called, "This file is too large.", _LIMIT)
    if len(attachments) > MAX_FILES or sum(map(len, attachments.values())) > MAX_UNPACKED:
        yield Problem("", "The attachments are too many, or too large in total.", _LIMIT)


_LIMIT = (
    f"A file may have at most {MAX_ATTACHMENT >> 20} MiB, a package {MAX_UNPACKED >> 20} MiB in "
    f"{MAX_FILES} files; do not send data in it."
)


def fault_of_name(called: str) -> str:
    """Return the fault of a file name, or ""; a name must not be a path on any system."""
    if called in ("", ".", ".."):
        return "This is not a file name."
    if len(called.encode(errors="replace")) > MAX_NAME:
        return f"The file name is too long; at most {MAX_NAME} bytes are allowed."
    if any(letter in '/\\:*?"<>|' or not letter.isprintable() for letter in called):
        return "The file name contains a character that is not allowed."
    return ""


def _faults_of_entries(entries: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    """Check the directory of a zip file before anything is unpacked."""
    if len(entries) > MAX_FILES + 2:
        yield Problem("", f"The package has {len(entries)} files.", _LIMIT)
        return
    for path, times in Counter(entry.filename.casefold() for entry in entries).items():
        if times > 1:
            yield Problem(path, "This name occurs twice.", _PACK_AGAIN)
    for entry in entries:
        if fault := _fault_of_entry(entry):
            yield Problem(entry.orig_filename[:200], *fault)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        yield Problem("", "The unpacked package is too large.", _LIMIT)
    for path in (_FORM, _MANIFEST):
        if path not in {entry.orig_filename for entry in entries}:
            yield Problem(path, "This file is missing.", _PACK_AGAIN)


def _fault_of_entry(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    path, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    inside = path.removeprefix(_FOLDER)
    if path not in (_FORM, _MANIFEST) and (inside == path or fault_of_name(inside)):
        return "This file does not belong in a package.", _PACK_AGAIN
    if kind not in (0, stat.S_IFREG):
        return "This is not a regular file.", _PACK_AGAIN
    if entry.flag_bits & 0x1 or entry.compress_type not in _METHODS:
        return "This file is encrypted or uses an unsupported compression.", _PACK_AGAIN
    return ("This file is too large.", _LIMIT) if entry.file_size > MAX_ATTACHMENT else None


def _unpacked(
    package: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo], name: str
) -> dict[str, bytes]:
    """Unpack every entry; the sizes that a zip file claims are not trusted."""
    files, left = {}, MAX_UNPACKED
    for entry in entries:
        with package.open(entry) as file:
            content = file.read(min(left, MAX_ATTACHMENT) + 1)
        left -= len(content)
        if left < 0 or len(content) > MAX_ATTACHMENT:
            raise BadPackage(
                name,
                [Problem(entry.filename, "The unpacked package is too large.", _LIMIT)],
                code="PS-PACKAGE-TOO-LARGE",
            )
        files[entry.filename] = content
    return files


_MANIFEST_KEYS = {"package": str, "form": str, "version": str, "vocabularies": list, "files": dict}


def _manifest(data: bytes, name: str) -> dict[str, Any]:
    try:
        manifest = strict_json(data, _MANIFEST)
    except BadDocument as error:
        faults = (
            Problem(f"{_MANIFEST}{problem.where}", problem.what, problem.mend)
            for problem in error.problems
        )
        raise BadPackage(name, faults, code="PS-PACKAGE-MANIFEST") from None
    if not isinstance(manifest, dict):
        raise BadPackage(
            name,
            [Problem(_MANIFEST, "This is not a manifest.", _PACK_AGAIN)],
            code="PS-PACKAGE-MANIFEST",
        )
    problems = [
        Problem(f"{_MANIFEST}/{key}", f"The manifest has no {key}.", _PACK_AGAIN)
        for key, kind in _MANIFEST_KEYS.items()
        if not isinstance(manifest.get(key), kind)
    ]
    if not problems and manifest["package"] != _KIND:
        message = f"This is {quote_answer(manifest['package'])}; expected {_KIND}."
        problems.append(Problem(f"{_MANIFEST}/package", message))
    if problems:
        raise BadPackage(name, problems, code="PS-PACKAGE-MANIFEST")
    return manifest


def _faults_of_seal(sealed: Mapping[str, object], files: Mapping[str, bytes]) -> Iterator[Problem]:
    for path, content in files.items():
        if path not in sealed:
            yield Problem(path, "The manifest does not name this file.", _PACK_AGAIN)
        elif sealed[path] != sha256(content).hexdigest():
            yield Problem(path, "This file was changed after the package was sealed.", _PACK_AGAIN)
    for path in sealed.keys() - files.keys():
        yield Problem(path[:200], "The manifest names this file, but it is missing.", _PACK_AGAIN)
