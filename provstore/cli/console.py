"""Prints answers and replies to standard output, and messages to standard error.

In: values. Out: on a terminal, text and tables that fit it, in which hidden characters are visible;
in a pipe, tab-separated lines. It knows no command.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provstore.cli.progress_display import show_progress
from provstore.errors import BadParameter, ProvstoreError, Refused
from provstore.results.answer import Answer
from provstore.results.delimited_text import tab_separated_lines
from provstore.results.receipts import Reply
from provstore.results.terminal_text import visible, visible_json
from provstore.storage.atomic_files import PUBLIC, atomic_file

if TYPE_CHECKING:
    from provstore.pictures.picture import Picture


FALLBACK_WIDTH = 80


@dataclass(frozen=True)
class RowFormat:
    """How rows are printed: by default as a table on a terminal, else as tab-separated lines.

    `wide` prints whole values in a table; `raw` prints CSV and tab-separated lines unguarded.
    """

    json: bool = False
    csv: bool = False
    table: bool = False
    wide: bool = False
    raw: bool = False

    def check(self) -> "RowFormat":
        """Return this format.

        Raises:
            BadParameter: several formats were chosen, or `raw` without a format that has it.

        """
        if self.json + self.csv + (self.table or self.wide) > 1:
            chosen = "--json, --csv and --table (or --wide)"
            raise BadParameter(f"{chosen} cannot be combined.", "Choose one of them.")
        if self.raw and (self.json or self.table or self.wide):
            raise BadParameter("--raw needs --csv or a pipe.", "Add --csv, or omit --raw.")
        return self

    @property
    def is_table(self) -> bool:
        """Whether rows are printed as a table that may use short names."""
        on_terminal = sys.stdout.isatty() and not (self.json or self.csv or self.raw)
        return (self.table or on_terminal) and not self.wide

    @property
    def is_chosen(self) -> bool:
        """Whether a format was named."""
        return self.json or self.csv or self.table or self.wide or self.raw


def print_message(message: str) -> None:
    """Print a message for people to standard error."""
    print(visible(message), file=sys.stderr)


def print_data(data: object, plain_text: str, as_json: bool) -> None:
    """Print data as JSON or as plain text."""
    if as_json:
        print(visible_json(json.dumps(data, ensure_ascii=False, indent=2)))
    else:
        print(visible(plain_text))


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
            with show_progress(file.name):
                replies.append(process(file))
        except ProvstoreError as error:
            print_message(f"provstore: {error}")
            refused = True
    if replies or as_json:
        print_data([reply.record() for reply in replies], "\n".join(map(str, replies)), as_json)
    return not refused


def print_answer(
    answer: Answer, rows: RowFormat, *, omitted: Collection[str] = (), noted: bool = True
) -> None:
    """Print the rows as JSON, CSV, a table or tab-separated lines.

    A table that must fit a terminal leaves the `omitted` columns out; unless `noted` is false, a
    message says when it has shortened names.

    Raises:
        BadParameter: more than one format was chosen.

    """
    on_terminal = sys.stdout.isatty()
    rows.check()
    if rows.json:
        print_data(answer.records(), "", rows.json)
    elif rows.csv:
        text = answer.csv(raw=rows.raw)
        print(visible(text) if on_terminal else text, end="")
    elif rows.is_table or rows.wide:
        if _print_table(answer, rows.wide, omitted) and noted:
            print_message("note: Names or times are shortened. See them whole: --wide or --json.")
    else:
        for line in tab_separated_lines(answer.columns, answer.rows, raw=rows.raw):
            print(visible(line) if on_terminal else line)
    for remark in answer.remarks():
        print_message(f"note: {remark}")


def write_text(texts: Iterable[str], output: Path | None) -> None:
    """Write text to standard output, or to a file that appears only once it is complete.

    Raises:
        Refused: the file cannot be written.

    """
    if output is None:
        if sys.stdout.isatty():
            sys.stdout.writelines(map(visible, texts))
        else:
            with show_progress("writing"):
                sys.stdout.writelines(texts)
        return
    try:
        with show_progress(f"writing {output}"), atomic_file(output, PUBLIC) as file:
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
    answer: Callable[[], Answer],
    picture: Callable[[], "Picture"],
    svg: Path | None,
    html: Path | None,
    rows: RowFormat,
    *,
    omitted: Collection[str] = (),
) -> None:
    """Write the picture to the named files; print the rows if no file or a row format is named.

    Raises:
        Refused: a file cannot be written.

    """
    if svg or html:
        write_picture(picture(), svg, html)
    if rows.is_chosen or not (svg or html):
        print_answer(answer(), rows, omitted=omitted)


def _print_table(answer: Answer, wide: bool, omitted: Collection[str]) -> bool:
    """Print a table; return whether names or times in it were shortened."""
    from provstore.results.text_table import text_table  # takes longer to load than other formats

    width = None if wide else terminal_width()
    kept = [at for at, name in enumerate(answer.columns) if wide or name not in omitted]
    lines, is_shortened = text_table(
        [answer.columns[at] for at in kept],
        [[row[at] for at in kept] for row in answer.rows],
        width=width,
        short=None if wide else answer.short,
    )
    print(*lines, sep="\n")
    return is_shortened


def terminal_width() -> int | None:
    """Return the columns of the terminal, or None if there is no terminal and no `COLUMNS`."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None
