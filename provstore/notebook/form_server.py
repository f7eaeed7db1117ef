"""Serves a form as a web page on this machine, with Voilà and a kernel for each visitor.

In: a form's name and its destination. Out: a server that runs until it is stopped. Voilà's kernels
accept no code from visitors; a test covers each setting made here.
"""

import json
import os
import secrets
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import tornado.web
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from provstore.errors import Refused
from provstore.ingest.sealed_package import MAX_ATTACHMENT
from provstore.notebook.visitor_form import SERVED_FORM_VARIABLE, ServedForm
from provstore.storage.drafts import Drafts

MAX_MESSAGE = 5 * MAX_ATTACHMENT
"""The maximum size of a message in bytes.

A larger one ends the visitor's connection; a smaller file over the limit is refused with a message.
"""

IDLE_SECONDS = 1800
"""The time after which an absent visitor's kernel is stopped; their draft is kept."""

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
    base_url: str = "/",
) -> None:
    """Serve until interrupted; announce the address once the server is ready.

    `port` 0 picks a free port. Without a `token`, one is generated; the address contains it.

    Raises:
        Refused: the port is in use.

    """
    os.environ[SERVED_FORM_VARIABLE] = json.dumps(asdict(served))
    token = token or secrets.token_urlsafe(18)

    def ready(app: Voila) -> None:
        address = f"http://127.0.0.1:{app.port}{app.base_url}?token={quote(token)}"
        announce(address)
        if browser:
            webbrowser.open(address)

    with tempfile.TemporaryDirectory(prefix="provstore-form-") as folder:
        notebook = Path(folder) / f"{served.form}.ipynb"
        notebook.write_text(json.dumps(_NOTEBOOK), encoding="utf-8")
        app = _Forms(config=_config(served, token, _free_port(port), base_url), ready=ready)
        app.initialize([str(notebook)])
        app.start()


class _Forms(Voila):
    """Voilà with provstore's page, and the key of the visitor's draft in the address."""

    def __init__(self, ready: Callable[[Voila], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ready = ready

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.template_paths.insert(0, str(_PAGE))

    def init_handlers(self) -> list[Any]:
        *others, (place, _, kwargs) = super().init_handlers()
        return [*others, (place, _FormHandler, kwargs)]

    def launch_browser(self) -> None:
        self._ready(self)


class _FormHandler(TornadoVoilaHandler):
    """The handler of the only page; it gives each new visitor a draft that survives a reload."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        if path:
            raise tornado.web.HTTPError(404)
        if not self.get_argument("draft", ""):
            key = Drafts(Path()).new()
            self.redirect(f"{self.request.path}?draft={key}")  # and the token leaves the address
            return
        await super().get(path)


def _config(served: ServedForm, token: str, port: int, base_url: str) -> Config:
    voila = {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "token": token,
        "open_browser": True,
        "base_url": base_url,
        "log_level": "WARN",
        "config_file_paths": [],
        "tornado_settings": {"websocket_max_message_size": MAX_MESSAGE},
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
    parts = {"Voila": voila, "VoilaConfiguration": pages, "MappingKernelManager": kernels}
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
