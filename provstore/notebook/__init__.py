"""For notebooks: forms that people fill in, and questions as magics.

from provstore.notebook import form
form("cordex")                    at home: writes a package that can be sent
form("cordex", store="DIR")       at the data centre: begins an ingest

%load_ext provstore.notebook
%provstore DIR
%ask state-of-every-ingest        and %%cypher, %%sparql for questions of one's own
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provstore.errors import Refused

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from provstore.notebook.form_widget import FormWidget
    from provstore.store import ProvStore

__all__ = ["form"]


def form(
    name: str,
    store: "ProvStore | str | os.PathLike[str] | None" = None,
    *,
    ingest: str = "",
    draft: str = "",
    answers: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] = ".",
) -> "FormWidget":
    """Show a form to fill in; what is typed is saved at once.

    With a `store` it is handed in there, without one it becomes a package in `folder`. `ingest` is
    the delivery that it reports on; with the form that began it, its answers are corrected.
    `draft` goes on with one, `answers` are given beforehand.

    Raises:
        Refused: the extra `provstore[notebook]` is not installed.
        UnknownName: there is no such form, ingest or draft; names the near ones.

    """
    try:
        from provstore.notebook.form_widget import FormWidget
    except ImportError as error:
        advice = 'Install it: pip install "provstore[notebook]"'
        raise Refused(f"Forms in a notebook need {error.name}.", advice) from error
    from provstore.notebook.form_destination import package_destination, store_destination
    from provstore.store import ProvStore

    if store is None:
        destination = package_destination(name, folder)
    else:
        opened_store = store if isinstance(store, ProvStore) else ProvStore(store)
        destination = store_destination(opened_store, name, ingest)
    if draft:
        destination.drafts.read(draft)
    return FormWidget(destination, draft, answers)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """What `%load_ext provstore.notebook` does: the magics are there, and bound to no store yet.

    Raises:
        Refused: the extra `provstore[notebook]` is not installed.

    """
    try:
        import pandas  # noqa: F401 - what the magics give

        from provstore.notebook.magics import ProvstoreMagics
    except ImportError as error:
        advice = 'Install it: pip install "provstore[notebook]"'
        raise Refused(f"Magics need {error.name}.", advice) from error
    magics = ProvstoreMagics(shell)
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.complete)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """What `%unload_ext provstore.notebook` does: the store is let go, TAB forgets its names."""
    magics = shell.magics_manager.registry.get("ProvstoreMagics")
    if magics is not None and magics.complete in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(magics.complete)
        magics.close()
