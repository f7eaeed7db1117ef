"""The commands that create a store, take in reports and documents, and check or convert files."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

import provstore
from provstore.cli.console import (
    print_data,
    print_message,
    print_receipt,
    process_files,
    write_text,
)
from provstore.cli.options import (
    AGENT_FILE,
    FORMAT,
    FORMATS,
    Answers,
    AsJson,
    By,
    Directory,
    Files,
    From,
    IngestName,
    Output,
    Reports,
    StepName,
    app,
)
from provstore.commands.file_checks import check_source
from provstore.commands.input_sources import read_source
from provstore.errors import BadParameter
from provstore.ingest.ingest_iris import BASE
from provstore.projects.forms import load_forms
from provstore.prov.notations import Notation
from provstore.storage import settings


@app.command()
def init(
    directory: Annotated[
        Path | None, typer.Argument(help="Directory of the new store.", show_default=False)
    ] = None,
    base: Annotated[
        str, typer.Option(help="Base IRI: the IRIs of this store start with it.")
    ] = BASE,
    group: Annotated[
        str, typer.Option(help="Make the store for this group of users.", show_default=False)
    ] = "",
    store_directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Create a store."""
    with provstore.init(directory or store_directory, base, group=group) as store:
        path, whose = str(store.directory), f" for the group {group}" if group else ""
        created = {"directory": path, "base": base, "group": group}
        print_data(created, f"Created a store in {path}{whose}.", as_json)


@app.command()
def submit(files: Files, directory: Directory = None, as_json: AsJson = False) -> None:
    """Submit filled forms; each one begins a new ingest."""
    with provstore.open(directory) as store:
        all_accepted = process_files(files, store.submit, as_json)
        store.write_messages()
        _exit_unless(all_accepted)


@app.command()
def report(
    ingest: IngestName,
    step: StepName,
    files: Reports = None,
    by: By = None,
    answers: Answers = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Report on a step, with its form or with tools' files."""
    with provstore.open(directory) as store:
        more_answers = _parse_answers(answers, by)
        print_receipt(store.report(ingest, step, *files or (), **more_answers), as_json)


@app.command()
def start(
    ingest: IngestName,
    step: StepName,
    by: Annotated[Path, typer.Option("--by", help=AGENT_FILE)],
    at: Annotated[str, typer.Option("--at", help="Time of the start.", show_default="now")] = "",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Record that someone has started a step."""
    with provstore.open(directory) as store:
        print_receipt(store.ingest(ingest).start(step, by, at), as_json)


@app.command()
def finish(
    ingest: IngestName,
    step: StepName,
    files: Reports = None,
    answers: Answers = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Report on a step that was started before.

    The agent and the starting time are known from `start`; do not repeat them.
    """
    with provstore.open(directory) as store:
        receipt = store.ingest(ingest).finish(step, *files or (), **_parse_answers(answers))
        print_receipt(receipt, as_json)


@app.command("import")
def import_(
    files: Files,
    notation: From = None,
    accept_invalid: Annotated[
        bool,
        typer.Option("--accept-invalid", help="Accept invalid documents, and report their faults."),
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Import PROV documents in any notation.

    Each document is imported whole or not at all.
    """
    with provstore.open(directory) as store:
        import_file = partial(
            store.import_document, notation=notation, accept_invalid=accept_invalid
        )
        _exit_unless(process_files(files, import_file, as_json))


@app.command()
def check(files: Files, as_json: AsJson = False) -> None:
    """Identify files and check them; write nothing."""
    forms = load_forms(settings.shipped("forms"))
    verdicts = [check_source(file, forms) for file in files]
    text = "\n".join(map(str, verdicts))
    print_data([verdict.record() for verdict in verdicts], text, as_json)
    if any(verdict.verdict != "valid" for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
def formats(as_json: AsJson = False) -> None:
    """List the formats that are read: of tools, and of PROV."""
    from provstore.prov.notations.notation_registry import NOTATIONS
    from provstore.readers.reader_facts import facts_of
    from provstore.readers.reader_registry import all_readers

    rows = [
        {"name": row.name, "title": row.title, "step": row.step, "tool": facts.tool,
         "tried": [*facts.tried]}
        for row in all_readers().values()
        for facts in [facts_of(row)]
    ]  # fmt: skip
    rows += [
        {"name": name, "title": f"PROV: {name}", "step": "", "tool": "", "tried": []}
        for name in NOTATIONS
    ]
    lines = [f"{row['name']:<24} {row['title']}" for row in rows]
    print_data(rows, "\n".join(lines), as_json)


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="A PROV document.")],
    to: Annotated[
        Notation, typer.Option("--to", metavar=FORMAT, help=f"Format to write: {FORMATS}.")
    ],
    notation: From = None,
    output: Output = None,
) -> None:
    """Convert a PROV document; needs no store."""
    from provstore.prov.notations.notation_registry import ONE_GRAPH, read_file, write

    reading = read_file(read_source(file), notation)
    for note in reading.notes:
        print_message(f"note: {note}")
    document = reading.document
    if to in ONE_GRAPH and document.bundles:
        print_message(f"note: {to} has no bundles; their statements are in one graph.")
    write_text(write(document, to), output)


def _exit_unless(accepted: bool) -> None:
    if not accepted:
        raise typer.Exit(1)


def _parse_answers(assignments: Sequence[str] | None, by: Path | None = None) -> dict[str, Any]:
    """Parse `outcome=ok` or `tool.version="1"`; a value that is not JSON is text."""
    answers: dict[str, Any] = {"agent": read_source(by).read_json()} if by else {}
    for assignment in assignments or ():
        path, equals, value = assignment.partition("=")
        *groups, name = path.split(".")
        innermost = answers
        for group in groups:
            innermost = innermost.setdefault(group, {})
        if not equals or not name or not isinstance(innermost, dict):
            raise BadParameter(
                f"{assignment!r} is not an answer.", "Write NAME=VALUE or GROUP.NAME=VALUE."
            )
        try:
            innermost[name] = json.loads(value)
        except json.JSONDecodeError:
            innermost[name] = value
    return answers
