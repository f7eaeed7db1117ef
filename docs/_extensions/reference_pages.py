"""The reference, made from the code when the pages are built; a Sphinx extension.

In: the command line, forms, questions, readers, notations, errors, the ontology and the golden
shapes of `--json`. Out: pages and pictures in `reference/generated/`, which nobody edits.
"""

import ast
import csv
import io
import json
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from drawings import walk_svg, workflow_svg
from query_lexers import ParameterCypherLexer, PathSparqlLexer
from sphinx.application import Sphinx
from typer.main import get_command

import provstore
from provstore import errors
from provstore.cli import app as command_line
from provstore.cli.example_deliveries import hand_in, read_deliveries
from provstore.projects.field_list import field_list_markdown
from provstore.projects.forms import load_forms
from provstore.projects.workflow import OUTCOMES, ROLES, STEPS
from provstore.prov.notations.notation_registry import NOTATIONS
from provstore.queries.catalogue import COSTS, Question, Questions
from provstore.readers.reader_facts import facts_of
from provstore.readers.reader_registry import READERS
from provstore.storage.settings import shipped

ROOT = Path(__file__).parents[2]
MADE = "<!-- Made from the code when the pages are built. -->\n"
MAX_ROWS = 12
"""Rows of an expected answer that a page shows."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register: pages are made before they are read, and what scrolls can be reached by keys."""
    app.add_lexer("cypher", ParameterCypherLexer)
    app.add_lexer("sparql", PathSparqlLexer)
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", hide_colons, priority=100)
    app.connect("autodoc-process-docstring", show_colons, priority=900)
    app.connect("build-finished", make_accessible)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(app: Sphinx) -> None:
    """Write every page and picture; one that is as it was keeps its time, and is not read again."""
    folder = Path(app.srcdir) / "reference" / "generated"
    texts: dict[str, str] = {name: make() for name, make in PAGES.items()}
    texts |= question_pages()
    texts |= {"workflow.svg": workflow_svg(), "walk.svg": walk_svg()}
    folder.mkdir(exist_ok=True)
    for name, text in (texts | pictures(folder)).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


HIDDEN_COLON = "\ue000"


def hide_colons(
    _app: Sphinx, kind: str, _name: str, _member: object, _options: object, lines: list[str]
) -> None:
    """Hide colons of a property from napoleon: what stands before one would become its type."""
    if kind in ("attribute", "property") and lines:
        lines[0] = lines[0].replace(":", HIDDEN_COLON)


def show_colons(
    _app: Sphinx, _kind: str, _name: str, _member: object, _options: object, lines: list[str]
) -> None:
    """Show them again, when napoleon has read the docstring."""
    lines[:] = [line.replace(HIDDEN_COLON, ":") for line in lines]


ACCESSIBLE: Mapping[str, str] = MappingProxyType(
    {
        "<pre>": '<pre tabindex="0">',
        '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
        '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
        '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
        '<aside class="toc-drawer': '<aside aria-label="This page" class="toc-drawer',
    }
)
"""What Sphinx and the theme leave out: keys must reach what can be wider than the screen, a heading
has a level, and two landmarks of one kind have names."""


def make_accessible(app: Sphinx, error: Exception | None) -> None:
    """Add it to every page."""
    for path in [] if error else Path(app.outdir).rglob("*.html"):
        before = text = path.read_text(encoding="utf-8")
        for bare, whole in ACCESSIBLE.items():
            text = text.replace(bare, whole)
        if text != before:
            path.write_text(text, encoding="utf-8")


# ------------------------------------------------------------------------------------ Markdown


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = [*head]
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """A text as code within a line."""
    return f"`{text}`" if text else ""


