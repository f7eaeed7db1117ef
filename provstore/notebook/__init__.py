"""For notebooks: forms that people fill in.

from provstore.notebook import form
form("cordex")                    at home: writes a package that can be sent
form("cordex", store="DIR")       at the data centre: begins an ingest
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provstore.errors import Refused

if TYPE_CHECKING:
    from provstore.notebook.widgets import FormWidget
    from provstore.store import ProvStore

__all__ = ["form"]


def form(
    name: str,
    store: "ProvStore | str | os.PathLike[str] | None" = None,
    *,
    ingest: str = "",
    draft: str = "",
    earlier: Mapping[str, Any] | None = None,
) -> "FormWidget":
    """Show a form to fill in; what is typed is saved at once.

    With a `store` it is handed in there, without one it becomes a package in the working folder.
    `ingest` is the delivery that it reports on, `draft` resumes one, `earlier` answers are the
    ones to correct.

    Raises:
        Refused: the extra `provstore[notebook]` is not installed.
        UnknownName: there is no such form, ingest or draft; names the near ones.

    """
    try:
        from provstore.notebook.widgets import FormWidget
    except ImportError as error:
        advice = 'Install it: pip install "provstore[notebook]"'
        raise Refused(f"Forms in a notebook need {error.name}.", advice) from error
    return FormWidget(name, store, ingest=ingest, draft=draft, earlier=earlier)
