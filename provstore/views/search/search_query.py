"""Runs a search with bounded cost, however many elements match.

In: a connection to the index and a search text. Out: a `SearchResult`. Only split words enter the
query, never the user's text. Ids are hashes, so the first matching ids are a fair sample of all
matches: large totals and their facets are estimated from it (Bar-Yossef et al. 2002).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

import orjson

from provstore.errors import similar_names
from provstore.ingest.ingest_series import project_of_ingest
from provstore.prov.model.iris import Prefixes
from provstore.results.search_results import Hit, SearchResult
from provstore.views.search import ranking
from provstore.views.search.search_documents import TITLE, legible_name
from provstore.views.search.search_words import WHOLE_NAME, Term, facet_word, parse_search

COUNTED = 5000
"""The maximum number of hits that are counted exactly; larger numbers are estimated."""

RANKED = 500
"""The maximum number of hits that are ranked, and that are counted for a word's frequency."""

HEADS_SEARCHED = 50_000
"""The approximate number of hits that are searched for names with all words."""

PREFIX_WORDS = 64
"""The maximum number of words that a prefix may stand for."""

SIMILAR_COMPARED = 300
"""The number of words that are compared to find similar ones."""

ID_SPACE = 1 << 48
"""The upper limit of ids, which are distributed evenly."""

_MATCH = "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? LIMIT ?"
_WORD_FROM = "SELECT term FROM vocabulary WHERE term >= ? LIMIT 1"
_COUNT = (
    "SELECT content, count(*) FROM json_each(?) JOIN thing ON thing.id = value "
    "JOIN facets ON number = facets GROUP BY number"
)
_READ_DOCUMENTS = (
    "SELECT iri, bundles, home, texts, content FROM json_each(?) JOIN thing ON thing.id = value "
    "JOIN said ON said.number = said JOIN facets ON facets.number = facets"
)


class _Row(NamedTuple):
    """An element as stored in the index."""

    iri: str
    bundles: int
    home: list[object]
    texts: list[tuple[str, str]]
    facets: Mapping[str, list[str]]


def run_search(
    db: sqlite3.Connection,
    prefixes: Mapping[str, str],
    text: str,
    only: Mapping[str, str],
    limit: int,
) -> SearchResult:
    """Find elements with all words of a text, best first; `only` limits kind, step or project."""
    names = Prefixes(prefixes)
    terms, cut = parse_search(text, partial(legible_name, names=names))
    notes = ["The search is too long: only its first words were used."] if cut else []
    index = _Index(db, only)
    if text.strip() and not terms:
        return _empty_result(text, ["The search contains no words."])
    ids = index.matching(terms)
    missing = [] if ids else [term for term in terms if not _Index(db).matching([term], 1)]
    if missing:  # a word without matches may be the beginning of another word
        begun = tuple(term.as_prefix() if term in missing else term for term in terms)
        if ids := index.matching(begun):
            terms = begun
            missing_words = " or ".join(repr(str(term)) for term in missing)
            notes.append(f"Nothing contains {missing_words}; the hits contain longer words.")
    if not ids:
        near = tuple(dict.fromkeys(word for term in missing for word in index.similar_words(term)))
        return _empty_result(text, [*notes, *index.explain_nothing(terms, missing)], near)
    rows = index.best(terms, ids)
    hits = tuple(_hit(names, row, terms) for row in rows[:limit])
    counted = len(ids) <= COUNTED
    total = len(ids) if counted else _rounded((len(ids) - 1) * ID_SPACE / ids[-1])
    facets = index.facets(ids, total / len(ids))
    return SearchResult(
        text, total, counted, len(rows), total > len(hits), hits, facets, (), (*notes, *index.notes)
    )


def _empty_result(text: str, notes: Iterable[str], near: tuple[str, ...] = ()) -> SearchResult:
    return SearchResult(text, 0, True, 0, False, (), {}, near, tuple(notes))