def block(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.strip()}\n```\n"


# ------------------------------------------------------------------------------------ the pages


def command_page() -> str:
    """Every command: how it is called, what it does, its arguments and options."""
    root: Any = get_command(command_line)
    parts = [
        MADE,
        "# The command line\n",
        "Data go to standard output, messages to standard error. Exit 0: done. Exit 1: refused, "
        "with the reasons. Exit 2: wrong usage. `--json` gives [stable keys](json.md); `--csv` and "
        "`--table` give the same rows for other readers.\n",
    ]
    with root.make_context("provstore", [], resilient_parsing=True) as above:
        for name, command in root.commands.items():
            with command.make_context(name, [], above, resilient_parsing=True) as context:
                parts += _command(f"provstore {name}", command, context)
    return "\n".join(parts)


def _command(name: str, command: Any, context: Any) -> Iterator[str]:
    yield f"## `{name}`\n"
    yield block("text", command.get_usage(context))
    yield f"{command.help}\n"
    rows = [record for part in command.params if (record := part.get_help_record(context))]
    yield table(("argument or option", "meaning"), [(code(names), text) for names, text in rows])


def form_page() -> str:
    """What every form asks."""
    text = field_list_markdown(load_forms(shipped("forms")))
    return MADE + text.replace(
        "Made from the form files by `make fields`; nothing here is written by hand.\n",
        "`provstore form NAME` prints the same for one form, `--blank` a file to fill in.\n",
    )


def question_pages() -> dict[str, str]:
    """One page for each theme, and one that lists them all."""
    questions = Questions(shipped("queries"))
    themes: dict[str, list[Question]] = {}
    for question in questions.values():
        if question.theme != "template":
            themes.setdefault(question.theme, []).append(question)
    pages = {f"questions-{theme}.md": _theme(theme, themes[theme]) for theme in themes}
    parts = [MADE, "# Questions\n"]
    parts.append(
        "Each question has a name, is written in Cypher and in SPARQL, and gives the same answer "
        "in both. `provstore ask NAME` asks it; its parameters are options.\n"
    )
    for theme, members in themes.items():
        rows = [
            (f"[`{question.name}`](questions-{theme}.md#{question.name})", question.question)
            for question in members
        ]
        parts += [f"## {theme.capitalize()}\n", table(("name", "question"), rows)]
    names = "\n".join(f"questions-{theme}" for theme in themes)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{names}\n```\n")
    return pages | {"questions.md": "\n".join(parts)}


def _theme(theme: str, questions: Iterable[Question]) -> str:
    parts = [MADE, f"# Questions: {theme}\n"]
    for question in questions:
        parts += _question(question)
    return "\n".join(parts)


def _question(question: Question) -> Iterator[str]:
    yield f"({question.name})=\n\n## {question.question}\n"
    options = "".join(f" --{row.name} {row.example}" for row in question.parameters.values())
    yield block("text", f"provstore ask {question.name}{options}")
    yield f"{question.why}\n"
    if question.parameters:
        yield table(
            ("parameter", "kind", "meaning"),
            [(code(row.name), row.kind, row.help) for row in question.parameters.values()],
        )
    if question.cost:
        looked_at = COSTS[question.cost]
        yield f"It looks at {looked_at}: its time follows that, not the rows of the answer.\n"
    yield "In Cypher:\n\n" + block("cypher", question.cypher)
    yield "In SPARQL:\n\n" + block("sparql", question.sparql)
    head, *rows = csv.reader(question.expected.splitlines())
    shown = f" (the first {MAX_ROWS} of {len(rows)} rows)" if len(rows) > MAX_ROWS else ""
    yield f"The answer on the example deliveries{shown}:\n\n" + _csv_block(head, rows[:MAX_ROWS])


