"""Connections that are slow, half open or many harm nobody but whoever opened them."""

import time
from contextlib import ExitStack
from typing import Any

import pytest

from provstore.web import connection_limits
from provstore.web.access_policy import AccessPolicy
from provstore.web.connection_limits import MAX_CONNECTIONS, ConnectionLimits
from tests.guarded import LARGE, PATIENCE, SERVERS, ask, board, connect, read
from tests.test_access_policy import AnyPort, status

HALF = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


@pytest.fixture(params=SERVERS)
def start(request: pytest.FixtureRequest) -> Any:
    return lambda limits: SERVERS[request.param](AccessPolicy(AnyPort()), limits)


def test_the_longest_wait_makes_room_and_a_request_at_work_never() -> None:
    ended: list[str] = []
    limits = ConnectionLimits(most=3, most_per_address=2)

    def enter(name: str, *, heard: bool = True) -> bool:
        admitted = limits.enter(name, name[0], lambda: ended.append(name))
        if heard:
            limits.hear(name)
        return admitted

    assert all([enter("a1"), enter("a2"), enter("b1")])
    limits.begin("a1")
    assert enter("a3")  # its own address is full
    assert ended == ["a2"]
    assert enter("c1")  # all is full
    assert ended == ["a2", "b1"]
    for name in ("a3", "c1"):
        limits.begin(name)
    assert not enter("d1")
    assert not enter("a4")
    limits.wait("c1")
    assert enter("d1")
    assert ended[2:] == ["c1"]
    for name in ("a1", "a3", "d1", "d1", "unknown"):
        limits.leave(name)
    assert len(limits) == 0
    assert not limits._count


def test_a_connection_that_was_not_heard_yet_is_spared_up_to_twice_the_limit() -> None:
    ended: list[int] = []
    limits = ConnectionLimits(most=4, most_per_address=4)
    for number in range(8):
        assert limits.enter(number, "a", lambda: ended.append(number))  # noqa: B023
    assert not ended
    assert limits.enter(8, "a", lambda: None)
    assert len(ended) == 1
    assert len(limits) == 8


def test_half_open_requests_beyond_every_limit_keep_nobody_out(start: Any) -> None:
    """More than 256 of them made the board answer 503 to everybody."""
    limits = ConnectionLimits()
    with start(limits) as port, ExitStack() as opened:
        for number in range(2 * MAX_CONNECTIONS):
            source = f"127.0.{number % 7}.{1 + number % 5}"
            opened.enter_context(connect(port, HALF, source))
            if number % 32 == 0:
                assert status(ask(port, "/")) == 200, number
        assert status(ask(port, "/")) == 200
        assert len(limits) <= 2 * MAX_CONNECTIONS


def test_an_address_displaces_its_own_connections_first(start: Any) -> None:
    with start(ConnectionLimits(most_per_address=4)) as port, ExitStack() as opened:
        other = opened.enter_context(connect(port, HALF, "127.0.0.2"))
        first = opened.enter_context(connect(port, HALF))
        first.settimeout(0.05)
        for _ in range(200):
            opened.enter_context(connect(port, HALF))
            try:
                assert first.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                pass
            break
        else:
            pytest.fail("it was never displaced")
        other.sendall(f"x\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert other.recv(100).startswith(b"HTTP/1.1 4")  # two hosts: refused, but answered


def test_a_head_that_is_not_complete_in_time_is_dropped_however_it_trickles(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "HEADER_SECONDS", 0.5)
    limits = ConnectionLimits()
    with start(limits) as port:
        with connect(port, HALF) as made:
            made.settimeout(0.05)
            for _ in range(1000):
                try:
                    made.sendall(b"x")
                    assert made.recv(100) == b""
                    break
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
            else:
                pytest.fail("it was never dropped")
        with connect(port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n") as kept:
            kept.settimeout(PATIENCE)
            assert read(kept).startswith("HTTP/1.1 200")  # and ends, for want of a second request
        assert status(ask(port, "/")) == 200


def test_a_reply_that_nobody_reads_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "WRITE_SECONDS", 0.5)
    limits = ConnectionLimits()
    with board(AccessPolicy(AnyPort()), limits) as port:
        request = f"GET /large HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        with connect(port, request) as made:
            made.recv(10)
            while len(limits):
                time.sleep(0.05)
            assert len(read(made)) < LARGE


def test_where_all_are_at_work_a_new_visitor_is_told_to_wait() -> None:
    limits = ConnectionLimits(most=0)
    with board(AccessPolicy(AnyPort()), limits) as port:
        reply = ask(port, "/")
        assert status(reply) == 503
        assert "Too many visitors" in reply
