"""Serves a form as a web page on this machine, with Voilà and a kernel for each visitor.

In: a form's name and its destination. Out: a server that runs until it is stopped. Voilà's kernels
accept no code from visitors; a test covers each setting made here.
"""

import json
import os
import signal
import socket
import tempfile
from asyncio import Semaphore
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import tornado.web
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from provstore.errors import Refused
from provstore.ingest.sealed_package import MAX_ATTACHMENT
from provstore.notebook.form_guard import FormGuard
from provstore.notebook.visitor_form import SERVED_FORM_VARIABLE, ServedForm
from provstore.storage.drafts import Drafts
from provstore.web.access_policy import READING, AccessPolicy, local_hosts, public_names
from provstore.web.access_token import check_token, first_visit, new_token, opened_in_browser
from provstore.web.connection_limits import ConnectionLimits

TOKEN_VARIABLE = "PROVSTORE_FORM_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that may contain the token."""

MAX_MESSAGE = 5 * MAX_ATTACHMENT
"""The maximum size of a message in bytes.

A larger one ends the visitor's connection; a smaller file over the limit is refused with a message.
"""

IDLE_SECONDS = 1800
"""The time after which an absent visitor's kernel is stopped; their draft is kept."""

MAX_KERNELS = 16
"""The maximum number of visitors at once: each has a kernel of about 90 MB."""

_STARTED_AT_ONCE = 2
_ABSENT_SECONDS = 60  # longer than a page takes from the start of its kernel to its connection

_PAGE = Path(__file__).parent / "page"
_NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [
        {
            "cell_type": "code",
            "id": "form",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "from provstore.notebook.visitor_form import show\n\nshow()",
        }
    ],
}


def serve(
    served: ServedForm,
    announce: Callable[[str], None],
    *,
    port: int = 0,
    browser: bool = True,
    token: str = "",
    names: Sequence[str] = (),
    base_url: str = "/",
) -> None:
    """Serve until interrupted; announce the address once the server is ready.

    `port` 0 picks a free port; `names` are the names of a proxy. Without a `token`, one is made,
    and the announced address contains it. A token that was given is not announced.

    Raises:
        Refused: the port is in use, or the token is too short.

    """
    if token:
        check_token(token)
    os.environ[SERVED_FORM_VARIABLE] = json.dumps(asdict(served))
    port = _free_port(port)
    address = f"http://127.0.0.1:{port}{base_url}"
    policy = AccessPolicy(
        local_hosts("127.0.0.1", port),
        token or new_token(),
        f"provstore-form-{port}",
        base_url,
        READING | {"POST"},  # a page that is left asks for the end of its kernel
        public_names(names),
    )
    with (
        tempfile.TemporaryDirectory(prefix="provstore-form-") as folder,
        opened_in_browser(first_visit(address, policy.token), wanted=browser) as open_browser,
    ):
        notebook = Path(folder) / f"{served.form}.ipynb"
        notebook.write_text(json.dumps(_NOTEBOOK), encoding="utf-8")

        def ready() -> None:
            announce(address if token else first_visit(address, policy.token))
            open_browser()

        app = _Forms(config=_config(served, port, base_url), policy=policy, ready=ready)
        app.initialize([str(notebook)])
        app.start()


class _Forms(Voila):
    """Voilà with provstore's page and guard, and the key of the visitor's draft in the address."""

    def __init__(self, policy: AccessPolicy, ready: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._policy, self._ready = policy, ready

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.template_paths.insert(0, str(_PAGE))

    def init_handlers(self) -> list[Any]:
        *others, (place, _, kwargs) = super().init_handlers()
        return [*others, (place, _FormHandler, kwargs)]

    def listen(self) -> None:
        FormGuard(self.app, self._policy, ConnectionLimits()).listen(self.port, self.ip)
        self._ready()
        self.ioloop = IOLoop.current()
        # As an exception, an interruption could end any callback instead of the server.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupted)
        try:
            self.ioloop.start()
        finally:
            self.stop()

    def _interrupted(self, *_: object) -> None:
        self.ioloop.add_callback_from_signal(self.ioloop.stop)


class _FormHandler(TornadoVoilaHandler):
    """The handler of the only page; it gives each new visitor a draft that survives a reload."""

    _starts = Semaphore(_STARTED_AT_ONCE)

    async def get(self, path: str | None = None) -> None:
        if path:
            raise tornado.web.HTTPError(404)
        if not self.get_argument("draft", ""):
            self.redirect(f"{self.request.path}?draft={Drafts(Path()).new()}")
            return
        async with self._starts:
            if await self._has_room():
                await super().get(path)
                return
        self.set_status(503)
        self.set_header("Retry-After", "300")
        await self.finish(_FULL)

    async def _has_room(self) -> bool:
        """Return whether another kernel may start; that of a visitor who has left makes room."""
        kernels = {
            key: self.kernel_manager.get_kernel(key)
            for key in self.kernel_manager.list_kernel_ids()
        }
        if len(kernels) < MAX_KERNELS:
            return True
        left = datetime.now(UTC) - timedelta(seconds=_ABSENT_SECONDS)
        idle = [
            (kernel.last_activity, key)
            for key, kernel in kernels.items()
            if self.kernel_manager._kernel_connections.get(key, 0) == 0
            and kernel.last_activity < left
        ]
        if idle:
            await self.kernel_manager.shutdown_kernel(min(idle)[1])
        return bool(idle)


_FULL = (
    "<!doctype html><html lang='en'><title>Too many visitors</title><main>"
    "<h1>Too many visitors</h1>"
    "<p>Too many people are filling in this form now. Your draft is kept. Reload this page in some "
    "minutes.</p></main></html>"
)


def _config(served: ServedForm, port: int, base_url: str) -> Config:
    voila = {
        "ip": "127.0.0.1",
        "port": port,
        "auto_token": False,  # the guard has checked
        "base_url": base_url,
        "log_level": "WARN",
        "config_file_paths": [],
        "tornado_settings": {
            "websocket_max_message_size": MAX_MESSAGE,
            "xsrf_cookie_kwargs": {"samesite": "Lax"},  # the page's script reads it
        },
    }
    pages = {
        "template": "lab",
        "theme": "light",
        "show_tracebacks": False,
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "file_allowlist": [],
        "file_denylist": [".*"],
        "extension_allowlist": _WIDGETS,
        "http_header_envs": [served.user_header] if served.user_header else [],
    }
    kernels = {"cull_idle_timeout": IDLE_SECONDS, "cull_interval": max(1, IDLE_SECONDS // 30)}
    identity = {"cookie_options": {"samesite": "Lax", "httponly": True}}
    parts = {
        "IdentityProvider": identity,
        "Voila": voila,
        "VoilaConfiguration": pages,
        "MappingKernelManager": kernels,
    }
    return Config({name: Config(part) for name, part in parts.items()})


_WIDGETS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager"]


def _free_port(port: int) -> int:
    """Return the port if it is free; for 0, any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} cannot be used: {error}."
            raise Refused(message, "Choose another port.") from error
        return int(probe.getsockname()[1])
