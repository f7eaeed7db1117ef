"""Statements of PROV-Dictionary → the entities and attributes that PROV-O has for them.

In: a document in PROV-N or PROV-XML. Out: the same where each such statement has become entities,
and whether there were any. A pair of key and entity has no name in PROV; it gets one from the
document. Knows no other statement. (W3C PROV-Dictionary, Working Group Note, 2013, 3 to 5.)
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from provstore.prov.model.terms import PROV
from provstore.prov.notations.optional_packages import package
from provstore.prov.notations.provjson import BLANK

NOTE = "Words of PROV-Dictionary, kept as attributes."

_CHANGES = {
    "derivedByInsertionFrom": ("Insertion", "qualifiedInsertion", "insertedKeyEntityPair"),
    "derivedByRemovalFrom": ("Removal", "qualifiedRemoval", "removedKey"),
}
"""Of each change: its class, and PROV-O's properties that lead to it and from it."""


class _Names:
    """Names for what has none, in the order in which they are asked for."""

    def __init__(self, text: str) -> None:
        self.namespace = f"{BLANK}{hashlib.sha256(text.encode()).hexdigest()[:32]}/"
        self.prefix = next(one for n in range(len(text) + 1) if (one := f"pair{n}") not in text)
        self.given = 0

    def __call__(self) -> str:
        self.given += 1
        return f"{self.prefix}:b{self.given - 1}"


# --- PROV-N --------------------------------------------------------------------------------------

_QUOTED = r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>'
_COMMENT = r"//[^\n]*|/\*.*?\*/"
_HEAD = re.compile(rf"\bdocument\b(?:\s|{_COMMENT})*(?:default\s*<[^<>\s]*>)?", re.S)
_WORD = "|".join(["hadDictionaryMember", *_CHANGES])
_STATEMENT = re.compile(rf"{_QUOTED}|{_COMMENT}|\bprov:(?P<word>{_WORD})\s*\(", re.S)
_PIECE = re.compile(rf"{_QUOTED}|{_COMMENT}|[,;()\[\]{{}}]|[^,;()\[\]{{}}\"'</]+|.", re.S)


def in_provn(text: str) -> tuple[str, bool]:
    """A document in PROV-N without statements of PROV-Dictionary (Note, 4)."""
    name, parts, end = _Names(text), [], 0
    for found in _STATEMENT.finditer(text):
        if not found["word"] or found.start() < end:
            continue
        arguments, after = _arguments(text, found.end())
        said = " ".join(_entities(found["word"], arguments, name))
        if not said:
            continue  # not as the Note has it: whoever reads the rest says where it stops
        lines = text.count("\n", found.start(), after)
        parts += [text[end : found.start()], said, "\n" * lines]
        end = after
    whole = "".join([*parts, text[end:]])
    if not name.given:
        return whole, bool(parts)
    declared = f" prefix {name.prefix} <{name.namespace}> "
    return _HEAD.sub(lambda found: found[0] + declared, whole, count=1), True


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """What stands between commas and semicolons up to the closing bracket, and where that ends."""
    found, depth = [""], 0
    for piece in _PIECE.finditer(text, start):
        depth += (piece[0] in "([{") - (piece[0] in ")]}")
        if depth < 0:
            return [one.strip() for one in found if one.strip()], piece.end()
        if depth == 0 and piece[0] in ",;":
            found[-1] += piece[0] if piece[0] == ";" else ""
            found.append("")
        elif not piece[0].startswith(("//", "/*")):
            found[-1] += piece[0]
    return [], len(text)


def _inside(argument: str) -> list[str]:
    """The arguments within one pair of brackets."""
    return _arguments(argument, 1)[0]


def _entities(word: str, arguments: list[str], name: _Names) -> list[str]:
    """The statements that stand for one; none if it is not as the Note has it."""
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
    new, old, held, *rest = arguments
    change = identifier if identifier not in ("", "-") else name()
    attributes = [f"prov:type='prov:{cls}'", f"prov:dictionary='{old}'"]
    said = []
    for one in _inside(held):
        if word == "derivedByRemovalFrom":
            attributes.append(f"prov:{holds}={one}")
        elif one[0] == "(" and len(parts := _inside(one)) == 2:
            attributes.append(f"prov:{holds}='{(pair := name())}'")
            said.append(f"entity({pair}, [prov:pairKey={parts[0]}, prov:pairEntity='{parts[1]}'])")
        else:
            return []
    shown = ", ".join([*attributes, *(more for one in rest for more in _inside(one))])
    return [
        *said,
        f"entity({change}, [{shown}])",
        f"entity({new}, [prov:{leads}='{change}'])",
    ]


# --- PROV-XML ------------------------------------------------------------------------------------

_ID, _REF = f"{{{PROV}}}id", f"{{{PROV}}}ref"
_ENDS = {
    "hadDictionaryMember": ["dictionary"],
    **{word: ["newDictionary", "oldDictionary"] for word in _CHANGES},
}
"""With what each statement begins."""


def in_xml(root: Any, text: str) -> bool:
    """Put entities where a parsed document in PROV-XML has statements of PROV-Dictionary (5)."""
    name, any_found = _Names(text), False
    for word, ends in _ENDS.items():
        for statement in [*root.iter(f"{{{PROV}}}{word}")]:
            if [_word(one) for one in statement[: len(ends)]] == ends and _is_plain(statement):
                _replace(statement, word, name)
                any_found = True
    return any_found


def _word(element: Any) -> str:
    return str(element.tag).removeprefix(f"{{{PROV}}}")


def _is_plain(statement: Any) -> bool:
    """Whether nothing stands in it that would be lost: whoever reads the rest says what does."""
    pairs = [one for one in statement if _word(one) == "keyEntityPair"]
    return (
        {*statement.attrib} <= {_ID}
        and all([_word(part) for part in one] == ["key", "entity"] for one in pairs)
        and not any(one.attrib for one in pairs)
        and not any((text or "").strip() for one in (statement, *pairs) for text in _beside(one))
    )


def _beside(element: Any) -> Iterator[str | None]:
    yield element.text
    yield from (child.tail for child in element)


def _replace(statement: Any, word: str, name: _Names) -> None:
    etree = package("lxml.etree")
    scope = {**statement.nsmap, name.prefix: name.namespace}
    prov = next(f"{prefix}:" if prefix else "" for prefix, uri in scope.items() if uri == PROV)

    def entity(called: str, **refs: str) -> Any:
        made = etree.Element(f"{{{PROV}}}entity", {_ID: called}, nsmap=scope)
        for attribute, ref in refs.items():
            etree.SubElement(made, f"{{{PROV}}}{attribute}", {_REF: ref})
        statement.addprevious(made)
        return made

    ends = [one.get(_REF, "") for one in statement if _word(one) in _ENDS[word]]
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
            for one, word_of_prov_o in zip([*part], ("pairKey", "pairEntity"), strict=True):
                one.tag = f"{{{PROV}}}{word_of_prov_o}"
                described.append(one)
        else:
            if _word(part) == "key":
                part.tag = f"{{{PROV}}}{holds}"
            owner.append(part)
    statement.getparent().remove(statement)
