"""The tour: runs provstore on example data, and prints each command before its result.

In: a directory to keep, or none. Out: commands and results on standard output. The deliveries and
the questions are those of `queries/`.
"""

import json
import os
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from provstore.cli.console import RowFormat, print_answer
from provstore.cli.example_deliveries import command_for, hand_in, read_deliveries
from provstore.cli.titles import with_titles
from provstore.errors import BadForm, Refused
from provstore.prov.model.iris import Prefixes
from provstore.results.answer import Answer
from provstore.results.short_names import short_name
from provstore.storage import settings
from provstore.store import ProvStore

_FAULTY_DELIVERY = "01.cordex-0001.cordex.json"
_FAULTS = {"started": None, "grid_mapping_name": "rotated_pole", "domain": "EUR11"}
"""The delivery that is first submitted with three typical faults."""

_QUESTIONS = (
    "state-of-every-ingest", "history-of-an-ingest", "which-went-round", "who-touched-this",
    "what-lies-between", "findings-by-institute", "published-under-erratum",
    "what-a-correction-reaches", "used-after-it-was-withdrawn", "same-files-twice",
    "final-disposition", "what-changed-between",
)  # fmt: skip
"""A selection of questions from every theme."""

_MAX_LINES = 12
"""The number of rows or lines that the tour shows of a long output."""


def tour(keep: Path | None = None) -> None:
    """Run the tour in `keep`, or in a temporary directory.

    Raises:
        Refused: `keep` exists and is not empty.

    """
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise Refused(f"{keep} already exists.", "Name a directory that is new or empty.")
        _run_chapters(keep, f" --store {keep}")
        print(
            f"\nThe store is kept in {keep}. Try:\n  provstore --help\n"
            f"  provstore ask --store {keep}\n  provstore status --store {keep}"
        )
        return
    with tempfile.TemporaryDirectory(prefix="provstore-tour-") as scratch, _account_in(scratch):
        _run_chapters(Path(scratch) / "store", "")
    print("\nThe temporary store was deleted. To keep it, run: provstore tour --keep DIR")


@contextmanager
def _account_in(directory: str) -> Iterator[None]:
    """Let the checkpoints of a store that will be deleted lie with it, not in the user's home."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = directory
    try:
        yield
    finally:
        del os.environ["XDG_STATE_HOME"]
        if before is not None:
            os.environ["XDG_STATE_HOME"] = before


def _run_chapters(directory: Path, option: str) -> None:
    started = time.perf_counter()
    _print_command(f"init {directory}" if option else "init")
    with ProvStore.create(directory, predictable="example") as store:
        _print_chapter("Deliveries: forms, reports and corrections")
        _hand_in_all(store, option)
        _print_chapter("Questions in Cypher and SPARQL")
        _ask_all(store, option)
        _print_chapter("Lineage, export and verification")
        thing = store.questions["where-did-this-come-from"].parameters["thing"].example
        _print_command(f"lineage {_short_name(store, thing)} --depth 3{option}")
        _print_rows(store.lineage(thing, depth=3), ["label", "bundle"])
        _print_command(f"export cordex-0001 --format turtle{option}")
        lines = "".join(store.export("cordex-0001", "turtle")).splitlines()
        print("\n".join([*(line[:140] for line in lines[:_MAX_LINES]), f"… {len(lines)} lines"]))
        _print_command(f"verify{option}")
        print(store.verify())
        _print_command(f"status{option}")
        print(store.status())
    print(f"\nAll of these commands ran just now, in {time.perf_counter() - started:.1f} s.")


def _hand_in_all(store: ProvStore, option: str) -> None:
    folder = store.directory / "deliveries"
    folder.mkdir()
    shown_folder = str(folder) if option else folder.name
    for name, content in read_deliveries(settings.shipped("queries").joinpath("example")):
        (folder / name).write_bytes(content)
        if name == _FAULTY_DELIVERY:
            _submit_with_faults(store, folder, shown_folder, option)
        _print_command(f"{command_for(store, name)} {shown_folder}/{name}{option}")
        print(hand_in(store, name, folder / name))


def _submit_with_faults(store: ProvStore, folder: Path, shown_folder: str, option: str) -> None:
    filled = json.loads((folder / _FAULTY_DELIVERY).read_bytes())
    filled["answers"] |= _FAULTS
    (folder / "with-three-faults.json").write_text(json.dumps(filled, indent=2), encoding="utf-8")
    _print_command(f"submit {shown_folder}/with-three-faults.json{option}")
    try:
        store.submit(folder / "with-three-faults.json")
    except BadForm as error:
        print(error)


def _ask_all(store: ProvStore, option: str) -> None:
    for name in _QUESTIONS:
        question = store.questions[name]
        values = {name: parameter.example for name, parameter in question.parameters.items()}
        options = "".join(
            f" --{name} {_short_name(store, value)}" for name, value in values.items()
        )
        _print_command(f"ask {question.name}{options} --in both{option}")
        print(question.question)
        answers, times = [], []
        for language in ("cypher", "sparql"):
            started = time.perf_counter()
            answers.append(store.ask(question.name, values, language=language))
            times.append(1000 * (time.perf_counter() - started))
        comparison = (
            "the same answer" if answers[0].csv() == answers[1].csv() else "DIFFERENT ANSWERS"
        )
        _print_rows(with_titles(answers[0], store), values)
        print(
            f"Cypher {times[0]:.0f} ms, SPARQL {times[1]:.0f} ms: "
            f"{comparison}, {len(answers[0])} row{'s' * (len(answers[0]) != 1)}."
        )
    _print_command(f"ask{option}")
    print(f"{len(store.questions)} questions: " + ", ".join(store.questions) + ".")


def _print_rows(answer: Answer, omitted: Collection[str] = ()) -> None:
    shown = replace(answer, rows=answer.rows[:_MAX_LINES])
    print_answer(shown, RowFormat(table=True), omitted=omitted, noted=False)
    if len(answer) > _MAX_LINES:
        print(f"… and {len(answer) - _MAX_LINES} more rows")


def _short_name(store: ProvStore, name: str) -> str:
    return short_name(name, Prefixes(store.prefixes).short)


def _print_chapter(title: str) -> None:
    print(f"\n{title}\n{'=' * len(title)}")


def _print_command(arguments: str) -> None:
    print(f"\n$ provstore {arguments}")
