-- The journal: one row per bundle, in order, never changed. Each chain hash covers all rows before it.
CREATE TABLE IF NOT EXISTS entry (
    position    INTEGER PRIMARY KEY,     -- 1, 2, 3, … without gaps
    bundle      TEXT NOT NULL UNIQUE,    -- IRI of the bundle
    fingerprint TEXT NOT NULL UNIQUE,    -- keyed hash of what was handed in: the same again adds nothing
    ingest      TEXT NOT NULL,           -- name of the ingest, '' for an imported document
    recorded    TEXT NOT NULL,           -- when it was written down, UTC
    principal   TEXT NOT NULL,           -- the account that wrote it: a reference to its name
    personal    INTEGER NOT NULL,        -- number of personal values that the entry refers to
    content     TEXT NOT NULL,           -- the bundle in PROV-JSON, with references to personal values
    sha256      TEXT NOT NULL,           -- of the content
    chain       TEXT NOT NULL            -- SHA-256 over this row and the chain of the one before
) STRICT;

CREATE INDEX IF NOT EXISTS entry_ingest ON entry (ingest, position);
CREATE INDEX IF NOT EXISTS entry_series ON entry (length(ingest), ingest);  -- cordex-10000 comes after cordex-9999

CREATE TRIGGER IF NOT EXISTS entry_is_never_changed
BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER IF NOT EXISTS entry_is_never_removed
BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Personal values. An entry has references to them, and no hash of the chain covers them; so a value
-- can be replaced, and all hashes still fit. The act that replaces it is an entry itself.
CREATE TABLE IF NOT EXISTS personal (
    position    INTEGER NOT NULL,        -- of the entry that refers to it
    reference   TEXT NOT NULL,           -- SHA-256 of salt and value as they were first
    salt        BLOB NOT NULL,           -- random bytes
    value       TEXT NOT NULL,
    kind        TEXT NOT NULL,           -- name, email, orcid, text, iri, document or principal
    person      TEXT NOT NULL,           -- identifier of the person, or ''
    place       TEXT NOT NULL,           -- JSON pointer of the answer, or ''
    replaced_by INTEGER NOT NULL         -- position of the act that put it here, or 0
) STRICT;

CREATE INDEX IF NOT EXISTS personal_position ON personal (position);
CREATE INDEX IF NOT EXISTS personal_replaced ON personal (replaced_by) WHERE replaced_by > 0;

CREATE TRIGGER IF NOT EXISTS personal_is_only_replaced
BEFORE UPDATE OF position, reference, salt, value, kind, place ON personal WHEN NEW.replaced_by <= OLD.replaced_by
BEGIN SELECT RAISE(ABORT, 'a personal value changes only by a later act'); END;

CREATE TRIGGER IF NOT EXISTS personal_is_never_removed
BEFORE DELETE ON personal
BEGIN SELECT RAISE(ABORT, 'a personal value is replaced, and its row stays'); END;

-- People by a keyed hash of what tells them apart, so that one person has one identifier.
CREATE TABLE IF NOT EXISTS person (
    key         TEXT PRIMARY KEY,
    identifier  TEXT NOT NULL,           -- random
    name        TEXT NOT NULL            -- in PROV-JSON
) STRICT;

-- What keys the hashes of fingerprints and people ('hashes'), and its own SHA-256 ('check').
CREATE TABLE IF NOT EXISTS secret (
    name        TEXT PRIMARY KEY,
    value       BLOB NOT NULL
) STRICT;

-- The people who were redacted, by the number that they are called by since.
CREATE TABLE IF NOT EXISTS redacted_person (
    number      INTEGER PRIMARY KEY,
    identifier  TEXT NOT NULL UNIQUE
) STRICT;

-- The acts that replaced values, and what is left to do for them: to look for terms beside the tables.
CREATE TABLE IF NOT EXISTS replacement (
    position    INTEGER PRIMARY KEY,     -- of its entry
    work        TEXT NOT NULL            -- JSON; '' if nothing is to be done
) STRICT;
