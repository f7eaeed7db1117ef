"""Check that the queries of questions terminate and mean what they say on every engine.

In: the text of a query. Out: objections, in words. It runs no query.

Measurements show that the engines prune a variable-length pattern only inside
`CALL (x) { MATCH … RETURN DISTINCT y }`; in any other place it can try all paths.
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
    """List the parts of a Cypher query that may not terminate or not mean what they say."""
    plain = " ".join(_TEXT.sub("''", _COMMENT.sub(" ", text)).split())
    rest = _PRUNED_PATH.sub("", plain)
    faults = [
        words for pattern, words in _FAULTS.items() if re.search(pattern, rest, re.IGNORECASE)
    ]
    afar = (
        f"a pattern that reaches {name} late: begin the pattern with it"
        for name in _names_met_late(plain)
    )
    return faults + list(dict.fromkeys(afar))


def _names_met_late(plain: str) -> Iterator[str]:
    """Yield known nodes that a pattern reaches late: the built-in engine walks in text order."""
    for branch in _BRANCH.split(plain):
        known: set[str] = set()
        for pattern in _PATTERN.findall(branch):
            for path in _PATH.split(pattern):
                nodes = _NODE.findall(path)
                anchored = nodes and (nodes[0][0] in known or "Resource {uri" in nodes[0][1])
                yield from (name for name, _ in nodes[1:] if name in known and not anchored)
            known |= {name for name, _ in _NODE.findall(pattern) if name}


def lint_sparql(text: str) -> list[str]:
    """List faults of a SPARQL query: a parameter is bound only where it is selected."""
    plain = _TEXT.sub("''", re.sub(r"#[^\n>]*\n", "\n", text))
    faults: list[str] = []
    for head in re.finditer(r"\bSELECT\b([^{]*)\{", plain, re.IGNORECASE):
        used = set(_PARAMETER.findall(_block(plain[head.end() :])))
        faults += [
            f"a SELECT that uses {name} without selecting it, so it can have any value"
            for name in sorted(used - set(_PARAMETER.findall(head[1])))
        ]
    return faults


def _block(text: str) -> str:
    """Return the text up to the brace that closes the block before it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if not depth:
            return text[:place]
    return text
