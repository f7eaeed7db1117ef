"""The board: one read-only site for people who do not open notebooks, served on this machine.

In: an open store. Out: pages, each with the question behind it and its content as RDF. Nothing is
written, nothing is loaded from elsewhere, and no page needs JavaScript.
"""
