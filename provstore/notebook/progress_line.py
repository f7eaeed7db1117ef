"""Says that something runs, once it takes longer than a moment; nothing is left of it afterwards.

In: words for what runs. Out: a line below the cell, which counts the seconds. Only in a notebook:
a terminal has its cursor.
"""

import contextvars
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from IPython.display import HTML, display

PATIENCE = 1.0
"""Seconds before, and between, two words on it."""


@contextmanager
def show_progress(subject: str, *, shown: bool) -> Iterator[None]:
    """Count the seconds of the block, if they are `shown`."""
    over = threading.Event()
    # The thread takes our context along: by it the kernel knows below which cell to write.
    context = contextvars.copy_context()
    counter = threading.Thread(
        target=context.run, args=(_count_seconds, subject, over), daemon=True
    )
    if shown:
        counter.start()
    try:
        yield
    finally:
        over.set()
        if shown:
            counter.join()


def _count_seconds(subject: str, over: threading.Event) -> None:
    started, line = time.monotonic(), None
    while not over.wait(PATIENCE):
        seconds = time.monotonic() - started
        message = f"{subject} runs for {seconds:.0f} s now. To stop it, interrupt the kernel."
        content = HTML(f"<small>{escape(message)}</small>")
        if line is None:
            line = display(content, display_id=True)
        else:
            line.update(content)
    if line is not None:
        line.update(HTML(""))
