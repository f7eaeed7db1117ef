"""Real servers for tests: each a context manager that starts one and never lets it outlive us."""
