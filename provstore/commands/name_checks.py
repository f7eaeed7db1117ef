"""What may enter a journal: texts that can be kept, and names that cannot be taken for others.

In: the bundles of a document, or the bundle of a new report. Out: problems that refuse it, or notes
on it. It knows no notation: the place of a problem is a bundle and a name, or an answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from provstore.errors import Problem
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Attributes, Bundle
from provstore.prov.model.code_points import (
    NUL,
    character_outside_xml,
    describe,
    disguise,
    plain_name,
)
from provstore.prov.notations.json_strict import pointer


def unkept_texts(bundles: Iterable[Bundle]) -> Iterator[Problem]:
    """Yield each text that cannot be kept: it contains NUL, where other programs end a text."""
    for bundle in bundles:
        for name, attributes in _described(bundle):
            for key, value in attributes:
                if NUL in value.text:
                    message = f"The value of <{key}> contains {describe(NUL)} (NUL)."
                    yield Problem(f"{bundle.iri} {name}".rstrip(), message, "Remove it.")


def notes_on_bundles(bundles: Sequence[Bundle]) -> Iterator[Problem]:
    """Yield a note on what is kept, but can mislead people or cannot be written as XML."""
    for bundle in bundles:
        texts = "".join(
            [value.text for _, attributes in _described(bundle) for _, value in attributes]
        )
        if letter := character_outside_xml(texts):
            message = f"It contains {describe(letter)}, which XML cannot carry:"
            yield Problem(bundle.iri, f"{message} provxml and rdfxml will refuse this bundle.")
    names = {iri: unquote(iri) for bundle in bundles for iri in _names(bundle)}
    if "".join(names.values()).isascii() and "".join(names.values()).isprintable():
        return
    looks: dict[str, str] = {}
    for iri, name in sorted(names.items()):
        if reason := disguise(name):
            yield Problem(iri, f"The name can be taken for another: {reason}.")
        twin = looks.setdefault(plain_name(name), name)
        if twin != name:
            yield Problem(iri, f"The name looks like {twin!r}.")


def disguised_names(
    bundle: Bundle, answers: Mapping[str, Any], iris: IngestIris, known: str = ""
) -> Iterator[Problem]:
    """Yield each name that a report would introduce and that people could take for another.

    Names that contain `known`, the dataset of the ingest, are not new: they stay as they are.
    """
    answered = list(_texts(answers, "/answers"))
    for element in bundle.elements:
        if not element.iri.startswith(iris.base) or (known and quote(known) in element.iri):
            continue
        for part in element.iri.removeprefix(iris.base).split("/"):
            name = unquote(part)
            if reason := disguise(name):
                where = next((place for place, text in answered if name in text), element.iri)
                mend = f"Write {plain_name(name)!r}, if that is meant."
                yield Problem(where, f"{name!r} can be taken for another name: {reason}.", mend)


def _described(bundle: Bundle) -> Iterator[tuple[str, Attributes]]:
    for element in bundle.elements:
        yield element.iri, element.attributes
    for relation in bundle.relations:
        yield relation.id, relation.attributes


def _names(bundle: Bundle) -> Iterator[str]:
    yield bundle.iri
    yield from bundle.prefixes
    for element in bundle.elements:
        yield element.iri


def _texts(answer: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(answer, str):
        yield where, answer
    elif isinstance(answer, Mapping):
        for name, part in answer.items():
            yield from _texts(part, pointer(where, name))
    elif isinstance(answer, list):
        for row, part in enumerate(answer):
            yield from _texts(part, pointer(where, row))
