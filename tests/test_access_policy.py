"""Both servers answer the same requests alike: those that name them, show the token, and climb not.

Each truth is tried over a real connection to the server of the board and to that of forms.
"""

from http.cookies import SimpleCookie
from typing import Any

import pytest

from provstore.web.access_policy import (
    HEADERS,
    RENEWED_AFTER,
    SESSION_ENDS_AFTER,
    VALID_FOR,
    AccessPolicy,
    Sessions,
    is_plain_path,
)
from provstore.web.connection_limits import ConnectionLimits
from tests.guarded import SERVERS, ask, connect, read

TOKEN = "a-token-that-is-long"


class AnyPort(frozenset[str]):
    """The names of a server whose port is known only later."""

    def __contains__(self, host: object) -> bool:
        return str(host).startswith("127.0.0.1:")


@pytest.fixture(params=SERVERS)
def start(request: pytest.FixtureRequest) -> Any:
    return SERVERS[request.param]


def policy(**more: Any) -> AccessPolicy:
    return AccessPolicy(AnyPort(), **more)


def status(reply: str) -> int:
    return int(reply.split()[1])


def header(reply: str, name: str) -> str:
    head = reply.partition("\r\n\r\n")[0].split("\r\n")[1:]
    pairs = (line.partition(": ") for line in head)
    return next((value for key, _, value in pairs if key.lower() == name.lower()), "")


CLIMBING = [
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/x/%2e%2e%2fapp.py", "/x/..%2f..%2fapp.py",
    "/%00", "/ingest/%00x", "/x%0a", "/%c0%ae%c0%ae/x", "/%c0%af", "/%ff", "/..%5c..%5cx",
    "/%252e%252e/x", "/%25252e%25252e/x", "/./x", "/x/.", "/%e0%80%ae/x", "/%ed%a0%80",
]  # fmt: skip


def test_a_path_that_climbs_or_hides_is_no_page(start: Any) -> None:
    with start(policy(), ConnectionLimits()) as port:
        for target in CLIMBING:
            assert status(ask(port, target)) == 404, target
        assert status(ask(port, "/ingest/cordex-0001")) == 200
        assert status(ask(port, "/ingest/caf%C3%A9?iri=..%2f..%2f%00")) == 200


def test_paths_without_a_beginning_are_not_plain() -> None:
    assert not is_plain_path("http://elsewhere.example/")
    assert not is_plain_path("*")


def test_every_reply_has_the_headers_also_one_to_nonsense(start: Any) -> None:
    with start(policy(token=TOKEN), ConnectionLimits()) as port:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        replies = [
            ask(port, "/", **bearer), ask(port, "/"), ask(port, "/", "DELETE"),
            ask(port, "/", Host="evil.example"), ask(port, f"/?token={TOKEN}"),
            ask(port, "/..", **bearer),
        ]  # fmt: skip
        assert [status(reply) for reply in replies] == [200, 401, 405, 421, 303, 404]
        for reply in replies:
            shown = {name: header(reply, name) for name in HEADERS}
            assert shown in (dict(HEADERS), {**HEADERS, "Referrer-Policy": "same-origin"})
            policy_text = header(reply, "Content-Security-Policy")
            assert policy_text.startswith("default-src 'none'")
            assert "frame-ancestors 'none'" in policy_text
            assert "Traceback" not in reply
            assert not header(reply, "Server")


def test_what_is_not_http_gets_a_plain_refusal_or_nothing(start: Any) -> None:
    with start(policy(), ConnectionLimits()) as port:
        for text in ("nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost" + "x" * 200_000 + "\r\n\r\n"):
            try:
                with connect(port, text) as made:
                    reply = read(made)
            except ConnectionError:
                reply = ""
            assert not reply or status(reply) in (400, 431), reply[:200]
            assert "Traceback" not in reply


