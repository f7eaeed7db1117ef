"""Applies `access_policy` to the board, and gives its headers to all replies.

In: requests. Out: the same requests, if the policy admits them. It does not know the pages.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provstore.web import access_policy
from provstore.web.access_policy import AccessPolicy

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The content security policy of a page; no script runs on it."""

SCRIPTED_POLICY = f"{POLICY}; script-src 'self'"
"""The policy of a page with a picture, which runs a script of this site."""

HEADERS = {
    **access_policy.HEADERS,
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache, private",
}


class Guard:
    """Middleware around an app that passes on what a policy admits."""

    def __init__(self, app: ASGIApp, policy: AccessPolicy) -> None:
        self.app, self.policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or reply for it."""
        if scope["type"] != "http":
            return
        headers = {name.lower(): value for name, value in Headers(scope=scope).items()}
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        verdict = self.policy.judge(scope["method"], path, query, headers)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply_headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    reply_headers.setdefault(name, value)
                if verdict.cookie:
                    reply_headers.append("Set-Cookie", verdict.cookie)
            await send(message)

        reply = verdict.reply
        app = HTMLResponse(reply.html, reply.status, dict(reply.headers)) if reply else self.app
        await app(scope, receive, send_with_headers)
