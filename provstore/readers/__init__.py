"""What tools really write becomes reports: bytes in, an `Extract` out, found by content.

`registry` is all that the other rooms need; it loads every format, so they load it when a file is
there. Pure: a reader never opens a file, and reads the whole file or refuses it with every fault.
"""
