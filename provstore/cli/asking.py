"""Commands that ask: by name, freely, and for the lineage of a thing."""

from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore import settings
from provstore.answer import Answer
from provstore.cli.options import AsCsv, AsJson, AsTable, Directory, Language, app
from provstore.console import say, show_answer
from provstore.errors import BadParameter
from provstore.questions import Questions
from provstore.sources import read_source


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="Without: list them all.")] = None,
    language: Annotated[Language, typer.Option("--in", help="The language.")] = "cypher",
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask a question by name; its parameters are options: --NAME VALUE."""
    if question is None:
        cards = Questions(settings.shipped("queries")).values()
        rows = [
            {"name": one.name, "theme": one.theme, "question": one.question,
             "parameters": list(one.parameters)} for one in cards
        ]  # fmt: skip
        show_answer(Answer.of(rows), as_json=as_json, as_csv=as_csv, as_table=as_table)
        return
    with provstore.open(store) as held:
        answer = held.ask(question, _options(context.args), language=language)
        show_answer(answer, as_json=as_json, as_csv=as_csv, as_table=as_table)
        if not answer.rows:
            say(held.questions[question].why.splitlines()[-1])


@app.command()
def cypher(
    text: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask in Cypher; read-only."""
    with provstore.open(store) as held:
        show_answer(held.cypher(_text(text)), as_json=as_json, as_csv=as_csv, as_table=as_table)


@app.command()
def sparql(
    text: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask in SPARQL; read-only."""
    with provstore.open(store) as held:
        show_answer(held.sparql(_text(text)), as_json=as_json, as_csv=as_csv, as_table=as_table)


@app.command()
def lineage(
    iri: Annotated[str, typer.Argument(help="An IRI, an ingest, a dataset, a handle.")],
    down: Annotated[bool, typer.Option("--down/--up", help="What depends on it.")] = False,
    depth: Annotated[int | None, typer.Option(min=1, help="At most so many steps away.")] = None,
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Show where a thing came from (--up, the default), or what depends on it (--down)."""
    with provstore.open(store) as held:
        answer = held.lineage(iri, down=down, depth=depth)
        show_answer(answer, as_json=as_json, as_csv=as_csv, as_table=as_table)


def _options(words: list[str]) -> dict[str, object]:
    """`--name value` and `--name=value` as parameters of a question."""
    values: dict[str, object] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        found = value if equals else next(rest, None)
        if not word.startswith("--") or found is None or not name:
            raise BadParameter(f"{word!r} is not a parameter.", "Write --NAME VALUE.")
        values[name.replace("-", "_")] = found
    return values


def _text(text: str) -> str:
    """A query, or the content of the file that the argument names."""
    if "\n" not in text and len(text) < 1000 and Path(text).is_file():
        return read_source(text)[0].decode(errors="replace")
    return text
