"""Shows the running time of a slow query below its cell, and removes the line at the end.

In: the name of the query. Out: a line that counts the seconds. It works only in a notebook.
"""

import contextvars
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from IPython.display import HTML, display

PATIENCE = 1.0
"""The seconds before the first message, and between messages."""


@contextmanager
def show_progress(subject: str, *, shown: bool) -> Iterator[None]:
    """Count the seconds of the block, if they are `shown`."""
    over = threading.Event()
    # The thread needs this context: it tells the kernel below which cell to write.
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
        message = (
            f"{subject} has been running for {seconds:.0f} s. Interrupt the kernel to stop it."
        )
        content = HTML(f"<small>{escape(message)}</small>")
        if line is None:
            line = display(content, display_id=True)
        else:
            line.update(content)
    if line is not None:
        line.update(HTML(""))
