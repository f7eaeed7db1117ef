"""The Typer application, and the options that several commands share."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from provstore.cli.completion_names import complete_ingest, complete_step
from provstore.cli.console import RowFormat
from provstore.prov.notations import Notation
from provstore.storage import settings

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


FORMAT = "<format>"
FORMATS = ", ".join(get_args(Notation))
"""The names of all notations, for help texts; as a metavar they would exceed 80 columns."""
AGENT_FILE = "JSON file with the agent's details, as a form asks for them."
Language = Literal["cypher", "sparql", "both"]
ViewName = Literal["graph", "rdf", "search"]
Directory = Annotated[
    Path | None,
    typer.Option("--store", envvar=settings.ENVIRONMENT_VARIABLE, help="Directory of the store.",
                 show_default=settings.DEFAULT_DIRECTORY,
                 readable=False),  # the store says who can read it
]  # fmt: skip
IngestName = Annotated[
    str, typer.Argument(help="For example cordex-0001.", autocompletion=complete_ingest)
]
StepName = Annotated[str, typer.Argument(help="For example quality.", autocompletion=complete_step)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ROW_OPTIONS = {
    "json": AsJson,
    "csv": Annotated[bool, typer.Option("--csv", help="Print CSV.")],
    "table": Annotated[
        bool, typer.Option("--table", help="Print a table (the default on a terminal).")
    ],
    "wide": Annotated[bool, typer.Option("--wide", help="Print a table with whole values.")],
    "raw": Annotated[bool, typer.Option("--raw", help="Guard nothing in CSV or in a pipe.")],
}
"""The options of every command that prints rows; a `RowFormat` has them."""
Files = Annotated[list[Path], typer.Argument(help="One or more files.", show_default=False)]
From = Annotated[
    Notation | None,
    typer.Option(
        "--from",
        metavar=FORMAT,
        help=f"Format to read: {FORMATS}.",
        show_default="recognized by content",
    ),
]
Reports = Annotated[
    list[Path] | None,
    typer.Argument(help="The step's filled form, or tools' files.", show_default=False),
]
By = Annotated[Path | None, typer.Option("--by", help=AGENT_FILE)]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        metavar="NAME=VALUE",
        help="An answer that the files do not give; repeatable.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write to this file instead of stdout.")
]
Svg = Annotated[Path | None, typer.Option("--svg", help="Write a picture to this file, for print.")]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write an interactive picture to this file.")
]


def prints_rows(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `ROW_OPTIONS` instead of its last parameter, `rows`."""

    @wraps(command)
    def call(**values: Any) -> None:
        chosen = {name: values.pop(f"as_{name}") for name in ROW_OPTIONS}
        command(**values, rows=RowFormat(**chosen).check())

    signature = inspect.signature(command)
    *own, rows = signature.parameters.values()
    options = [
        inspect.Parameter(f"as_{name}", rows.KEYWORD_ONLY, annotation=option, default=False)
        for name, option in ROW_OPTIONS.items()
    ]
    own = [parameter.replace(kind=rows.KEYWORD_ONLY) for parameter in own]
    call.__dict__["__signature__"] = signature.replace(parameters=[*own, *options])
    call.__annotations__ = {each.name: each.annotation for each in (*own, *options)}
    return call
