"""The whole story on example data: every line that it prints as a command is that call, made.

In: a directory to keep, or none. Out: a story on standard output. The deliveries and the questions
are those of `queries/`, nothing is made up here.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from provstore import settings
from provstore.answer import Answer
from provstore.console import show_answer
from provstore.errors import ProvstoreError, Refused
from provstore.replies import Reply
from provstore.store import ProvStore

_BREAK = {"started": None, "grid_mapping_name": "rotated_pole", "domain": "EUR11"}
"""Three faults that providers make."""

_SHOWN = 12
"""Rows and lines of long outputs that the tour shows."""


def deliveries(folder: Traversable) -> Iterator[tuple[str, str, bytes]]:
    """The example files in their order: ingest (or `import`), form, content."""
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        parts = file.name.split(".")
        if parts[-1] == "json":
            yield parts[1], parts[2], file.read_bytes()


def deliver(store: ProvStore, ingest: str, form: str, content: bytes) -> Reply:
    """Hand one example file to the store, as its sender would."""
    if ingest == "import":
        return store.import_document(content)
    step = store.forms[form].step
    if step == "submission":
        return store.submit(content)
    return store.report(ingest, step, content)


def tour(keep: Path | None = None) -> None:
    """Tell the story, in `keep` or in a scratch directory that is gone afterwards.

    Raises:
        Refused: `keep` exists and is not empty.

    """
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise Refused(f"{keep} is there already.", "Name a directory that is new or empty.")
        _tell(keep, f" --store {keep}")
        print(f"\nThe store stays in {keep}. Try:\n  provstore --help\n"
              f"  provstore ask --store {keep}\n  provstore status --store {keep}")  # fmt: skip
        return
    with tempfile.TemporaryDirectory(prefix="provstore-tour-") as scratch:
        _tell(Path(scratch) / "store", "")
    print("\nThe scratch store is gone. To keep one: provstore tour --keep DIR")


def _tell(directory: Path, option: str) -> None:
    start = time.perf_counter()
    _command(f"init {directory}" if option else "init")
    with ProvStore.create(directory) as store:
        _chapter("A delivery begins, and one goes wrong on the way")
        _deliver_all(store, option)
        _chapter("Questions, in Cypher and in SPARQL")
        _ask_all(store, option)
        _chapter("Lineage, export, proof")
        thing = store.questions["where-did-this-come-from"].parameters["thing"].example
        _command(f"lineage {_short(store, thing)} --depth 3{option}")
        _show(_shortened(store, store.lineage(thing, depth=3)))
        _command(f"export cordex-0001 --format turtle{option}")
        lines = "".join(store.export("cordex-0001", "turtle")).splitlines()
        print("\n".join([*(line[:140] for line in lines[:_SHOWN]), f"… {len(lines)} lines"]))
        _command(f"verify{option}")
        print(store.verify())
        _command(f"status{option}")
        print(store.status())
    print(f"\nAll of that was real, and took {time.perf_counter() - start:.1f} s.")


def _deliver_all(store: ProvStore, option: str) -> None:
    faulty = True
    for ingest, form, content in deliveries(settings.shipped("queries").joinpath("example")):
        if faulty and form == "cordex":
            faulty = False
            filled = json.loads(content)
            filled["answers"] |= _BREAK
            _command(f"submit {form}-with-three-faults.json{option}")
            try:
                store.submit(filled)
            except ProvstoreError as error:
                print(error)
        step = store.forms[form].step if form in store.forms else ""
        if ingest == "import":
            _command(f"import {form}.json{option}")
        elif step == "submission":
            _command(f"submit {form}.json{option}")
        else:
            _command(f"report {ingest} {step} {form}.json{option}")
        print(deliver(store, ingest, form, content))


def _ask_all(store: ProvStore, option: str) -> None:
    for card in store.questions.values():
        values = {name: one.example for name, one in card.parameters.items()}
        words = "".join(f" --{name} {_short(store, value)}" for name, value in values.items())
        _command(f"ask {card.name}{words} --in both{option}")
        print(card.question)
        answers, times = [], []
        for language in ("cypher", "sparql"):
            begun = time.perf_counter()
            answers.append(store.ask(card.name, values, language=language))
            times.append(1000 * (time.perf_counter() - begun))
        same = "the same answer" if answers[0].csv() == answers[1].csv() else "DIFFERENT ANSWERS"
        _show(_shortened(store, answers[0]))
        print(
            f"Cypher {times[0]:.0f} ms, SPARQL {times[1]:.0f} ms: {same}, {len(answers[0])} rows."
        )


def _show(answer: Answer) -> None:
    show_answer(Answer(answer.columns, answer.rows[:_SHOWN]))
    if len(answer) > _SHOWN:
        print(f"… and {len(answer) - _SHOWN} rows more")


def _shortened(store: ProvStore, answer: Answer) -> Answer:
    """The same with short names, and without the columns that only repeat the parameters."""
    rows = tuple(
        tuple(_short(store, cell) if isinstance(cell, str) else cell for cell in row)
        for row in answer.rows
    )
    return Answer(answer.columns, rows)


def _short(store: ProvStore, name: str) -> str:
    base = store.names.base
    return name.removeprefix(base + "ingest/").replace(base, "centre:", 1)


def _chapter(title: str) -> None:
    print(f"\n{title}\n{'=' * len(title)}")


def _command(words: str) -> None:
    print(f"\n$ provstore {words}")
