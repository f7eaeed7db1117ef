"""The Typer application, and the options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from provstore.prov.notations import Notation
from provstore.storage import settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
AsTable = Annotated[bool, typer.Option("--table", help="Print a table (the default).")]
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
