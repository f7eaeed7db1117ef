"""Says what to type first: to begin a store, or to use the one that is there.

In: the directory of a store. Out: text. It opens no store.
"""

from pathlib import Path

from provstore.storage import settings

_WITHOUT_STORE = """\
There is no store in {directory}. Begin one, or look at an example:

  provstore init                 create a store there
  provstore form cordex --blank  print a form to fill in; provstore form lists all
  provstore submit FILE          submit a filled form
  provstore tour --keep DIR      make an example store, from the first form on

To use another store, write --store DIR after a command, or set {variable}."""

_WITH_STORE = """\
The store is in {directory}.

  provstore ask who must act     ask in your own words; provstore ask lists questions
  provstore search WORDS         search names, titles, comments, findings and ids
  provstore status [INGEST]      show the state of the store or of an ingest
  provstore history INGEST       list the reports of an ingest
  provstore submit FILE          submit a filled form; provstore form lists forms"""

_HELP = "All commands: provstore --help. Completion for your shell: provstore --install-completion."


def how_to_begin(directory: Path) -> str:
    """Return the first commands for a directory with or without a store."""
    text = _WITH_STORE if (directory / settings.FILE_NAME).is_file() else _WITHOUT_STORE
    shown = text.format(directory=directory, variable=settings.ENVIRONMENT_VARIABLE)
    return f"{shown}\n\n{_HELP}"
