"""The command line itself, and the options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from provstore.prov.notations.notation_registry import Notation
from provstore.storage import settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


Language = Literal["cypher", "sparql", "both"]
ViewName = Literal["graph", "rdf", "search"]
Directory = Annotated[
    Path | None,
    typer.Option("--store", envvar=settings.ENVIRONMENT_VARIABLE, help="The store's directory.",
                 show_default=settings.DEFAULT_DIRECTORY),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
AsTable = Annotated[bool, typer.Option("--table", help="Print a table (the default).")]
Files = Annotated[list[Path], typer.Argument(help="One file or several.", show_default=False)]
From = Annotated[
    Notation | None,
    typer.Option("--from", help="The format it is in.", show_default="what its content says"),
]
Reports = Annotated[
    list[Path] | None,
    typer.Argument(help="The step's form, or files of tools.", show_default=False),
]
By = Annotated[Path | None, typer.Option("--by", help="A JSON file: who reports, as forms ask it.")]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", help="NAME=VALUE: what the files leave open, or all there is."),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write there, not to stdout.")]
Svg = Annotated[Path | None, typer.Option("--svg", help="Draw it into this file, for papers.")]
Html = Annotated[
    Path | None, typer.Option("--html", help="Draw it into this file, a page to click through.")
]
