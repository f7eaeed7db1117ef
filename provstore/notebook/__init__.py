"""For notebooks: forms to fill in, and magics for queries.

from provstore.notebook import form
form("cordex")                    at the provider's site: writes a package to send
form("cordex", store="DIR")       at the data centre: begins an ingest

%load_ext provstore.notebook
%provstore DIR
%ask state-of-every-ingest        and %%cypher, %%sparql for your own queries
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
    """Show a form to fill in; every answer is saved at once.

    With a `store`, the form is submitted there; without one, it becomes a package in `folder`.
    `ingest` names the delivery to report on. If `name` is the form that began this ingest, its
    answers are corrected. `draft` continues a draft, and `answers` fills fields in advance.

    Raises:
        Refused: the extra `provstore[notebook]` is not installed.
        UnknownName: there is no such form, ingest or draft; suggests similar names.

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
    """Register the magics, not bound to a store yet; called by `%load_ext provstore.notebook`.

    Raises:
        Refused: the extra `provstore[notebook]` is not installed.

    """
    try:
        import pandas  # noqa: F401 - the magics return data frames

        from provstore.notebook.magics import ProvstoreMagics
    except ImportError as error:
        advice = 'Install it: pip install "provstore[notebook]"'
        raise Refused(f"The magics need {error.name}.", advice) from error
    magics = ProvstoreMagics(shell)
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.complete)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Release the store and its completions; called by `%unload_ext provstore.notebook`."""
    magics = shell.magics_manager.registry.get("ProvstoreMagics")
    if magics is not None and magics.complete in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(magics.complete)
        magics.close()
