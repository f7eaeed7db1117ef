"""The token comes from a file or the environment, and shows up in no command line and no log."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

import provstore
from provstore.errors import Refused
from provstore.web import access_token
from provstore.web.access_token import first_visit, new_token, opened_in_browser, read_token
from tests.browser import ROOT
from tests.guarded import ask

TOKEN = "a-token-that-is-long"
VARIABLE = "PROVSTORE_SOME_TOKEN"


def secret(folder: Path, text: str = TOKEN, mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_text(text + "\n")
    file.chmod(mode)
    return file


def test_a_token_is_read_from_a_file_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN + "2")
    assert read_token(secret(tmp_path), VARIABLE) == TOKEN
    monkeypatch.setenv(VARIABLE, TOKEN + "2")
    assert read_token(None, VARIABLE) == TOKEN + "2"
    assert VARIABLE not in os.environ  # kernels do not inherit it
    assert read_token(None, VARIABLE) == ""


def test_a_file_that_others_can_read_and_a_weak_token_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="Other users"):
        read_token(secret(tmp_path, mode=0o640), VARIABLE)
    for weak in ("", "short", "with spaces and more", "x" * 201):
        with pytest.raises(Refused, match="16 to 200") as refused:
            read_token(secret(tmp_path, weak), VARIABLE)
        assert not weak or weak not in str(refused.value)
    with pytest.raises(Refused, match="cannot be read"):
        read_token(tmp_path / "none", VARIABLE)
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(Refused, match="16 to 200"):
        read_token(None, VARIABLE)
    access_token.check_token(new_token())


def test_the_browser_is_started_without_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    address = first_visit("http://127.0.0.1:1/", TOKEN)
    with opened_in_browser(address) as open_browser:
        open_browser()
        (page,) = opened
        assert TOKEN not in page
        file = Path(urlsplit(page).path)
        assert address in file.read_text()
        assert file.parent.stat().st_mode & 0o077 == 0
    assert not file.exists()
    with opened_in_browser(address, wanted=False) as open_browser:
        open_browser()
    assert len(opened) == 1


@pytest.mark.parametrize("command", [("board",), ("form", "generic", "--serve")])
def test_a_running_server_shows_its_token_nowhere(command: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "store"
    provstore.init(place).close()
    arguments = [
        sys.executable, "-m", "provstore", *command, "--no-browser", "--store", str(place),
        "--token-file", str(secret(tmp_path)),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        port = int(urlsplit(address).port or 0)
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        replies = [
            ask(port, f"/?token={TOKEN}"),
            ask(port, f"/nowhere?token={TOKEN}"),
            ask(port, f"/nowhere/{TOKEN[:8]}", **bearer),
            ask(port, f"/..?token={TOKEN}", **bearer),
            ask(port, f"/?token={TOKEN}", "DELETE"),
            ask(port, f"/?token={TOKEN}", Host="evil.example"),
            ask(port, "/api/kernels/x/channels", "POST", **bearer),
            ask(port, f"/%zz?a=%&token={TOKEN}"),
        ]
        running = psutil.Process(server.pid)
        lines = [part for one in (running, *running.children(True)) for part in one.cmdline()]
        server.send_signal(signal.SIGINT)
        rest, log = server.communicate(timeout=60)
    assert [reply.split()[1] for reply in replies[:2]] == ["303", "303"]
    for text in (address, rest, log, *lines, *replies):
        assert TOKEN not in text, text
        assert "Traceback" not in text
