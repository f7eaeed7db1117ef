"""The one policy for everything that is served: whom a server answers, and with which headers.

In: a request's method, address and headers. Out: a verdict: pass it on, or reply at once. It knows
no server, no pages and no forms; `access_guard` applies it to the board, `notebook.form_guard` to
served forms.
"""

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
)
"""The headers of every reply, beside its content security policy."""

NO_CONTENT = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""The content security policy of a page that loads nothing."""

READING = frozenset({"GET", "HEAD"})
TOKEN_PARAMETER = "token"  # noqa: S105 - the name of a parameter

RENEWED_AFTER = 3600
"""The age in seconds at which a cookie is replaced by a new one."""

VALID_FOR = 24 * 3600
"""The seconds for which a cookie is valid."""

SESSION_ENDS_AFTER = 7 * 24 * 3600
"""The seconds after which a visitor must show the token again, however busy they were."""

_DECODINGS = 3  # a path that is still encoded after so many times is not one of ours


class Sessions:
    """Cookies that this process can recognise: times and a random number, signed with its key.

    Nothing is kept for a visitor, so that visitors cannot exhaust memory.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._key, self._clock = secrets.token_bytes(32), clock

    def issue(self, begun: int | None = None) -> str:
        """Return a new cookie of a session that began now or at a time."""
        now = int(self._clock())
        text = f"{now if begun is None else begun}.{now}.{secrets.token_hex(8)}"
        return f"{text}.{self._signature(text)}"

    def begun(self, cookie: str) -> int | None:
        """Return when the session of a cookie began; None if the cookie is not valid now."""
        text, _, signature = cookie.rpartition(".")
        if not equal_secrets(signature, self._signature(text)):
            return None
        begun, issued, _ = text.split(".")
        now = self._clock()
        ended = now - int(issued) > VALID_FOR or now - int(begun) > SESSION_ENDS_AFTER
        return None if ended else int(begun)

    def renewed(self, cookie: str) -> str:
        """Return the cookie that replaces a valid one, or "" while that one is young."""
        begun, issued, _, _ = cookie.split(".")
        old = self._clock() - int(issued) > RENEWED_AFTER
        return self.issue(int(begun)) if old else ""

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode(errors="replace"), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Reply:
    """A reply that no page makes."""

    status: HTTPStatus
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def html(self) -> str:
        """The reply as a page that loads nothing."""
        title = f"{int(self.status)} {self.status.phrase}"
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f"</head><body><main><h1>{title}</h1><p>{escape(self.message)}</p></main></body>"
            "</html>\n"
        )


@dataclass(frozen=True)
class Verdict:
    """What to do with a request: send `reply`, or pass it on if there is none.

    `cookie` is the `Set-Cookie` header that the reply must have, or "".
    """

    reply: Reply | None = None
    cookie: str = ""


@dataclass(frozen=True)
class AccessPolicy:
    """Which requests a server answers: those to one of `hosts` that show the token, if one is set.

    `hosts` are names with a port, as browsers send them; `names` are those without one, such as
    that of a proxy; `any_address` admits every numeric address, for a server that listens on all.
    A foreign name means DNS rebinding: a page elsewhere makes its own name point to this machine.
    """

    hosts: frozenset[str]
    token: str = ""
    cookie_name: str = "provstore"
    cookie_path: str = "/"
    methods: frozenset[str] = READING
    names: frozenset[str] = frozenset()
    any_address: bool = False
    sessions: Sessions = field(default_factory=Sessions)

    def judge(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> Verdict:
        """Judge a request by its method, its undecoded path and query, and its headers.

        `headers` have names in lower case.
        """
        if not self._serves(headers.get("host", "")):
            message = "This server does not serve that host name."
            return _refusal(HTTPStatus.MISDIRECTED_REQUEST, message)
        if method not in self.methods:
            allow = {"Allow": ", ".join(sorted(self.methods))}
            message = "This server does not accept that method."
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, message, allow)
        parameters = parse_qsl(query, keep_blank_values=True, errors="replace")
        shown = [value for name, value in parameters if name == TOKEN_PARAMETER]
        cookie = _cookie(headers.get("cookie", ""), self.cookie_name)
        begun = self.sessions.begun(cookie) if cookie else None
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        right = any(equal_secrets(value, self.token) for value in shown)
        if self.token and not right and begun is None and not equal_secrets(bearer, self.token):
            message = "This server requires a token: open the address that was printed at its start"
            advice = ", or add ?token= and the token to this one."
            known = {"WWW-Authenticate": "Bearer"}
            return _refusal(HTTPStatus.UNAUTHORIZED, message + advice, known)
        if shown:  # the token leaves the address before any page, log or history has it
            rest = urlencode([pair for pair in parameters if pair[0] != TOKEN_PARAMETER])
            place = "/" + path.lstrip("/\\")
            location = {"Location": f"{place}?{rest}" if rest else place}
            issued = self._set_cookie(self.sessions.issue()) if self.token else ""
            return Verdict(Reply(HTTPStatus.SEE_OTHER, "See the page.", location), issued)
        if not is_plain_path(path):
            return _refusal(HTTPStatus.NOT_FOUND, "There is no such page.")
        renewed = self.sessions.renewed(cookie) if begun is not None else ""
        return Verdict(cookie=self._set_cookie(renewed) if renewed else "")

    def _serves(self, host: str) -> bool:
        host = host.lower()
        if host in self.hosts:
            return True
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        if name in self.names:
            return True
        if self.any_address:
            with suppress(ValueError):
                return bool(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
        return False

    def _set_cookie(self, value: str) -> str:
        # Lax, not Strict: addresses are shared, and a link in a mail must find its visitor signed
        # in. It is enough: what a link from elsewhere can do is to read a page for its visitor.
        return (
            f"{self.cookie_name}={value}; HttpOnly; SameSite=Lax; Max-Age={VALID_FOR}; "
            f"Path={self.cookie_path}"
        )


def local_hosts(host: str, port: int) -> frozenset[str]:
    """Return the host names that a browser on this machine may use for a server."""
    names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    return frozenset(f"{name}:{port}" for name in names) | (names if port == 80 else frozenset())


def public_names(names: Iterable[str]) -> frozenset[str]:
    """Return names of a server as `AccessPolicy` compares them."""
    return frozenset(name.lower() for name in names)


def is_plain_path(path: str) -> bool:
    """Return whether a path is absolute, valid UTF-8, and free of anything that climbs or hides.

    >>> is_plain_path("/ingest/cordex-0001"), is_plain_path("/ingest/%2e%2e/x")
    (True, False)
    """
    for _ in range(_DECODINGS):
        try:
            decoded = unquote_to_bytes(path).decode("utf-8")
        except UnicodeDecodeError:  # overlong forms of a dot or a slash, too
            return False
        segments = decoded.split("/")
        if segments[0] or "\\" in decoded or not decoded.isprintable():
            return False
        if {".", ".."} & set(segments):
            return False
        if decoded == path:
            return True
        path = decoded
    return False


def equal_secrets(secret: str, other: str) -> bool:
    """Compare two secrets in a time that does not depend on them."""
    return secrets.compare_digest(secret.encode(errors="replace"), other.encode(errors="replace"))


def _refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Verdict:
    return Verdict(Reply(status, message, headers or {}))


def _cookie(header: str, name: str) -> str:
    with suppress(CookieError):
        cookies = SimpleCookie(header)
        return cookies[name].value if name in cookies else ""
    return ""
