"""The HTTP protocol of the board: uvicorn's, with limits for connections and for their slowness.

In: the bytes of a connection. Out: requests for the app. What a connection must keep to is in
`connection_limits`; who may come in is `access_guard`'s part.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from provstore.web import connection_limits
from provstore.web.access_policy import HEADERS, NO_CONTENT, Reply
from provstore.web.connection_limits import ConnectionLimits


class GuardedProtocol(H11Protocol):
    """A connection that must send each head in time, and read each reply in time."""

    limits: ConnectionLimits
    _deadline: asyncio.TimerHandle | None = None
    _write_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Admit a connection, or reply that there is no room."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if self.limits.enter(self, address, transport.abort):
            self._await_head()
        else:
            full = Reply(HTTPStatus.SERVICE_UNAVAILABLE, "Too many visitors now. Try again later.")
            transport.write(plain_response(full))
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self.limits.leave(self)
        for timer in (self._deadline, self._write_deadline):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless the connection is closing."""
        if not self.transport.is_closing():
            self.limits.hear(self)
            super().data_received(data)

    def handle_events(self) -> None:
        """Take what was received; a complete head stops the clock."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self.limits.begin(self)
            if self._deadline:
                self._deadline.cancel()

    def on_response_complete(self) -> None:
        """Start the clock for the next head."""
        self.limits.wait(self)
        self._await_head()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Reply to what is not HTTP, with the headers of every reply."""
        self.transport.write(plain_response(Reply(HTTPStatus.BAD_REQUEST, msg)))
        self._close()

    def pause_writing(self) -> None:
        """Start the clock for the visitor to read."""
        super().pause_writing()
        self._write_deadline = self.loop.call_later(
            connection_limits.WRITE_SECONDS, self.transport.abort
        )

    def resume_writing(self) -> None:
        """Stop that clock."""
        if self._write_deadline:
            self._write_deadline.cancel()
        super().resume_writing()

    def _await_head(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(connection_limits.HEADER_SECONDS, self._close)

    def _close(self) -> None:
        """Close when the rest of the reply is sent, and at once if nobody reads it."""
        self.transport.close()
        self.loop.call_later(connection_limits.WRITE_SECONDS, self.transport.abort)


def protocol_with(limits: ConnectionLimits) -> type[asyncio.Protocol]:
    """Return the protocol for a server with these limits."""
    attributes: dict[str, Any] = {"limits": limits}
    return cast("type[asyncio.Protocol]", type("LimitedProtocol", (GuardedProtocol,), attributes))


def plain_response(reply: Reply) -> bytes:
    """Return a whole response as bytes, for a connection that is then closed."""
    body = reply.html.encode()
    headers = {
        **HEADERS,
        **reply.headers,
        "Content-Security-Policy": NO_CONTENT,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = f"HTTP/1.1 {int(reply.status)} {reply.status.phrase}\r\n"
    return f"{status}{head}\r\n".encode("ascii") + body
