"""Example deliveries: files handed in one after the other, as their senders would.

In: a folder and a store. Out: the store's replies. What the files say is theirs.
"""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from provstore.commands.sources import Source
from provstore.results.receipts import Reply
from provstore.store import ProvStore


def deliveries(folder: Traversable | Path) -> Iterator[tuple[str, bytes]]:
    """The example files in their order: `NN.<ingest or import>.<form or name>.json`.

    `NN.<ingest>.start-<step>.json` says that somebody has begun a step.
    """
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json"):
            yield file.name, file.read_bytes()


def command_of(store: ProvStore, file: str) -> str:
    """What its sender would type to hand in an example file."""
    _, ingest, form, _ = file.split(".")
    if form.startswith("start-"):
        return f"start {ingest} {form.removeprefix('start-')} --by"
    step = store.forms[form].step if form in store.forms else "import"
    return {"import": "import", "submission": "submit"}.get(step, f"report {ingest} {step}")


def deliver(store: ProvStore, file: str, source: Source) -> Reply:
    """Hand in an example file."""
    command, *words = command_of(store, file).split()
    if command == "start":
        ingest, step, _ = words
        return store.ingest(ingest).start(step, source)
    if command == "report":
        ingest, step = words
        return store.report(ingest, step, source)
    return store.import_document(source) if command == "import" else store.submit(source)
