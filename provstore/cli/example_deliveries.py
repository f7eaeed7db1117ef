"""Hands in the files of an example delivery in order, as their senders would.

In: a folder and a store. Out: the store's replies. It does not interpret the files' content.
"""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from provstore.commands.input_sources import Source
from provstore.results.receipts import Reply
from provstore.store import ProvStore


def read_deliveries(folder: Traversable | Path) -> Iterator[tuple[str, bytes]]:
    """Read the example files in order: `NN.<ingest or import>.<form or name>.json`.

    `NN.<ingest>.start-<step>.json` records that someone has started a step.
    """
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".json"):
            yield path.name, path.read_bytes()


def command_for(store: ProvStore, file_name: str) -> str:
    """Return the command that hands in an example file."""
    _, ingest, form, _ = file_name.split(".")
    if form.startswith("start-"):
        return f"start {ingest} {form.removeprefix('start-')} --by"
    step = store.forms[form].step if form in store.forms else "import"
    return {"import": "import", "submission": "submit"}.get(step, f"report {ingest} {step}")


def hand_in(store: ProvStore, file_name: str, source: Source) -> Reply:
    """Hand in an example file."""
    command, *arguments = command_for(store, file_name).split()
    if command == "start":
        ingest, step, _ = arguments
        return store.ingest(ingest).start(step, source)
    if command == "report":
        ingest, step = arguments
        return store.report(ingest, step, source)
    return store.import_document(source) if command == "import" else store.submit(source)
