"""`python -m provstore` is the command line."""

from provstore.cli import main

main()