class _Index:
    """The index, limited to the facets of one search."""

    def __init__(self, db: sqlite3.Connection, only: Mapping[str, str] | None = None) -> None:
        self._db = db
        self._only = {name: value for name, value in (only or {}).items() if value}
        self._words_by_prefix: dict[Term, list[str]] = {}
        self.notes: list[str] = []

    def matching(self, terms: Sequence[Term], limit: int = COUNTED + 1) -> list[int]:
        """Return the first ids of elements with all terms, in order."""
        expressions = [self._expression(term) for term in terms]
        return self._match(expressions, "{head body}", limit) if all(expressions) else []

    def best(self, terms: Sequence[Term], ids: list[int]) -> list[_Row]:
        """Rank a sample of the hits, which includes those with an exactly matching name."""
        if len(ids) > RANKED and terms:
            called = facet_word(WHOLE_NAME, " ".join(word for term in terms for word in term.words))
            first = self._match([f'"{called}"'], "facets", RANKED)
            # Bounded, because a word of many comments may be in no title at all.
            reach = ids[-1] // len(ids) * HEADS_SEARCHED
            heads = [self._expression(term) for term in terms]
            first += self._match(heads, "head", RANKED, reach)
            ids = list(dict.fromkeys([*first, *ids]))
        ids = ids[:RANKED]
        (total, size) = self._db.execute("SELECT things, characters FROM mark").fetchone()
        weights = {term: ranking.term_weight(total, self._matching_alone(term)) for term in terms}
        scored = []
        for row in self._rows(ids):
            exact_, score = ranking.score_texts(row.texts, weights, size / total)
            scored.append((not exact_, -score, row.iri, row))
        return [row for *_, row in sorted(scored, key=lambda entry: entry[:3])]

    def facets(self, ids: list[int], times: float) -> dict[str, dict[str, int]]:
        """Count the hits of each kind, step and project; each id stands for `times` hits."""
        counts = {name: Counter[str]() for name in ("kind", "step", "project")}
        for content, many in self._db.execute(_COUNT, (orjson.dumps(ids).decode(),)):
            for name, values in orjson.loads(content).items():
                for value in values:
                    counts[name][value] += many
        return {
            name: {
                value: many if times == 1 else _rounded(many * times)
                for value, many in sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
            }
            for name, values in counts.items()
        }

    def similar_words(self, term: Term) -> list[str]:
        """Return words of the index that resemble those of a term."""
        similar: list[str] = []
        for word in term.words:
            known = [
                *self._from(word[:3], SIMILAR_COMPARED),
                *self._from(word[:2], SIMILAR_COMPARED),
            ]
            if word not in known:
                similar += similar_names(word, known, 2)
        return similar

    def explain_nothing(self, terms: Sequence[Term], missing: Sequence[Term]) -> Iterator[str]:
        """Yield the reasons why a search has no hits."""
        if missing:
            yield f"Nothing contains {' or '.join(repr(str(term)) for term in missing)}."
        elif len(terms) > 1 and not _Index(self._db).matching(terms, 1):
            yield "Each of these words occurs, but nothing contains all of them."
        for name, value in self._only.items():
            if not _Index(self._db, {name: value}).matching((), 1):
                known = self._values(name)
                near = similar_names(value, known) or known[:PREFIX_WORDS]
                yield f"Unknown {name}: {value!r}. Known: {', '.join(near) or 'none'}."
            elif terms and not missing and _Index(self._db).matching(terms, 1):
                yield f"There are hits, but none with the {name} {value!r}."

    # ------------------------------------------------------------------------------ within

    def _match(
        self, expressions: Iterable[str], columns: str, limit: int, reach: int = ID_SPACE
    ) -> list[int]:
        parts = [f"{columns} : ({expression})" for expression in expressions]
        only = [facet_word(name, value) for name, value in self._only.items()]
        parts += [f'facets : "{word}"' for word in only or ([] if parts else [facet_word("", "")])]
        rows = self._db.execute(_MATCH, (" AND ".join(parts), reach, limit))
        return [id_ for (id_,) in rows]

    def _expression(self, term: Term) -> str:
        """Return a term in the syntax of FTS5; "" if no word has this prefix."""
        if not term.prefix:
            return f'"{" ".join(term.words)}"'
        if term not in self._words_by_prefix:
            words = list(islice(self._from(term.words[-1]), PREFIX_WORDS + 1))
            if len(words) > PREFIX_WORDS:
                some = f"of the words that begin with {term.words[-1]!r}"
                self.notes.append(f"Only {PREFIX_WORDS} {some} were searched.")
            self._words_by_prefix[term] = words[:PREFIX_WORDS]
        begun = " ".join(term.words[:-1])
        return " OR ".join(f'"{f"{begun} {word}".strip()}"' for word in self._words_by_prefix[term])

    def _from(self, beginning: str, most: int = PREFIX_WORDS + 1) -> Iterator[str]:
        """Yield the words of the index that begin with `beginning`, in order."""
        word = beginning
        for _ in range(most):
            row = self._db.execute(_WORD_FROM, (word,)).fetchone()
            if row is None or not row[0].startswith(beginning):
                return
            yield row[0]
            word = row[0] + "\x01"  # sorts before every longer word

    def _matching_alone(self, term: Term) -> float:
        """Return the number of elements with a term; large numbers are estimates."""
        ids = _Index(self._db).matching([term], RANKED)
        return len(ids) if len(ids) < RANKED else (RANKED - 1) * ID_SPACE / ids[-1]

    def _rows(self, ids: list[int]) -> Iterator[_Row]:
        for iri, bundles, home, texts, content in self._db.execute(
            _READ_DOCUMENTS, (orjson.dumps(ids).decode(),)
        ):
            pairs = [(name, text) for name, text in orjson.loads(texts)]
            yield _Row(iri, bundles, orjson.loads(home), pairs, orjson.loads(content))

    def _values(self, name: str) -> list[str]:
        contents = self._db.execute("SELECT content FROM facets LIMIT ?", (COUNTED,))
        return sorted({value for (content,) in contents for value in orjson.loads(content)[name]})


def _hit(names: Prefixes, row: _Row, terms: Sequence[Term]) -> Hit:
    _, _, ingest, _, _, bundle, step = map(str, row.home)
    where, match, spans = ranking.best_excerpt(row.texts, terms)
    name = names.short(row.iri)
    titles = [text for key, text in row.texts if key == TITLE]
    return Hit(
        row.iri,
        name,
        row.facets["kind"][0],
        titles[0] if titles else name,
        where,
        match,
        spans,
        ingest,
        step,
        project_of_ingest(ingest),
        bundle,
        row.bundles,
        tuple(row.facets["step"]),
        tuple(row.facets["project"]),
    )


def _rounded(number: float) -> int:
    """Round an estimate to two significant digits."""
    return int(float(f"{number:.2g}"))
