"""Shows the served form in a visitor's kernel, with the draft that the address names.

In: environment variables set by Voilà. Out: a widget, or an error message.
"""

import json
import os
from dataclasses import dataclass
from urllib.parse import parse_qs

import ipywidgets as w

from provstore.errors import ProvstoreError
from provstore.notebook import form_style
from provstore.notebook.form_destination import (
    FormDestination,
    package_destination,
    store_destination,
)
from provstore.notebook.form_widget import FormWidget
from provstore.store import ProvStore

SERVED_FORM_VARIABLE = "PROVSTORE_SERVED"
"""The environment variable with the served form: a `ServedForm` as JSON."""


@dataclass(frozen=True)
class ServedForm:
    """A served form, its destination (a store or a folder), and the ingest to report on.

    `user_header` is the HTTP header in which a proxy names the user, or "" if there is none.
    """

    form: str
    store: str = ""
    folder: str = ""
    ingest: str = ""
    user_header: str = ""

    @property
    def user_variable(self) -> str:
        """The environment variable with the name of the kernel's user."""
        return f"HTTP_{self.user_header.upper().replace('-', '_')}"


def show() -> "FormWidget | w.HTML":
    """Show the form with the answers of its draft."""
    served = ServedForm(**json.loads(os.environ[SERVED_FORM_VARIABLE]))
    query = parse_qs(os.environ.get("QUERY_STRING", ""))
    draft = query.get("draft", [""])[0]
    user = os.environ.get(served.user_variable, "") if served.user_header else ""
    try:
        return FormWidget(_destination(served), draft, user=user)
    except ProvstoreError as error:
        message = form_style.escape(f"{error.message} {error.advice}")
        return form_style.html(
            f"<style>{form_style.STYLE}</style><div class='pv-form'><p>{message}</p></div>"
        )


def _destination(served: ServedForm) -> FormDestination:
    if not served.store:
        return package_destination(served.form, served.folder)
    return store_destination(ProvStore(served.store), served.form, served.ingest)
