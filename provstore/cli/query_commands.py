"""The commands that query: named questions, Cypher, SPARQL, lineage and impact."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.cli.console import print_answer, print_data, print_or_draw, write_picture
from provstore.cli.options import AsCsv, AsJson, AsTable, Directory, Html, Language, Svg, app
from provstore.commands.input_sources import read_source
from provstore.errors import BadParameter
from provstore.queries.catalogue import Questions
from provstore.queries.catalogue import create_question as begin
from provstore.results.answer import Answer
from provstore.storage import settings


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="Without it, list all questions.")] = None,
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
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask a question by name; without a name, list all.

    Give the question's parameters as options: --NAME VALUE.
    """
    print_rows = partial(print_answer, as_json=as_json, as_csv=as_csv, as_table=as_table)
    if new:
        _begin_question(folder or Path("questions"), question, as_json)
        return
    questions = Questions(folder or settings.shipped("queries"))
    if check:
        _check_questions(questions, [question] if question else [*questions], folder, as_json)
    elif question is None:
        print_rows(
            Answer.of(
                [
                    {
                        "name": entry.name,
                        "theme": entry.theme,
                        "question": entry.question,
                        "parameters": list(entry.parameters),
                    }
                    for entry in questions.values()
                ]
            )
        )
    else:
        with provstore.open(directory) as store:
            print_rows(
                store.ask(questions[question], _parse_parameters(context.args), language=language)
            )


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
def cypher(
    text: Annotated[str, typer.Argument(help="A query, or a file that contains one.")],
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Run a read-only Cypher query."""
    with provstore.open(directory) as store:
        print_answer(
            store.cypher(_read_query(text)), as_json=as_json, as_csv=as_csv, as_table=as_table
        )


@app.command()
def sparql(
    text: Annotated[str, typer.Argument(help="A query, or a file that contains one.")],
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Run a read-only SPARQL query."""
    with provstore.open(directory) as store:
        print_answer(
            store.sparql(_read_query(text)), as_json=as_json, as_csv=as_csv, as_table=as_table
        )


@app.command()
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
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Trace an element's origins, or what depends on it."""
    if dot + mermaid + as_json + as_csv + as_table > 1:
        message = "--dot, --mermaid, --json, --csv and --table cannot be combined."
        raise BadParameter(message, "Choose one of them.")
    with provstore.open(directory) as store:
        answer = store.lineage(iri, down=down, depth=depth)
        if dot or mermaid:
            picture = answer.draw()
            write_picture(picture, svg, html)
            print(picture.dot() if dot else picture.mermaid(), end="")
        else:
            print_or_draw(
                lambda: answer,
                answer.draw,
                svg,
                html,
                as_json=as_json,
                as_csv=as_csv,
                as_table=as_table,
            )


@app.command()
def impact(
    correction: Annotated[str, typer.Argument(help="Name of an erratum or retraction report.")],
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Show what an erratum or a retraction affects.

    That is every copy, alternate and derivation of the corrected data.
    """
    with provstore.open(directory) as store:
        answer = store.impact(correction)
        print_or_draw(
            lambda: answer,
            answer.draw,
            svg,
            html,
            as_json=as_json,
            as_csv=as_csv,
            as_table=as_table,
        )


def _parse_parameters(arguments: list[str]) -> dict[str, object]:
    """Parse `--name value` and `--name=value` as parameters of a question."""
    values: dict[str, object] = {}
    remaining = iter(arguments)
    for argument in remaining:
        name, equals, value = argument.removeprefix("--").partition("=")
        parameter = value if equals else next(remaining, None)
        if not argument.startswith("--") or parameter is None or not name:
            raise BadParameter(f"{argument!r} is not a parameter.", "Write --NAME VALUE.")
        values[name.replace("-", "_")] = parameter
    return values


def _read_query(text: str) -> str:
    """Return the query itself, or the content of the file that the argument names."""
    if "\n" not in text and len(text) < 1000 and Path(text).is_file():
        return read_source(text).data.decode(errors="replace")
    return text
