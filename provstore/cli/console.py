"""Printing: answers and replies to standard output, messages to standard error.

In: values. Out: text, CSV, JSON or a table in which nothing is cut off and no cell is markup.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from provstore.errors import BadParameter, ProvstoreError, Refused
from provstore.results.answer import Answer
from provstore.results.receipts import Reply
from provstore.results.values import text

if TYPE_CHECKING:
    from provstore.pictures.picture import Picture


def say(message: str) -> None:
    """A message for people, on standard error."""
    print(message, file=sys.stderr)


def show(data: object, words: str, as_json: bool) -> None:
    """Data as JSON, or as words."""
    print(json.dumps(data, ensure_ascii=False, indent=2) if as_json else words)


def show_reply(reply: Reply, as_json: bool) -> None:
    """One reply."""
    show(reply.record(), str(reply), as_json)


def show_each(files: Iterable[Path], take: Callable[[Path], Reply], as_json: bool) -> bool:
    """Take each file and print the replies; a refused one stops no other. Whether all went well."""
    replies: list[Reply] = []
    refused = False
    for file in files:
        try:
            replies.append(take(file))
        except ProvstoreError as error:
            say(f"provstore: {error}")
            refused = True
    if replies or as_json:
        show([one.record() for one in replies], "\n".join(map(str, replies)), as_json)
    return not refused


def show_answer(
    answer: Answer, *, as_json: bool = False, as_csv: bool = False, as_table: bool = False
) -> None:
    """Rows in one of three shapes; a table unless another is wanted.

    Raises:
        BadParameter: several shapes are wanted at once.

    """
    if as_json + as_csv + as_table > 1:
        raise BadParameter("--json, --csv and --table exclude each other.", "Choose one.")
    if as_json:
        show(answer.records(), "", as_json)
    elif as_csv:
        print(answer.csv(), end="")
    else:
        _show_table(answer)
    for remark in answer.remarks():
        say(f"note: {remark}")


def write(pieces: Iterable[str], output: Path | None) -> None:
    """Text to standard output, or to a file that appears when it is whole.

    Raises:
        Refused: the file cannot be written.

    """
    if output is None:
        sys.stdout.writelines(pieces)
        return
    half = output.with_name(output.name + ".half")
    try:
        with half.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        half.replace(output)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error}.") from error
    finally:
        half.unlink(missing_ok=True)


def show_picture(picture: "Picture", svg: Path | None, html: Path | None) -> None:
    """A picture into files, and a word on where it is.

    Raises:
        Refused: a file cannot be written.

    """
    for file, form in ((svg, ".svg"), (html, ".html")):
        if file:
            write([picture.forms[form]()], file)
            say(f"{file}: {picture.title}")


def show_or_draw(
    rows: Callable[[], Answer], picture: Callable[[], "Picture"], svg: Path | None,
    html: Path | None, *, as_json: bool, as_csv: bool, as_table: bool,
) -> None:  # fmt: skip
    """A picture into the files that are named; rows where none is, or where they are wanted too.

    Raises:
        Refused: a file cannot be written.

    """
    if svg or html:
        show_picture(picture(), svg, html)
    if as_json or as_csv or as_table or not (svg or html):
        show_answer(rows(), as_json=as_json, as_csv=as_csv, as_table=as_table)


def _show_table(answer: Answer) -> None:
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
