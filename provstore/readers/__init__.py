"""What tools really write becomes reports: bytes in, a `Read` out, found by content.

`formats` is all that the other rooms need; it loads every format, so they load it when a file is
there. Pure: a reader never opens a file, and reads wholly or refuses with every fault.
"""
