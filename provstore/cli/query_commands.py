"""Commands that ask: by name, freely, and for the lineage of a thing."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.cli.console import show, show_answer, show_or_draw, show_picture
from provstore.cli.options import AsCsv, AsJson, AsTable, Directory, Html, Language, Svg, app
from provstore.commands.sources import read_source
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
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Ask a question by name; its parameters are options: --NAME VALUE."""
    table = partial(show_answer, as_json=as_json, as_csv=as_csv, as_table=as_table)
    if new:
        _begin(folder or Path("questions"), question, as_json)
        return
    cards = Questions(folder or settings.shipped("queries"))
    if check:
        _check(cards, [question] if question else [*cards], folder, as_json)
    elif question is None:
        table(Answer.of([
            {"name": one.name, "theme": one.theme, "question": one.question,
             "parameters": list(one.parameters)} for one in cards.values()
        ]))  # fmt: skip
    else:
        with provstore.open(store) as held:
            table(held.answer(cards[question], _options(context.args), language))


def _begin(folder: Path, name: str | None, as_json: bool) -> None:
    if name is None:
        raise BadParameter("A new question needs a name.", "For example: which-are-late --new")
    made = str(begin(folder, name, settings.shipped("queries").joinpath("template")))
    words = f"A question is in {made}. Change it, then: provstore ask {name.rpartition('/')[2]} "
    show({"folder": made}, f"{words}--check --from {folder}", as_json)


def _check(cards: Questions, names: list[str], folder: Path | None, as_json: bool) -> None:
    from provstore.cli.question_check import judge

    own = folder and folder / "example"
    example = own if own and own.is_dir() else settings.shipped("queries").joinpath("example")
    judged = list(judge(cards, names, example))
    show([one.record() for one in judged], "\n".join(map(str, judged)), as_json)
    if any(one.problems for one in judged):
        raise typer.Exit(1)


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
    svg: Svg = None,
    html: Html = None,
    dot: Annotated[bool, typer.Option("--dot", help="Print it as Graphviz DOT.")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print it as Mermaid.")] = False,
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Show where a thing came from (--up, the default), or what depends on it (--down)."""
    if dot + mermaid + as_json + as_csv + as_table > 1:
        wanted = "--dot, --mermaid, --json, --csv and --table exclude each other."
        raise BadParameter(wanted, "Choose one.")
    with provstore.open(store) as held:
        answer = held.lineage(iri, down=down, depth=depth)
        if dot or mermaid:
            picture = answer.draw()
            show_picture(picture, svg, html)
            print(picture.dot() if dot else picture.mermaid(), end="")
        else:
            show_or_draw(lambda: answer, answer.draw, svg, html,
                         as_json=as_json, as_csv=as_csv, as_table=as_table)  # fmt: skip


@app.command()
def impact(
    correction: Annotated[str, typer.Argument(help="The report of an erratum or a retraction.")],
    svg: Svg = None,
    html: Html = None,
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """Show what a correction reaches: copies, other names, all that was made of the data."""
    with provstore.open(store) as held:
        answer = held.impact(correction)
        show_or_draw(lambda: answer, answer.draw, svg, html,
                     as_json=as_json, as_csv=as_csv, as_table=as_table)  # fmt: skip


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
