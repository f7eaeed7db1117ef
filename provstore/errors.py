"""All errors that provstore raises, with fields and advice. No I/O and no other knowledge.

ProvstoreError
├── BadInput           the input is faulty: lists all its problems, each with its place
│   ├── BadForm        answers that do not fit their form
│   ├── BadTable       a pasted table that cannot be used
│   ├── BadPackage     a sealed package that was changed after sealing or is incomplete
│   └── BadDocument    a PROV document that cannot be used
├── Refused            well formed, but not allowed now: a conflict or a step out of turn
├── UnknownName        no ingest, step, form, question, … has this name: suggests similar names
├── BadQuestion        the card and the queries of a question are incomplete or contradictory
├── BadParameter       a question was asked with the wrong parameters
├── BadQuery           an engine could not or must not run this query
├── StoreUnavailable   the store directory or its journal cannot be used
└── ViewUnavailable    the engine of a view cannot be reached; the journal is unharmed
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill


@dataclass(frozen=True, order=True)
class Problem:
    """One fault: its place (a JSON Pointer, RFC 6901), what is wrong, and how to mend it."""

    where: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f" {self.mend}" if self.mend else ""
        return f"{self.where or '(whole input)'}: {self.what}{mend}"


class ProvstoreError(Exception):
    """The base class: a message in plain words and, where possible, advice.

    The `code` of a class names its family; that of an error begins with it and says what happened.
    `error_codes.toml` lists all of them.

    >>> refusal = Refused("The step is over.", code="PS-REFUSED-OUT-OF-TURN")
    >>> refusal.code, refusal.family
    ('PS-REFUSED-OUT-OF-TURN', 'PS-REFUSED')
    """

    code = "PS-ERROR"

    def __init__(self, message: str, advice: str = "", *, code: str = "") -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()

    @property
    def family(self) -> str:
        """The code of its class, which every code of its errors begins with."""
        return type(self).code

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows: the message without a traceback."""
        lines = f"{type(self).__name__}: {self}".splitlines()
        return [
            fill(line, 96, break_on_hyphens=False) if len(line) > 96 else line for line in lines
        ]


class BadInput(ProvstoreError):
    """The whole input is refused; `problems` lists every fault in it."""

    code = "PS-INPUT"

    kind = "input"

    def __init__(
        self, name: str, problems: Iterable[Problem], advice: str = "", *, code: str = ""
    ) -> None:
        self.name = name
        self.problems = tuple(problems)
        count = len(self.problems)
        message = f"{name}: {count} problem{'s' if count != 1 else ''} in this {self.kind}."
        super().__init__(message, advice, code=code)

    def __str__(self) -> str:
        lines = [self.message, *(f"  - {problem}" for problem in self.problems)]
        return "\n".join([*lines, self.advice] if self.advice else lines)


class BadForm(BadInput):
    """Answers that do not fit their form."""

    code = "PS-FORM"

    kind = "form"


class BadTable(BadInput):
    """A pasted table that cannot be used; none of its rows was."""

    code = "PS-TABLE"

    kind = "table"


class BadPackage(BadInput):
    """A package that was changed after sealing, or whose files differ from those its form names."""

    code = "PS-PACKAGE"

    kind = "package"


class BadDocument(BadInput):
    """A PROV document that cannot be used as it is."""

    code = "PS-DOCUMENT"

    kind = "document"


class Refused(ProvstoreError):
    """Well formed but not allowed now; the message gives the reason."""

    code = "PS-REFUSED"


class UnknownName(ProvstoreError):
    """No `kind` has this `name`; `near` lists similar names."""

    code = "PS-NAME"

    def __init__(self, kind: str, name: str, known: Iterable[str], *, code: str = "") -> None:
        self.kind, self.name = kind, name
        self.known = tuple(known)
        self.near = similar_names(name, self.known)
        if self.near:
            advice = f"Did you mean {' or '.join(repr(near) for near in self.near)}?"
        elif self.known and len(self.known) <= 12:
            advice = f"Known: {', '.join(self.known)}."
        else:
            advice = f"{len(self.known)} names are known; none is similar." if self.known else ""
        super().__init__(f"There is no {kind} named {name!r}.", advice, code=code)


def similar_names(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The known names that resemble one, the nearest first; upper and lower case are alike.

    >>> similar_names("Quallity", ["quality", "transfer"])
    ('quality',)
    """
    spellings: dict[str, list[str]] = {}
    capital = name[:1].isupper()
    for spelling in sorted(known, key=lambda each: (each[:1].isupper() != capital, each)):
        spellings.setdefault(spelling.casefold(), []).append(spelling)
    # Comparing is slow for long texts, and nobody mistypes a name as a page.
    matches = get_close_matches(name[:60].casefold(), spellings, n=limit, cutoff=0.6)
    return tuple(spelling for match in matches for spelling in spellings[match])[:limit]


class BadQuestion(ProvstoreError):
    """The folder of a question is incomplete, or its card and queries contradict each other."""

    code = "PS-QUESTION"


class BadParameter(ProvstoreError):
    """A question was asked with a missing, unexpected or ill-typed parameter."""

    code = "PS-PARAMETER"


class BadQuery(ProvstoreError):
    """An engine refused a query: bad syntax, a write where only reading is allowed, or a limit."""

    code = "PS-QUERY"


class StoreUnavailable(ProvstoreError):
    """The store is missing, incomplete, locked, damaged, or written by a newer version."""

    code = "PS-STORE"


class DamagedStore(StoreUnavailable):
    """Entries of the journal are damaged or missing; `problems` names them."""

    code = "PS-DAMAGED"

    def __init__(
        self, message: str, problems: Iterable[Problem], advice: str = "", *, code: str = ""
    ) -> None:
        super().__init__(message, advice, code=code)
        self.problems = tuple(problems)


class StoreReplaced(StoreUnavailable):
    """The store was moved, deleted or replaced while it was open; nothing was recorded."""

    code = "PS-REPLACED"


class ViewUnavailable(ProvstoreError):
    """The engine of a view cannot be reached. The journal still has every bundle."""

    code = "PS-VIEW"
