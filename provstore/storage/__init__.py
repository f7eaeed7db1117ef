"""The files of a store: the journal, attachments, drafts, the outbox, settings."""
