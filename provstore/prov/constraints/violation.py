"""One violation as a value: its rule, its statements, its chain of events, and advice.

In: texts for people. Out: a sentence, a `Problem`, or Mermaid text. Knows no bundle.
"""

from dataclasses import dataclass
from typing import NamedTuple

from provstore.errors import Problem
from provstore.prov.constraints.rule_tables import LINK, RULES


class Step(NamedTuple):
    """One event of a cycle; `statement` and `constraint` imply that the next one is later."""

    event: str
    strict: bool
    constraint: str
    statement: str

    @property
    def arrow(self) -> str:
        """The order of this event and the next one."""
        return "comes before" if self.strict else "comes no later than"


@dataclass(frozen=True, order=True)
class Violation:
    """Statements that cannot all be true because of the `constraint` with this number.

    `statements` are PROV-N with short names; `steps` are set if events form a cycle.
    """

    constraint: str
    statements: tuple[str, ...]
    what: str
    mend: str
    steps: tuple[Step, ...] = ()

    @property
    def title(self) -> str:
        """The name of the constraint in the Recommendation."""
        return RULES[self.constraint].title

    @property
    def link(self) -> str:
        """The address of the constraint in the Recommendation."""
        return f"{LINK}#{self.title}"

    @property
    def cycle(self) -> tuple[str, ...]:
        """The cycle of events in words, one sentence per event."""
        following = (*self.steps[1:], *self.steps[:1])
        return tuple(
            f"{step.event} {step.arrow} {later.event} ({step.constraint}: {step.statement})"
            for step, later in zip(self.steps, following, strict=True)
        )

    def problem(self) -> Problem:
        """Return the violation as a problem, like any other fault of a document."""
        reasons = "; ".join(self.cycle or self.statements)
        where = f"PROV-CONSTRAINTS {self.constraint} ({self.title})"
        return Problem(where, f"{self.what} {reasons}.", self.mend)

    def mermaid(self) -> str:
        """Draw the cycle as a Mermaid flowchart; a thick arrow means that the next is later."""
        lines = ["flowchart LR"]
        lines += [f"  e{index}[{_quoted(step.event)}]" for index, step in enumerate(self.steps)]
        for index, step in enumerate(self.steps):
            arrow = "==>" if step.strict else "-->"
            label = _quoted(f"{step.constraint}: {step.statement}")
            lines.append(f"  e{index} {arrow}|{label}| e{(index + 1) % len(self.steps)}")
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        lines = "".join(f"\n  {line}" for line in self.cycle or self.statements)
        head = f"PROV-CONSTRAINTS {self.constraint} ({self.title}): {self.what}"
        return f"{head}{lines}\n  {self.mend} {self.link}"


def make_violation(
    constraint: str, statements: tuple[str, ...], fault: str, steps: tuple[Step, ...] = ()
) -> Violation:
    """Make a violation with the advice of its rule."""
    return Violation(constraint, statements, fault, RULES[constraint].mend, steps)


def _quoted(text: str) -> str:
    return f'"{text.replace("#", "#35;").replace(chr(34), "#quot;")}"'
