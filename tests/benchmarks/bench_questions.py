"""The time of every question on every engine, in stores of two sizes, and what it grows with.

The stores are those of `deliveries.py`. `grows` is the growth of the time divided by the growth of
what the time must follow: the rows, or what the card of the question names as its cost. About 1 is
as it should be. Prints a table; asserts nothing.

    python -m tests.benchmarks.bench_questions --sizes 100000,1000000 --engines embedded,oxigraph
"""

import argparse
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tqdm.auto import tqdm

import provstore
from provstore.errors import BadQuery
from provstore.prov.model.iris import split_iri
from provstore.prov.model.terms import TYPE
from provstore.prov.notations import provjson
from provstore.queries.catalogue import Question, Questions
from provstore.results.answer import Answer, Cell
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import sha256_of_text
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from provstore.views.graph.arcadedb_engine import EmbeddedServer
from provstore.views.graph.graph_view import GraphView, Neo4jServer
from provstore.views.journal_following import catch_up
from provstore.views.rdf.rdf_view import RdfView
from tests.benchmarks.deliveries import ABOUT, CASES, HUBS, bundles
from tests.remote import RemoteView
from tests.servers.fuseki import fuseki_server
from tests.servers.java import ServerMissing
from tests.servers.neo4j import VERSIONS, neo4j_server

SIZES = (100_000, 1_000_000)
ENGINES = ("embedded", *VERSIONS, "oxigraph")
SECONDS = 30.0
"""What a question may take here."""

FUSEKI = 10_000
"""MB for Fuseki, which holds everything in memory, each statement twice."""

SURE = 5.0
"""Seconds from which on once is enough; below, the best of three counts: first, engines plan."""

LEAST = 0.004
"""Seconds below which a time says nothing of a query."""

COUNTED = {
    "archive copies": ("ArchiveCopy",),
    "copies": ("DataCopy",),
    "corrections": ("RevisionReport", "ErratumReport", "RetractionReport"),
    "errata": ("ErratumReport",),
    "findings": ("QualityReport", "Finding"),
    "generations": ("wasGeneratedBy",),
    "ingests": ("Ingest",),
    "names": ("alternateOf",),
    "publications": ("PublicationReport",),
    "quality reports": ("QualityReport",),
    "reports": ("reports",),
    "retractions": ("RetractionReport",),
    "reviews": ("ReviewReport",),
    "starts": ("Start",),
    "submissions": ("SubmissionReport",),
}
"""How many there are of what a card names as its cost: classes, or relations."""

Ask = Callable[[Question, Mapping[str, Cell]], Answer]


class Figure(NamedTuple):
    """What one question took; the rows that it gave, and how many things it had to look at."""

    seconds: float
    rows: int
    things: int

    def grows(self, small: "Figure") -> float:
        """How much faster the time grew than what it must follow."""
        took = max(self.seconds, LEAST) / max(small.seconds, LEAST)
        return took / max(1.0, self.things / max(1, small.things))


def main(arguments: Sequence[str] = ()) -> None:
    """Make the stores, ask, and print the table."""
    wanted = _options(arguments)
    cards = {
        name: card
        for name, card in Questions(shipped("queries")).items()
        if not wanted.questions or name in wanted.questions
    }
    figures: dict[tuple[str, str, str], dict[int, Figure | None]] = defaultdict(dict)
    try:
        for size in wanted.sizes:
            with _store(size, wanted.keep) as (store, counts):
                for engine in wanted.engines:
                    try:
                        with _engine(engine, store) as ask:
                            told = f"{engine} {size:,}"
                            for (name, case), one in _asked(cards, ask, counts, told):
                                figures[name, case, engine][size] = one
                    except ServerMissing as error:
                        print(f"{engine}: {error.reason}")
    finally:  # it took long to find out what is known by then
        _print(figures, wanted.sizes, cards)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words: Callable[[str], list[str]] = lambda text: text.split(",")  # noqa: E731
    numbers: Callable[[str], list[int]] = lambda text: [*map(int, text.split(","))]  # noqa: E731
    parser.add_argument("--sizes", type=numbers, default=SIZES, help="relations, with commas")
    parser.add_argument("--engines", type=words, default=ENGINES, help="also: fuseki")
    parser.add_argument("--questions", type=words, default=(), help="all, unless some are named")
    parser.add_argument("--keep", type=Path, help="a folder in which stores stay for the next time")
    return parser.parse_args(arguments)


# ------------------------------------------------------------------------------- the stores


@contextmanager
def _store(size: int, keep: Path | None) -> Iterator[tuple[ProvStore, Mapping[str, int]]]:
    """A store of that size, and how many there are of each class, relation, and agent's runs."""
    with tempfile.TemporaryDirectory() as place:
        folder = (keep or Path(place)) / str(size)
        counts = folder / "counts.json"
        if not counts.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with provstore.init(folder) as store:
                counts.write_text(json.dumps(_fill(store, size)))
        with provstore.open(folder) as store:
            yield store, json.loads(counts.read_text())


