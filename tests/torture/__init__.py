"""Faults on purpose: what an acknowledgement of provstore promises, and whether it is kept.

Each suite says what it did in figures (`python -m tests.torture`), and has a short form in
`tests/test_torture.py`.
"""
