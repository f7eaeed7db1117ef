"""Prints answers and replies to standard output, and messages to standard error.

In: values. Out: text, CSV, JSON or a table. Tables cut nothing off and never read a cell as markup.
"""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from provstore.errors import BadParameter, ProvstoreError, Refused
from provstore.results.answer import Answer
from provstore.results.cell_values import text
from provstore.results.receipts import Reply
from provstore.storage.atomic_files import PUBLIC, atomic_file

if TYPE_CHECKING:
    from provstore.pictures.picture import Picture


def print_message(message: str) -> None:
    """Print a message for people to standard error."""
    print(message, file=sys.stderr)


def print_data(data: object, plain_text: str, as_json: bool) -> None:
    """Print data as JSON or as plain text."""
    print(json.dumps(data, ensure_ascii=False, indent=2) if as_json else plain_text)


def print_receipt(reply: Reply, as_json: bool) -> None:
    """Print a reply as JSON or as plain text."""
    print_data(reply.record(), str(reply), as_json)


def process_files(files: Iterable[Path], process: Callable[[Path], Reply], as_json: bool) -> bool:
    """Process each file and print the replies; return whether all files were accepted.

    A refused file does not stop the others.
    """
    replies: list[Reply] = []
    refused = False
    for file in files:
        try:
            replies.append(process(file))
        except ProvstoreError as error:
            print_message(f"provstore: {error}")
            refused = True
    if replies or as_json:
        print_data([reply.record() for reply in replies], "\n".join(map(str, replies)), as_json)
    return not refused


def print_answer(
    answer: Answer, *, as_json: bool = False, as_csv: bool = False, as_table: bool = False
) -> None:
    """Print the rows as JSON, CSV or a table (the default).

    Raises:
        BadParameter: more than one format was chosen.

    """
    if as_json + as_csv + as_table > 1:
        raise BadParameter("--json, --csv and --table cannot be combined.", "Choose one of them.")
    if as_json:
        print_data(answer.records(), "", as_json)
    elif as_csv:
        print(answer.csv(), end="")
    else:
        _print_table(answer)
    for remark in answer.remarks():
        print_message(f"note: {remark}")


def write_text(texts: Iterable[str], output: Path | None) -> None:
    """Write text to standard output, or to a file that appears only once it is complete.

    Raises:
        Refused: the file cannot be written.

    """
    if output is None:
        sys.stdout.writelines(texts)
        return
    try:
        with atomic_file(output, PUBLIC) as file:
            file.writelines(text.encode() for text in texts)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror or error}.") from error


def write_picture(picture: "Picture", svg: Path | None, html: Path | None) -> None:
    """Write a picture to files, and print a message for each file.

    Raises:
        Refused: a file cannot be written.

    """
    for file, form in ((svg, ".svg"), (html, ".html")):
        if file:
            write_text([picture.forms[form]()], file)
            print_message(f"{file}: {picture.title}")


def print_or_draw(
    rows: Callable[[], Answer],
    picture: Callable[[], "Picture"],
    svg: Path | None,
    html: Path | None,
    *,
    as_json: bool,
    as_csv: bool,
    as_table: bool,
) -> None:
    """Write the picture to the named files; print the rows if no file or a row format is named.

    Raises:
        Refused: a file cannot be written.

    """
    if svg or html:
        write_picture(picture(), svg, html)
    if as_json or as_csv or as_table or not (svg or html):
        print_answer(rows(), as_json=as_json, as_csv=as_csv, as_table=as_table)


def _print_table(answer: Answer) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in answer.columns:
        table.add_column(Text(name), overflow="fold")
    for row in answer.rows:
        table.add_row(*(Text(text(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 100_000
    Console(file=sys.stdout, width=width, highlight=False, emoji=False).print(table)
