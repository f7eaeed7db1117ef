"""Run queries against up-to-date views, within limits, and compare the answers of both languages.

In: a question with its parameters, or a query. Out: an `Answer`. It knows no engine.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from threading import Lock

from provstore.errors import BadQuery, UnknownName
from provstore.prov.model.iris import Prefixes
from provstore.queries import suggestions
from provstore.queries.catalogue import Question
from provstore.results.answer import Answer, Cell, Iri
from provstore.results.cell_values import text as written
from provstore.results.html_table import is_iri
from provstore.storage.journal import Journal
from provstore.views.journal_following import catch_up, rebuilt_note, view_position
from provstore.views.view_contract import LANGUAGES, QueryView, ViewNotAtPosition

LANGUAGE_NAMES = {"cypher": "Cypher", "sparql": "SPARQL", "both": "Cypher and SPARQL"}
"""Names of languages as people write them."""


class QueryRunner:
    """Queries the views of a store, from any thread; `rows` is the maximum per answer."""

    def __init__(
        self,
        journal: Journal,
        views: Mapping[str, QueryView],
        prefixes: Mapping[str, str],
        rows: int,
    ) -> None:
        self.journal, self.views, self.prefixes, self.rows = journal, views, prefixes, rows
        self._turns = {name: Lock() for name in views}
        self.short = Prefixes(prefixes).short

    def answer_question(self, card: Question, bound: Mapping[str, Cell], language: str) -> Answer:
        """Answer a question in one language, or in both and compare.

        If there are no rows, the notes of the answer explain what that means.

        Raises:
            UnknownName: no language has this name.
            BadQuery: the two answers differ.

        """
        texts = {"cypher": card.cypher, "sparql": card.sparql}
        if language not in LANGUAGE_NAMES:
            raise UnknownName("language", language, LANGUAGE_NAMES, code="PS-NAME-LANGUAGE")
        begun = time.perf_counter()
        wanted = tuple(texts) if language == "both" else (language,)
        asked = [self.query(name, texts[name], bound, rows=self.rows) for name in wanted]
        # An engine may omit the columns if there are no rows.
        answers = [replace(answer, columns=answer.columns or card.columns) for answer in asked]
        if len({tuple(card.lines(answer)) for answer in answers}) > 1:
            message = f"Cypher and SPARQL answer {card.name} differently."
            raise BadQuery(message, "Please report this fault.", code="PS-QUERY-ANSWERS-DIFFER")
        answer = answers[0]
        if not answer.rows:
            answer = replace(answer, notes=(*answer.notes, card.why.splitlines()[-1]))
        return self._described(
            answer, f"{card.question} {card.name}, {LANGUAGE_NAMES[language]}", begun
        )

    def run_query(self, language: str, text: str, parameters: Mapping[str, Cell]) -> Answer:
        """Answer any query; notes on an empty answer list the names that do not occur in the store.

        Raises:
            BadQuery: the query has faults, would write, or exceeds a limit.
            UnknownName: it uses an undeclared prefix; suggests similar ones.

        """
        begun = time.perf_counter()
        try:
            answer = self.query(language, text, parameters, rows=self.rows)
        except BadQuery:
            if language == "sparql":
                for prefix in suggestions.unknown_prefixes(text, self.prefixes):
                    raise UnknownName(
                        "prefix", prefix, self.prefixes, code="PS-NAME-PREFIX"
                    ) from None
            raise
        values = (f"${name} = {self.short(written(value))}" for name, value in parameters.items())
        answer = self._described(answer, ", ".join([LANGUAGE_NAMES[language], *values]), begun)
        if any(chain.from_iterable(answer.rows)):
            return answer
        notes = self._notes(language, text, parameters)
        return replace(answer, notes=(*answer.notes, *notes))

    def query(
        self, language: str, text: str, parameters: Mapping[str, Cell], *, rows: int | None = None
    ) -> Answer:
        """Answer from the present journal; several threads may ask at once."""
        name = LANGUAGES[language]
        view = self.views[name]
        notes: tuple[str, ...] = ()
        while True:
            with self._turns[name]:  # wait for a thread that is updating it now
                at = view_position(view, self.journal.head())
            try:
                answer = view.query(text, parameters, rows=rows, at=at)
            except ViewNotAtPosition:  # also if another process moved or cleared it meanwhile
                with self._turns[name]:
                    if catch_up(view, self.journal):
                        notes = (rebuilt_note(view),)
            else:
                return replace(answer, notes=notes) if notes else answer

    def _described(self, answer: Answer, asked: str, begun: float) -> Answer:
        took = time.perf_counter() - begun
        return replace(answer, asked=asked, seconds=took, short=self.short)

    def _notes(self, language: str, text: str, parameters: Mapping[str, Cell]) -> Iterable[str]:
        def ask(query: str, parameters: Mapping[str, Cell]) -> Answer:
            return self.query(language, query, parameters)

        if language == "cypher":
            return suggestions.suggest_for_cypher(text, ask)
        texts = (
            name
            for name, value in parameters.items()
            if is_iri(value) and not isinstance(value, Iri)
        )
        return chain(
            (
                f"${name} is a text, not an IRI. Use store.iri(…) to make it an IRI."
                for name in texts
            ),
            suggestions.suggest_for_sparql(text, self.prefixes, ask),
        )
