"""A sealed package: a filled form and the files that belong to it, in one zip that can be sent.

In: a form, answers, files; or bytes from anywhere, hostile until checked. Out: bytes, a `Package`,
or `BadPackage` with every problem. Pure: nothing is unpacked to a disk, names are only compared.

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
"""Bytes of one attachment, bytes of all files, and how many: data take another way."""

_FORM, _MANIFEST, _FOLDER = "form.json", "manifest.json", "attachments/"
_KIND = "provstore package 1"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    LookupError, OSError, UnicodeError, OverflowError,
)  # fmt: skip
"""What zipfile raises on damaged and hostile files."""


@dataclass(frozen=True)
class Package:
    """What is in a package that is as it was sealed; `seal` is the SHA-256 of its manifest."""

    form: bytes
    attachments: Mapping[str, bytes]
    vocabularies: tuple[str, ...]
    seal: str


def looks_like_package(data: bytes) -> bool:
    """Say whether bytes are meant to be a package: a zip file, empty or not."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def seal(
    form: Form, answers: Mapping[str, Any], attachments: Mapping[str, bytes] | None = None
) -> bytes:
    """Give the package of a form that is filled in; the same again is the same bytes.

    Raises:
        BadForm: the answers do not fit the form.
        BadPackage: the attachments are not those that the answers name, or too large.

    """
    form.check(answers)
    attached = attachments or {}
    name = f"package of form {form.name}"
    if problems := [*_faults_of_files(attached), *_faults_of_match(answers, attached)]:
        raise BadPackage(name, problems)
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
            entry = zipfile.ZipInfo(path)  # of 1980, always: a package is known by its content
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    return out.getvalue()


def unseal(data: bytes, name: str = "package") -> Package:
    """Read a package and hold every file in it against its manifest.

    Raises:
        BadPackage: it is damaged, too large, or holds what it must not; lists every problem.

    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            entries = package.infolist()
            if problems := [*_faults_of_entries(entries)]:
                raise BadPackage(name, problems)
            files = _unpacked(package, entries, name)
    except _DAMAGED as error:
        raise BadPackage(
            name, [Problem("", f"It cannot be unpacked: {error}.", _PACK_AGAIN)]
        ) from error
    manifest = _manifest(files.pop(_MANIFEST, b""), name)
    if problems := [*_faults_of_seal(manifest["files"], files)]:
        raise BadPackage(name, problems)
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
    """What a provider or a data manager hands in: a filled form, and the files that belong to it.

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

    def read(self, forms: Mapping[str, Form], known: Mapping[str, Any] | None = None) -> FilledForm:
        """The answers, checked; `known` ones fill what a form that is not sealed leaves open.

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            BadPackage: the files are not those that the answers name.

        """
        name, document = self.form_file.name, read_form_document(self.form_file)
        if known and self.vocabularies is None:
            document = _with_known(document, known)
        filled = check_filled_form(document, name, forms)
        if self.vocabularies is None:
            return filled
        if problems := [*_faults_of_match(filled.answers, self.attachments)]:
            raise BadPackage(name, problems)
        if self.vocabularies == filled.form.vocabularies:
            return filled
        both = (self.vocabularies, filled.form.vocabularies)
        filled_with, judged_by = (", ".join(vocabularies) or "none" for vocabularies in both)
        note = Problem(
            "", f"It was filled in with the vocabularies {filled_with}, and judged by {judged_by}."
        )
        return replace(filled, notes=(*filled.notes, note))


def open_delivery(input_file: InputFile) -> Delivery:
    """A package, unsealed, or else a filled form.

    Raises:
        BadPackage: a package is not as it was sealed; lists every problem.

    """
    if not looks_like_package(input_file.data):
        return Delivery(input_file)
    package = unseal(input_file.data, input_file.name)
    form_file = InputFile(package.form, input_file.name)
    return Delivery(form_file, package.attachments, package.vocabularies)


def read_delivery(
    data: bytes, name: str, forms: Mapping[str, Form]
) -> tuple[FilledForm, Mapping[str, bytes]]:
    """The answers in a package or a filled form, checked, and their files.

    Raises:
        BadForm: the answers do not fit the form; lists every problem.
        BadPackage: it is not as it was sealed, or its files are not those that the answers name.

    """
    delivery = open_delivery(InputFile(data, name))
    return delivery.read(forms), delivery.attachments


def looks_like_delivery(input_file: InputFile) -> bool:
    """Whether it is meant to be a package or a filled form; its content decides."""
    return looks_like_package(input_file.data) or looks_like_form(input_file.document)


def _with_known(document: object, known: Mapping[str, Any]) -> object:
    """A filled form in which what is known stands where it was left open."""
    answers = document.get("answers") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(answers, dict):
        return document
    answered = {key: answer for key, answer in answers.items() if answer is not None}
    return {**document, "answers": {**known, **answered}}


def files_in_answers(
    answers: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str, str, str]]:
    """The files that answers name: the place, the name, the SHA-256."""
    if isinstance(answers, dict) and {"name", "sha256"} <= answers.keys():
        yield pointer("/answers", *path), str(answers["name"]), str(answers["sha256"])
    elif isinstance(answers, (dict, list)):
        inside = answers.items() if isinstance(answers, dict) else enumerate(answers)
        for step, each in inside:
            yield from files_in_answers(each, (*path, step))


