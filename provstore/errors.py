"""Every way in which provstore says no, each with fields and advice. No I/O, knows nothing else.

ProvstoreError
├── BadInput           what was handed in is wrong: all its problems, each with its place
│   ├── BadForm        answers that do not fit their form
│   ├── BadTable       a pasted table that cannot be taken
│   ├── BadPackage     a sealed package that is not as it was sealed
│   └── BadDocument    a PROV document that cannot be taken
├── Refused            well formed, but not allowed now: a conflict or a step out of turn
├── UnknownName        no such ingest, step, form, question, …: names the near ones
├── BadQuestion        a question's card or files contradict themselves
├── BadParameter       a question was asked with the wrong parameters
├── BadQuery           an engine could not run the text, or was told not to
├── StoreUnavailable   the store directory or its journal cannot be used
└── ViewUnavailable    a view's engine cannot be reached; the journal is unharmed
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill


@dataclass(frozen=True, order=True)
class Problem:
    """One fault: where it is (a JSON Pointer, RFC 6901), what is wrong, and how to mend it."""

    where: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f" {self.mend}" if self.mend else ""
        return f"{self.where or '(whole input)'}: {self.what}{mend}"


class ProvstoreError(Exception):
    """The root: a message in plain words, and advice where there is some."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the message alone; the cell above it is where it happened."""
        lines = f"{type(self).__name__}: {self}".splitlines()
        return [
            fill(line, 96, break_on_hyphens=False) if len(line) > 96 else line for line in lines
        ]


class BadInput(ProvstoreError):
    """What was handed in is refused whole; `problems` lists every fault that was found."""

    kind = "input"

    def __init__(self, name: str, problems: Iterable[Problem], advice: str = "") -> None:
        self.name = name
        self.problems = tuple(problems)
        count = len(self.problems)
        message = f"{name}: {count} problem{'s' if count != 1 else ''} in this {self.kind}."
        super().__init__(message, advice)

    def __str__(self) -> str:
        lines = [self.message, *(f"  - {problem}" for problem in self.problems)]
        return "\n".join([*lines, self.advice] if self.advice else lines)


class BadForm(BadInput):
    """Answers that do not fit their form."""

    kind = "form"


class BadTable(BadInput):
    """A pasted table that cannot be taken; no row of it was."""

    kind = "table"


class BadPackage(BadInput):
    """A package that is not as it was sealed, or whose files are not those that its form names."""

    kind = "package"


class BadDocument(BadInput):
    """A PROV document that cannot be taken as it is."""

    kind = "document"


class Refused(ProvstoreError):
    """Well formed but not allowed now; the message says what stands against it."""


class UnknownName(ProvstoreError):
    """No `kind` of this `name`; `near` holds the names that resemble it."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name = kind, name
        self.known = tuple(known)
        self.near = similar_names(name, self.known)
        if self.near:
            advice = f"Did you mean {' or '.join(repr(near) for near in self.near)}?"
        elif self.known and len(self.known) <= 12:
            advice = f"There is {', '.join(self.known)}."
        else:
            advice = f"There are {len(self.known)} to choose from." if self.known else ""
        super().__init__(f"There is no {kind} named {name!r}.", advice)


def similar_names(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The known names that resemble one, the nearest first; upper and lower case are alike.

    >>> similar_names("Quallity", ["quality", "transfer"])
    ('quality',)
    """
    plain = {spelling.casefold(): spelling for spelling in known}
    # Comparing is slow for long texts, and nobody mistypes a name as a page.
    matches = get_close_matches(name[:60].casefold(), plain, n=limit, cutoff=0.6)
    return tuple(plain[match] for match in matches)


class BadQuestion(ProvstoreError):
    """A question's folder is incomplete or its card and its queries contradict each other."""


class BadParameter(ProvstoreError):
    """A question was asked with a missing, superfluous or ill-typed parameter."""


class BadQuery(ProvstoreError):
    """An engine refused a query: bad text, a write in a reading place, or a limit that it met."""


class StoreUnavailable(ProvstoreError):
    """The store is missing, half-made, locked, damaged, or written by a newer version."""


class ViewUnavailable(ProvstoreError):
    """A view's engine cannot be reached. Nothing is lost: the journal holds every bundle."""
