"""The board: a local, read-only website for people who use no notebook.

In: an open store. Out: pages, each with the questions behind it and its content as RDF. Pages write
nothing, load nothing from other sites, and need no JavaScript.
"""
