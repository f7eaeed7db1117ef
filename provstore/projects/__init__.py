"""A project: its steps, its forms and their rules, its vocabularies and its names of data. Pure."""
