"""How long it takes to hold all bundles of a store together: at first, after one more, after none.

Prints seconds of one run; asserts nothing.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import provstore

SIZES = (2_000, 20_000)


def main() -> None:
    """Print every figure."""
    for size in SIZES:
        with (
            tempfile.TemporaryDirectory() as place,
            provstore.init(Path(place) / "store") as store,
        ):
            answers = {**store.forms["generic"].example(), "attachments": None}
            for number in range(size // 2):
                submit(store, answers, number)
                review(store, number)
            whole = seconds(lambda: store.verify(provenance=True))
            submit(store, answers, size)
            more = seconds(lambda: store.verify(provenance=True))
            none = seconds(lambda: store.verify(provenance=True))
            chain = seconds(store.verify)
            print(
                f"{size} bundles: first {whole:.2f} s, one more {more:.2f} s, none {none:.2f} s;"
                f" of these the chain {chain:.2f} s"
            )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def submit(store: provstore.ProvStore, answers: dict[str, Any], number: int) -> None:
    """One delivery of a hundred people about a thousand datasets."""
    person = {**answers["agent"], "email": f"p{number % 100}@example.org"}
    person.pop("orcid", None)
    own = {"agent": person, "dataset": f"obs.output.EXAMPLE.d{number % 1000}", "title": str(number)}
    form = store.forms["generic"]
    store.submit({"form": form.name, "version": form.version, "answers": {**answers, **own}})


def review(store: provstore.ProvStore, number: int) -> None:
    """Its review."""
    form = store.forms["review"]
    filled = {"form": form.name, "version": form.version, "answers": form.example()}
    store.report(f"generic-{number + 1:04}", "review", filled)


if __name__ == "__main__":
    main()
