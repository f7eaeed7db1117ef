"""Does something a moment after it was asked for, in a thread, once for all who asked meanwhile.

In: an act. Out: nothing; who asks never waits. It knows nothing about the act.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

DELAY = 1.0
"""Seconds from the first request until the act is done."""


@dataclass
class DelayedWriting:
    """An act that is done soon; with an infinite `delay`, only when it is flushed.

    >>> done = []
    >>> writing = DelayedWriting(lambda: done.append("written"))
    >>> for _ in range(3):
    ...     writing.request()
    >>> writing.close()
    >>> done
    ['written']
    """

    act: Callable[[], object]
    delay: float = DELAY
    _state: threading.Lock = field(default_factory=threading.Lock, init=False)
    _acting: threading.Lock = field(default_factory=threading.Lock, init=False)
    _now: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _is_due: bool = field(default=False, init=False)

    def request(self, *, at_once: bool = False) -> None:
        """Ask for the act; `at_once` without the delay."""
        with self._state:
            self._is_due = True
            if self.delay == math.inf:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            if at_once:
                self._now.set()

    def flush(self) -> None:
        """Do now what is due; wait for what is being done."""
        with self._acting:
            with self._state:
                is_due, self._is_due = self._is_due, False
            if is_due:
                self.act()

    def close(self) -> None:
        """Do what is due, and end the thread."""
        self.flush()
        with self._state:
            thread = self._thread
            self._now.set()
        if thread:
            thread.join()

    def _run(self) -> None:
        self._now.wait(self.delay)
        with self._state:
            self._thread = None
            self._now.clear()
        self.flush()
