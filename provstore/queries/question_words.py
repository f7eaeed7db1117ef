"""Splits what people ask into words that can be compared.

In: text. Out: stems, groups of words with one meaning, and cues to what the text names, such as an
ingest or a period. Pure; it knows no question and no store.
"""

import re
from functools import cache

INGEST, DATASET, THING, ERRATUM = "an ingest", "a dataset", "a thing", "an erratum"
INSTITUTE, MODEL, TIME, PERIOD, DAYS = "an institute", "a model", "a time", "a period", "days"
PERSON, PAIR, RELEASE = "a person", "two things", "a release of a tool"
"""Cues: what the words name. A question with a parameter of this kind has the same cue."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_VALUES = (
    (
        THING,
        r"(?i:\b(?:https?://|doi:|hdl:|10\.\d{4,}/)\S+|\b\w[\w-]*(?:\.[\w-]+){4,}|\b[a-z][\w-]*-\d{4,}/\w+/\d+\S*)",
    ),
    (ERRATUM, r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}\b"),
    (INGEST, r"\b[a-z][a-z0-9]*(?:-[a-z0-9]+)*-\d{4,}\b(?!/)"),
    (
        DAYS,
        r"(?i:(?<!last )(?<!past )\b(?:\d+|two|three|four|six|ten|some|a few|a|several) "
        r"(?:days?|weeks?|months?)\b)",
    ),
    (TIME, r"(?i:\b\d{4}-\d\d(?:-\d\d)?(?:t[\d:.]+z?)?\b|\b(?:19|20)\d\d\b)"),
    (MODEL, r"\b[A-Z][A-Za-z0-9]*-[A-Z0-9][\w-]*"),
    (RELEASE, r"(?<![\w.])v?\d+\.\d+(?:\.\d+)?(?![\w.]*\w)"),
    (PERSON, r"\b(?:\d{4}-){3}\d{3}[\dX]\b"),
)
"""Cues by the shape of a value; the value itself is taken out, so that its parts are no words."""
_NOUNS = {INGEST: " ingest ", ERRATUM: " erratum "}
"""What stands for a value of this kind among the words."""
_THIS = r"\b(?:this|that|one|single|my|our|an?)"
_MONTHS = "january|february|march|april|(?:in|of|to) may|june|july|august|september|october"
_DAY = r"november|december|yesterday|christmas|new year|easter|deadline|back then"
_PAST = r"(?:last|that) (?:week|month|year|summer|winter|spring|autumn|time|day)"
_SPAN = r"(?:this|last|past|these) (?:\w+ )?(?:days|weeks?|months?|quarters?|years?)"
_SEVERAL = r"datasets|data sets|figures|files|plots|products|reports|results|runs|things|versions"
_HINTS = (
    (INGEST, rf"{_THIS} (?:delivery|ingest|submission)\b"),
    (DATASET, rf"{_THIS} (?:dataset|data set|data)\b"),
    (
        INSTITUTE,
        rf"{_THIS} (?:institut\w+|organi[sz]ation|cent(?:re|er)|partner|university)\b"
        r"|\b(?:university|institute|centre|center|office) (?:of|for) ",
    ),
    (THING, r"\bth(?:is|ese|at|ose)(?! (?:delivery|ingest|submission|week|month|quarter|year))\b"),
    (TIME, rf"\b(?:{_MONTHS}|{_DAY}|{_PAST})\b"),
    (PERIOD, rf"\b(?:between|since|until|during|period|{_SPAN})\b"),
    (PERSON, rf"{_THIS} (?:person|colleague|manager|employee)\b|\b(?:dr|prof|mr|mrs|ms)\b"),
    (PAIR, rf"\b(?:(?:these|those|the) two|both|2 (?:{_SEVERAL})|two (?:\w+ )?(?:{_SEVERAL}))\b"),
)
"""Cues by the words before a noun."""
_INSTITUTE_NAME = re.compile(r"\b[A-Z]{3,6}\b")
_PERSON_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+ [A-Z][a-z]+\b(?! [A-Z])")
_ORGANISED = re.compile(r"(?:Institut\w*|Office|Cent(?:re|er)|University|Service|Agency|Survey)$")
_NO_INSTITUTES = frozenset(
    "ISO DOI PID GCM RCM DRS CMOR ESGF WDCC LTA ORCID ROR MD5 CMIP CORDEX".split()  # noqa: SIM905
)

_JOINED = (
    ("how many days", "howlong"), ("how many weeks", "howlong"), ("how many hours", "howlong"),
    ("how many months", "howlong"), ("how long", "howlong"), ("how much time", "howlong"),
    ("how fast", "howlong"),
    ("how many", "howmany"), ("how much", "howmany"), ("how often", "howoften"),
    ("data sets", "datasets"), ("data set", "dataset"), ("e-mail", "email"),
    ("in spite of", "although"), ("even though", "although"), ("despite", "although"),
    ("more than once", "repeatedly"), ("more than one", "several"), ("sent back", "returned"),
    ("send back", "return"), ("taken back", "withdrawn"), ("took back", "withdrew"),
    ("pulled back", "withdrawn"), ("four eyes", "foureyes"), ("long term", "longterm"),
    ("from this", "fromthis"), ("from these", "fromthis"), ("on this", "onthis"),
    ("on these", "onthis"), ("w/o", "without"),
    ("up to date", "current"), ("up-to-date", "current"), ("out of date", "outdated"),
    ("signed off", "approved"), ("in charge", "responsible"), ("turned down", "rejected"),
    ("handed in", "submitted"), ("hand in", "submit"), ("handed over", "submitted"),
    ("went live", "published"), ("going live", "publishing"), ("put online", "published"),
    ("taken down", "withdrawn"), ("take down", "withdraw"), ("up to now", "sofar"),
    ("and not", "without"),
    ("at the moment", "currently"), ("right now", "currently"), ("so far", "sofar"),
)  # fmt: skip
"""Expressions that mean something else than their words."""

_STOP = frozenset(
    """
    a about also am an and any anything are as at be because been being but by can could did
    do does doing done for from get gets give given go got had has have he her here him his
    how i if in into is it its just let like list look may me might more my need of on or
    our out please run runs shall she should show so some tell than that the their them then
    there these they thing things this those to too up upon us was we were what which will
    with would you your
    """.split()  # noqa: SIM905
)

_GROUPS = tuple(
    group.split()
    for group in """
    delivery ingest submission shipment consignment upload;
    institute institution organisation organization centre center university partner
    consortium;
    provider supplier submitter deliverer contributor;
    who whom whose person people colleague somebody someone anybody anyone everybody
    everyone staff employee individual member name;
    manager curator team reviewer colleague staff employee;
    dataset data;
    file files;
    erratum errata issue corrigendum;
    finding fault error mistake problem defect issue bug flaw flawed failure failing trouble
    wrong faulty complain complaint defective erroneous shortcoming;
    warning remark caveat;
    withdraw withdrawn withdrew withdrawal retract retraction recall revoke invalidate pull;
    publish publication public online release available accessible downloadable live;
    check quality qc qa control validate validation test inspect examine verify judge assess
    evaluate scrutinise assurance;
    review approve approval;
    copy replica mirror backup duplicate leftover;
    archive archival tape lta longterm wdcc preservation;
    identifier handle pid persistent doi name alias;
    old outdated obsolete stale superseded replace older previous earlier former;
    new newer latest newest current recent;
    wait overdue late stuck stall pending delay idle hang forgotten backlog neglect block
    unattended dormant inactive;
    howlong duration hours slow fast quick speed turnaround;
    origin source root ancestor upstream provenance lineage ancestry pedigree genealogy
    origins parent stem;
    derive made make compute produce base generate build create;
    depend dependent downstream descendant child consumer rely rest hinge inherit;
    repeat again twice recur repeatedly several multiple loop redo over bounce iterate retry
    attempt;
    same identical equal common share both mutual joint redundant duplicate;
    howmany number count statistics amount total workload busy share;
    model gcm esm driving driven force boundary downscale nest;
    software program tool script bot automatic automate pipeline checker machine robot
    agent;
    vocabulary cv convention standard table cmor terminology;
    change modify alter different difference differ vary swap exchange overwrite tamper;
    compare comparison diff difference versus vs;
    between path chain route connection link way;
    neighbour neighbor adjacent direct near around;
    state status situation standing progress stand;
    finish complete end close terminate;
    start begin began begun;
    why reason cause explain explanation motivation justification;
    impact affect effect consequence reach hit concern touch implication spread fallout
    suffer extent scope hurt harm damage break;
    correct correction revise revision amend amendment fix repair mend;
    decide decision disposition fate verdict became;
    reject refuse decline accept turn approve;
    next todo act action turn attention agenda outstanding;
    handle handled work worked involve participate part contribute help touch care task job
    activity;
    deliver supply provide submit send gave bring hand receive receipt arrival arrive;
    todo plate desk attention;
    middle between intermediate way;
    say said state assert claim statement mention describe;
    history story chronology timeline log course happen walk recap diary event proceed;
    checksum hash md5 sha256 fixity;
    although nevertheless;
    without never no not missing lack none nobody un;
    already afterwards after later;
    before until;
    latest last most;
    general usually typical normally average avg mean statistics rule;
    role responsible responsibility charge accountable mandate;
    behalf for;
    figure plot product result output;
    unfinished unended open incomplete pending;
    lie lay wait stay sit;
    period quarter year month week;
    cite citation reference credit thank acknowledge;
    delete remove destroy;
    store save keep hold locate stored;
    add new appear arrive create;
    vanish disappear remove delete retire
    """.split(";")  # noqa: SIM905
)
"""Words of nearly one meaning. A word may stand in several groups."""

_SUFFIXES = (
    ("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("ations", ""), ("ation", ""),
    ("ments", ""), ("ment", ""), ("ingly", ""), ("edly", ""), ("ically", "ic"), ("ally", "al"),
    ("ions", ""), ("ion", ""), ("ings", ""), ("ing", ""), ("ied", "y"), ("ies", "y"),
    ("ers", ""), ("ors", ""), ("er", ""), ("or", ""), ("ed", ""), ("es", ""), ("ly", ""),
    ("als", ""), ("al", ""), ("s", ""), ("e", ""),
)  # fmt: skip
_IRREGULAR = {
    "sent": "send", "came": "come", "went": "go", "took": "take", "taken": "take",
    "wrote": "write", "written": "write", "found": "find", "bad": "wrong", "worst": "wrong",
    "kept": "keep", "stood": "stand", "told": "tell", "gone": "go", "led": "lead",
    "worse": "wrong", "lay": "lie", "lying": "lie", "built": "build", "lost": "lose",
    "held": "hold", "left": "leave", "ran": "run", "broke": "break", "broken": "break",
    "saw": "see", "seen": "see", "knew": "know", "known": "know", "children": "child",
    "errata": "erratum", "criteria": "criterion", "became": "become", "made": "make",
    "criticised": "wrong", "analyses": "analysis", "indices": "index",
}  # fmt: skip


def comparable_words(text: str) -> list[str]:
    """Return the stems of a text, in order.

    >>> comparable_words("Who checked the files of cordex-0001?")
    ['who', 'check', 'fil', 'ingest']
    """
    for cue, pattern in _VALUES:
        text = re.sub(pattern, _NOUNS.get(cue, " "), text)
    plain = text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for expression, word in _JOINED:
        plain = plain.replace(expression, word)
    return [stem(word) for word in _WORD.findall(plain) if word not in _STOP]


def cues_of(text: str) -> dict[str, int]:
    """Return what the words name, such as an ingest, a dataset or a time.

    A value counts twice, and so does a hint at an ingest.

    >>> sorted(cues_of("what happened to cordex-0001 between January and March"))
    ['a period', 'a time', 'an ingest']
    """
    plain = text.casefold()
    cues = {cue: 1 for cue, pattern in _HINTS if re.search(pattern, plain)}
    if set(_INSTITUTE_NAME.findall(text)) - _NO_INSTITUTES:
        cues[INSTITUTE] = 1
    for name in _PERSON_NAME.findall(text):
        cues[INSTITUTE if _ORGANISED.search(name) else PERSON] = 2
    cues |= {cue: 2 for cue, pattern in _VALUES if re.search(pattern, text)}
    if INGEST in cues:
        cues[INGEST] = 2
    if DAYS in cues:
        cues.pop(PERIOD, None)
    return cues


def groups_of(stem: str) -> tuple[str, ...]:
    """Return the groups of meaning of a stem, as words that no text contains."""
    return _group_table().get(stem, ())


@cache
def stem(word: str) -> str:
    """Return a word without its ending; different forms of one word give one stem.

    >>> {stem(word) for word in ("publish", "published", "publishing", "publishes")}
    {'publish'}
    """
    word = _IRREGULAR.get(word.removesuffix("'s"), word.removesuffix("'s"))
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)] + instead
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiosl":
                word = word[:-1]
            break
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


@cache
def _group_table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for group in _GROUPS:
        for word in dict.fromkeys(map(stem, group)):
            table[word] = (*table.get(word, ()), f"≈{group[0]}")
    return table
