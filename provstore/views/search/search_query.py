"""How things are found: words in, `SearchResult` out. Its cost is bounded, however much matches.

In: a connection to the index and what somebody looks for. Only words of our own making become a
query, never what somebody typed. Ids are hashes, so the first so many that match are a fair sample
of all: too large a number is estimated from it (Bar-Yossef et al. 2002), and so are its facets.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

import orjson

from provstore.errors import similar_names
from provstore.prov.model.iris import Prefixes
from provstore.results.search_results import Hit, SearchResult
from provstore.views.search import ranking
from provstore.views.search.search_documents import TITLE, legible_name
from provstore.views.search.search_words import WHOLE_NAME, Term, facet_word, parse_search

COUNTED = 5000
"""Things that are counted; of more, the number is estimated."""

RANKED = 500
"""Things that are compared with each other, and that are counted to know how rare a word is."""

HEADS_SEARCHED = 50_000
"""Things that match among which those are looked for that hold all words in their names."""

PREFIX_WORDS = 64
"""Words that one beginning may stand for."""

SIMILAR_COMPARED = 300
"""Words that are looked at for near ones."""

ID_SPACE = 1 << 48
"""The ids are spread evenly below this."""

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
    """A thing as the index holds it."""

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
    """What holds all words of a text, the best first; with `only`, of some kind, step, project."""
    names = Prefixes(prefixes)
    terms, cut = parse_search(text, partial(legible_name, names=names))
    notes = ["That is long: only its first words were looked for."] if cut else []
    index = _Index(db, only)
    if text.strip() and not terms:
        return _empty_result(text, ["There is no word in it."])
    ids = index.matching(terms)
    missing = [] if ids else [term for term in terms if not _Index(db).matching([term], 1)]
    if missing:  # what nothing holds may be the beginning of a word
        begun = tuple(term.as_prefix() if term in missing else term for term in terms)
        if ids := index.matching(begun):
            terms = begun
            missing_words = " or ".join(repr(str(term)) for term in missing)
            notes.append(f"Nothing holds {missing_words}; this holds words that begin so.")
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
    """The index as one search sees it."""

    def __init__(self, db: sqlite3.Connection, only: Mapping[str, str] | None = None) -> None:
        self._db = db
        self._only = {name: value for name, value in (only or {}).items() if value}
        self._words_by_prefix: dict[Term, list[str]] = {}
        self.notes: list[str] = []

    def matching(self, terms: Sequence[Term], limit: int = COUNTED + 1) -> list[int]:
        """The first ids of what holds all terms, in order."""
        expressions = [self._expression(term) for term in terms]
        return self._match(expressions, "{head body}", limit) if all(expressions) else []

    def best(self, terms: Sequence[Term], ids: list[int]) -> list[_Row]:
        """Some of what matches in order of how well, and whatever is called so among them."""
        if len(ids) > RANKED and terms:
            called = facet_word(WHOLE_NAME, " ".join(word for term in terms for word in term.words))
            first = self._match([f'"{called}"'], "facets", RANKED)
            # No further than so: a word of all comments may be in no title at all.
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
        """Of each kind, step and project: how many; each counts for so many."""
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
        """Words of the index that resemble those of a term."""
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
        """What stands against there being something."""
        if missing:
            yield f"Nothing holds {' or '.join(repr(str(term)) for term in missing)}."
        elif len(terms) > 1 and not _Index(self._db).matching(terms, 1):
            yield "Each of these words is somewhere, but nothing holds all of them."
        for name, value in self._only.items():
            if not _Index(self._db, {name: value}).matching((), 1):
                known = self._values(name)
                near = similar_names(value, known) or known[:PREFIX_WORDS]
                yield f"Nothing is of the {name} {value!r}. There is {', '.join(near) or 'none'}."
            elif terms and not missing and _Index(self._db).matching(terms, 1):
                yield f"There is something, but not of the {name} {value!r}."

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
        """A term in the language of FTS5; "" if nothing begins so."""
        if not term.prefix:
            return f'"{" ".join(term.words)}"'
        if term not in self._words_by_prefix:
            words = list(islice(self._from(term.words[-1]), PREFIX_WORDS + 1))
            if len(words) > PREFIX_WORDS:
                some = f"of those that begin with {term.words[-1]!r}"
                self.notes.append(f"Only {PREFIX_WORDS} words {some} were looked for.")
            self._words_by_prefix[term] = words[:PREFIX_WORDS]
        begun = " ".join(term.words[:-1])
        return " OR ".join(f'"{f"{begun} {word}".strip()}"' for word in self._words_by_prefix[term])

    def _from(self, beginning: str, most: int = PREFIX_WORDS + 1) -> Iterator[str]:
        """The words of the index that begin so, in their order."""
        word = beginning
        for _ in range(most):
            row = self._db.execute(_WORD_FROM, (word,)).fetchone()
            if row is None or not row[0].startswith(beginning):
                return
            yield row[0]
            word = row[0] + "\x01"  # before whatever goes on from there

    def _matching_alone(self, term: Term) -> float:
        """How many things hold a term; of many, about how many."""
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
        ingest.rpartition("-")[0],
        bundle,
        row.bundles,
        tuple(row.facets["step"]),
        tuple(row.facets["project"]),
    )


def _rounded(number: float) -> int:
    """An estimate says no more digits than it knows."""
    return int(float(f"{number:.2g}"))
