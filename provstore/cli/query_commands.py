"""Commands that ask: by name, freely, and for the lineage of a thing."""

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
    question: Annotated[str | None, typer.Argument(help="Without: list them all.")] = None,
    language: Annotated[Language, typer.Option("--in", help="The language.")] = "cypher",
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder of your own questions.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Begin a question of that name in the folder.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Hold it, or all, against the folder's example.")
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask a question by name; its parameters are options: --NAME VALUE."""
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
        raise BadParameter("A new question needs a name.", "For example: which-are-late --new")
    path = str(begin(folder, name, settings.shipped("queries").joinpath("template")))
    message = f"A question is in {path}. Change it, then: provstore ask {name.rpartition('/')[2]} "
    print_data({"folder": path}, f"{message}--check --from {folder}", as_json)


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
    text: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask in Cypher; read-only."""
    with provstore.open(directory) as store:
        print_answer(
            store.cypher(_read_query(text)), as_json=as_json, as_csv=as_csv, as_table=as_table
        )


@app.command()
def sparql(
    text: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask in SPARQL; read-only."""
    with provstore.open(directory) as store:
        print_answer(
            store.sparql(_read_query(text)), as_json=as_json, as_csv=as_csv, as_table=as_table
        )


@app.command()
def lineage(
    iri: Annotated[str, typer.Argument(help="An IRI, an ingest, a dataset, a handle.")],
    down: Annotated[bool, typer.Option("--down/--up", help="What depends on it.")] = False,
    depth: Annotated[int | None, typer.Option(min=1, help="At most so many steps away.")] = None,
    svg: Svg = None,
    html: Html = None,
    dot: Annotated[bool, typer.Option("--dot", help="Print it as Graphviz DOT.")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print it as Mermaid.")] = False,
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Show where a thing came from (--up, the default), or what depends on it (--down)."""
    if dot + mermaid + as_json + as_csv + as_table > 1:
        message = "--dot, --mermaid, --json, --csv and --table exclude each other."
        raise BadParameter(message, "Choose one.")
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
    correction: Annotated[str, typer.Argument(help="The report of an erratum or a retraction.")],
    svg: Svg = None,
    html: Html = None,
    directory: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Show what a correction reaches: copies, other names, all that was made of the data."""
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
    """`--name value` and `--name=value` as parameters of a question."""
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
    """A query, or the content of the file that the argument names."""
    if "\n" not in text and len(text) < 1000 and Path(text).is_file():
        return read_source(text).data.decode(errors="replace")
    return text
