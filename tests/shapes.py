"""Which query texts end, and mean what they say, on every engine. A judge of questions.

Measured, not derived: a variable-length pattern is pruned by the engines only inside
`CALL (x) { MATCH … RETURN DISTINCT y }`; every other shape around it can try all paths.
"""

import re

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_SAFE = re.compile(
    r"CALL \((\w+)\) \{ MATCH \(\1\)<?-\[:\w+(?:\|\w+)*\*[01]?\.\.\]->?\((\w+)\) "
    r"RETURN DISTINCT \2 \}",
    re.IGNORECASE,
)
_FAULTS = {
    r"\*": "a variable-length pattern outside of CALL (x) { MATCH … RETURN DISTINCT y }",
    r"\) ?\) ?[+*{]|\] ?- ?>? ?[+*{]": "a quantified path pattern",
    r"allShortestPaths": "allShortestPaths, which no time limit stops",
    r"\b(ALL|ANY) SHORTEST|\bSHORTEST \d": "SHORTEST, which the built-in engine cannot read",
    r"\[ ?\w* ?:[^\]{]*\$": "a dynamic relationship type, which the built-in engine ignores",
    r"CALL ?\{ ?WITH": "the old form of CALL, which is not pruned",
    r"(?<!Resource )\{ ?uri ?:": "a look-up without the label Resource, which scans",
}


def faults(text: str) -> list[str]:
    """What in a query may never end, or not mean what it says; an empty list is good."""
    plain = " ".join(_TEXT.sub("''", _COMMENT.sub(" ", text)).split())
    rest = re.sub(r"count ?\( ?\* ?\)", "", _SAFE.sub("", plain), flags=re.IGNORECASE)
    return [words for pattern, words in _FAULTS.items() if re.search(pattern, rest, re.IGNORECASE)]


def sparql_faults(text: str) -> list[str]:
    """The parameters that a sub-select uses and does not project: there they are not bound."""
    plain = _TEXT.sub("''", re.sub(r"#[^\n>]*\n", "\n", text))
    found: list[str] = []
    for head in re.finditer(r"SELECT([^{]*)\{", plain):
        depth, end = 1, head.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(plain[end], 0)
            end += 1
        used = set(re.findall(r"\$\w+", plain[head.end() : end]))
        found += sorted(used - set(re.findall(r"\$\w+", head[1])))
    return found
