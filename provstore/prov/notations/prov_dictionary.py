"""Replaces statements of PROV-Dictionary by the entities and attributes that PROV-O has for them.

In: a document in PROV-N or PROV-XML. Out: the document with these replacements, and whether there
were any. A pair of key and entity has no name in PROV-Dictionary, so it gets one from a hash of the
document. It knows no other statements. (W3C PROV-Dictionary, Working Group Note, 2013, 3 to 5.)
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from provstore.prov.model.terms import PROV
from provstore.prov.notations.optional_packages import import_package
from provstore.prov.notations.provjson import BLANK

DICTIONARY_NOTE = "Statements of PROV-Dictionary are kept as entities and attributes."

_CHANGES = {
    "derivedByInsertionFrom": ("Insertion", "qualifiedInsertion", "insertedKeyEntityPair"),
    "derivedByRemovalFrom": ("Removal", "qualifiedRemoval", "removedKey"),
}
"""Each change: its class in PROV-O, and the properties that lead to it and from it."""


class _PairNames:
    """Makes a new name at each call, for pairs and changes without a name."""

    def __init__(self, text: str) -> None:
        self.namespace = f"{BLANK}{hashlib.sha256(text.encode()).hexdigest()[:32]}/"
        self.prefix = next(
            candidate for n in range(len(text) + 1) if (candidate := f"pair{n}") not in text
        )
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"{self.prefix}:b{self.count - 1}"


# --- PROV-N --------------------------------------------------------------------------------------

_QUOTED = r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>'
_COMMENT = r"//[^\n]*|/\*.*?\*/"
_HEAD = re.compile(rf"\bdocument\b(?:\s|{_COMMENT})*(?:default\s*<[^<>\s]*>)?", re.S)
_WORD = "|".join(["hadDictionaryMember", *_CHANGES])
_STATEMENT = re.compile(rf"{_QUOTED}|{_COMMENT}|\bprov:(?P<word>{_WORD})\s*\(", re.S)
_PIECE = re.compile(rf"{_QUOTED}|{_COMMENT}|[,;()\[\]{{}}]|[^,;()\[\]{{}}\"'</]+|.", re.S)


def replace_in_provn(text: str) -> tuple[str, bool]:
    """Replace the statements of PROV-Dictionary in a PROV-N document (Note, 4)."""
    name, parts, end = _PairNames(text), [], 0
    for match in _STATEMENT.finditer(text):
        if not match["word"] or match.start() < end:
            continue
        arguments, after = _arguments(text, match.end())
        statements = " ".join(_entities(match["word"], arguments, name))
        if not statements:
            continue  # not in the form of the Note: the reader will report it
        lines = text.count("\n", match.start(), after)
        parts += [text[end : match.start()], statements, "\n" * lines]
        end = after
    whole = "".join([*parts, text[end:]])
    if not name.count:
        return whole, bool(parts)
    declared = f" prefix {name.prefix} <{name.namespace}> "
    return _HEAD.sub(lambda match: match[0] + declared, whole, count=1), True


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """Split the arguments up to the closing bracket; also return the position after it."""
    arguments, depth = [""], 0
    for piece in _PIECE.finditer(text, start):
        depth += (piece[0] in "([{") - (piece[0] in ")]}")
        if depth < 0:
            return [argument.strip() for argument in arguments if argument.strip()], piece.end()
        if depth == 0 and piece[0] in ",;":
            arguments[-1] += piece[0] if piece[0] == ";" else ""
            arguments.append("")
        elif not piece[0].startswith(("//", "/*")):
            arguments[-1] += piece[0]
    return [], len(text)


def _inside(argument: str) -> list[str]:
    """Split the arguments within a pair of brackets."""
    return _arguments(argument, 1)[0]


def _entities(word: str, arguments: list[str], name: _PairNames) -> list[str]:
    """Write the statements that replace one; none if it is not in the form of the Note."""
    if word == "hadDictionaryMember":
        if len(arguments) != 3:
            return []
        dictionary, entity, key = arguments
        pair = name()
        return [
            f"entity({dictionary}, [prov:hadDictionaryMember='{pair}'])",
            f"entity({pair}, [prov:pairKey={key}, prov:pairEntity='{entity}'])",
        ]
    identifier = arguments.pop(0)[:-1].strip() if arguments and arguments[0][-1] == ";" else ""
    if len(arguments) not in (3, 4) or not (arguments[2][0] == "{" and arguments[2][-1] == "}"):
        return []
    cls, leads, holds = _CHANGES[word]
    new, old, changed, *rest = arguments
    change = identifier if identifier not in ("", "-") else name()
    attributes = [f"prov:type='prov:{cls}'", f"prov:dictionary='{old}'"]
    statements = []
    for part in _inside(changed):
        if word == "derivedByRemovalFrom":
            attributes.append(f"prov:{holds}={part}")
        elif part[0] == "(" and len(parts := _inside(part)) == 2:
            attributes.append(f"prov:{holds}='{(pair := name())}'")
            statements.append(
                f"entity({pair}, [prov:pairKey={parts[0]}, prov:pairEntity='{parts[1]}'])"
            )
        else:
            return []
    shown = ", ".join([*attributes, *(more for part in rest for more in _inside(part))])
    return [
        *statements,
        f"entity({change}, [{shown}])",
        f"entity({new}, [prov:{leads}='{change}'])",
    ]


# --- PROV-XML ------------------------------------------------------------------------------------

_ID, _REF = f"{{{PROV}}}id", f"{{{PROV}}}ref"
_ENDS = {
    "hadDictionaryMember": ["dictionary"],
    **{word: ["newDictionary", "oldDictionary"] for word in _CHANGES},
}
"""The first child elements of each statement."""


def replace_in_xml(root: Any, text: str) -> bool:
    """Replace the statements of PROV-Dictionary in a parsed PROV-XML document (Note, 5)."""
    name, any_found = _PairNames(text), False
    for word, ends in _ENDS.items():
        for statement in [*root.iter(f"{{{PROV}}}{word}")]:
            if [_word(part) for part in statement[: len(ends)]] == ends and _is_plain(statement):
                _replace(statement, word, name)
                any_found = True
    return any_found


def _word(element: Any) -> str:
    return str(element.tag).removeprefix(f"{{{PROV}}}")


def _is_plain(statement: Any) -> bool:
    """Return whether all its content can be kept; otherwise the reader will report the rest."""
    pairs = [child for child in statement if _word(child) == "keyEntityPair"]
    return (
        {*statement.attrib} <= {_ID}
        and all([_word(part) for part in child] == ["key", "entity"] for child in pairs)
        and not any(child.attrib for child in pairs)
        and not any(
            (text or "").strip() for child in (statement, *pairs) for text in _beside(child)
        )
    )


def _beside(element: Any) -> Iterator[str | None]:
    yield element.text
    yield from (child.tail for child in element)


def _replace(statement: Any, word: str, name: _PairNames) -> None:
    etree = import_package("lxml.etree")
    scope = {**statement.nsmap, name.prefix: name.namespace}
    prov = next(f"{prefix}:" if prefix else "" for prefix, uri in scope.items() if uri == PROV)

    def entity(called: str, **refs: str) -> Any:
        made = etree.Element(f"{{{PROV}}}entity", {_ID: called}, nsmap=scope)
        for attribute, ref in refs.items():
            etree.SubElement(made, f"{{{PROV}}}{attribute}", {_REF: ref})
        statement.addprevious(made)
        return made

    ends = [child.get(_REF, "") for child in statement if _word(child) in _ENDS[word]]
    if word == "hadDictionaryMember":
        holds, owner = word, entity(ends[0])
    else:
        cls, leads, holds = _CHANGES[word]
        change = statement.get(_ID) or name()
        owner = entity(change, type=prov + cls, dictionary=ends[1])
        entity(ends[0], **{leads: change})
    for part in statement[len(ends) :]:
        if _word(part) == "keyEntityPair":
            pair = name()
            etree.SubElement(owner, f"{{{PROV}}}{holds}", {_REF: pair})
            described = entity(pair)
            for child, word_of_prov_o in zip([*part], ("pairKey", "pairEntity"), strict=True):
                child.tag = f"{{{PROV}}}{word_of_prov_o}"
                described.append(child)
        else:
            if _word(part) == "key":
                part.tag = f"{{{PROV}}}{holds}"
            owner.append(part)
    statement.getparent().remove(statement)
