"""Names that a shell completes: of ingests, steps, forms and questions.

In: the beginning of a name. Out: the names that continue it. It starts no engine, and whatever goes
wrong, it prints nothing: a shell shows no messages while somebody types.
"""

from collections.abc import Callable, Iterable
from contextlib import closing

import typer

from provstore.storage import settings

Completer = Callable[[typer.Context, str], list[str]]


def _completer(names: Callable[[typer.Context], Iterable[str]]) -> Completer:
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return sorted(name for name in names(ctx) if name.startswith(incomplete))
        except Exception:
            return []

    complete.__name__, complete.__doc__ = names.__name__, names.__doc__
    return complete


@_completer
def complete_ingest(ctx: typer.Context) -> Iterable[str]:
    """Complete the name of an ingest of the store."""
    from provstore.storage.journal import Journal

    directory = settings.store_directory(ctx.params.get("directory"))
    with closing(Journal(settings.read_settings(directory).journal)) as journal:
        return journal.ingests()


@_completer
def complete_step(_: typer.Context) -> Iterable[str]:
    """Complete the name of a step of any form."""
    from provstore.projects.forms import load_forms

    return {form.step for form in load_forms(settings.shipped("forms")).values()} - {"any"}


@_completer
def complete_form(_: typer.Context) -> Iterable[str]:
    """Complete the name of a form."""
    from provstore.projects.forms import load_forms

    return load_forms(settings.shipped("forms"))


@_completer
def complete_question(ctx: typer.Context) -> Iterable[str]:
    """Complete the name of a question, or of one in the folder of `--from`."""
    from provstore.queries.catalogue import Questions

    return Questions(ctx.params.get("folder") or settings.shipped("queries"))
