"""PROV-XML → a document of the `prov` library, or a list of content that it would ignore.

In: text, not trusted until checked. Out: a `ProvDocument`. No entity is resolved, and nothing is
fetched. Knows no bundles. (W3C PROV-XML, 2013.)
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from provstore.errors import BadDocument, Problem
from provstore.prov.model.terms import PROV
from provstore.prov.notations import prov_dictionary
from provstore.prov.notations.optional_packages import import_package
from provstore.prov.notations.spelling_guard import SpellingGuard

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TEXTS = ("", "string", "InternationalizedString")
_TIMES = frozenset(f"{{{PROV}}}{name}" for name in ("time", "startTime", "endTime"))


def refuse_unsafe_xml(text: str, name: str) -> None:
    """Refuse dangerous XML: entities, a DTD, or an encoding that could hide them.

    Raises:
        BadDocument: gives the line.

    """
    declared = re.match(r"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", text)
    if declared and declared[1].upper() not in ("UTF-8", "US-ASCII", "ASCII"):
        fault = f"The document declares the encoding {declared[1]}."
        raise BadDocument(
            name, [Problem("line 1", fault, "Save it as UTF-8.")], code="PS-DOCUMENT-NOT-UTF8"
        )
    for word in ("<!DOCTYPE", "<!ENTITY"):
        if word in text:
            line = f"line {text[: text.index(word)].count(chr(10)) + 1}"
            mend = "Replace entities with their content, and remove the declaration."
            raise BadDocument(
                name,
                [Problem(line, f"{word} is not allowed.", mend)],
                code="PS-DOCUMENT-UNSAFE-XML",
            )


def read(text: str, name: str, guard: SpellingGuard) -> Any:
    """Read a document with the `prov` library.

    Raises:
        BadDocument: it has content that `prov` would ignore; lists every place.
        ProvstoreError: a package that this notation needs is not installed.

    """
    refuse_unsafe_xml(text, name)
    etree = import_package("lxml.etree")
    serializer = import_package("prov.serializers.provxml").ProvXMLSerializer()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    root = _with_prefixes(etree.fromstring(text.encode(), parser), etree)
    if prov_dictionary.replace_in_xml(root, text):
        warnings.warn(prov_dictionary.DICTIONARY_NOTE, stacklevel=1)
    if problems := [
        Problem(f"line {element.sourceline}", guard.restore(fault)) for element, fault in _xml(root)
    ]:
        raise BadDocument(name, problems, code="PS-DOCUMENT-LOSSY")
    document = serializer.deserialize_subtree(root, import_package("prov.model").ProvDocument())
    # prov forgets prefixes that only datatypes use.
    for container, element in zip(
        [document, *document.bundles], [root, *_contents(root)], strict=True
    ):
        known = {namespace.prefix for namespace in container.get_registered_namespaces()}
        for prefix, namespace in element.nsmap.items():
            if prefix and prefix not in known and namespace[-1] in "/#:;=?":
                container.add_namespace(prefix, namespace)
    return document


def _with_prefixes(root: Any, etree: Any) -> Any:
    """Return the tree with the prefix `prov` where PROV is the default namespace.

    `prov` compares names as they are written, and ProvToolbox writes them without a prefix.
    """
    if all(element.nsmap.get(None) != PROV for element in root.iter()):
        return root

    def copied(element: Any, parent: Any) -> Any:
        nsmap = {p: n for p, n in element.nsmap.items() if p or n != PROV}
        prefix = next((p for p, n in nsmap.items() if p and n == PROV), "prov")
        nsmap.setdefault(prefix, PROV)
        make = etree.Element if parent is None else partial(etree.SubElement, parent)
        copy = make(element.tag, dict(element.attrib), nsmap=nsmap)
        copy.text, copy.tail, copy.sourceline = element.text, element.tail, element.sourceline
        for child in element:
            copied(child, copy)
        return copy

    return copied(root, None)


_SUBTYPES = MappingProxyType(
    {
        "bundle": ("entity", "Bundle"),
        "collection": ("entity", "Collection"),
        "emptyCollection": ("entity", "EmptyCollection"),
        "plan": ("entity", "Plan"),
        "organization": ("agent", "Organization"),
        "person": ("agent", "Person"),
        "softwareAgent": ("agent", "SoftwareAgent"),
        "hadPrimarySource": ("wasDerivedFrom", "PrimarySource"),
        "wasQuotedFrom": ("wasDerivedFrom", "Quotation"),
        "wasRevisionOf": ("wasDerivedFrom", "Revision"),
    }
)
"""Elements for types → the general element and the type, which every reader knows (PROV-XML 3)."""


def without_subtypes(text: str) -> str:
    """Write types as attributes, not as elements of their own, which ProvToolbox does not read."""
    etree = import_package("lxml.etree")
    # Our own text, with names as long as others made them.
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(text.encode(), parser)
    for container in (root, *_contents(root)):
        for record in container:
            name = etree.QName(record)
            if name.namespace != PROV or name.localname not in _SUBTYPES:
                continue
            general, type_name = _SUBTYPES[name.localname]
            record.tag = f"{{{PROV}}}{general}"
            kind = etree.Element(f"{{{PROV}}}type", {f"{{{_XSI}}}type": "xsd:QName"})
            kind.text = f"prov:{type_name}"
            before = [
                child
                for child in record
                if child.tag.startswith(f"{{{PROV}}}") and child.tag != f"{{{PROV}}}value"
            ]
            record.insert(len(before), kind)
    etree.indent(root)
    written = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return str(written.decode()) + "\n"


def _contents(root: Any) -> list[Any]:
    return [child for child in root if child.tag == f"{{{PROV}}}bundleContent"]


def _xml(root: Any) -> Iterator[tuple[Any, str]]:
    """Yield the content of a document that `prov` would ignore, by element (PROV-XML 3)."""
    if root.tag != f"{{{PROV}}}document":
        yield root, f"The root element is {root.tag}, not prov:document."
        return
    yield from _beside(root, lambda key: key.startswith(f"{{{_XSI}}}"))
    contents = _contents(root)
    for child in root:
        yield from _rebound(child, (child if child in contents else root).nsmap)
        if child.tag == f"{{{PROV}}}bundleContent":
            yield from _beside(child, lambda key: key == f"{{{PROV}}}id")
            for record in child:
                yield from _xml_record(record)
        else:
            yield from _xml_record(child)


def _rebound(outer: Any, scope: Mapping[str | None, str]) -> Iterator[tuple[Any, str]]:
    """Yield datatypes whose prefix was bound again: `prov` keeps only the prefixed name."""
    for element in outer.iter():
        prefix, colon, _ = element.get(f"{{{_XSI}}}type", "").strip().partition(":")
        if prefix and not colon:
            yield element, f"The datatype {prefix!r} has no prefix."
        elif prefix and element.nsmap.get(prefix) != scope.get(prefix, element.nsmap.get(prefix)):
            yield element, f"The prefix {prefix!r} is redefined here. Choose another prefix."


def _xml_record(record: Any) -> Iterator[tuple[Any, str]]:
    if record.tag == f"{{{PROV}}}other":
        yield record, "prov:other has content that is not PROV. Move it elsewhere."
        return
    if record.tag == f"{{{PROV}}}bundle" and any(child.get(f"{{{PROV}}}id") for child in record):
        yield (
            record,
            "prov:bundle only describes a bundle. Put its content into prov:bundleContent.",
        )
        return
    yield from _beside(record, lambda key: key in (f"{{{PROV}}}id", f"{{{_XSI}}}type"))
    for value in record:
        yield from _xml_value(value)


def _xml_value(value: Any) -> Iterator[tuple[Any, str]]:
    """Yield the faults of an attribute; rewrite what `prov` would misread."""
    ref, kind = value.get(f"{{{PROV}}}ref"), value.get(f"{{{_XSI}}}type", "").strip()
    local = kind.rpartition(":")[2]
    if value.tag in _TIMES:
        value.attrib.pop(f"{{{_XSI}}}type", None)  # it is xsd:dateTime in any case
    if value.tag in _TIMES or local == "QName":
        value.text = (value.text or "").strip()
    if value.get(_LANG):
        if local not in _TEXTS:
            yield value, f"{value.tag} has a language and the datatype {kind}."
        value.attrib.pop(
            f"{{{_XSI}}}type", None
        )  # prov would keep the datatype, but not the language
    if kind == "rdf:XMLLiteral" and len(value):
        value.text = _literal(value)
    wrapped = len(value) == 1 and value[0].get(f"{{{PROV}}}ref") and not len(value[0])
    if (len(value) and not wrapped) or (ref and (value.text or "").strip()):
        yield value, f"{value.tag} has more than one plain value."
    for key in set(value.attrib) - {f"{{{PROV}}}ref", f"{{{_XSI}}}type", _LANG}:
        yield value, f"The attribute {key} has no meaning here."


def _literal(value: Any) -> str:
    """Return the content of an XML literal as canonical text (RDF 1.1 Concepts, 5.2)."""
    tostring = import_package("lxml.etree").tostring
    whole = b"".join(tostring(child, method="c14n", exclusive=True) for child in value)
    text = (value.text or "") + whole.decode()
    for child in list(value):
        value.remove(child)
    return str(text)


def _beside(element: Any, known: Callable[[str], bool]) -> Iterator[tuple[Any, str]]:
    """Yield text and XML attributes in places where only elements are allowed."""
    if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
        yield element, f"{element.tag} has text between its elements."
    for key in element.attrib:
        if not known(key):
            yield element, f"The attribute {key} has no meaning here."