def test_a_foreign_name_is_refused_with_a_right_token_too(start: Any) -> None:
    with start(
        policy(token=TOKEN, names=frozenset({"data.example.org"})), ConnectionLimits()
    ) as port:
        for host, expected in (
            ("data.example.org", 200), ("data.example.org:8443", 200), ("evil.example", 421),
            ("data.example.org.evil.example", 421), ("", 421), ("192.0.2.7", 421),
        ):  # fmt: skip
            reply = ask(port, "/", Host=host, Authorization=f"Bearer {TOKEN}")
            assert status(reply) == expected, host
        assert status(ask(port, f"/?token={TOKEN}", Host="evil.example")) == 421


def test_a_server_on_all_addresses_is_reached_by_any_address_and_no_name() -> None:
    open_policy = AccessPolicy(frozenset(), TOKEN, any_address=True)
    bearer = {"authorization": f"Bearer {TOKEN}"}
    for host, admitted in (
        ("192.0.2.7:80", True), ("[2001:db8::1]:80", True), ("evil.example:80", False),
    ):  # fmt: skip
        verdict = open_policy.judge("GET", "/", "", {"host": host, **bearer})
        assert (verdict.reply is None) == admitted, host


def test_the_token_never_reaches_a_page(start: Any) -> None:
    """With a right token, or for a visitor who is known already, it only leaves the address."""
    with start(policy(token=TOKEN), ConnectionLimits()) as port:
        reply = ask(port, f"/x?a=1&token={TOKEN}&b=%2F")
        assert (status(reply), header(reply, "Location")) == (303, "/x?a=1&b=%2F")
        assert TOKEN not in reply
        cookie = header(reply, "Set-Cookie").partition(";")[0]
        assert status(ask(port, "/x", Cookie=cookie)) == 200
        assert status(ask(port, "/x?token=wrong", Cookie=cookie)) == 303
        assert status(ask(port, "/x?token=wrong")) == 401
        assert status(ask(port, "/x", Cookie=cookie + "0")) == 401
    with start(policy(), ConnectionLimits()) as port:
        assert status(ask(port, "/x?token=anything")) == 303


def test_a_cookie_is_kept_from_scripts_and_from_other_sites(start: Any) -> None:
    with start(policy(token=TOKEN, cookie_path="/forms/"), ConnectionLimits()) as port:
        parts = header(ask(port, f"/?token={TOKEN}"), "Set-Cookie").split("; ")
        assert {"HttpOnly", "SameSite=Lax", "Path=/forms/", f"Max-Age={VALID_FOR}"} <= set(parts)


def test_a_cookie_is_renewed_while_it_is_used_and_ends_in_time(start: Any) -> None:
    now = [1_000_000.0]
    with start(policy(token=TOKEN, sessions=Sessions(lambda: now[0])), ConnectionLimits()) as port:

        def visit(cookie: str) -> tuple[int, str]:
            reply = ask(port, "/", Cookie=cookie)
            return status(reply), header(reply, "Set-Cookie").partition(";")[0]

        first = header(ask(port, f"/?token={TOKEN}"), "Set-Cookie").partition(";")[0]
        assert visit(first) == (200, "")
        now[0] += RENEWED_AFTER + 1
        known, second = visit(first)
        assert known == 200
        assert second
        assert second != first
        now[0] += VALID_FOR - RENEWED_AFTER
        assert visit(first) == (401, "")
        cookie = second
        for _ in range(SESSION_ENDS_AFTER // VALID_FOR + 1):
            known, renewed = visit(cookie)
            cookie = renewed or cookie
            now[0] += VALID_FOR - 1
        assert visit(cookie)[0] == 401


def test_cookies_of_one_process_are_nothing_to_another() -> None:
    cookie = Sessions().issue()
    assert Sessions().begun(cookie) is None
    for text in ("", ".", "...", "a.b.c.d", "1.2.3", SimpleCookie("a=b").output()):
        assert Sessions().begun(text) is None