# ------------------------------------------------------------------------------ what can be wrong

_PACK_AGAIN = "Make the package once more and send it as it is."


def _faults_of_match(answers: Any, attachments: Mapping[str, bytes]) -> Iterator[Problem]:
    """Each file that the answers name is there, as it was, and there is no other."""
    sums = {called: sha256(content).hexdigest() for called, content in attachments.items()}
    asked = list(files_in_answers(answers))
    for where, called, checksum in asked:
        if called not in sums:
            yield Problem(
                where, f"The file {quote_answer(called)} is not in the package.", _PACK_AGAIN
            )
        elif sums[called] != checksum:
            message = f"The file {quote_answer(called)} is not the one whose checksum is given."
            yield Problem(where, message, "Choose the file once more.")
    for called in attachments.keys() - {called for _, called, _ in asked}:
        yield Problem(_FOLDER + called, "No answer names this file.", "Leave it out.")


def _faults_of_files(attachments: Mapping[str, bytes]) -> Iterator[Problem]:
    """Whether attachments can be packed at all."""
    for called, content in attachments.items():
        if fault := fault_of_name(called):
            yield Problem(_FOLDER + called, fault, "Give the file a plain name.")
        if len(content) > MAX_ATTACHMENT:
            yield Problem(_FOLDER + called, "This file is too large.", _LIMIT)
    if len(attachments) > MAX_FILES or sum(map(len, attachments.values())) > MAX_UNPACKED:
        yield Problem("", "These are too many files, or too large ones together.", _LIMIT)


_LIMIT = (
    f"A file has at most {MAX_ATTACHMENT >> 20} MiB, a package {MAX_UNPACKED >> 20} MiB in "
    f"{MAX_FILES} files; data are sent by other ways."
)


def fault_of_name(called: str) -> str:
    """What is wrong with the name of a file, "" for nothing: it must be no path anywhere."""
    if called in ("", ".", "..") or len(called.encode(errors="replace")) > 200:
        return "This is no name of a file."
    if any(letter in '/\\:*?"<>|' or not letter.isprintable() for letter in called):
        return "The name of this file holds a character that is none of a name."
    return ""


def _faults_of_entries(entries: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    """What a zip file says of itself, before anything is unpacked."""
    if len(entries) > MAX_FILES + 2:
        yield Problem("", f"There are {len(entries)} files in it.", _LIMIT)
        return
    for path, times in Counter(entry.filename.casefold() for entry in entries).items():
        if times > 1:
            yield Problem(path, "This name is there twice.", _PACK_AGAIN)
    for entry in entries:
        if fault := _fault_of_entry(entry):
            yield Problem(entry.orig_filename[:200], *fault)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        yield Problem("", "Unpacked it is too large.", _LIMIT)
    for path in (_FORM, _MANIFEST):
        if path not in {entry.orig_filename for entry in entries}:
            yield Problem(path, "This file is missing.", _PACK_AGAIN)


def _fault_of_entry(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    path, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    inside = path.removeprefix(_FOLDER)
    if path not in (_FORM, _MANIFEST) and (inside == path or fault_of_name(inside)):
        return "This does not belong in a package.", _PACK_AGAIN
    if kind not in (0, stat.S_IFREG):
        return "This is no plain file.", _PACK_AGAIN
    if entry.flag_bits & 0x1 or entry.compress_type not in _METHODS:
        return "This is encrypted, or packed in an unusual way.", _PACK_AGAIN
    return ("This file is too large.", _LIMIT) if entry.file_size > MAX_ATTACHMENT else None


def _unpacked(
    package: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo], name: str
) -> dict[str, bytes]:
    """The content of every entry; what a zip file says of sizes is not believed."""
    files, left = {}, MAX_UNPACKED
    for entry in entries:
        with package.open(entry) as file:
            content = file.read(min(left, MAX_ATTACHMENT) + 1)
        left -= len(content)
        if left < 0 or len(content) > MAX_ATTACHMENT:
            raise BadPackage(name, [Problem(entry.filename, "Unpacked it is too large.", _LIMIT)])
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
        raise BadPackage(name, faults) from None
    if not isinstance(manifest, dict):
        raise BadPackage(name, [Problem(_MANIFEST, "This is no manifest.", _PACK_AGAIN)])
    problems = [
        Problem(f"{_MANIFEST}/{key}", f"The manifest does not say its {key}.", _PACK_AGAIN)
        for key, kind in _MANIFEST_KEYS.items()
        if not isinstance(manifest.get(key), kind)
    ]
    if not problems and manifest["package"] != _KIND:
        message = f"This is {quote_answer(manifest['package'])}; {_KIND} is understood here."
        problems.append(Problem(f"{_MANIFEST}/package", message))
    if problems:
        raise BadPackage(name, problems)
    return manifest


def _faults_of_seal(sealed: Mapping[str, object], files: Mapping[str, bytes]) -> Iterator[Problem]:
    for path, content in files.items():
        if path not in sealed:
            yield Problem(path, "The manifest does not name this file.", _PACK_AGAIN)
        elif sealed[path] != sha256(content).hexdigest():
            yield Problem(path, "This file was changed after the package was sealed.", _PACK_AGAIN)
    for path in sealed.keys() - files.keys():
        yield Problem(path[:200], "The manifest names this file, but it is missing.", _PACK_AGAIN)
