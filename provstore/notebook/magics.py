"""The magics `%%cypher`, `%%sparql` and `%ask`: they query the bound store from a notebook.

In: lines and cells, and the user's Python variables. Out: data frames. They only call `store.ask`,
`store.cypher` and `store.sparql`.
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
from provstore.notebook import magic_line
from provstore.notebook.progress_line import show_progress
from provstore.queries.catalogue import Question, Questions
from provstore.queries.question_choice import choose_question
from provstore.queries.runner import LANGUAGE_NAMES
from provstore.results.answer import Answer
from provstore.store import ProvStore
from provstore.views.graph import cypher
from provstore.views.rdf import sparql

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from provstore.results.data_frame import AnswerFrame

_PARAMETER_NAMES = {"cypher": cypher.parameter_names, "sparql": sparql.parameter_names}
_OPTIONS = {"in": [*LANGUAGE_NAMES], "show": ["cypher", "sparql"], "from": []}
"""The options of `%ask` besides a question's parameters, and the values of each."""


@magics_class
class ProvstoreMagics(Magics):
    """The magics, bound to an open store."""

    def __init__(self, shell: "InteractiveShell") -> None:
        super().__init__(shell)
        self._bound: ProvStore | None = None
        self._opened_here = False

    @property
    def store(self) -> ProvStore:
        """The bound store.

        Raises:
            Refused: no store is bound.

        """
        if self._bound is None:
            raise Refused(
                "No store is bound.", "Bind a store with %provstore DIR or %provstore VARIABLE."
            )
        return self._bound

    def close(self) -> None:
        """Release the store; close it if the magics opened it."""
        if self._bound is not None and self._opened_here:
            self._bound.close()
        self._bound = None

    @no_var_expand
    @line_magic("provstore")
    def bind(self, line: str) -> None:
        """Bind a store: `%provstore DIR`, or `%provstore NAME` for a variable.

        Without an argument, show the bound store.
        """
        name = magic_line.unquote(line.strip())
        if name:
            variable = self.shell.user_ns.get(name)
            if isinstance(variable, str | PathLike) and not Path(name).exists():
                name = str(variable)
            opened_here = not isinstance(variable, ProvStore)
            store = ProvStore(name) if opened_here else variable
            self.close()
            self._bound, self._opened_here = store, opened_here
        head, ingests = self.store.position(), self.store.ingests()
        print(f"{self.store.directory}: {len(ingests)} ingests, {head.position} bundles.")

    @no_var_expand
    @needs_local_scope
    @line_cell_magic("cypher")
    def cypher(
        self, line: str, cell: str = "", local_ns: Mapping[str, Any] | None = None
    ) -> "AnswerFrame":
        """Run a Cypher query: `%%cypher [-p NAME=VARIABLE]… [-o NAME | >> NAME]`, then the query.

        `$name` in the query is the Python variable `name`. `EXPLAIN` shows the plan.
        """
        return self._run_query("cypher", line, cell, local_ns)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic("sparql")
    def sparql(
        self, line: str, cell: str = "", local_ns: Mapping[str, Any] | None = None
    ) -> "AnswerFrame":
        """Run a SPARQL query: `%%sparql [-p NAME=VARIABLE]… [-o NAME | >> NAME]`, then the query.

        `$name` in the query is the Python variable `name`, if it exists.
        """
        return self._run_query("sparql", line, cell, local_ns)

    @no_var_expand
    @needs_local_scope
    @line_magic("ask")
    def ask(self, line: str, local_ns: Mapping[str, Any] | None = None) -> "AnswerFrame | Code":
        """Ask a question: `%ask NAME [--PARAMETER VALUE]… [--in cypher|sparql|both] [>> NAME]`.

        Instead of its name, write your own words. A missing parameter is taken from the Python
        variable of the same name. Without a name, list all questions. `--show cypher|sparql` shows
        the query; `--from DIR` uses your own questions.
        """
        variables = self._variables(local_ns)
        parsed = magic_line.parse_question_line(line, self.shell.ev)
        questions = (
            Questions(Path(parsed.options.pop("from"))) if "from" in parsed.options else None
        )
        questions = self.store.questions if questions is None else questions
        if not parsed.text:
            return self._to_frame(parsed, _question_list(questions))
        if "show" in parsed.options:
            return _query_text(questions[parsed.text], parsed.options["show"])
        language = parsed.options.pop("in", "cypher")
        options = parsed.values | parsed.options
        names = self.store.known_names()
        question, values = choose_question(
            parsed.text, options, questions, names, command="%ask", variables=variables
        )
        return self._run(
            parsed, question.name, lambda: self.store.ask(question, values, language=language)
        )

    @context_matcher()
    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """Complete a line after `%ask`: questions, then parameters and options."""
        _, magic, after = context.text_until_cursor.rpartition("%ask ")
        if not magic or self._bound is None:
            return {"completions": []}
        words, questions = after.split(), self._bound.questions
        fragment = words.pop() if words and not after[-1:].isspace() else ""
        if words and words[-1].removeprefix("--") in _OPTIONS:
            candidates = _OPTIONS[words[-1].removeprefix("--")]
        elif not words:
            candidates = [*questions]
        else:
            parameters = questions[words[0]].parameters if words[0] in questions else ()
            candidates = [f"--{name}" for name in (*parameters, *_OPTIONS)]
        completions = [
            SimpleCompletion(candidate)
            for candidate in candidates
            if candidate.startswith(fragment)
        ]
        return {
            "completions": completions,
            "suppress": bool(completions),
            "ordered": True,
            "matched_fragment": fragment,
        }

    # ------------------------------------------------------------------------------ within

    def _run_query(
        self, language: str, line: str, cell: str, local_ns: Mapping[str, Any] | None
    ) -> "AnswerFrame":
        parsed = magic_line.parse_query_line(line, self.shell.ev)
        text = f"{parsed.text}\n{cell or ''}".strip()
        if not text:
            raise BadParameter("The cell has no query.", f"Write it below %%{language}.")
        variables = self._variables(local_ns)
        wanted = _PARAMETER_NAMES[language](text)
        # In SPARQL a name with a dollar may also be a variable of the query.
        strict = language == "cypher"
        values = dict(magic_line.bind_parameters(wanted, parsed.values, variables, strict=strict))
        ask = getattr(self.store, language)
        return self._run(parsed, LANGUAGE_NAMES[language], lambda: ask(text, values))

    def _run(
        self, parsed: magic_line.ParsedLine, subject: str, ask: Callable[[], Answer]
    ) -> "AnswerFrame":
        started = time.monotonic()
        try:
            with show_progress(subject, shown=hasattr(self.shell, "kernel")):
                answer = ask()
        except KeyboardInterrupt:
            seconds = time.monotonic() - started
            message = f"{subject} was interrupted after {seconds:.0f} s."
            raise BadQuery(message, "The store is unchanged and accepts further queries.") from None
        return self._to_frame(parsed, answer)

    def _to_frame(self, parsed: magic_line.ParsedLine, answer: Answer) -> "AnswerFrame":
        frame = answer.to_pandas()
        if parsed.target:
            self.shell.user_ns[parsed.target] = frame
        return frame

    def _variables(self, local_ns: Mapping[str, Any] | None) -> Mapping[str, Any]:
        hidden = self.shell.user_ns_hidden
        visible = {k: v for k, v in self.shell.user_ns.items() if hidden.get(k, self) is not v}
        return {**visible, **(local_ns or {})}


def _question_list(questions: Mapping[str, Question]) -> Answer:
    return Answer.of(
        [
            {
                "name": question.name,
                "theme": question.theme,
                "question": question.question,
                "parameters": " ".join(f"--{name}" for name in question.parameters),
            }
            for question in questions.values()
        ]
    )


def _query_text(question: Question, language: str) -> Code:
    texts = {"cypher": question.cypher, "sparql": question.sparql}
    if language not in texts:
        raise UnknownName("language", language, texts)
    return Code(texts[language].strip(), language=language)
