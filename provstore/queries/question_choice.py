"""Chooses the question that somebody means by words, and finds its parameters in them.

In: words, parameters, questions and known names. Out: a question with values; if the words fit
several questions, or a parameter is missing, an error that lists what to type. `command` is what
people type before a question, `variables` have values for missing parameters. It runs no question.
"""

import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from provstore.errors import BadParameter, UnknownName
from provstore.queries.catalogue import Question
from provstore.queries.question_search import clear_choice, rank_questions
from provstore.queries.question_values import Candidate, Names, find_values

MOST_LISTED = 5
NOTHING: Mapping[str, object] = MappingProxyType({})


def choose_question(
    words: str,
    options: Mapping[str, object],
    questions: Mapping[str, Question],
    names: Names,
    *,
    command: str = "provstore ask",
    variables: Mapping[str, object] = NOTHING,
) -> tuple[Question, dict[str, object]]:
    """Return the question, and its parameters: those of the options, and those found in the words.

    Raises:
        UnknownName: no question is like the words.
        BadParameter: several questions are, or a parameter is missing; lists what to type.

    """
    if words in questions:
        return questions[words], {**_named(questions[words], variables), **options}
    first, _, rest = words.partition(" ")
    if first in questions:
        raise BadParameter(
            f"{rest!r} is not a parameter.", "Write --NAME VALUE.", code="PS-PARAMETER-WORDS"
        )
    ranked = rank_questions(words, questions)
    if not ranked or ("-" in words and " " not in words):
        raise UnknownName("question", words, questions, code="PS-NAME-QUESTION")
    question = clear_choice(ranked)
    if question is None:
        near = [near for near, _ in ranked[:MOST_LISTED]]
        raise BadParameter(
            "\n".join(["Several questions are near. Ask one of them:", *_menu(near, command)]),
            code="PS-PARAMETER-QUESTION",
        )
    candidates = {
        name: several
        for name, several in find_values(words, question.parameters, names).items()
        if name not in options
    }
    clear = {name: several[0].value for name, several in candidates.items() if len(several) == 1}
    values: dict[str, object] = {**_named(question, variables), **clear, **options}
    if question.parameters.keys() - values.keys():
        message = _missing(question, values, candidates, command)
        raise BadParameter(message, code="PS-PARAMETER-MISSING")
    return question, values


def _named(question: Question, variables: Mapping[str, object]) -> dict[str, object]:
    return {name: variables[name] for name in question.parameters if name in variables}


def _menu(questions: Sequence[Question], command: str) -> list[str]:
    return [
        line
        for question in questions
        for line in (f"  {command} {usage(question)}", f"      {question.question}")
    ]


def usage(question: Question, values: Mapping[str, object] | None = None) -> str:
    """Return a question's name with its parameters, as one types them after `ask`."""
    options = [
        f"--{name} {shlex.quote(str(values[name])) if values and name in values else name.upper()}"
        for name in question.parameters
    ]
    return " ".join([question.name, *options])


def _missing(
    question: Question,
    values: Mapping[str, object],
    candidates: Mapping[str, Sequence[Candidate]],
    command: str,
) -> str:
    lines = [f"{question.question} This question needs more:"]
    for name, parameter in question.parameters.items():
        if name in values:
            continue
        lines.append(f"  --{name}  {parameter.help} Example: {parameter.example}")
        lines += [f"      {candidate}" for candidate in candidates.get(name, ())]
    return "\n".join([*lines, "Write:", f"  {command} {usage(question, values)}"])
