"""The pages about questions: all cards, and one that can be asked.

In: `PageQueries` and the parameters of the address. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Mapping
from itertools import groupby

from provstore.errors import BadParameter, ProvstoreError, UnknownName
from provstore.prov.model.bundle import IRI, Bundle, Element, Value
from provstore.prov.model.terms import LABEL, PROV, TYPE
from provstore.queries.catalogue import Question
from provstore.queries.question_search import clear_choice, rank_questions
from provstore.results.answer import Answer, Iri
from provstore.web.page import AskedQuestion, Page
from provstore.web.page_queries import PageQueries

MAX_ROWS = 500
"""The number of rows that the page of an answer shows; CSV and JSON contain all."""

MAX_NEAR = 6
"""The number of questions that are offered for words."""

MAX_NEIGHBOURS = 3
"""The number of similar questions beside one."""

MAX_WORDS = 300
"""The maximum number of characters in which people ask for a question."""

LANGUAGES = ("cypher", "sparql", "both")
_DESCRIPTION = "http://purl.org/dc/terms/description"


def questions_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """List all questions by theme, or first those that words may mean, with what each is for."""
    words = parameters.get("words", "").strip()[:MAX_WORDS]
    ranked = rank_questions(words, queries.questions) if words else []
    choice = clear_choice(ranked) if ranked else None
    questions = sorted(
        queries.questions.values(), key=lambda question: (question.theme, question.name)
    )
    themes = [
        (theme, list(group))
        for theme, group in groupby(questions, key=lambda question: question.theme)
    ]
    rows = Answer.of(
        [
            {
                "name": question.name,
                "theme": question.theme,
                "question": question.question,
                "parameters": list(question.parameters),
            }
            for question in questions
        ]
    )
    return Page(
        "questions.html",
        "Questions",
        {
            "themes": themes,
            "words": words,
            "choice": choice,
            "near": [question for question, _ in ranked[:MAX_NEAR] if question is not choice],
        },
        (),
        rows,
        lambda: [_plans_bundle(queries, questions)],
    )


def question_page(queries: PageQueries, parameters: Mapping[str, str]) -> Page:
    """Show a question, and its answer once the address contains all its parameters.

    A wrong parameter becomes the page's `fault`, shown beside the visitor's input.

    Raises:
        UnknownName: there is no such question or language; suggests similar names.

    """
    name = parameters["_name"]
    if name not in queries.questions:
        raise UnknownName("question", name, queries.questions)
    question, language = queries.questions[name], parameters.get("in") or "cypher"
    if language not in LANGUAGES:
        raise UnknownName("language", language, LANGUAGES)
    values = {
        key: parameters[key] for key in question.parameters if parameters.get(key, "").strip()
    }
    ready = len(values) == len(question.parameters)
    asked: tuple[AskedQuestion, ...] = ()
    fault: ProvstoreError | None = None
    try:
        asked = (queries.ask(name, values, language),) if ready else ()
    except (BadParameter, UnknownName) as error:
        fault = error
    rows = asked[0].answer if asked else Answer((), ())
    template_values = {
        "card": question,
        "neighbours": _neighbours(queries, question),
        "given": values,
        "language": language,
        "languages": LANGUAGES,
        "ready": ready and not fault,
        "fault": fault,
        "shown": [row[len(values) :] for row in rows.rows[:MAX_ROWS]],
        "columns": rows.columns[len(values) :],
        "most": MAX_ROWS,
        "empty": question.why.splitlines()[-1],
        "examples": {key: parameter.example for key, parameter in question.parameters.items()},
    }
    return Page(
        "question.html",
        question.question,
        template_values,
        asked,
        rows,
        lambda: _bundles_about(queries, question, asked),
        fault,
    )


def _neighbours(queries: PageQueries, question: Question) -> list[Question]:
    """Return the questions that people may mean by the same words."""
    ranked = rank_questions(question.question, queries.questions)
    others = [other for other, _ in ranked if other.name != question.name]
    return others[:MAX_NEIGHBOURS]


def _bundles_about(
    queries: PageQueries, question: Question, asked: tuple[AskedQuestion, ...]
) -> list[Bundle]:
    """Return the question as a plan, and the statements about the elements in its answer."""
    cells = (cell for item in asked for row in item.answer.rows for cell in row)
    texts = (str(cell) for cell in cells if isinstance(cell, str))
    iris = [text for text in dict.fromkeys(texts) if queries.names.is_iri(text)]
    return [_plans_bundle(queries, [question]), *queries.bundles_about(iris)]


def _plans_bundle(queries: PageQueries, questions: list[Question]) -> Bundle:
    """Describe questions as PROV plans (PROV-DM 5.3.4)."""
    base = queries.store.base + "question/"
    elements = tuple(
        Element(
            Iri(base + question.name),
            ("entity",),
            (
                (TYPE, Value(PROV + "Plan", IRI)),
                (LABEL, Value(question.question)),
                (_DESCRIPTION, Value(question.why)),
            ),
        )
        for question in questions
    )
    name = (
        f"{base}{questions[0].name}/card"
        if len(questions) == 1
        else f"{queries.store.base}questions"
    )
    return Bundle(name, elements)
