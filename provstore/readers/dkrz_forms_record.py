"""Workflow records of the first generation (dkrz_forms v0 of 2016 and 2017, and v1.0).

In: the JSON of a record: steps sub, rev, ing, qua, pub (and lta), each with entity_in, entity_out,
agent, activity. Out: every value by its place, and notes on contradictions. Passwords, and the keys
they were made from, are dropped and noted.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from provstore.ingest.extracts import ExtractParts
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.json_strict import pointer
from provstore.readers.common import Notes, leaf_values
from provstore.readers.document_shapes import (
    any_value,
    check_shape,
    list_of,
    mapping_of,
    object_of,
    optional,
    text,
    tuple_of,
)
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader

STEPS: Mapping[str, str] = {
    "sub": "submission", "rev": "review", "ing": "transfer", "qua": "quality",
    "pub": "publication", "lta": "archival", "da": "archival",
}  # fmt: skip
_CHAIN = ("sub", "rev", "ing", "qua", "pub", "lta")
_SECRET = re.compile(
    r"pwd|pass(?:word|wd|phrase)?|secret|token|key_?word|key|(?:api|ssh|private|access)_?key"
    r"|(?:server_)?credentials?",
    re.IGNORECASE,
)
"""In dkrz_forms the password is project, last name and key word, so key words are secret."""
_IN_ADDRESS = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_DOC = {"__doc__", "doc_string"}
_STATUS: Mapping[str, tuple[str, ...]] = {
    "activity/status": ("0:open", "1:in-progress", "2:action-required", "3:paused", "4:closed"),
    "activity/error_status": ("0:open", "1:ok", "2:error"),
    "entity_out/status": ("0:open", "1:stored", "2:submitted", "3:re-opened", "4:cloded"),
    "entity_out/check_status": ("0:open", "1:warning", "2:error", "3:ok"),
}
_PLACEHOLDER = re.compile(r"(?:mandatory|optional|CV)\b.*", re.DOTALL)

_STEP = object_of(
    {}, dict.fromkeys(("entity_in", "entity_out", "agent", "activity"), mapping_of(any_value))
)
_RECORD = object_of(
    {"sub": _STEP, "workflow": list_of(tuple_of(text, text), 1)},
    {"project": text, "status": optional(text), **dict.fromkeys(_CHAIN[1:], _STEP)},
)


def looks_like_record(input_file: InputFile) -> str:
    """Return "" if the file is a record of the first generation, or else the reason why not."""
    if not isinstance(input_file.document, dict):
        return NO_OBJECT
    missing = [key for key in ("sub", "workflow") if key not in input_file.document]
    return f"it has no {' and no '.join(map(repr, missing))}" if missing else ""


def read_record(input_file: InputFile) -> ExtractParts:
    """Read a record.

    Raises:
        BadInput: it has another shape; lists all faults.

    """
    document: Any = check_shape(_RECORD, input_file.document, input_file.name)
    notes = Notes()
    message = "A record of the first generation does not answer the forms of today."
    notes.note("", message, "Import it with all its values: provstore import FILE")
    kept = tuple(_without_secrets(document, notes))
    _note_contradictions(document, notes)
    _note_unusual_values(document, notes)
    return ExtractParts(_answers(document), (), (), notes.all(), kept)


def _without_secrets(document: Any, notes: Notes) -> Iterator[tuple[str, str]]:
    """Yield every value that is not a secret."""
    for where, value in leaf_values(document):
        secret = [part for part in where.split("/") if _SECRET.fullmatch(part)]
        if secret and value:
            notes.note(where, f"The value of {secret[0]} is dropped because it is a secret.")
        elif _IN_ADDRESS.search(value):
            notes.note(where, "This address is dropped because it has a password.")
        else:
            yield where, value


def _note_contradictions(document: Any, notes: Notes) -> None:
    """Note differences: the input of a step is a manual copy of the output of the step before."""
    known = [step for step in _CHAIN if step in document]
    for before, after in pairwise(known):
        out, into = document[before].get("entity_out", {}), document[after].get("entity_in", {})
        _note_differences(out, into, f"/{before}/entity_out", f"/{after}/entity_in", notes)
    agent = document["sub"].get("agent", {})
    keywords = {_answer(agent.get(key)) for key in ("key_word", "keyword")} - {""}
    keyword = _answer(document["sub"].get("activity", {}).get("keyword"))
    if keywords and keyword and keyword not in keywords:
        notes.note("/sub/activity/keyword", "The agent has a different key word.")
    for key, docs in _docs(document, ""):
        if len(docs) > 1:
            notes.note(key, "Its __doc__ and its doc_string differ.")


def _note_differences(
    out: Any, into: Any, out_pointer: str, into_pointer: str, notes: Notes
) -> None:
    if isinstance(out, dict) and isinstance(into, dict):
        for key in out.keys() & into.keys() - _DOC:
            _note_differences(
                out[key], into[key], pointer(out_pointer, key), pointer(into_pointer, key), notes
            )
    elif out != into and out not in ("", None, {}) and into not in ("", None, {}):
        if _SECRET.fullmatch(out_pointer.rpartition("/")[2]):
            notes.note(into_pointer, f"It differs from {out_pointer}, which it should copy.")
        else:
            message = f"It is {str(into)[:80]!r}, but {out_pointer}, which it should copy, is"
            notes.note(into_pointer, f"{message} {str(out)[:80]!r}.", "Both values are kept.")


def _docs(value: Any, where: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(value, dict):
        yield where, {str(value[key]).strip() for key in _DOC & value.keys()}
        for key, each in value.items():
            yield from _docs(each, pointer(where, key))


def _note_unusual_values(document: Any, notes: Notes) -> None:
    """Note unknown statuses, placeholders of the template, and times without a zone."""
    for step in _CHAIN:
        for place, allowed in _STATUS.items():
            part, key = place.split("/")
            value = document.get(step, {}).get(part, {}).get(key, "")
            if value not in ("", None, *allowed) and not _PLACEHOLDER.fullmatch(str(value)):
                message = f"{str(value)[:40]!r} is not one of {', '.join(allowed)}."
                notes.note(f"/{step}/{place}", message, "The value is kept.")
    templates = [where for where, value in leaf_values(document) if _PLACEHOLDER.fullmatch(value)]
    if templates:
        message = f"{len(templates)} values are placeholders of the template, not answers."
        notes.note(templates[0], message, "The values are kept.")
    times = [
        where
        for where, value in leaf_values(document)
        if where.endswith(("_time", "/timestamp", "/date")) and value
    ]
    if times:
        notes.note(times[0], f"{len(times)} times have no time zone.", "The values are kept.")


def _answers(document: Any) -> dict[str, Any]:
    """Return the answers to the submission forms that the record has."""
    agent = document["sub"].get("agent", {})
    names = [agent.get("first_name"), agent.get("last_name")]
    person = {
        "name": " ".join(filter(None, map(_answer, names))),
        "email": _answer(agent.get("email")),
    }
    known = {key: value for key, value in person.items() if value}
    activity = document["sub"].get("activity", {})
    comment = _answer(activity.get("comment", activity.get("submission_comment")))
    answers = {"agent": known, "comment": comment}
    return {key: value for key, value in answers.items() if value}


def _answer(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or _PLACEHOLDER.fullmatch(value):
        return ""
    return value.strip()


READERS = (
    Reader(
        "first-generation",
        "submission",
        "record of the first generation",
        looks_like_record,
        read_record,
    ),
)
