"""Damage of every kind to a store that is closed: flips, lost pages, edits, files put back.

Whatever is done to the files, provstore answers in plain words, `verify` names the damaged entry
(and no other) or the file, no damaged entry is given out as if it were whole, no name is given
twice, and a store that is known to be damaged acknowledges nothing.
"""

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from provstore.errors import Problem, ProvstoreError
from provstore.ingest.personal_values import commitment
from provstore.results.receipts import VerifyResult
from provstore.storage.journal import GENESIS, Entry, chain_hash, sha256_of_text
from tests.torture.acts import perform
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, describe, working_directory
from tests.torture.judge import lost_acknowledgements, lost_messages
from tests.torture.scene import BASE, Acknowledgement, Scene
from tests.torture.sqlite_pages import CLASSES, LOG_PART, log_classes, page_classes, page_size

LABELS = ("raw", "undetected", "innocent", "served", "twice", "acknowledged")
"""Promises that damage to pages can break:

raw: an error that is no ProvstoreError; undetected: verify is content although an entry is damaged
or cannot be found; innocent: verify names an entry that is whole; served: content is given out that
does not match its own hash; twice: verify is content, and what was sent again was taken as new;
acknowledged: verify has found the damage, and a report was taken.
"""

JOURNAL = "journal.sqlite"
BY_FINGERPRINT = "WHERE fingerprint = ?"
Row = tuple[object, ...]
MISSING = re.compile(r"[Ee]ntries ([0-9]+) to ([0-9]+) are missing")

EXPORTED = 8
"""Of so many stores in which `verify` finds nothing, one is exported."""


@dataclass(frozen=True)
class Victim:
    """A store to be damaged, and what it held: stored rows, personal values, and texts as read."""

    directory: Path
    entries: Sequence[Entry]
    values: Mapping[int, Counter[Row]]
    contents: frozenset[str]
    acknowledged: Sequence[Acknowledgement]
    file: str = JOURNAL
    """The file to be damaged: the journal, or its log."""

    def copy(self, place: Path) -> Path:
        """Another such store."""
        copytree(self.directory, place)
        return place


def make_victim(place: Path, submissions: int = 100, imports: int = 5, size: int = 4096) -> Victim:
    """A store with pages of every class, of this size."""
    scene = Scene(place)
    acts = ["init", "package 1", *(f"submit {number}" for number in range(2, submissions))]
    acts += [f"import {number}" for number in range(1, imports + 1)]
    acts += ["report 2", "report 3", "draft 1", "messages"]
    acknowledged = [perform(scene, act) for act in acts]
    contents = frozenset(entry.content for entry in scene.store.entries())
    scene.close()
    with closing(sqlite3.connect(place / JOURNAL)) as db:
        if size != page_size((place / JOURNAL).read_bytes()):
            db.executescript(
                f"PRAGMA journal_mode=DELETE; PRAGMA page_size={size}; VACUUM;"
                "PRAGMA journal_mode=WAL;"
            )
        db.executescript(  # leaves free pages
            "CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(30000));"
            "DROP TABLE filler; PRAGMA wal_checkpoint(TRUNCATE);"
        )
        entries, values = _stored(db)
    return Victim(place, entries, values, contents, acknowledged)


def _stored(db: sqlite3.Connection) -> tuple[list[Entry], dict[int, Counter[Row]]]:
    """All rows as they are stored, and their personal values."""
    entries = [Entry._make(row) for row in db.execute("SELECT * FROM entry ORDER BY position")]
    return entries, {entry.position: _values(db, entry.position) for entry in entries}


def _values(db: sqlite3.Connection, position: int) -> Counter[Row]:
    """The rows of the personal values of an entry."""
    return Counter(db.execute("SELECT * FROM personal WHERE position = ?", (position,)))


