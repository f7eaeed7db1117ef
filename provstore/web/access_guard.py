"""Access control and security headers for all pages.

In: requests. Out: the same requests, if they only read, name this server, and carry the token where
one is required. A redirect removes the token from the address. It does not know the pages.
"""

import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The content security policy of a page; no script runs on it."""

SCRIPTED_POLICY = f"{POLICY}; script-src 'self'"
"""The policy of a page with a picture, which runs a script of this site."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache, private",
}
_UNAUTHORIZED = "This board requires a token. Use the address that `provstore board` printed.\n"


class Guard:
    """Middleware around an app; without a `token`, it admits only requests to one of `hosts`.

    With a token, any host name is accepted: it may be the name of a proxy. A DNS rebinding attack
    fails, because the attacking page has no cookie for this server.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], token: str = "", port: int = 0) -> None:
        self.app, self.hosts, self.token = app, hosts, token
        self.cookie = f"provstore-board-{port}"
        self.token_hash = hashlib.sha256(f"provstore board {token}".encode()).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await (self._refuse(scope) or self.app)(scope, receive, send_with_headers)

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD"):
            allow = {"Allow": "GET, HEAD"}
            return PlainTextResponse("This site is read-only. Use GET or HEAD.\n", 405, allow)
        if not self.token:
            known = headers.get("host", "").lower() in self.hosts
            return (
                None
                if known
                else PlainTextResponse("This server does not serve that host name.\n", 421)
            )
        return self._check_token(scope, headers)

    def _check_token(self, scope: Scope, headers: Headers) -> Response | None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        shown_token = dict(query).get("token")
        if shown_token is not None and _equal_secrets(shown_token, self.token):
            other_parameters = urlencode([pair for pair in query if pair[0] != "token"])
            path = "/" + scope.get("raw_path", b"/").decode("latin-1").lstrip("/\\")
            reply = RedirectResponse(
                f"{path}?{other_parameters}" if other_parameters else path, 303
            )
            reply.set_cookie(self.cookie, self.token_hash, httponly=True, samesite="lax")
            return reply
        cookie = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if _equal_secrets(cookie, self.token_hash) or _equal_secrets(bearer, self.token):
            return None
        return PlainTextResponse(_UNAUTHORIZED, 401, {"WWW-Authenticate": "Bearer"})


def _equal_secrets(secret: str, other: str) -> bool:
    return secrets.compare_digest(secret.encode(errors="replace"), other.encode(errors="replace"))
