"""Takes texts, paths and choices from the command line as they are.

In: the parameters of a command, as Typer made them. Out: the same. Typer judges every value with
Pydantic, which takes longer to load than most commands run. A text needs no judge; whatever is not
plainly right still goes to Typer, which explains what is wrong with it.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.core import TyperCommand

JUDGE = object()
"""Stands for a value that Typer must judge."""


class PlainCommand(TyperCommand):
    """A command that takes plain values as they are."""

    def get_params(self, ctx: Any) -> Any:
        """Return its parameters, and `--help`."""
        return plain_parameters(super().get_params(ctx))


def plain_parameters(parameters: list[Any]) -> list[Any]:
    """Let each parameter take plain values as they are; all other values are still judged."""
    for parameter in parameters:
        # Older versions of Typer have no such attribute, and load no Pydantic.
        kind = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
        if kind is not None and "process_value" not in vars(parameter):
            parameter.process_value = partial(_take, parameter, kind, parameter.process_value)
    return parameters


def _take(
    parameter: Any, kind: Any, judge: Callable[[Any, Any], Any], context: Any, value: Any
) -> Any:
    optional = not parameter.required
    plain = None if value is None and optional else plain_value(kind, value)
    if plain is JUDGE or not (plain or optional):
        return judge(context, value)
    return parameter.callback(context, parameter, plain) if parameter.callback else plain


def plain_value(kind: Any, value: Any) -> Any:
    """Return the value as `kind`, or `JUDGE`.

    >>> plain_value(list[Path], ("form.json",)) == [Path("form.json")]
    True
    >>> plain_value(int, "20") is JUDGE
    True
    """
    if get_origin(kind) is list and isinstance(value, (list, tuple)):
        (each_kind,) = get_args(kind)
        values = [plain_value(each_kind, each) for each in value]
        return JUDGE if JUDGE in values else values
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else JUDGE
    if kind is Path and isinstance(value, str):
        return Path(value) if os.access(value, os.R_OK) or not os.path.exists(value) else JUDGE
    return value if isinstance(kind, type) and isinstance(value, kind) else JUDGE