def _fill(store: ProvStore, size: int) -> dict[str, int]:
    seen: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    told = bundles(size)
    with tqdm(desc="deliveries", total=size, unit=" relations") as bar:
        while some := list(islice(told, 1000)):
            with store._journal.writing():
                for ingest, bundle in some:
                    content = provjson.dump(bundle)
                    store._journal.append(bundle.iri, sha256_of_text(bundle.iri), ingest, content)
            for _, bundle in some:
                for element in bundle.elements:
                    for value in element.values(TYPE):
                        seen[split_iri(value.text)[1]].add(element.iri)
                for relation in bundle.relations:
                    counts[relation.kind] += 1
                    if relation.kind == "actedOnBehalfOf":
                        counts[relation.arguments[1]] += 1
                bar.update(len(bundle.relations))
    counts.update({name: len(iris) for name, iris in seen.items()})
    counts["reports"] = sum(number for name, number in counts.items() if name.endswith("Report"))
    return dict(counts)


@contextmanager
def _engine(name: str, store: ProvStore) -> Iterator[Ask]:
    """How an engine is asked that holds the store."""
    folder = store.directory
    with tempfile.TemporaryDirectory() as place:
        if name == "oxigraph":
            rdf = RdfView(folder / "rdf", store.prefixes, seconds=SECONDS)
            yield from _asking(rdf, store)
        elif name == "embedded":
            engine = EmbeddedServer(folder / "graph", command_timeout=SECONDS)
            yield from _asking(GraphView(engine, seconds=SECONDS), store)
        elif name == "fuseki":
            with fuseki_server(Path(place), FUSEKI, SECONDS) as fuseki:
                remote = RemoteView(fuseki)
                remote.fill(map(bundle_of, store.entries()))
                yield lambda card, bound: remote.query(card.sparql, bound)
        else:
            with neo4j_server(VERSIONS[name][0], Path(place)) as server:
                yield from _asking(GraphView(Neo4jServer(*server), seconds=SECONDS), store)


def _asking(view: GraphView | RdfView, store: ProvStore) -> Iterator[Ask]:
    begun = time.perf_counter()
    catch_up(view, store._journal)
    took = time.perf_counter() - begun
    print(f"{view.engine_name}: {store.position().position} bundles in {took:.0f} s")
    try:
        yield lambda card, bound: view.query(
            card.cypher if isinstance(view, GraphView) else card.sparql, bound
        )
    finally:
        view.close()


# ------------------------------------------------------------------------------------ asking


def _asked(
    cards: Mapping[str, Question], ask: Ask, counts: Mapping[str, int], where: str
) -> Iterator[tuple[tuple[str, str], Figure | None]]:
    """What each question took in each case; None where it took too long."""
    for card in tqdm(cards.values(), desc=where, unit=" questions", leave=False):
        for case, bound in _cases(card):
            try:
                took, rows = _best(partial(ask, card, bound))
                things = rows + _things(card, bound, ask, counts)
                yield (card.name, case), Figure(took, rows, things)
            except TimeoutError:
                yield (card.name, case), None
            except BadQuery as error:
                if "longer than" not in str(error):
                    raise
                yield (card.name, case), None


def _cases(card: Question) -> Iterator[tuple[str, dict[str, Cell]]]:
    if not card.parameters:
        yield "all", {}
        return
    for number, case in enumerate(CASES):
        values = {name: ABOUT[name][number] for name in card.parameters}
        if case == "hub" and card.name in HUBS:
            values["thing"] = HUBS[card.name]
        yield case, card.bind(values)


def _best(work: Callable[[], Answer]) -> tuple[float, int]:
    times: list[float] = []
    while len(times) < 3 and (not times or min(times) < SURE):
        begun = time.perf_counter()
        rows = len(work())
        times.append(time.perf_counter() - begun)
    return min(times), rows


def _things(card: Question, bound: Mapping[str, Cell], ask: Ask, counts: Mapping[str, int]) -> int:
    """How many things a question must look at besides its rows, as its card says."""
    if card.cost == "lineage":
        walked = {
            "thing": "where-did-this-come-from",
            "other": "where-did-this-come-from",
            "source": "what-depends-on-this",
        }
        cards = Questions(shipped("queries"))
        return sum(
            len(ask(cards[walk], {"thing": bound[name]}))
            for name, walk in walked.items()
            if name in bound
        )
    if card.cost == "runs":
        return sum(counts.get(str(value), 0) for value in bound.values())
    return sum(counts.get(name, 0) for name in COUNTED.get(card.cost, ()))


# ------------------------------------------------------------------------------------- table


def _print(
    figures: Mapping[tuple[str, str, str], Mapping[int, Figure | None]],
    sizes: Sequence[int],
    cards: Mapping[str, Question],
) -> None:
    small, large = sizes[0], sizes[-1]
    print(
        f"{'question':32} {'case':7} {'engine':14} {f'{small:,}':>10} {f'{large:,}':>10} "
        f"{'rows':>15} {'grows':>6}  cost"
    )
    for (name, case, engine), found in figures.items():
        first, last = found.get(small), found.get(large)
        rows = f"{first.rows if first else '?'} → {last.rows if last else '?'}"
        grows = f"{last.grows(first):.1f}" if first and last else "?"
        print(
            f"{name:32} {case:7} {engine:14} {_time(first):>10} {_time(last):>10} "
            f"{rows:>15} {grows:>6}  {cards[name].cost}"
        )


def _time(one: Figure | None) -> str:
    return f"{1000 * one.seconds:,.1f} ms" if one else f"> {SECONDS:.0f} s"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
