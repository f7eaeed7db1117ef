"""How many connections a server keeps, and which of them makes room for a new one.

In: connections as they come, ask, wait and go. Out: whether a new one is admitted. It knows no
server and no sockets, and runs in one thread.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

MAX_CONNECTIONS = 256
"""The maximum number of connections in all."""

MAX_PER_ADDRESS = 64
"""The maximum number of connections from one address; a proxy is one address."""

ACCEPTED_AT_ONCE = 128
"""The maximum number of connections that are accepted before those there are heard."""

HEADER_SECONDS = 10
"""The seconds in which a connection must send the whole head of its next request."""

WRITE_SECONDS = 30
"""The seconds in which a visitor must read what fills the buffer of a reply."""


@dataclass
class ConnectionLimits:
    """The connections of a server.

    A connection *waits* until the head of its next request is complete. If there are too many, the
    one that has waited longest is ended: whoever opens connections and sends half a head displaces
    their own, and visitors who ask are answered. A connection that the server has not heard yet is
    spared, since its request may have arrived already; of these there may be as many again.
    """

    most: int = MAX_CONNECTIONS
    most_per_address: int = MAX_PER_ADDRESS
    _ends: dict[Hashable, Callable[[], None]] = field(default_factory=dict)
    _addresses: dict[Hashable, str] = field(default_factory=dict)
    _waiting: dict[Hashable, None] = field(default_factory=dict)  # the longest wait first
    _unheard: dict[Hashable, None] = field(default_factory=dict)  # likewise
    _count: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self._ends)

    def enter(self, connection: Hashable, address: str, end: Callable[[], None]) -> bool:
        """Admit a connection that is not heard yet; return False if no room can be made.

        `end` ends the connection at once, when it must make room.
        """
        displaced = None
        if self._count[address] >= self.most_per_address:
            own = (key for key in self._waiting if self._addresses[key] == address)
            displaced = next(own, None)
        if displaced is None and len(self) >= self.most:
            displaced = next(iter(self._waiting), None)
        if displaced is None and len(self) >= 2 * self.most:
            displaced = next(iter(self._unheard), None)
        if displaced is not None:
            end_displaced = self._ends[displaced]
            self.leave(displaced)
            end_displaced()
        elif self._is_full(address):
            return False
        self._ends[connection], self._addresses[connection] = end, address
        self._count[address] += 1
        self._unheard[connection] = None
        return True

    def _is_full(self, address: str) -> bool:
        """Return whether requests at work take all room, so that nothing can be displaced."""
        if len(self) >= self.most and not self._unheard:
            return True
        own = any(self._addresses[key] == address for key in self._unheard)
        return self._count[address] >= self.most_per_address and not own

    def hear(self, connection: Hashable) -> None:
        """Note that the server has read what had arrived of a connection."""
        if connection in self._unheard:
            del self._unheard[connection]
            self._waiting[connection] = None

    def begin(self, connection: Hashable) -> None:
        """Note that the head of a request is complete: the connection is safe until its reply."""
        self._waiting.pop(connection, None)
        self._unheard.pop(connection, None)

    def wait(self, connection: Hashable) -> None:
        """Note that a reply is complete, and that the connection waits for its next request."""
        if connection in self._ends and connection not in self._unheard:
            self._waiting.pop(connection, None)
            self._waiting[connection] = None

    def leave(self, connection: Hashable) -> None:
        """Forget a connection that has ended; one that is not known is no error."""
        if connection not in self._ends:
            return
        del self._ends[connection]
        self._waiting.pop(connection, None)
        self._unheard.pop(connection, None)
        address = self._addresses.pop(connection)
        self._count[address] -= 1
        if not self._count[address]:
            del self._count[address]
