"""What a project is: its steps, its forms and their rules, its vocabularies and names. Pure."""
