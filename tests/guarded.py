"""Both guarded servers around the smallest app, and raw connections to them.

In: a policy and limits. Out: a port. It knows no pages and no forms.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import tornado.httpserver
import tornado.netutil
import tornado.web
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from provstore.notebook.form_guard import FormGuard
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy
from provstore.web.connection_limits import ACCEPTED_AT_ONCE, ConnectionLimits
from provstore.web.guarded_protocol import protocol_with

PATIENCE = 30
LARGE = 30_000_000
"""More bytes than the buffers of a connection take."""


async def _reply(request: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * LARGE if request.url.path == "/large" else f"{request.url}")


class _Handler(tornado.web.RequestHandler):
    def get(self) -> None:
        """Reply with the address."""
        self.write(f"{self.request.uri}")


@contextmanager
def board(policy: AccessPolicy, limits: ConnectionLimits) -> Iterator[int]:
    """The server of the board."""
    app = Starlette(routes=[Route("/{rest:path}", _reply)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            Guard(app, policy), http=protocol_with(limits), ws="none", lifespan="off",
            log_level="critical", access_log=False, server_header=False,
            timeout_graceful_shutdown=1, backlog=ACCEPTED_AT_ONCE,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def forms(policy: AccessPolicy, limits: ConnectionLimits) -> Iterator[int]:
    """The server of forms."""
    (listener,) = tornado.netutil.bind_sockets(0, "127.0.0.1")
    ended, loop = asyncio.Event(), asyncio.new_event_loop()

    async def run() -> None:
        server = FormGuard(tornado.web.Application([("/.*", _Handler)]), policy, limits)
        server.add_socket(listener)
        await ended.wait()
        server.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE)


SERVERS: dict[str, Callable[[AccessPolicy, ConnectionLimits], object]] = {
    "board": board,
    "forms": forms,
}


def connect(port: int, text: str = "", source: str = "127.0.0.1") -> socket.socket:
    """A connection that has sent some text."""
    made = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))
    made.sendall(text.encode("latin-1"))
    return made


def ask(port: int, target: str, method: str = "GET", **headers: str) -> str:
    """The whole reply to a request, target and headers as they are written here."""
    lines = {"Host": f"127.0.0.1:{port}", "Connection": "close", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with connect(port, f"{method} {target} HTTP/1.1\r\n{head}\r\n") as made:
        return read(made)


def read(made: socket.socket) -> str:
    """What comes until the other side closes."""
    parts = []
    with suppress(ConnectionError):
        while part := made.recv(65536):
            parts.append(part)
    return b"".join(parts).decode("latin-1")