def _csv_block(head: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return block("text", out.getvalue())


def format_page() -> str:
    """Formats of tools that readers know, and notations of PROV."""
    readers = [(row, facts_of(row)) for row in READERS.values()]
    rows = [(code(row.name), row.title, code(row.step)) for row, _ in readers]
    tried = [
        (code(row.name), facts.tool, version, file)
        for row, facts in readers
        for version, file in facts.tried.items()
    ]
    done = [
        (code(row.name), facts.taken, facts.aside, facts.contradicted) for row, facts in readers
    ]
    notations = [(code(name),) for name in NOTATIONS]
    return "\n".join(
        (
            MADE,
            "# Formats that are read\n",
            "## Files of tools\n",
            "The content of a file decides which reader reads it, never its name. The step is the "
            "one that a report made of such a file is about.\n",
            table(("reader", "what it reads", "step"), rows),
            "Each reader was tried on files of these versions:\n",
            table(("reader", "tool", "version", "file"), tried),
            "What is taken becomes findings, data and answers; what is kept aside stays with the "
            "report, word for word; what is contradicted is noted, or the file is refused.\n",
            table(("reader", "taken", "kept aside", "contradicted"), done),
            "## Notations of PROV\n",
            "For `--from`, `--to` and `--format`.\n",
            table(("notation",), notations),
        )
    )


def workflow_page() -> str:
    """The table of steps: what each outcome leads to, and what else may come."""
    parts = [MADE, "# Steps, roles and outcomes\n"]
    parts.append(table(("role", "who that is"), [(code(n), text) for n, text in ROLES.items()]))
    parts.append(f"The outcomes are {', '.join(map(code, OUTCOMES))}; a step knows some of them.\n")
    for step in STEPS.values():
        parts.append(f"## {step.name}\n")
        forms = ", ".join(map(code, step.forms))
        parts.append(f"Done by {ROLES[step.role]}. Forms: {forms}.\n")
        rows = [
            (code(outcome), row.words, row.next or row.end or "the ingest stays where it was")
            for outcome, row in step.outcomes.items()
        ]
        parts.append(table(("outcome", "meaning", "leads to"), rows))
        if step.needs:
            parts.append(f"It needs a {step.needs} that has passed.\n")
        if step.follows:
            after = [(name, ", ".join(map(code, ends))) for name, ends in step.follows.items()]
            parts.append("It may follow:\n\n" + table(("step", "if it ended with"), after))
    return "\n".join(parts)


def error_page() -> str:
    """Every error class with its place in the tree, and every code with its meaning and remedy."""
    classes: list[type[Exception]] = [errors.ProvstoreError, *_subclasses(errors.ProvstoreError)]
    lines = ["Errors", "======", "", "Every error is a ``ProvstoreError``; its text says what is",
             "wrong and what to do. On the command line the exit code is 1, and 2 for a",
             "``BadParameter``.", ""]  # fmt: skip
    table = tomllib.loads((ROOT / "provstore" / "error_codes.toml").read_text(encoding="utf-8"))
    names = {getattr(kind, "code", ""): f"{kind.__module__}.{kind.__name__}" for kind in classes}
    lines += ["The ``code`` of an error says what happened and never changes its meaning. It",
              "begins with its ``family``, the code of its class. An error that is not listed here",
              "has the code of its class.", ""]  # fmt: skip
    messages = message_patterns()
    for family, meaning in table["families"].items():
        lines += [f".. list-table:: {family}: {meaning} (:py:exc:`~{names[family]}`)"]
        lines += ["   :header-rows: 1", "", "   * - code", "     - meaning", "     - remedy"]
        lines += [f"   * - ``{family}``", "     - any other", "     - See the message."]
        for code, (when, remedy) in table["codes"].items():
            if code.startswith(f"{family}-"):
                patterns = [f"``{pattern}``" for pattern in messages.get(code, ())]
                shown = " ".join(["Message:", " or ".join(patterns)]) if patterns else ""
                lines += [f"   * - ``{code}``", f"     - {when} {shown}".rstrip()]
                lines += [f"     - {remedy.replace('`', '``')}"]
        lines.append("")
    for kind in classes:
        lines += [f".. autoexception:: {kind.__module__}.{kind.__name__}", "   :show-inheritance:"]
        lines += ["   :no-undoc-members:", ""]
    lines += [".. autoclass:: provstore.errors.Problem", "   :members:", "   :undoc-members:", ""]
    return "\n".join(lines)


def message_patterns() -> dict[str, list[str]]:
    """Code → the messages of its refusals as they stand in the code; `…` is what varies."""
    patterns: dict[str, list[str]] = {}
    for path in sorted((ROOT / "provstore").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            codes = [word.value for word in getattr(node, "keywords", ()) if word.arg == "code"]
            if codes and isinstance(node, ast.Call) and node.args:
                pattern = _pattern(node.args[0])
                if len(pattern) > 12 and " " in pattern and isinstance(codes[0], ast.Constant):
                    known = patterns.setdefault(str(codes[0].value), [])
                    known += [pattern] if pattern not in known else []
    return patterns


def _pattern(message: ast.expr) -> str:
    parts = message.values if isinstance(message, ast.JoinedStr) else [message]
    texts = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts]
    return " ".join("".join(texts).replace("`", "'").split()).strip()


def _subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from _subclasses(below)


def ontology_page() -> str:
    """The terms of our own namespace, from the Turtle that ships."""
    from rdflib import RDF, RDFS, Graph
    from rdflib.term import URIRef

    graph = Graph().parse(ROOT / "ontologies" / "ingest.ttl")
    begin = "https://w3id.org/provstore/ns#"
    parts = [
        MADE,
        "# Ontology\n",
        f"The namespace is `{begin}`, with the prefix `ingest`. `ontologies/ingest.ttl` is the "
        "same in Turtle; `ontologies/shapes.ttl` holds SHACL shapes.\n",
    ]
    kinds: dict[str, list[URIRef]] = {}
    for term in sorted(set(graph.subjects(RDF.type)), key=str):
        if isinstance(term, URIRef) and term.startswith(begin):
            kind = min(str(graph.qname(each)) for each in graph.objects(term, RDF.type))  # type: ignore[arg-type]
            kinds.setdefault(kind, []).append(term)
    for kind, terms in sorted(kinds.items()):
        head = OWL_NAMES.get(kind, kind)
        rows = []
        for term in terms:
            above = [graph.qname(up) for up in graph.objects(term, RDFS.subClassOf)]  # type: ignore[arg-type]
            comment = graph.value(term, RDFS.comment) or graph.value(term, RDFS.label) or ""
            name = code(f"ingest:{term.removeprefix(begin)}")
            rows.append((name, ", ".join(map(code, sorted(above))), str(comment)))
        columns = ("term", "is a", "meaning") if kind == "owl:Class" else ("term", "", "meaning")
        kept = [row if kind == "owl:Class" else (row[0], row[2]) for row in rows]
        parts += [f"## {head}\n", table([name for name in columns if name], kept)]
    return "\n".join(parts)


OWL_NAMES = MappingProxyType(
    {
        "owl:Class": "Classes",
        "owl:DatatypeProperty": "Attributes",
        "owl:ObjectProperty": "Relations",
        "owl:AnnotationProperty": "Annotations",
    }
)

KINDS = MappingProxyType(
    {"str": "text", "int": "whole number", "bool": "true or false", "float": "number"}
)


def json_page() -> str:
    """The keys that `--json` prints, from the texts that a test holds against the commands."""
    shapes = json.loads((ROOT / "tests" / "golden" / "shapes.json").read_text(encoding="utf-8"))
    parts = [
        MADE,
        "# Keys of `--json`\n",
        "These keys are stable: they can gain others, and none is renamed or removed without a new "
        "entry in the changelog. `[]` is an item of a list, `*` a key that depends on the data. "
        "Rows of `ask`, `cypher` and `sparql` have the columns of the query; those of the examples "
        "are shown.\n",
    ]
    for name, shape in shapes.items():
        rows = [(code(path), kinds) for path, kinds in sorted(_paths(shape).items()) if path]
        parts += [f"## `{name}`\n", table(("key", "value"), rows) if rows else "A list of names.\n"]
    return "\n".join(parts)


def _paths(shape: Any, path: str = "") -> dict[str, str]:
    """Every key as a path, with the kinds of its values."""
    if isinstance(shape, list):
        merged: dict[str, str] = {path: "list"} if path and not shape else {}
        for item in shape:
            for key, kind in _paths(item, f"{path}[]" if path else "").items():
                known = merged.get(key)
                merged[key] = kind if known in (None, kind) else f"{known} or {kind}"
        return merged
    if isinstance(shape, dict):
        within: dict[str, str] = {}
        for key, value in shape.items():
            free = path.startswith("facets.")
            within |= _paths(value, ".".join(filter(None, (path, "*" if free else key))))
        return within
    return {path: KINDS.get(shape, shape)}


def api_page() -> str:
    """The Python API: what `import provstore` gives, and what its methods give back."""
    exported = ", ".join(f"``provstore.{name}``" for name in sorted(provstore.__all__))
    lines = [
        "Python API", "==========", "",
        f"``import provstore`` gives {exported}. ``provstore.open(DIR)`` is",
        "``ProvStore(DIR)``, ``provstore.init(DIR)`` is ``ProvStore.create(DIR)``.", "",
    ]  # fmt: skip
    for title, classes in API.items():
        lines += [title, "-" * len(title), ""]
        for name in classes:
            lines += [f".. autoclass:: {name}", "   :members:"]
            lines += ["   :undoc-members:"] if ".results." in name else []
            lines += [""]
    return "\n".join(lines)


API: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "A store": ("provstore.store.ProvStore",),
        "An ingest": ("provstore.store_ingest.Ingest",),
        "Answers": (
            "provstore.results.answer.Answer",
            "provstore.results.cell_values.Iri",
            "provstore.results.search_results.SearchResult",
            "provstore.results.search_results.Hit",
        ),
        "Receipts": tuple(
            f"provstore.results.receipts.{name}"
            for name in (
                "Receipt", "IngestStatus", "ImportReceipt", "ImportedBundle", "CheckResult",
                "VerifyResult", "CheckpointReceipt", "BackupResult", "RestoreResult",
                "RepairResult", "AmendmentReceipt", "RedactionReceipt", "UpgradeResult",
                "StoreStatus", "ViewState", "QuestionVerdict",
            )
        ),
        "Lineages and pictures": (
            "provstore.queries.picture_data.Lineage",
            "provstore.queries.picture_data.Impact",
            "provstore.pictures.picture.Picture",
            "provstore.pictures.picture.GraphPicture",
        ),
    }
)  # fmt: skip

PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "api.rst": api_page,
        "commands.md": command_page,
        "errors.rst": error_page,
        "formats.md": format_page,
        "forms.md": form_page,
        "json.md": json_page,
        "ontology.md": ontology_page,
        "workflow.md": workflow_page,
    }
)


def pictures(folder: Path) -> dict[str, str]:
    """Pictures of the example deliveries, drawn by provstore itself; once for a folder."""
    names = ("lineage.svg", "life.svg", "board.svg")
    if all((folder / name).exists() for name in names):
        return {}
    with (
        tempfile.TemporaryDirectory(prefix="provstore-docs-") as scratch,
        provstore.init(Path(scratch) / "store", predictable="example") as store,
    ):
        for file, content in read_deliveries(Path(str(shipped("queries"))) / "example"):
            hand_in(store, file, content)
        drawn = (
            store.lineage("cordex-0001/publication/1/report").draw(depth=2),
            store.ingest("cordex-0001").draw(),
            store.board(),
        )
        return {
            name: f'<div class="picture" role="region" aria-label="{escape(picture.title)}" '
            f'tabindex="0">{picture.svg(name.removesuffix(".svg"))}</div>\n'
            for name, picture in zip(names, drawn, strict=True)
        }
