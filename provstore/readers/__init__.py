"""Readers of files that tools write: bytes in, an `Extract` out; the content decides the format.

Other rooms need only `reader_registry`; it loads every format, so they import it only when there is
a file to read. Pure: a reader opens no file, and reads the whole input or refuses it with all its
faults.
"""
