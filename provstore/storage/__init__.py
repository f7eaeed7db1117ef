"""What lies on disk: the journal, attachments, drafts, the outbox, settings."""
