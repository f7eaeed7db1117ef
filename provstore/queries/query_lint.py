"""Which query texts end, and mean what they say, on every engine: a judge of questions.

In: the text of a query. Out: what stands against it, in words. It asks nobody.

Measured, not derived: a variable-length pattern is pruned by the engines only inside
`CALL (x) { MATCH … RETURN DISTINCT y }`; every other shape around it can try all paths.
"""

import re
from collections.abc import Iterator

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_PARAMETER = re.compile(r"\$\w+")
_BRANCH = re.compile(r"\bUNION\b|\bCALL \(\) \{", re.IGNORECASE)
_PATTERN = re.compile(
    r"\bMATCH (.*?)(?=\b(?:OPTIONAL|MATCH|WHERE|WITH|RETURN|CALL|UNWIND|ORDER)\b|\}(?!\))|$)",
    re.IGNORECASE,
)
_PATH = re.compile(r"\), ?(?=\()")
_NODE = re.compile(r"\( ?(\w*) ?([^()]*)")
_PRUNED_PATH = re.compile(
    r"CALL \((\w+)\) \{ MATCH \(\1\)<?-\[:\w+(?:\|\w+)*\*[01]?\.\.\]->?\((\w+)\) "
    r"RETURN DISTINCT \2 \}",
    re.IGNORECASE,
)
_FAULTS = {
    r"- ?\[[^\]]*\*": "a variable-length pattern outside of CALL (x) { MATCH … RETURN DISTINCT y }",
    r"\) ?\) ?[+*{]|\] ?- ?>? ?[+*{]": "a quantified path pattern",
    r"allShortestPaths": "allShortestPaths, which no time limit stops",
    r"\b(ALL|ANY) SHORTEST|\bSHORTEST \d": "SHORTEST, which the built-in engine cannot read",
    r"\[ ?\w* ?:[^\]{]*\$": "a dynamic relationship type, which the built-in engine ignores",
    r"CALL ?\{ ?WITH": "the old form of CALL, which is not pruned",
    r"(?<!Resource )\{ ?uri ?:": "a look-up without the label Resource, which scans",
}


def lint_cypher(text: str) -> list[str]:
    """What in Cypher may never end, or not mean what it says; an empty list is good."""
    plain = " ".join(_TEXT.sub("''", _COMMENT.sub(" ", text)).split())
    rest = _PRUNED_PATH.sub("", plain)
    faults = [
        words for pattern, words in _FAULTS.items() if re.search(pattern, rest, re.IGNORECASE)
    ]
    afar = (
        f"a pattern that comes to {name} from afar: begin with it"
        for name in _names_met_late(plain)
    )
    return faults + list(dict.fromkeys(afar))


def _names_met_late(plain: str) -> Iterator[str]:
    """What was known when a pattern met it on its way: the built-in engine walks as it reads."""
    for branch in _BRANCH.split(plain):
        known: set[str] = set()
        for pattern in _PATTERN.findall(branch):
            for path in _PATH.split(pattern):
                nodes = _NODE.findall(path)
                anchored = nodes and (nodes[0][0] in known or "Resource {uri" in nodes[0][1])
                yield from (name for name, _ in nodes[1:] if name in known and not anchored)
            known |= {name for name, _ in _NODE.findall(pattern) if name}


def lint_sparql(text: str) -> list[str]:
    """What in SPARQL does not mean what it says: a parameter is bound where it is selected."""
    plain = _TEXT.sub("''", re.sub(r"#[^\n>]*\n", "\n", text))
    faults: list[str] = []
    for head in re.finditer(r"\bSELECT\b([^{]*)\{", plain, re.IGNORECASE):
        used = set(_PARAMETER.findall(_block(plain[head.end() :])))
        faults += [
            f"a SELECT that uses {name} and does not select it: there it is any value"
            for name in sorted(used - set(_PARAMETER.findall(head[1])))
        ]
    return faults


def _block(text: str) -> str:
    """The text up to the brace that closes what was opened before it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if not depth:
            return text[:place]
    return text
