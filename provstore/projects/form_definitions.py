"""Reads the definitions of forms from their files, and makes each of them whole.

In: a folder with `<name>/form.json` (JSON Schema 2020-12), definitions that forms share in files
beside these folders, and `vocabularies/`. Out: a definition in which each reference is replaced by
what it refers to (section 8.2.3), with the terms of its vocabularies. It does not know what a form
is, and fetches nothing.
"""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

from provstore.errors import BadInput, Problem
from provstore.prov.notations.json_strict import strict_json


class FormDefinitions:
    """The definitions in one folder; a file is read when it is first needed."""

    def __init__(self, folder: Path) -> None:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        files = {entry.name: entry / "form.json" for entry in entries if entry.is_dir()}
        self.files = {name: file for name, file in files.items() if file.is_file()}
        """The file of each form; folders without one have vocabularies."""
        self._shared_files = [entry for entry in entries if entry.suffix == ".json"]
        self._vocabularies = folder / "vocabularies"

    @cached_property
    def _shared(self) -> Mapping[str, Any]:
        return {shared["$id"]: shared for shared in map(_definition, self._shared_files)}

    def read(self, name: str) -> dict[str, Any]:
        """Read the whole definition of a form.

        Raises:
            BadInput: the file is not a definition, or refers to something that does not exist.
            LookupError, TypeError, AttributeError, RecursionError: the file contradicts itself.

        """
        raw = _definition(self.files[name])
        known = {**self._shared, raw["$id"]: raw}
        whole = _resolved(raw, raw["$id"], known, self.files[name])
        return dict(_with_terms(whole, self._vocabularies))


def _definition(file: Path) -> dict[str, Any]:
    document = strict_json(file.read_bytes(), str(file))
    wanted = ("$id", "title", "description", "version")
    if not isinstance(document, dict) or not all(isinstance(document.get(k), str) for k in wanted):
        raise BadInput(
            str(file),
            [Problem("", f"A form file needs texts: {', '.join(wanted)}.")],
            code="PS-INPUT-FORM-FILE",
        )
    return document


def _resolved(part: Any, base: str, known: Mapping[str, Any], file: Path) -> Any:
    """Replace references by their targets; keywords beside a reference override those in it."""
    if isinstance(part, list):
        return [_resolved(each, base, known, file) for each in part]
    if not isinstance(part, dict):
        return part
    own = {key: _resolved(each, base, known, file) for key, each in part.items() if key != "$ref"}
    if "$ref" not in part:
        return own
    iri, _, fragment = urljoin(base, part["$ref"]).partition("#")
    try:
        target = known[iri]
        for key in _keys(fragment):
            if isinstance(target, list):
                target = {str(place): each for place, each in enumerate(target)}
            target = target[key]
    except (LookupError, TypeError) as error:
        problem = Problem("", f"It refers to {part['$ref']}, which does not exist.")
        raise BadInput(str(file), [problem], code="PS-INPUT-FORM-FILE") from error
    return {**_resolved(target, iri, known, file), **own}


def _keys(fragment: str) -> Iterator[str]:
    """Yield the keys of a JSON Pointer in a fragment (RFC 6901, section 6)."""
    before, *tokens = unquote(fragment).split("/")
    if before:
        raise LookupError(fragment)  # the name of an anchor, which no definition has
    for token in tokens:
        yield token.replace("~1", "/").replace("~0", "~")


def _with_terms(schema: Any, vocabularies: Path) -> Any:
    """Add the terms and the version of its vocabulary to each field that has one."""
    if isinstance(schema, list):
        return [_with_terms(each, vocabularies) for each in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {key: _with_terms(each, vocabularies) for key, each in schema.items()}
    name = schema.get("vocabulary")
    if isinstance(name, str):
        vocabulary = _vocabulary(vocabularies / f"{name}.json")
        whole["vocabulary"] = f"{vocabulary['name']} {vocabulary['version']}"
        whole |= {"terms": vocabulary["terms"], "enum": list(vocabulary["terms"])}
    return whole


@cache
def _vocabulary(file: Path) -> Mapping[str, Any]:
    document = strict_json(file.read_bytes(), str(file))
    if not isinstance(document, dict) or not {"name", "version", "terms"} <= document.keys():
        raise BadInput(
            str(file),
            [Problem("", "A vocabulary needs a name, a version and terms.")],
            code="PS-INPUT-VOCABULARY",
        )
    return document
