"""Commands that take something in: stores, forms, reports, documents of others."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

import provstore
from provstore.cli.console import say, show, show_each, show_reply, write
from provstore.cli.options import (
    Answers,
    AsJson,
    By,
    Directory,
    Files,
    From,
    Output,
    Reports,
    app,
)
from provstore.commands.checks import check as check_source
from provstore.commands.sources import read_source
from provstore.errors import BadParameter
from provstore.ingest.ingest_iris import BASE
from provstore.projects.forms import load_forms
from provstore.prov.notations import registry
from provstore.prov.notations.json_strict import strict_json
from provstore.prov.notations.registry import Notation, read
from provstore.storage import settings


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
    files: Reports = None,
    by: By = None,
    answers: Answers = None,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Report on a step of an ingest, with its form or with the files of tools."""
    with provstore.open(store) as held:
        given = _answers(answers, by)
        show_reply(held.report(ingest, step, *files or (), **given), as_json)


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
    files: Reports = None,
    answers: Answers = None,
    store: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Report on a step that was started: who and since when need not be said again."""
    with provstore.open(store) as held:
        receipt = held.ingest(ingest).finish(step, *files or (), **_answers(answers))
        show_reply(receipt, as_json)


@app.command("import")
def import_(
    files: Files,
    notation: From = None,
    accept_invalid: Annotated[
        bool, typer.Option("--accept-invalid", help="Keep it all the same, with its faults told.")
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
    write(registry.write(reading.bundles, to), output)


def _finish(well: bool) -> None:
    if not well:
        raise typer.Exit(1)


def _answers(words: Sequence[str] | None, by: Path | None = None) -> dict[str, Any]:
    """`outcome=ok`, `tool.version="1"` as answers; a value is JSON where it can be, else text."""
    answers: dict[str, Any] = {"agent": strict_json(*read_source(by))} if by else {}
    for word in words or ():
        path, equals, value = word.partition("=")
        *groups, name = path.split(".")
        inside = answers
        for group in groups:
            inside = inside.setdefault(group, {})
        if not equals or not name or not isinstance(inside, dict):
            raise BadParameter(f"{word!r} is no answer.", "Write NAME=VALUE, or GROUP.NAME=VALUE.")
        try:
            inside[name] = json.loads(value)
        except json.JSONDecodeError:
            inside[name] = value
    return answers
