"""Shows on standard error, on a terminal only, that something takes longer than a second.

In: what is being done. Out: a line with the time so far, which goes away. It knows no command.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

DELAY_SECONDS = 1.0


@contextmanager
def show_progress(subject: str) -> Iterator[None]:
    """Show the subject and the seconds while the block runs, from its second second on."""
    if not sys.stderr.isatty():
        yield
        return
    ended = Event()
    watch = Thread(target=_watch, args=(subject, ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()


def _watch(subject: str, ended: Event) -> None:
    if ended.wait(DELAY_SECONDS):
        return
    from tqdm import tqdm  # imported here: the import takes longer than most commands

    from provstore.results.terminal_text import visible_line

    form = "{desc}: {elapsed}"
    with tqdm(desc=visible_line(subject), bar_format=form, leave=False, file=sys.stderr) as bar:
        bar.start_t -= DELAY_SECONDS
        while not ended.wait(DELAY_SECONDS):
            bar.refresh()
