"""A server on loopback that keeps what reaches it, to show that nothing does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a port, for connections and for datagrams; gives the port and what was heard."""
    heard: list[bytes] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        port = server.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        server.settimeout(0.1)
        datagrams.settimeout(0.1)
        is_over = threading.Event()

        def accept() -> bytes:
            connection, _ = server.accept()
            with connection:
                return connection.recv(9)

        def listen() -> None:
            while not is_over.is_set():
                for receive in (accept, lambda: datagrams.recv(9)):
                    with suppress(TimeoutError):
                        heard.append(receive())

        thread = threading.Thread(target=listen)
        thread.start()
        yield port, heard
        is_over.set()
        thread.join()
