"""Printing: answers and replies to standard output, messages to standard error.

In: values. Out: text, CSV, JSON or a table in which nothing is cut off and no cell is markup.
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
from provstore.storage.atomic_files import SHARED, atomic_file

if TYPE_CHECKING:
    from provstore.pictures.picture import Picture


def print_message(message: str) -> None:
    """A message for people, on standard error."""
    print(message, file=sys.stderr)


def print_data(data: object, plain_text: str, as_json: bool) -> None:
    """Data as JSON, or as words."""
    print(json.dumps(data, ensure_ascii=False, indent=2) if as_json else plain_text)


def print_receipt(reply: Reply, as_json: bool) -> None:
    """One reply."""
    print_data(reply.record(), str(reply), as_json)


def process_files(files: Iterable[Path], process: Callable[[Path], Reply], as_json: bool) -> bool:
    """Take each file and print the replies; a refused one stops no other. Whether all went well."""
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
    """Rows in one of three shapes; a table unless another is wanted.

    Raises:
        BadParameter: several shapes are wanted at once.

    """
    if as_json + as_csv + as_table > 1:
        raise BadParameter("--json, --csv and --table exclude each other.", "Choose one.")
    if as_json:
        print_data(answer.records(), "", as_json)
    elif as_csv:
        print(answer.csv(), end="")
    else:
        _print_table(answer)
    for remark in answer.remarks():
        print_message(f"note: {remark}")


def write_text(texts: Iterable[str], output: Path | None) -> None:
    """Text to standard output, or to a file that appears when it is whole.

    Raises:
        Refused: the file cannot be written.

    """
    if output is None:
        sys.stdout.writelines(texts)
        return
    try:
        with atomic_file(output, SHARED) as file:
            file.writelines(text.encode() for text in texts)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error}.") from error


def write_picture(picture: "Picture", svg: Path | None, html: Path | None) -> None:
    """A picture into files, and a word on where it is.

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
    """A picture into the files that are named; rows where none is, or where they are wanted too.

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