def leave_log(victim: Victim, place: Path) -> Victim:
    """Such a store after a crash: its last entries are in the write-ahead log only."""
    source = victim.copy(place.with_name("living"))
    scene = Scene(source)
    acts = ("submit 501", "package 502", "import 503", "report 501", "messages")
    acknowledged = [*victim.acknowledged, *(perform(scene, act) for act in acts)]
    copytree(source, place, ignore=ignore_patterns("*-shm"))
    contents = frozenset(entry.content for entry in scene.store.entries())
    scene.close()
    with closing(sqlite3.connect(source / JOURNAL)) as db:
        entries, values = _stored(db)
    return Victim(place, entries, values, contents, acknowledged, f"{JOURNAL}-wal")


# -------------------------------------------------------------------------------- damage to pages


@dataclass(frozen=True)
class Corruption:
    """A damaged file, and how it came about."""

    name: str
    page_class: str
    data: bytes


def page_corruptions(victim: Victim, seed: int, numbers: Iterable[int]) -> Iterator[Corruption]:
    """The corruptions with these numbers: every class and every kind of damage in turn, else luck.

    Each has chance of its own, so that it can be made again without the others.
    """
    data, classes, size = _layout(victim)
    names = sorted(set(classes.values()))
    pages_of = {name: [page for page, known in classes.items() if known == name] for name in names}
    kinds = (_flip, _flip, _zero, _swap, _truncate, _scribble)
    for number in numbers:
        luck = random.Random(f"{seed} {number}")
        wanted = names[number % len(names)]
        kind = kinds[number // len(names) % len(kinds)]
        pages = pages_of[wanted]
        page = luck.choice(pages)
        detail, damaged = kind(data, size, page, pages, luck)
        name = f"seed {seed}, number {number}: {detail} of {victim.file} ({wanted})"
        yield Corruption(name, wanted, damaged)


def _layout(victim: Victim) -> tuple[bytes, Mapping[int, str], int]:
    """The bytes of the file to be damaged, the class of each of its parts, and their size."""
    path = victim.directory / victim.file
    data = path.read_bytes()
    if victim.file != JOURNAL:
        return data, log_classes(data), LOG_PART
    classes = page_classes(path)
    if missing := set(CLASSES) - set(classes.values()):
        raise RuntimeError(f"the store has no page of the classes {missing}")
    return data, classes, page_size(data)


def _flip(
    data: bytes, size: int, page: int, _: Sequence[int], luck: random.Random
) -> tuple[str, bytes]:
    damaged, place = bytearray(data), (page - 1) * size + luck.randrange(size)
    if luck.random() < 0.5:  # headers and pointers are at the beginning
        place = (page - 1) * size + luck.randrange(min(size, 128))
    bit = luck.randrange(8)
    damaged[place] ^= 1 << bit
    return f"bit {bit} of byte {place} flipped", bytes(damaged)


def _zero(
    data: bytes, size: int, page: int, _: Sequence[int], __: random.Random
) -> tuple[str, bytes]:
    start = (page - 1) * size
    return f"page {page} zeroed", data[:start] + bytes(size) + data[start + size :]


def _swap(
    data: bytes, size: int, page: int, pages: Sequence[int], luck: random.Random
) -> tuple[str, bytes]:
    other = luck.choice([p for p in pages if p != page] or [2])
    damaged = bytearray(data)
    first, second = (page - 1) * size, (other - 1) * size
    damaged[first : first + size], damaged[second : second + size] = (
        data[second : second + size],
        data[first : first + size],
    )
    return f"pages {page} and {other} swapped", bytes(damaged)


def _truncate(
    data: bytes, size: int, page: int, _: Sequence[int], luck: random.Random
) -> tuple[str, bytes]:
    length = (page - 1) * size + luck.choice((0, luck.randrange(size)))
    return f"cut to {length} bytes", data[:length]


def _scribble(
    data: bytes, size: int, page: int, _: Sequence[int], luck: random.Random
) -> tuple[str, bytes]:
    damaged = bytearray(data)
    place = (page - 1) * size + luck.randrange(size - 64)
    damaged[place : place + 64] = luck.randbytes(64)
    return f"64 bytes at {place} overwritten", bytes(damaged)


def corrupt_pages(victim: Victim, figures: Figures, seed: int, numbers: Iterable[int]) -> Figures:
    """Damage the journal in these ways, and examine each."""
    with working_directory() as root:
        for count, corruption in enumerate(page_corruptions(victim, seed, numbers)):
            place = victim.copy(Path(root) / "damaged" / "store")
            (place / victim.file).write_bytes(corruption.data)
            outcome = examine(place, victim, exported=count % EXPORTED == 0)
            figures.count("corruptions")
            figures.count(f"{outcome.verdict}")
            figures.count(f"of class {corruption.page_class}")
            for finding in dict.fromkeys(outcome.findings):
                figures.add([finding], corruption.name, f"corruption/pages/{finding.label}")
            rmtree(place.parent)  # with what the account knows of this store
    return figures


# ------------------------------------------------------------------------------ the examination


@dataclass
class Outcome:
    """What came of a damage: `refused`, `detected`, `harmless` or `undetected`, and findings."""

    verdict: str
    findings: list[Finding]


def examine(directory: Path, victim: Victim, *, exported: bool = True) -> Outcome:
    """Use a damaged store as people would, and compare it with what it was.

    It is always exported if `verify` finds damage; else, where all entries can be read as they
    were, an export only takes time, and may be left out.
    """
    truth = _damaged_entries(directory / JOURNAL, victim)
    findings: list[Finding] = []
    scene = Scene(directory)
    try:
        _ = scene.store
    except ProvstoreError:
        return Outcome("refused", findings)
    except Exception as error:
        return Outcome("raw", [Finding("raw", f"open: {describe(error)}")])
    verified = _attempt("verify", lambda: scene.store.verify(), findings)
    problems = verified.problems if isinstance(verified, VerifyResult) else ()
    refused = not isinstance(verified, VerifyResult)
    named = {at for problem in problems for at in _named_by(problem)}
    of_file = refused or any(p.where.count("/") < 2 for p in problems)
    unfound = list(_wrong_look_ups(scene, victim, findings))
    detected = refused or bool(problems)
    if not detected and (truth or unfound):
        findings.append(Finding("undetected", f"entries {sorted(truth)}; {unfound[:3]}"))
    innocent = {at for at in named if at not in truth and at - 1 not in truth}
    if innocent and not unfound:
        findings.append(Finding("innocent", f"entries {sorted(innocent)}, not {sorted(truth)}"))
    unnamed = {at for at in truth if at not in named and not _named_beside(at, named, truth)}
    if problems and not of_file and unnamed:
        findings.append(Finding("undetected", f"entries {sorted(unnamed)} are not named"))
    _use(scene, victim, findings, known=bool(problems), exported=exported)
    try:
        scene.close()
    except Exception as error:
        findings.append(Finding("raw", f"close: {describe(error)}"))
    harmful = bool(truth or unfound)
    return Outcome("detected" if detected else "undetected" if harmful else "harmless", findings)


def _named_by(problem: Problem) -> Iterator[int]:
    """The entries that a problem names: at its place, and as a range that is missing."""
    if problem.where.count("/") == 2:
        yield int(problem.where.split("/")[2])
    if missing := MISSING.search(problem.what):
        yield from range(int(missing[1]), int(missing[2]) + 1)


def _named_beside(at: int, named: set[int], truth: set[int]) -> bool:
    """Whether the gap of missing entries is named at its beginning, or at the entry behind it."""
    first = last = at
    while first - 1 in truth:
        first -= 1
    while last in truth:
        last += 1
    return first in named or last in named


def _damaged_entries(journal: Path, victim: Victim) -> set[int]:
    """The positions of entries that are not as they were, read without provstore.

    To an entry belong its personal values.
    """
    damaged = {entry.position for entry in victim.entries}
    log, read = journal.with_name(f"{JOURNAL}-wal"), f"file:{journal}?immutable=1"
    if log.exists():  # SQLite writes it back when it opens the file
        copy = journal.parent.with_name("copy.sqlite")
        copy.write_bytes(journal.read_bytes())
        copy.with_name("copy.sqlite-wal").write_bytes(log.read_bytes())
        read = f"file:{copy}"
    try:
        with closing(sqlite3.connect(read, uri=True)) as db:
            for entry in victim.entries:
                try:
                    query = "SELECT * FROM entry WHERE position = ?"
                    row = db.execute(query, (entry.position,)).fetchone()
                    values = _values(db, entry.position)
                except (sqlite3.DatabaseError, UnicodeDecodeError):
                    continue
                if row == tuple(entry) and values == victim.values[entry.position]:
                    damaged.discard(entry.position)
            known = {entry.position for entry in victim.entries}
            damaged |= {at for (at,) in db.execute("SELECT position FROM entry")} - known
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        pass
    return damaged


def _is_false(scene: Scene, victim: Victim, entry: Entry) -> bool:
    """Whether a text that was read is neither one that was recorded, nor fits the stored hashes.

    Who can write the file can make all hashes fit a lie; then other witnesses contradict it. What
    is said to be replaced is compared with the act by `verify` alone.
    """
    if entry.content in victim.contents:
        return False
    try:
        with closing(sqlite3.connect(f"file:{scene.directory / JOURNAL}?mode=ro", uri=True)) as db:
            query = "SELECT content, sha256 FROM entry WHERE position = ?"
            content, digest = db.execute(query, (entry.position,)).fetchone()
            query = (
                "SELECT salt, value, reference FROM personal WHERE position = ? AND NOT replaced_by"
            )
            values = db.execute(query, (entry.position,)).fetchall()
            return sha256_of_text(content) != digest or any(
                commitment(salt, value) != reference for salt, value, reference in values
            )
    except (sqlite3.DatabaseError, UnicodeDecodeError, TypeError, AttributeError):
        return True


def _row(entry: Entry) -> Entry:
    """An entry without what differs between its stored row and what is read."""
    return entry._replace(content="", principal="")


def _wrong_look_ups(scene: Scene, victim: Victim, findings: list[Finding]) -> Iterator[str]:
    """The look-ups that do not give the entry that they gave; one that is refused is right."""
    journal = scene.store._journal

    def of_ingest(entry: Entry) -> Entry | None:
        found = journal.of_ingest(entry.ingest) if entry.ingest else [entry]
        return next((one for one in found if _row(one) == _row(entry)), None)

    for entry in victim.entries[::3]:
        for name, find in (
            ("bundle", lambda e: journal.entry_of_bundle(e.bundle)),
            ("fingerprint", lambda e: next(journal._entries(BY_FINGERPRINT, e.fingerprint), None)),
            ("ingest", of_ingest),
        ):
            try:
                got = find(entry)
            except ProvstoreError:
                continue
            except Exception as error:
                findings.append(Finding("raw", f"look-up by {name}: {describe(error)}"))
                continue
            if got not in (None, entry) and _is_false(scene, victim, got):
                findings.append(Finding("served", f"entry {entry.position} by {name}"))
            if got is None or got.bundle != entry.bundle:
                yield f"entry {entry.position} is not found by {name}"


def _use(
    scene: Scene, victim: Victim, findings: list[Finding], *, known: bool, exported: bool
) -> None:
    """Everything that people do with a store."""
    store = scene.store

    def read_entries() -> None:
        findings.extend(
            Finding("served", f"entry {entry.position} by entries()")
            for entry in store.entries()
            if _is_false(scene, victim, entry)
        )

    def read_histories() -> None:
        for name in ("generic-0001", "generic-0002", "generic-0005"):
            store.ingest(name).history()
            store.ingest(name).status()

    def send_again() -> None:
        for act in ("package 1", "submit 9", "report 2", "import 1"):
            earlier = next(ack for ack in victim.acknowledged if ack.act == act)
            again = perform(scene, act)
            if again.bundles != earlier.bundles:
                label = "acknowledged" if known else "twice"
                findings.append(Finding(label, f"{act}, sent again, is new: {again.bundles}"))

    _attempt("entries", read_entries, findings)
    _attempt("ingests", store.ingests, findings)
    _attempt("history", read_histories, findings)
    if known or exported:
        _attempt("export", lambda: "".join(store.export(notation="provjson")), findings)
    _attempt("status", store.status, findings)
    _attempt("write_messages", store.write_messages, findings)
    _attempt("send again", send_again, findings)
    fresh = _attempt("submit", lambda: perform(scene, "submit 9001"), findings)
    if isinstance(fresh, Acknowledgement) and known:
        findings.append(Finding("acknowledged", f"{fresh.ingest} in a store known to be damaged"))


def _attempt(name: str, act: Callable[[], object], findings: list[Finding]) -> object:
    """Do it; a refusal is given back, any other error is a finding."""
    try:
        return act()
    except ProvstoreError as error:
        return error
    except Exception as error:
        findings.append(Finding("raw", f"{name}: {describe(error)}"))
        return None


# ------------------------------------------------------------------------------- edits by SQL


Edit = Callable[[sqlite3.Connection], None]


def _set(column: str, value: str) -> Edit:
    return _sql(f"UPDATE entry SET {column} = {value} WHERE position = 20")


def _sql(statement: str) -> Edit:
    return lambda db: void(db.execute(statement))


def void(_: object) -> None:
    """Nothing."""


def _reseal(db: sqlite3.Connection) -> None:
    """Make the whole chain hold again, as somebody would who knows how."""
    before = GENESIS
    for row in db.execute("SELECT * FROM entry ORDER BY position").fetchall():
        entry = Entry._make(row)
        entry = entry._replace(sha256=sha256_of_text(entry.content))
        chain = chain_hash(before, entry)
        db.execute(
            "UPDATE entry SET sha256 = ?, chain = ? WHERE position = ?",
            (entry.sha256, chain, entry.position),
        )
        before = chain


def _changed_and_resealed(db: sqlite3.Connection) -> None:
    db.execute("UPDATE entry SET content = replace(content, 'Data set', 'Lie') WHERE position = 20")
    _reseal(db)


def _removed_and_resealed(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entry WHERE position = 20")
    db.execute("UPDATE entry SET position = -position WHERE position > 20")
    db.execute("UPDATE entry SET position = -position - 1 WHERE position < 0")
    _reseal(db)


def _content_and_hash(db: sqlite3.Connection) -> None:
    _set("content", "content || ' '")(db)
    (content,) = db.execute("SELECT content FROM entry WHERE position = 20").fetchone()
    db.execute("UPDATE entry SET sha256 = ? WHERE position = 20", (sha256_of_text(content),))


def _swapped_rows(db: sqlite3.Connection) -> None:
    db.execute("UPDATE entry SET position = -20 WHERE position = 20")
    db.execute("UPDATE entry SET position = 20 WHERE position = 21")
    db.execute("UPDATE entry SET position = 21 WHERE position = -20")


def _forged_at_the_end(db: sqlite3.Connection) -> None:
    last = Entry._make(db.execute("SELECT * FROM entry ORDER BY position DESC LIMIT 1").fetchone())
    entry = last._replace(
        position=last.position + 1, bundle=last.bundle + "/forged", fingerprint="f" * 64
    )
    entry = entry._replace(chain=chain_hash(last.chain, entry))
    db.execute(f"INSERT INTO entry VALUES ({', '.join('?' * len(entry))})", entry)
    for _, *value in db.execute("SELECT * FROM personal WHERE position = ?", last[:1]).fetchall():
        marks = ", ".join("?" * (1 + len(value)))
        db.execute(f"INSERT INTO personal VALUES ({marks})", (entry.position, *value))


def _set_value(column: str, value: str, kind: str = "name") -> Edit:
    return _sql(f"UPDATE personal SET {column} = {value} WHERE position = 20 AND kind = '{kind}'")


def _resealed_value(db: sqlite3.Connection) -> None:
    """Put another name in the place of one, with a reference to it, and make the chain hold."""
    query = "SELECT reference, salt FROM personal WHERE position = 20 AND kind = 'name'"
    reference, salt = db.execute(query).fetchone()
    now = (commitment(salt, "Eve Example"), "Eve Example", reference)
    db.execute("UPDATE personal SET reference = ?, value = ? WHERE reference = ?", now)
    db.execute(
        "UPDATE entry SET content = replace(content, ?, ?) WHERE position = 20", (reference, now[0])
    )
    _reseal(db)


EDITS: Mapping[str, Edit] = {
    "content-changed": _set("content", "replace(content, 'Data set', 'Lie')"),
    "content-and-hash-changed": _content_and_hash,
    "recorded-changed": _set("recorded", "'2020-01-01T00:00:00.000000Z'"),
    "ingest-changed": _set("ingest", "'generic-0999'"),
    "bundle-renamed": _set("bundle", "bundle || 'x'"),
    "fingerprint-changed": _set("fingerprint", "fingerprint || 'x'"),
    "chain-changed": _set("chain", "upper(chain)"),
    "row-removed": _sql("DELETE FROM entry WHERE position = 20"),
    "rows-removed": _sql("DELETE FROM entry WHERE position IN (5, 6, 20)"),
    "first-row-removed": _sql("DELETE FROM entry WHERE position = 1"),
    "last-rows-removed": _sql("DELETE FROM entry WHERE position > 40"),
    "all-rows-removed": _sql("DELETE FROM entry"),
    "rows-swapped": _swapped_rows,
    "position-moved": _set("position", "1000"),
    "forged-at-the-end": _forged_at_the_end,
    "changed-and-resealed": _changed_and_resealed,
    "removed-and-resealed": _removed_and_resealed,
    "principal-changed": _set("principal", "upper(principal)"),
    "number-of-values-changed": _set("personal", "personal + 1"),
    "value-changed": _set_value("value", "'Eve Example'"),
    "address-changed": _set_value("value", "'eve@example.org'", "email"),
    "account-changed": _set_value("value", "'os:eve'", "principal"),
    "salt-changed": _set_value("salt", "zeroblob(16)"),
    "reference-changed": _set_value("reference", "upper(reference)"),
    "value-called-replaced": _set_value("(value, replaced_by)", "('Eve Example', 30)"),
    "value-removed": _sql("DELETE FROM personal WHERE position = 20 AND kind = 'name'"),
    "value-doubled": _sql(
        "INSERT INTO personal SELECT * FROM personal WHERE position = 20 LIMIT 1"
    ),
    "value-moved": _set_value("position", "21"),
    "values-of-nothing": _set_value("position", "1000"),
    "all-values-removed": _sql("DELETE FROM personal"),
    "value-changed-and-resealed": _resealed_value,
    "secret-changed": _sql("UPDATE secret SET value = zeroblob(32) WHERE name = 'hashes'"),
    "secret-removed": _sql("DELETE FROM secret"),
    "index-removed": _sql("DROP INDEX entry_ingest"),
    "guards-removed": lambda _: None,
}
"""What somebody with SQL may do; each case removes the triggers first, and most put them back."""

ELSEWHERE = ("guards-removed", "index-removed", "secret-changed", "secret-removed")
"""Edits after which every entry is as it was."""


def edit(name: str, victim: Victim, figures: Figures) -> Figures:
    """Edit a journal with SQL, and examine it; `guards-removed` leaves the triggers out."""
    with working_directory() as root:
        place = victim.copy(Path(root) / "damaged")
        with closing(sqlite3.connect(place / JOURNAL, isolation_level=None)) as db:
            guards = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            triggers = guards.fetchall()
            for trigger, _ in triggers:
                db.execute(f"DROP TRIGGER {trigger}")
            EDITS[name](db)
            for _, sql in triggers:
                if name != "guards-removed":
                    db.execute(sql)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            changed = name in ELSEWHERE
        outcome = examine(place, victim)
        figures.count("edits")
        figures.count(outcome.verdict)
        if changed and outcome.verdict == "harmless":
            outcome.findings.append(Finding("undetected", f"{name}: verify is content"))
        for finding in dict.fromkeys(outcome.findings):
            common = finding.label in ("acknowledged", "served")
            case = finding.label if common else name
            figures.add([finding], f"edit {name}", f"corruption/edit/{case}")
    return figures


# ------------------------------------------------------------------------------ damage to files


@dataclass
class Damaged:
    """A store to damage: its copy, an older copy of its journal, and its acknowledgements."""

    place: Path
    older: Path
    acknowledged: list[Acknowledgement]
    scene: Scene


def _of_closed(damage: Callable[[Path], object]) -> Callable[[Damaged], None]:
    def act(store: Damaged) -> None:
        store.scene.close()
        damage(store.place)

    return act


def _flip_file(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def _first_attachment(place: Path) -> Path:
    return min((place / "attachments").iterdir())


def _crash(store: Damaged, damage: Callable[[Path], None]) -> None:
    """What a crash leaves, with a write-ahead log; then damage."""
    left = store.place.with_name("left")
    copytree(store.place, left, ignore=ignore_patterns("*-shm"))
    store.scene.close()
    rmtree(store.place)
    left.rename(store.place)
    damage(store.place / "journal.sqlite-wal")


def _cut(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:9000])


def _put_back(store: Damaged) -> None:
    store.scene.close()
    store.older.rename(store.place / JOURNAL)


def _put_back_while_open(store: Damaged) -> None:
    (store.place / "journal.sqlite-wal").unlink()
    (store.place / "journal.sqlite-shm").unlink(missing_ok=True)
    store.older.rename(store.place / JOURNAL)


def _remove_while_open(store: Damaged) -> None:
    for file in store.place.glob("journal.sqlite*"):
        file.unlink()


def _move_while_open(store: Damaged) -> None:
    """The store's directory is moved away, and another store has its place."""
    store.place.rename(store.place.with_name("moved"))
    other = Scene(store.place)
    perform(other, "init")
    other.close()


def _change_base(place: Path) -> None:
    file = place / "provstore.toml"
    file.write_text(file.read_text().replace("data.example.org", "other.example.org"))


FILES: Mapping[str, Callable[[Damaged], None]] = {
    "log-removed": lambda store: _crash(store, Path.unlink),
    "log-flipped": lambda store: _crash(store, lambda log: _flip_file(log, 9000)),
    "log-cut": lambda store: _crash(store, _cut),
    "older-journal-put-back": _put_back,
    "older-journal-put-back-while-open": _put_back_while_open,
    "journal-removed-while-open": _remove_while_open,
    "store-replaced-while-open": _move_while_open,
    "journal-removed": _of_closed(lambda place: (place / JOURNAL).unlink()),
    "journal-emptied": _of_closed(lambda place: (place / JOURNAL).write_bytes(b"")),
    "journal-is-text": _of_closed(lambda place: (place / JOURNAL).write_text("journal\n" * 999)),
    "attachment-flipped": _of_closed(lambda place: _flip_file(_first_attachment(place), 5)),
    "attachment-cut": _of_closed(lambda place: _first_attachment(place).write_bytes(b"Agr")),
    "attachment-removed": _of_closed(lambda place: _first_attachment(place).unlink()),
    "settings-removed": _of_closed(lambda place: (place / "provstore.toml").unlink()),
    "settings-cut": _of_closed(lambda place: (place / "provstore.toml").write_text("format = ")),
    "settings-are-no-text": _of_closed(lambda p: (p / "provstore.toml").write_bytes(b"\xff\xfe")),
    "settings-base-changed": _of_closed(_change_base),
    "outbox-position-is-text": _of_closed(lambda p: (p / "outbox/position").write_text("many")),
    "outbox-position-ahead": _of_closed(lambda p: (p / "outbox/position").write_text("999")),
    "outbox-position-negative": _of_closed(lambda p: (p / "outbox/position").write_text("-7")),
    "outbox-message-cut": _of_closed(lambda p: min((p / "outbox").glob("*.txt")).write_text("To")),
    "outbox-removed": _of_closed(lambda place: rmtree(place / "outbox")),
}
"""Damage to files; some of it while the store is open."""


def damage_file(name: str, figures: Figures) -> Figures:
    """Damage a file, and see whether it is named, or made good, and nothing else is acknowledged.

    A store that has lost anything does not open, or `verify` names it. Messages are made good by
    the next use. An attachment that is sent again is there again, or is refused.
    """
    with working_directory() as root:
        place, older = Path(root) / "store", Path(root) / "older"
        scene = Scene(place)
        acks = [perform(scene, act) for act in ("init", "submit 1", "package 2", "messages")]
        scene.close()
        older.write_bytes((place / JOURNAL).read_bytes())
        acks += [perform(scene, act) for act in ("submit 3", "report 3", "submit 5")]
        damaged = Damaged(place, older, acks, scene)
        FILES[name](damaged)
        figures.count("damaged files")
        findings = [*_after_damage(name, damaged)]
        figures.add(findings, f"file {name}", f"corruption/file/{name}")
        try:
            scene.close()
        except Exception as error:
            figures.add([Finding("raw", describe(error))], "close", f"corruption/file/{name}")
    return figures


def _after_damage(name: str, damaged: Damaged) -> Iterator[Finding]:
    findings: list[Finding] = []
    before = Counter(f.label for f in _lost(damaged.place, damaged.acknowledged, messages=False))
    named = False
    try:
        named = bool(damaged.scene.store.verify().problems)
    except ProvstoreError:
        named = True
    except Exception as error:
        yield Finding("raw", describe(error))
        return
    fresh = _attempt("submit", lambda: perform(damaged.scene, "submit 7"), findings)
    _attempt("write_messages", lambda: damaged.scene.store.write_messages(), findings)
    again = _attempt("send again", lambda: perform(damaged.scene, "package 2"), findings)
    yield from findings
    acknowledged = [fresh] if isinstance(fresh, Acknowledgement) else []
    of_journal = not name.startswith(("attachment", "outbox"))
    if acknowledged and named and of_journal:
        yield Finding("acknowledged", "in a store known to be damaged")
    _attempt("close", damaged.scene.close, findings)
    promised = [*damaged.acknowledged, *acknowledged]
    after = Counter(f.label for f in _lost(damaged.place, promised))
    lost = before | after
    if acknowledged and lost and of_journal:
        yield Finding("acknowledged", f"in a store that lost: {dict(lost)}")
    if isinstance(again, Acknowledgement) and after.keys() & {
        "attachment-lost",
        "attachment-changed",
    }:
        yield Finding("acknowledged", f"{again.act}, sent again, although {dict(after)}")
    if lost and not named:
        yield Finding("undetected", str(dict(lost)))


def _lost(
    place: Path, promised: Sequence[Acknowledgement], *, messages: bool = True
) -> Iterator[Finding]:
    """What is not there when the store is opened again; that it refuses to open, if it does."""
    scene = Scene(place)
    try:
        if scene.store.base != BASE:
            yield Finding("base", scene.store.base)
        for ack in promised:
            yield from lost_acknowledgements(scene, ack)
        if messages:
            yield from lost_messages(scene)
    except ProvstoreError as error:
        yield Finding("refused", describe(error))
    except Exception as error:
        yield Finding("raw", describe(error))
    finally:
        scene.close()


# ------------------------------------------------------------------------------------ the long form

SIZE = 500
"""So many corruptions are one batch."""

SHARES = {"pages of 512 bytes": 80_000, "log": 18_000, "pages of 4096 bytes": 2_000}
"""How many corruptions each store gets; one with large pages has more entries, and costs more."""


def batches(root: Path, seed: int, factor: float) -> Iterator[Batch]:
    """Damage to files, edits, and to pages of every class; the stores are made below `root`."""
    small = make_victim(root / "small", 10, 1, 512)
    victims = {
        "pages of 512 bytes": small,
        "log": leave_log(small, root / "crashed"),
        "pages of 4096 bytes": make_victim(root / "large"),
    }
    yield Batch("files", len(FILES), _damage_files)
    yield Batch("edits", len(EDITS), partial(_edit_all, victims["pages of 4096 bytes"]))
    for name, share in SHARES.items():
        end = round(share * factor)
        for start in range(0, end, SIZE):
            numbers = range(start, min(start + SIZE, end))
            run = partial(_corrupt, victims[name], seed, numbers)
            yield Batch(f"{name}, from {start}", len(numbers), run)


def _damage_files(figures: Figures) -> None:
    for name in FILES:
        damage_file(name, figures)


def _edit_all(victim: Victim, figures: Figures) -> None:
    for name in EDITS:
        edit(name, victim, figures)


def _corrupt(victim: Victim, seed: int, numbers: Sequence[int], figures: Figures) -> None:
    corrupt_pages(victim, figures, seed, numbers)
