"""Serves the board on a port until it is stopped.

In: an open store. Out: a server. Other machines reach it only with a
token.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn

from provstore.errors import Refused
from provstore.store import ProvStore
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy, local_hosts, public_names
from provstore.web.access_token import check_token, first_visit, opened_in_browser
from provstore.web.app import make_site
from provstore.web.connection_limits import ACCEPTED_AT_ONCE, ConnectionLimits
from provstore.web.guarded_protocol import protocol_with

TOKEN_VARIABLE = "PROVSTORE_BOARD_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that may contain the token."""

MAX_HEAD = 16_384
"""The maximum size of the head of a request in bytes."""


def serve(
    store: ProvStore,
    announce: Callable[[str], None],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str = "",
    names: Sequence[str] = (),
    browser: bool = True,
) -> None:
    """Serve until interrupted; announce the address once the port is bound.

    `port` 0 picks a free port; `names` are the names of a proxy or of this machine. The announced
    address does not contain the token.

    Raises:
        Refused: the port is in use, or the token is too short, or it is missing although other
            machines could reach the board.

    """
    if token:
        check_token(token)
    elif not _is_loopback(host):
        message = f"Anyone who can reach {host} could read this store."
        raise Refused(message, f"Set a token with --token-file FILE or ${TOKEN_VARIABLE}.")
    with _bind_socket(host, port) as listener:
        port = int(listener.getsockname()[1])
        policy = AccessPolicy(
            local_hosts(host, port),
            token,
            f"provstore-board-{port}",
            names=public_names(names),
            any_address=host in ("0.0.0.0", "::"),  # noqa: S104 - compared, not bound
        )
        config = uvicorn.Config(
            Guard(make_site(store), policy),
            http=protocol_with(ConnectionLimits()),
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=ACCEPTED_AT_ONCE,
            h11_max_incomplete_event_size=MAX_HEAD,
            timeout_graceful_shutdown=3,
        )
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{port}/"
        announce(address)
        opened = opened_in_browser(first_visit(address, token), wanted=browser)
        with opened as open_browser, suppress(KeyboardInterrupt):
            open_browser()  # its requests wait in the queue of the socket until the server is ready
            uvicorn.Server(config).run(sockets=[listener])


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _bind_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; requests wait in its queue until the server is ready."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        message = f"Port {port} of {host} cannot be used: {error}."
        raise Refused(message, "Choose another port or host.") from error
