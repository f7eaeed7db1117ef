"""Checks that questions give their expected answers in both languages: `provstore ask --check`.

In: questions, and a folder of example deliveries. Out: a `QuestionVerdict` for each question. The
deliveries go into a temporary store.
"""

import tempfile
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from importlib.resources.abc import Traversable
from pathlib import Path

from provstore.cli.example_deliveries import hand_in, read_deliveries
from provstore.errors import BadQuestion, ProvstoreError
from provstore.queries.catalogue import EMPTY_ANSWER, Question, Questions
from provstore.queries.query_lint import lint_cypher, lint_sparql
from provstore.results.receipts import QuestionVerdict
from provstore.store import ProvStore

_MAX_LINES = 20
"""The number of lines of a difference that are printed."""


def check_questions(
    questions: Questions, names: Iterable[str], example: Traversable | Path
) -> Iterator[QuestionVerdict]:
    """Ask these questions on the example deliveries, and compare each answer to `expected.csv`.

    Raises:
        ProvstoreError: an example delivery is refused.

    """
    with (
        tempfile.TemporaryDirectory(prefix="provstore-check-") as scratch,
        ProvStore.create(Path(scratch) / "store", predictable="example") as store,
    ):
        for file, content in read_deliveries(example):
            hand_in(store, file, content)
        for name in names:
            try:
                problems = tuple(_problems(questions[name], store))
            except BadQuestion as error:
                problems = (str(error),)
            yield QuestionVerdict(name, "wrong" if problems else "right", problems)


def _problems(question: Question, store: ProvStore) -> Iterator[str]:
    if not (question.why.splitlines() or [""])[-1].startswith(EMPTY_ANSWER):
        yield f"The last line of question.md must begin with {EMPTY_ANSWER.strip()!r}."
    for language, faults in (
        ("Cypher", lint_cypher(question.cypher)),
        ("SPARQL", lint_sparql(question.sparql)),
    ):
        yield from (f"The {language} has {fault}." for fault in faults)
    if not question.answer().rows:
        yield "The expected answer (expected.csv) is empty: it proves nothing."
    values = {name: parameter.example for name, parameter in question.parameters.items()}
    for language in ("cypher", "sparql"):
        try:
            answer = store.ask(question, values, language=language)
        except ProvstoreError as error:
            yield f"{language}: {error}"
            continue
        if answer.columns != question.columns:
            actual, expected = ", ".join(answer.columns), ", ".join(question.columns)
            yield f"{language}: the columns are {actual}; question.md expects {expected}."
            continue
        yield from _differences(language, question, question.lines(answer))


def _differences(language: str, question: Question, actual: list[str]) -> Iterator[str]:
    expected = question.lines(question.answer())
    if actual == expected:
        return
    lines = list(unified_diff(expected, actual, lineterm="", n=0))[2:]
    changes = [line.rstrip("\n") for line in lines if not line.startswith("@@")]
    yield f"{language}: the answer differs from expected.csv (- missing, + unexpected):"
    yield from (f"{language}: {line}" for line in changes[:_MAX_LINES])
    if len(changes) > _MAX_LINES:
        yield f"{language}: … and {len(changes) - _MAX_LINES} more lines"
