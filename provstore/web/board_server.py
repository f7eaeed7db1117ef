"""Serves the board on a port until it is stopped.

In: an open store. Out: a server. It listens on the local machine only, unless it has a token.
"""

import ipaddress
import re
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from provstore.errors import Refused
from provstore.store import ProvStore
from provstore.web.access_guard import Guard
from provstore.web.app import make_site

TOKEN_VARIABLE = "PROVSTORE_BOARD_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that may contain the token."""

MIN_TOKEN_LENGTH = 16
"""The minimum number of characters of a token."""

_TOKEN_PATTERN = re.compile(rf"[A-Za-z0-9_-]{{{MIN_TOKEN_LENGTH},200}}")

MAX_CONNECTIONS = 256
"""The maximum number of connections; further ones are refused."""


def serve(
    store: ProvStore,
    announce: Callable[[str], None],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str = "",
    browser: bool = True,
) -> None:
    """Serve until interrupted; announce the address once the port is bound.

    `port` 0 picks a free port.

    Raises:
        Refused: the port is in use, or the token is too short, or it is missing although other
            machines could reach the board.

    """
    _check_token(host, token)
    with _bind_socket(host, port) as listener:
        port = int(listener.getsockname()[1])
        app = Guard(make_site(store), _hosts(host, port), token, port)
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=3,
        )
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{port}/" + (f"?token={token}" if token else "")
        announce(address)
        if browser:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def _check_token(host: str, token: str) -> None:
    if token and not _TOKEN_PATTERN.fullmatch(token):
        message = f"A token has {MIN_TOKEN_LENGTH} to 200 letters, digits, hyphens or underscores."
        raise Refused(message, "Make one: openssl rand -hex 24")
    if not token and not _is_loopback(host):
        message = f"Anyone who can reach {host} could read this store."
        raise Refused(message, f"Set a token with ${TOKEN_VARIABLE} or --token TEXT.")


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


def _hosts(host: str, port: int) -> frozenset[str]:
    """Return the host names that a browser on this machine may use for this server."""
    names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    return frozenset(f"{name}:{port}" for name in names) | (names if port == 80 else frozenset())
