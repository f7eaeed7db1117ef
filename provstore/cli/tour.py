"""The whole story on example data: every line that it prints as a command is that call, made.

In: a directory to keep, or none. Out: a story on standard output. The deliveries and the questions
are those of `queries/`, nothing is made up here.
"""

import json
import tempfile
import time
from pathlib import Path

from provstore.cli.console import show_answer
from provstore.cli.example_deliveries import command_of, deliver, deliveries
from provstore.errors import BadForm, Refused
from provstore.prov.model.terms import INGEST
from provstore.results.answer import Answer
from provstore.storage import settings
from provstore.store import ProvStore

_FAULTY = "01.cordex-0001.cordex.json"
_FAULTS = {"started": None, "grid_mapping_name": "rotated_pole", "domain": "EUR11"}
"""The delivery that comes with three faults first, as providers make them."""

_ASKED = (
    "state-of-every-ingest", "history-of-an-ingest", "which-went-round", "who-touched-this",
    "what-lies-between", "findings-by-institute", "published-under-erratum",
    "what-a-correction-reaches", "used-after-it-was-withdrawn", "same-files-twice",
    "final-disposition", "what-changed-between",
)  # fmt: skip
"""Some questions of every theme."""

_SHOWN = 12
"""Rows and lines of long outputs that the tour shows."""


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
    place = store.settings.directory / "deliveries"
    place.mkdir()
    shown = str(place) if option else place.name
    for name, content in deliveries(settings.shipped("queries").joinpath("example")):
        (place / name).write_bytes(content)
        if name == _FAULTY:
            _deliver_with_faults(store, place, shown, option)
        _command(f"{command_of(store, name)} {shown}/{name}{option}")
        print(deliver(store, name, place / name))


def _deliver_with_faults(store: ProvStore, place: Path, shown: str, option: str) -> None:
    filled = json.loads((place / _FAULTY).read_bytes())
    filled["answers"] |= _FAULTS
    (place / "with-three-faults.json").write_text(json.dumps(filled, indent=2), encoding="utf-8")
    _command(f"submit {shown}/with-three-faults.json{option}")
    try:
        store.submit(place / "with-three-faults.json")
    except BadForm as error:
        print(error)


def _ask_all(store: ProvStore, option: str) -> None:
    for name in _ASKED:
        card = store.questions[name]
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
        _show(_shortened(store, answers[0], len(values)))
        print(
            f"Cypher {times[0]:.0f} ms, SPARQL {times[1]:.0f} ms: {same}, {len(answers[0])} rows."
        )
    _command(f"ask{option}")
    print(f"There are {len(store.questions)} questions: " + ", ".join(store.questions) + ".")


def _show(answer: Answer) -> None:
    show_answer(Answer(answer.columns, answer.rows[:_SHOWN]))
    if len(answer) > _SHOWN:
        print(f"… and {len(answer) - _SHOWN} rows more")


def _shortened(store: ProvStore, answer: Answer, left: int = 0) -> Answer:
    """The same with short names, and without the first columns, which repeat the parameters."""
    rows = tuple(
        tuple(_short(store, cell) if isinstance(cell, str) else cell for cell in row[left:])
        for row in answer.rows
    )
    return Answer(answer.columns[left:], rows)


def _short(store: ProvStore, name: str) -> str:
    base = store.names.base
    short = name.removeprefix(base + "ingest/").replace(base, "centre:", 1)
    return short.replace(INGEST, "ingest:", 1)


def _chapter(title: str) -> None:
    print(f"\n{title}\n{'=' * len(title)}")


def _command(words: str) -> None:
    print(f"\n$ provstore {words}")
