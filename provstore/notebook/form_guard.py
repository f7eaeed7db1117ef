"""Applies the access policy and the limits of connections to the server of forms.

In: connections and requests. Out: for Voilà, only what `web.access_policy` admits, without the
token; for visitors, its headers on every reply. It knows no forms.
"""

from collections.abc import Awaitable
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream

from provstore.web import connection_limits
from provstore.web.access_policy import HEADERS, AccessPolicy, Reply, Verdict
from provstore.web.connection_limits import ConnectionLimits

POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy of a form.

Voilà's page has scripts and styles within it, and its widgets compile their message checks at run
time (`new Function`); everything else is closed, and nothing comes from or goes to other hosts.
"""

FORM_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": POLICY,
    # A page that is left asks for the end of its kernel, and must show its origin to be heard.
    "Referrer-Policy": "same-origin",
}
"""The headers of every reply of a server of forms."""

MAX_HEAD = 16_384
"""The maximum size of the head of a request in bytes."""

MAX_BODY = 65_536
"""The maximum size of the body of a request in bytes: answers travel in messages of widgets."""


class FormGuard(HTTPServer):
    """The server of `app`, as far as a policy and limits allow."""

    def initialize(  # type: ignore[override]
        self, app: HTTPServerConnectionDelegate, policy: AccessPolicy, limits: ConnectionLimits
    ) -> None:
        """Take an app and what guards it."""
        super().initialize(
            app,
            max_header_size=MAX_HEAD,
            max_body_size=MAX_BODY,
            idle_connection_timeout=connection_limits.HEADER_SECONDS,
            body_timeout=connection_limits.WRITE_SECONDS,
        )
        self._app, self._policy, self._limits = app, policy, limits
        self._streams: dict[object, IOStream] = {}

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Admit a connection, or end it if there is no room."""
        for ended in [key for key, open_stream in self._streams.items() if open_stream.closed()]:
            self._forget(ended)
        if not self._limits.enter(stream, str(address[0]), stream.close):
            stream.close()
            return
        self._streams[stream] = stream
        super().handle_stream(stream, address)  # reads what has arrived
        self._limits.hear(stream)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Wait for the head of the next request of a connection."""
        stream = server_conn.stream  # type: ignore[attr-defined]
        self._limits.wait(stream)
        return _GuardedRequest(self, server_conn, request_conn, stream)

    def on_close(self, server_conn: object) -> None:
        """Forget a connection; one that has become a WebSocket goes on, and counts."""
        stream = server_conn.stream  # type: ignore[attr-defined]
        if stream.closed():
            self._forget(stream)
        super().on_close(server_conn)

    def _forget(self, stream: object) -> None:
        self._streams.pop(stream, None)
        self._limits.leave(stream)

    def admit(
        self,
        server_conn: object,
        request_conn: HTTPConnection,
        start: RequestStartLine,
        headers: HTTPHeaders,
    ) -> HTTPMessageDelegate:
        """Return what takes a request whose head is complete: the app, or the policy's reply."""
        self._limits.begin(server_conn.stream)  # type: ignore[attr-defined]
        path, _, query = start.path.partition("?")
        lower = {name.lower(): value for name, value in headers.get_all()}
        verdict = self._policy.judge(start.method, path, query, lower)
        guarded = _GuardedConnection(request_conn, verdict)
        if verdict.reply:
            return _PolicyReply(guarded, verdict.reply)
        return self._app.start_request(server_conn, guarded)


class _GuardedRequest(HTTPMessageDelegate):
    """A request whose head decides who takes it."""

    def __init__(
        self, guard: FormGuard, server_conn: object, request_conn: HTTPConnection, stream: IOStream
    ) -> None:
        self._guard, self._server, self._connection = guard, server_conn, request_conn
        self._stream = stream
        self._taker: HTTPMessageDelegate = HTTPMessageDelegate()

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        if not isinstance(start_line, RequestStartLine):
            raise TypeError(start_line)  # a server receives requests only
        self._taker = self._guard.admit(self._server, self._connection, start_line, headers)
        return self._taker.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._taker.data_received(chunk)

    def finish(self) -> None:
        self._taker.finish()

    def on_connection_close(self) -> None:
        self._taker.on_connection_close()


class _PolicyReply(HTTPMessageDelegate):
    """The reply to a request that the policy does not pass on."""

    def __init__(self, connection: HTTPConnection, reply: Reply) -> None:
        self._connection, self._reply = connection, reply

    def finish(self) -> None:
        body = self._reply.html.encode()
        headers = HTTPHeaders(dict(self._reply.headers))
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Length"] = str(len(body))
        status = self._reply.status
        start = ResponseStartLine("HTTP/1.1", int(status), status.phrase)
        self._connection.write_headers(start, headers, body)
        self._connection.finish()


class _GuardedConnection(HTTPConnection):
    """A connection whose replies have the headers of the policy."""

    def __init__(self, connection: HTTPConnection, verdict: Verdict) -> None:
        self._inner, self._verdict = connection, verdict

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> Any:
        for name, value in FORM_HEADERS.items():
            headers[name] = value
        headers.pop("Server", None)
        if self._verdict.cookie:
            headers.add("Set-Cookie", self._verdict.cookie)
        return self._inner.write_headers(start_line, headers, chunk)

    def write(self, chunk: bytes) -> Any:
        return self._inner.write(chunk)

    def finish(self) -> None:
        self._inner.finish()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
