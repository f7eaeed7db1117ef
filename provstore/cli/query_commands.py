"""The commands that query: named questions, Cypher, SPARQL, lineage and impact."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import Annotated

import typer

import provstore
from provstore.cli.completion_names import complete_question
from provstore.cli.console import (
    RowFormat,
    print_answer,
    print_data,
    print_message,
    print_or_draw,
    write_picture,
)
from provstore.cli.options import Directory, Html, Language, Svg, app, prints_rows
from provstore.cli.titles import with_titles
from provstore.commands.input_sources import read_source
from provstore.errors import BadParameter
from provstore.queries.catalogue import Questions
from provstore.queries.catalogue import create_question as begin
from provstore.queries.question_choice import choose_question, usage
from provstore.results.answer import Answer
from provstore.storage import settings

_OMITTED = ("label", "bundle")
"""Columns of a lineage that a table for a terminal leaves out."""


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@prints_rows
def ask(
    context: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(
            help="Its name or your own words; without it, list all.",
            autocompletion=complete_question,
        ),
    ] = None,
    language: Annotated[
        Language, typer.Option("--in", help="Query language; both compares the two answers.")
    ] = "cypher",
    folder: Annotated[
        Path | None, typer.Option("--from", help="Folder of your own questions.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Create a question of this name in the folder.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check answers against the folder's example.")
    ] = False,
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """Ask a question by its name, or in your own words.

    Without one, list all. Give the parameters of a question as options:
    --NAME VALUE. If your words fit several questions, they are listed, and
    none is asked.
    """
    if new:
        _begin_question(folder or Path("questions"), question, rows.json)
        return
    questions = Questions(folder or settings.shipped("queries"))
    if check:
        _check_questions(questions, [question] if question else [*questions], folder, rows.json)
    elif question is None and rows.is_table and not rows.table:
        print_data(None, "\n".join(_question_menu(questions)), as_json=False)
    elif question is None:
        print_answer(_question_list(questions, joined=not rows.json), rows)
    else:
        words, parameters = _parse_words([question, *context.args])
        with provstore.open(directory) as store:
            card, values = choose_question(words, parameters, questions, store.known_names())
            if card.name != words:
                print_message(f"{card.question} ({card.name})")
            answer = store.ask(card, values, language=language)
            shown = with_titles(answer, store) if rows.is_table else answer
            print_answer(shown, rows, omitted=card.parameters)


def _question_list(questions: Questions, *, joined: bool) -> Answer:
    return Answer.of(
        [
            {
                "name": entry.name,
                "theme": entry.theme,
                "question": entry.question,
                "parameters": " ".join(entry.parameters) if joined else [*entry.parameters],
            }
            for entry in questions.values()
        ]
    )


def _question_menu(questions: Questions) -> Iterator[str]:
    theme = ""
    for card in questions.values():
        if card.theme != theme:
            yield f"{'' if not theme else chr(10)}{card.theme}"
            theme = card.theme
        yield f"  {usage(card)}"
        yield from fill(
            card.question, 72, initial_indent="      ", subsequent_indent="      "
        ).splitlines()


def _begin_question(folder: Path, name: str | None, as_json: bool) -> None:
    if name is None:
        raise BadParameter("A new question needs a name.", "For example: ask which-are-late --new")
    path = str(begin(folder, name, settings.shipped("queries").joinpath("template")))
    message = f"Created a question in {path}. Edit it, then run: provstore ask "
    message += f"{name.rpartition('/')[2]} --check --from {folder}"
    print_data({"folder": path}, message, as_json)


def _check_questions(
    questions: Questions, names: list[str], folder: Path | None, as_json: bool
) -> None:
    from provstore.cli.question_check import check_questions

    own_example = folder and folder / "example"
    example = (
        own_example
        if own_example and own_example.is_dir()
        else settings.shipped("queries").joinpath("example")
    )
    verdicts = list(check_questions(questions, names, example))
    print_data([verdict.record() for verdict in verdicts], "\n".join(map(str, verdicts)), as_json)
    if any(verdict.problems for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
@prints_rows
def cypher(
    text: Annotated[str, typer.Argument(help="A query, or a file that contains one.")],
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """Run a read-only Cypher query."""
    with provstore.open(directory) as store:
        print_answer(store.cypher(_read_query(text)), rows)


@app.command()
@prints_rows
def sparql(
    text: Annotated[str, typer.Argument(help="A query, or a file that contains one.")],
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """Run a read-only SPARQL query."""
    with provstore.open(directory) as store:
        print_answer(store.sparql(_read_query(text)), rows)


@app.command()
@prints_rows
def lineage(
    iri: Annotated[str, typer.Argument(help="An IRI, an ingest, a dataset or a handle.")],
    down: Annotated[
        bool, typer.Option("--down/--up", help="Follow what depends on it, or its origins.")
    ] = False,
    depth: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of relations to follow.")
    ] = None,
    svg: Svg = None,
    html: Html = None,
    dot: Annotated[bool, typer.Option("--dot", help="Print Graphviz DOT.")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print Mermaid.")] = False,
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """Trace an element's origins, or what depends on it."""
    if dot + mermaid + rows.is_chosen > 1:
        message = "--dot, --mermaid and formats of rows cannot be combined."
        raise BadParameter(message, "Choose one of them.")
    with provstore.open(directory) as store:
        answer = store.lineage(iri, down=down, depth=depth)
        if dot or mermaid:
            picture = answer.draw()
            write_picture(picture, svg, html)
            print(picture.dot() if dot else picture.mermaid(), end="")
        else:
            print_or_draw(lambda: answer, answer.draw, svg, html, rows, omitted=_OMITTED)


@app.command()
@prints_rows
def impact(
    correction: Annotated[str, typer.Argument(help="Name of an erratum or retraction report.")],
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    *,
    rows: RowFormat,
) -> None:
    """Show what an erratum or a retraction affects.

    That is every copy, alternate and derivation of the corrected data.
    """
    with provstore.open(directory) as store:
        answer = store.impact(correction)
        print_or_draw(lambda: answer, answer.draw, svg, html, rows, omitted=["correction"])


def _parse_words(arguments: Sequence[str]) -> tuple[str, dict[str, object]]:
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


def _read_query(text: str) -> str:
    """Return the query itself, or the content of the file that the argument names."""
    if "\n" not in text and len(text) < 1000 and Path(text).is_file():
        return read_source(text).data.decode(errors="replace")
    return text
