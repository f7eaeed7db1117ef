"""What a visitor's kernel shows: the form that this server serves, with the draft of the address.

In: the environment that Voilà gives. Out: a widget, or words that say what is wrong.
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
"""The variable by which a kernel learns what it serves: a `ServedForm` as JSON."""


@dataclass(frozen=True)
class ServedForm:
    """Which form, in which store or else into which folder, for which ingest; who asks, if known.

    `user_header` is the header in which a proxy says the name of the user, "" for none.
    """

    form: str
    store: str = ""
    folder: str = ""
    ingest: str = ""
    user_header: str = ""

    @property
    def user_variable(self) -> str:
        """The variable in which a kernel finds the name of its user."""
        return f"HTTP_{self.user_header.upper().replace('-', '_')}"


def show() -> "FormWidget | w.HTML":
    """The form, filled in as far as its draft is."""
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
