"""Chooses the question that the words on a command line mean, and its parameters.

In: words, options and a store. Out: a question with values; if the words fit several questions, or
a parameter is missing, an error that lists what to type. It runs no question.
"""

import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from provstore.errors import BadParameter, UnknownName
from provstore.prov.model.iris import Prefixes
from provstore.queries.catalogue import Question
from provstore.queries.question_search import clear_choice, rank_questions
from provstore.queries.question_values import MOST_CANDIDATES, Candidate, Names, find_values
from provstore.results.short_names import short_name
from provstore.store import ProvStore

MOST_LISTED = 5


def parse_words(arguments: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Split arguments into words, and parameters given as `--name value` or `--name=value`.

    Raises:
        BadParameter: a parameter has no value.

    """
    words: list[str] = []
    values: dict[str, object] = {}
    remaining = iter(arguments)
    for argument in remaining:
        if not argument.startswith("--"):
            words.append(argument)
            continue
        name, equals, value = argument.removeprefix("--").partition("=")
        parameter = value if equals else next(remaining, None)
        if parameter is None or not name:
            raise BadParameter(f"{argument!r} is not a parameter.", "Write --NAME VALUE.")
        values[name.replace("-", "_")] = parameter
    return " ".join(words), values


def choose_question(
    words: str, given: Mapping[str, object], questions: Mapping[str, Question], store: ProvStore
) -> tuple[Question, dict[str, object]]:
    """Return the question, and its parameters: those given, and those found in the words.

    Raises:
        UnknownName: no question is like the words.
        BadParameter: several questions are, or a parameter is missing; lists what to type.

    """
    if words in questions:
        return questions[words], dict(given)
    first, _, rest = words.partition(" ")
    if first in questions:
        raise BadParameter(f"{rest!r} is not a parameter.", "Write --NAME VALUE.")
    ranked = rank_questions(words, questions)
    if not ranked or ("-" in words and " " not in words):
        raise UnknownName("question", words, questions)
    question = clear_choice(ranked)
    if question is None:
        near = [near for near, _ in ranked[:MOST_LISTED]]
        raise BadParameter(
            "\n".join(["Several questions are near. Ask one of them:", *_menu(near)])
        )
    candidates = {
        name: several
        for name, several in find_values(words, question.parameters, _names(store)).items()
        if name not in given
    }
    clear = {name: several[0].value for name, several in candidates.items() if len(several) == 1}
    values: dict[str, object] = {**clear, **given}
    if missing := question.parameters.keys() - values.keys():
        raise BadParameter(_missing(question, values, sorted(missing), candidates))
    return question, values


def _names(store: ProvStore) -> Names:
    short = Prefixes(store.prefixes).short

    def search(words: str, kind: str) -> list[Candidate]:
        hits = store.search(words, kind=kind, limit=MOST_CANDIDATES).hits
        return [Candidate(short_name(hit.iri, short), hit.title) for hit in hits]

    return Names(store.ingests(), search, datetime.now(UTC))


def _menu(questions: Sequence[Question]) -> list[str]:
    return [
        line
        for question in questions
        for line in (f"  provstore ask {usage(question)}", f"      {question.question}")
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
    missing: Sequence[str],
    candidates: Mapping[str, Sequence[Candidate]],
) -> str:
    lines = [f"{question.question} This question needs more:"]
    for name in missing:
        parameter = question.parameters[name]
        lines.append(f"  --{name}  {parameter.help} Example: {parameter.example}")
        lines += [
            f"      {candidate.value}{f'  ({candidate.title})' if candidate.title != candidate.value else ''}"
            for candidate in candidates.get(name, ())
        ]
    return "\n".join([*lines, "Write:", f"  provstore ask {usage(question, values)}"])
