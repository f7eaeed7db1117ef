"""The pages about questions: all cards, and one that can be asked.

In: a desk and what the address says. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Mapping
from itertools import groupby

from provstore.errors import BadParameter, ProvstoreError, UnknownName
from provstore.prov.model.bundle import IRI, Bundle, Element, Value
from provstore.prov.model.terms import LABEL, PROV, TYPE
from provstore.queries.catalogue import Question
from provstore.results.answer import Answer, Iri
from provstore.web.page import Asked, Page
from provstore.web.page_queries import Desk

SHOWN = 500
"""Rows of an answer that its page shows; CSV and JSON hold all."""

LANGUAGES = ("cypher", "sparql", "both")
_DESCRIPTION = "http://purl.org/dc/terms/description"


def cards(desk: Desk, _said: Mapping[str, str]) -> Page:
    """All questions, by theme."""
    held = sorted(desk.cards.values(), key=lambda card: (card.theme, card.name))
    themes = [(theme, list(group)) for theme, group in groupby(held, key=lambda one: one.theme)]
    rows = Answer.of([
        {"name": one.name, "theme": one.theme, "question": one.question,
         "parameters": list(one.parameters)} for one in held
    ])  # fmt: skip
    return Page(
        "questions.html", "Questions", {"themes": themes}, (), rows,
        lambda: [_plans(desk, held)],
    )  # fmt: skip


def card(desk: Desk, said: Mapping[str, str]) -> Page:
    """One question; it is asked as soon as the address says all that it wants to know.

    What a visitor has to say otherwise is a fault of the page, which shows what was said.

    Raises:
        UnknownName: there is no such question or language; names the near ones.

    """
    name = said["_name"]
    if name not in desk.cards:
        raise UnknownName("question", name, desk.cards)
    one, language = desk.cards[name], said.get("in") or "cypher"
    if language not in LANGUAGES:
        raise UnknownName("language", language, LANGUAGES)
    given = {key: said[key] for key in one.parameters if said.get(key, "").strip()}
    ready = len(given) == len(one.parameters)
    asked: tuple[Asked, ...] = ()
    fault: ProvstoreError | None = None
    try:
        asked = (desk.ask(name, given, language),) if ready else ()
    except (BadParameter, UnknownName) as error:
        fault = error
    rows = asked[0].answer if asked else Answer((), ())
    values = {
        "card": one, "given": given, "language": language, "languages": LANGUAGES,
        "ready": ready and not fault, "fault": fault,
        "shown": [row[len(given) :] for row in rows.rows[:SHOWN]],
        "columns": rows.columns[len(given) :], "most": SHOWN,
        "empty": one.why.splitlines()[-1],
        "examples": {key: each.example for key, each in one.parameters.items()},
    }  # fmt: skip
    return Page(
        "question.html", one.question, values, asked, rows,
        lambda: _told(desk, one, asked), fault,
    )  # fmt: skip


def _told(desk: Desk, one: Question, asked: tuple[Asked, ...]) -> list[Bundle]:
    """The card, and what is known of the things that its answer names."""
    cells = (cell for each in asked for row in each.answer.rows for cell in row)
    texts = (str(cell) for cell in cells if isinstance(cell, str))
    things = [one for one in dict.fromkeys(texts) if desk.names.looks_like_one(one)]
    return [_plans(desk, [one]), *desk.about(things)]


def _plans(desk: Desk, held: list[Question]) -> Bundle:
    """Questions as what they are in PROV: plans (PROV-DM 5.3.4)."""
    base = desk.store.names.base + "question/"
    elements = tuple(
        Element(Iri(base + one.name), ("entity",), (
            (TYPE, Value(PROV + "Plan", IRI)), (LABEL, Value(one.question)),
            (_DESCRIPTION, Value(one.why)),
        ))
        for one in held
    )  # fmt: skip
    name = f"{base}{held[0].name}/card" if len(held) == 1 else f"{desk.store.names.base}questions"
    return Bundle(name, elements)
