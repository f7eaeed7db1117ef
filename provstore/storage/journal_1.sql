-- Format 1 of the journal, which is read and repaired, but takes no new entries: one row per bundle, in order, never changed. Each chain hash covers all rows before it.
CREATE TABLE IF NOT EXISTS entry (
    position    INTEGER PRIMARY KEY,     -- 1, 2, 3, … without gaps
    bundle      TEXT NOT NULL UNIQUE,    -- IRI of the bundle
    fingerprint TEXT NOT NULL UNIQUE,    -- SHA-256 of what was handed in: the same again adds nothing
    ingest      TEXT NOT NULL,           -- name of the ingest, '' for an imported document
    recorded    TEXT NOT NULL,           -- when it was written down, UTC
    content     TEXT NOT NULL,           -- the bundle in PROV-JSON
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
