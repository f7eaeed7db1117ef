"""The command line: arguments in, calls to `ProvStore`, data on stdout and messages on stderr.

It knows no rule of the house itself; what goes wrong is said, and turned into an exit code, by
`__main__`.
"""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

import provstore
from provstore import settings
from provstore.answer import Answer
from provstore.checking import check as check_source
from provstore.console import say, show, show_answer, show_each, show_reply, write
from provstore.errors import BadParameter, UnknownName
from provstore.ingest.forms import load_forms
from provstore.ingest.names import BASE
from provstore.prov import notations
from provstore.prov.notations import Notation
from provstore.prov.reading import read
from provstore.questions import Questions
from provstore.sources import read_source

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


Language = Literal["cypher", "sparql", "both"]
ViewName = Literal["graph", "rdf"]
Directory = Annotated[
    Path | None,
    typer.Option("--store", envvar=settings.ENVIRONMENT, help="The store's directory.",
                 show_default=settings.DEFAULT),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
AsTable = Annotated[bool, typer.Option("--table", help="Print a table (the default).")]
Files = Annotated[list[Path], typer.Argument(help="One file or several.", show_default=False)]
From = Annotated[
    Notation | None,
    typer.Option("--from", help="The format it is in.", show_default="what its content says"),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write there, not to stdout.")]


# ------------------------------------------------------------------------------- taking things in


@app.command()
def init(
    directory: Annotated[Path | None, typer.Argument(help="Where.", show_default=False)] = None,
    base: Annotated[str, typer.Option(help="What the IRIs of this store begin with.")] = BASE,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make a new store."""
    with provstore.init(directory or store, base) as made:
        place = str(made.settings.directory)
        show({"directory": place, "base": base}, f"A new store is in {place}.", as_json)


@app.command()
def form(
    name: Annotated[str | None, typer.Argument(help="A form. Without: list them all.")] = None,
    blank: Annotated[bool, typer.Option("--blank", help="Print a form file to fill in.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the forms, show what one asks, or print it blank."""
    forms = load_forms(settings.shipped("forms"))
    if name is None:
        rows = [{"name": f.name, "step": f.step, "version": f.version, "title": f.title}
                for f in forms.values()]  # fmt: skip
        show_answer(Answer.of(rows), as_json=as_json)
        return
    if name not in forms:
        raise UnknownName("form", name, forms)
    if blank:
        typer.echo(forms[name].blank(), nl=False)
    else:
        show_answer(Answer.of([field.record() for field in forms[name].fields]), as_json=as_json)


@app.command()
def submit(files: Files, store: Directory = None, as_json: AsJson = False) -> None:
    """Submit filled forms: each begins a new ingest."""
    with provstore.open(store) as held:
        went_well = show_each(files, held.submit, as_json)
        held.tell()
        _finish(went_well)


@app.command()
def report(
    ingest: Annotated[str, typer.Argument(help="For example cordex-0001.")],
    step: Annotated[str, typer.Argument(help="For example review.")],
    file: Annotated[Path, typer.Argument(help="The filled form of that step.")],
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Report on a step of an ingest."""
    with provstore.open(store) as held:
        _finish(show_each([file], lambda source: held.report(ingest, step, source), as_json))


@app.command()
def start(
    ingest: Annotated[str, typer.Argument(help="For example cordex-0001.")],
    step: Annotated[str, typer.Argument(help="For example quality.")],
    by: Annotated[Path, typer.Option("--by", help="A JSON file: who is at it, as forms ask it.")],
    at: Annotated[str, typer.Option("--at", help="Since when.", show_default="now")] = "",
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say that somebody is at a step of an ingest."""
    with provstore.open(store) as held:
        show_reply(held.ingest(ingest).start(step, by, at), as_json)


@app.command()
def finish(
    ingest: Annotated[str, typer.Argument(help="For example cordex-0001.")],
    step: Annotated[str, typer.Argument(help="For example quality.")],
    file: Annotated[Path, typer.Argument(help="The form of that step; who and when may be open.")],
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Report on a step that was started."""
    with provstore.open(store) as held:
        _finish(show_each([file], partial(held.ingest(ingest).finish, step), as_json))


@app.command("import")
def import_(
    files: Files,
    notation: From = None,
    accept_invalid: Annotated[
        bool, typer.Option("--accept-invalid", help="Keep what is not valid, with its faults told.")
    ] = False,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Import PROV documents of others, in any notation: each whole, or not at all."""
    with provstore.open(store) as held:
        take = partial(held.import_document, notation=notation, accept_invalid=accept_invalid)
        _finish(show_each(files, take, as_json))


@app.command()
def check(files: Files, as_json: AsJson = False) -> None:
    """Say what files are and whether they can be taken; nothing is written."""
    forms = load_forms(settings.shipped("forms"))
    found = [check_source(file, forms) for file in files]
    text = "\n".join(map(str, found))
    show([one.record() for one in found], text, as_json)
    if any(one.verdict != "valid" for one in found):
        raise typer.Exit(1)


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="A PROV document.")],
    to: Annotated[Notation, typer.Option("--to", help="The format to write.")],
    notation: From = None,
    output: Output = None,
) -> None:
    """Convert a PROV document; no store is needed."""
    reading = read(*read_source(file), notation)
    for note in reading.notes:
        say(f"note: {note}")
    write(notations.write(reading.bundles, to), output)


# ----------------------------------------------------------------------------------------- asking


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


# -------------------------------------------------------------------------------------- the whole


@app.command()
def export(
    iri: Annotated[str | None, typer.Argument(help="An ingest, a bundle or a thing.")] = None,
    notation: Annotated[Notation, typer.Option("--format", help="The format.")] = "turtle",
    output: Output = None,
    store: Directory = None,
) -> None:
    """Write the whole store, or one part of it, as PROV."""
    with provstore.open(store) as held:
        write(held.export(iri, notation), output)


@app.command()
def status(
    ingest: Annotated[str | None, typer.Argument(help="Without: the whole store.")] = None,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say how the store is, and which view is behind; or where an ingest stands."""
    with provstore.open(store) as held:
        show_reply(held.ingest(ingest).status() if ingest else held.status(), as_json)


@app.command()
def history(
    ingest: Annotated[str, typer.Argument(help="For example cordex-0001.")],
    store: Directory = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
) -> None:
    """List what was reported on an ingest."""
    with provstore.open(store) as held:
        answer = held.ingest(ingest).history()
        show_answer(answer, as_json=as_json, as_csv=as_csv, as_table=as_table)


@app.command()
def rebuild(
    view: Annotated[ViewName | None, typer.Argument(help="Without: both.")] = None,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make a view anew from the journal."""
    with provstore.open(store) as held:
        done = held.rebuild(view)
        show({"rebuilt": done}, f"Made anew: {', '.join(done)}.", as_json)


@app.command()
def verify(
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Also check all bundles together (W3C PROV).")
    ] = False,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Walk the journal from its first entry to its last and say whether all is as written."""
    with provstore.open(store) as held:
        found = held.verify(provenance=provenance)
        show_reply(found, as_json)
        if found.problems:
            raise typer.Exit(1)


@app.command()
def tour(
    keep: Annotated[Path | None, typer.Option(help="Leave the store there to play with.")] = None,
) -> None:
    """See the whole story on example data, in a scratch directory."""
    from provstore.tour import tour as show

    show(keep)


@app.callback(invoke_without_command=True)
def _provstore(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A data centre's memory of every data delivery."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"provstore {version_of('provstore')}")
        raise typer.Exit


# ------------------------------------------------------------------------------ small words


def _finish(well: bool) -> None:
    if not well:
        raise typer.Exit(1)


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
