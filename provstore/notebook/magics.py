"""`%%cypher`, `%%sparql` and `%ask`: the questions of a notebook, put to the store that is bound.

In: lines and cells, and the Python variables of whoever writes them. Out: data frames. It is the
functions `store.ask`, `store.cypher` and `store.sparql` in another dress, and can do no more.
"""

import time
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.display import Code

from provstore.errors import BadParameter, BadQuery, Refused, UnknownName
from provstore.notebook import magic_line as words
from provstore.notebook.progress_line import running
from provstore.queries.catalogue import Question, Questions
from provstore.queries.runner import LANGUAGE_NAMES
from provstore.results.answer import Answer
from provstore.store import ProvStore
from provstore.views.graph import cypher
from provstore.views.rdf import sparql

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from provstore.results.data_frame import AnswerFrame

_WANTED = {"cypher": cypher.parameter_names, "sparql": sparql.parameter_names}
_OPTIONS = {"in": [*LANGUAGE_NAMES], "show": ["cypher", "sparql"], "from": []}
"""What `%ask` understands besides a question's parameters, and what each may be."""


@magics_class
class ProvstoreMagics(Magics):
    """Questions to one open store."""

    def __init__(self, shell: "InteractiveShell") -> None:
        super().__init__(shell)
        self._bound: ProvStore | None = None
        self._own = False

    @property
    def store(self) -> ProvStore:
        """The store that is bound.

        Raises:
            Refused: none is.

        """
        if self._bound is None:
            raise Refused(
                "No store is bound here.", "Bind one: %provstore DIR, or %provstore store"
            )
        return self._bound

    def close(self) -> None:
        """Let the store go; one that was opened here is closed."""
        if self._bound is not None and self._own:
            self._bound.close()
        self._bound = None

    @no_var_expand
    @line_magic("provstore")
    def bind(self, line: str) -> None:
        """Bind a store: `%provstore DIR`, or `%provstore NAME` of a variable that holds one.

        Without either, say which one is bound.
        """
        name = words.unquoted(line.strip())
        if name:
            held = self.shell.user_ns.get(name)
            if isinstance(held, str | PathLike) and not Path(name).exists():
                name = str(held)
            own = not isinstance(held, ProvStore)
            store = ProvStore(name) if own else held
            self.close()
            self._bound, self._own = store, own
        head, ingests = self.store.journal.head(), self.store.journal.ingests()
        print(f"{self.store.settings.directory}: {len(ingests)} ingests, {head.position} bundles.")

    @no_var_expand
    @needs_local_scope
    @line_cell_magic("cypher")
    def cypher(
        self, line: str, cell: str = "", local_ns: Mapping[str, Any] | None = None
    ) -> "AnswerFrame":
        """Ask in Cypher: `%%cypher [-p NAME=VARIABLE]… [-o NAME | >> NAME]`, then the query.

        `$name` in the query is the Python variable of that name. `EXPLAIN` shows the plan.
        """
        return self._freely("cypher", line, cell, local_ns)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic("sparql")
    def sparql(
        self, line: str, cell: str = "", local_ns: Mapping[str, Any] | None = None
    ) -> "AnswerFrame":
        """Ask in SPARQL: `%%sparql [-p NAME=VARIABLE]… [-o NAME | >> NAME]`, then the query.

        `$name` in the query is the Python variable of that name, if there is one.
        """
        return self._freely("sparql", line, cell, local_ns)

    @no_var_expand
    @needs_local_scope
    @line_magic("ask")
    def ask(self, line: str, local_ns: Mapping[str, Any] | None = None) -> "AnswerFrame | Code":
        """Ask by name: `%ask NAME [--PARAMETER VALUE]… [--in cypher|sparql|both] [>> NAME]`.

        A parameter that is not given is the Python variable of that name; without a name, all
        questions are listed. `--show cypher|sparql` shows the query, `--from DIR` asks your own.
        """
        variables = self._variables(local_ns)
        wish = words.question(line, self.shell.ev)
        cards = Questions(Path(wish.said.pop("from"))) if "from" in wish.said else None
        cards = self.store.questions if cards is None else cards
        if not wish.text:
            return self._give(wish, _list(cards))
        card = cards[wish.text]
        if "show" in wish.said:
            return _shown(card, wish.said["show"])
        language = wish.said.pop("in", "cypher")
        told = {name: variables[name] for name in card.parameters if name in variables}
        given = told | wish.given | wish.said
        return self._run(wish, card.name, lambda: self.store.answer(card, given, language))

    @context_matcher()
    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """What can come next after `%ask`: questions, then parameters and options."""
        _, magic, after = context.text_until_cursor.rpartition("%ask ")
        if not magic or self._bound is None:
            return {"completions": []}
        said, cards = after.split(), self._bound.questions
        begun = said.pop() if said and not after[-1:].isspace() else ""
        if said and said[-1].removeprefix("--") in _OPTIONS:
            known = _OPTIONS[said[-1].removeprefix("--")]
        elif not said:
            known = [*cards]
        else:
            own = cards[said[0]].parameters if said[0] in cards else ()
            known = [f"--{name}" for name in (*own, *_OPTIONS)]
        found = [SimpleCompletion(one) for one in known if one.startswith(begun)]
        return {
            "completions": found, "suppress": bool(found), "ordered": True,
            "matched_fragment": begun,
        }  # fmt: skip

    # ------------------------------------------------------------------------------ within

    def _freely(
        self, language: str, line: str, cell: str, local_ns: Mapping[str, Any] | None
    ) -> "AnswerFrame":
        wish = words.order(line, self.shell.ev)
        text = f"{wish.text}\n{cell or ''}".strip()
        if not text:
            raise BadParameter("There is no query.", f"Write it below %%{language}.")
        variables = self._variables(local_ns)
        wanted = _WANTED[language](text)
        # In SPARQL a name with a dollar may also be a variable of the query.
        strict = language == "cypher"
        values = dict(words.parameters(wanted, wish.given, variables, strict=strict))
        ask = getattr(self.store, language)
        return self._run(wish, LANGUAGE_NAMES[language], lambda: ask(text, values))

    def _run(self, wish: words.Order, what: str, ask: Callable[[], Answer]) -> "AnswerFrame":
        begun = time.monotonic()
        try:
            with running(what, shown=hasattr(self.shell, "kernel")):
                answer = ask()
        except KeyboardInterrupt:
            seconds = time.monotonic() - begun
            message = f"{what} was stopped after {seconds:.0f} s."
            raise BadQuery(message, "The store is as it was and can be asked again.") from None
        return self._give(wish, answer)

    def _give(self, wish: words.Order, answer: Answer) -> "AnswerFrame":
        frame = answer.to_pandas()
        if wish.to:
            self.shell.user_ns[wish.to] = frame
        return frame

    def _variables(self, local_ns: Mapping[str, Any] | None) -> Mapping[str, Any]:
        hidden = self.shell.user_ns_hidden
        mine = {k: v for k, v in self.shell.user_ns.items() if hidden.get(k, self) is not v}
        return {**mine, **(local_ns or {})}


def _list(cards: Mapping[str, Question]) -> Answer:
    return Answer.of([
        {"name": one.name, "theme": one.theme, "question": one.question,
         "parameters": " ".join(f"--{name}" for name in one.parameters)}
        for one in cards.values()
    ])  # fmt: skip


def _shown(card: Question, language: str) -> Code:
    texts = {"cypher": card.cypher, "sparql": card.sparql}
    if language not in texts:
        raise UnknownName("language", language, texts)
    return Code(texts[language].strip(), language=language)
