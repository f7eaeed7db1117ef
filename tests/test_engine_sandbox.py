"""What a confined process can and cannot do, tried in a process of its own for each guard."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provstore.views import engine_sandbox
from provstore.views.engine_sandbox import Confinement
from tests.listening import listening
from tests.require import need_guards

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these guards")

PROBE = """
import errno, json, os, socket, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import engine_sandbox

own, other, port = Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
options = json.loads(sys.argv[5])
address = ("127.0.0.1", port)
before = socket.socket(socket.AF_UNIX)
holds = engine_sandbox.confine([own], **options)


def fast_open():
    with socket.socket() as client:
        client.sendto(b"fast open", 0x20000000, address)


def fast_open_message():
    with socket.socket() as client:
        client.sendmsg([b"fast open"], [], 0x20000000, address)


def datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"datagram", address)


def rings():
    import ctypes
    call = ctypes.CDLL(None, use_errno=True).syscall
    if call(425, 8, ctypes.create_string_buffer(120)) < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")


attempts = {
    "connect": lambda: socket.create_connection(address, 2),
    "fast open": fast_open,
    "fast open message": fast_open_message,
    "datagram": datagram,
    "local socket": lambda: before.connect(str(other / "listener")),
    "rings": rings,
    "program": lambda: os.execv("/nonexistent", ["nothing"]),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
    "read other": lambda: (other / "secret").read_text(),
    "list other": lambda: os.listdir(other),
    "write other": lambda: (other / "new").write_text(""),
    "cut other": lambda: os.truncate(other / "secret", 0),
    "leave by link": lambda: (own / "link").read_text(),
    "environment of others": lambda: Path("/proc", str(os.getppid()), "environ").read_bytes(),
    "passwords": lambda: Path("/etc/passwd").read_text(),
    "write own": lambda: (own / "file").write_text("text"),
    "read own": lambda: (own / "file").read_text(),
    "move own": lambda: ((own / "inside").mkdir(), (own / "file").rename(own / "inside" / "file")),
    "remove own": lambda: (own / "inside" / "file").unlink(),
    "import": lambda: __import__("decimal"),
    "memory": lambda: Path("/proc/self/statm").read_text(),
}
done = {}
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError as error:
        done[name] = error.errno in (errno.EPERM, errno.EACCES, errno.ENETUNREACH)
    else:
        done[name] = False
print(json.dumps([holds.network, holds.files, done]))
"""

OWN = {"write own", "read own", "move own", "remove own", "import", "memory"}
NETWORK = {"connect", "fast open", "fast open message", "datagram", "local socket"}
OTHER_FILES = {
    "read other", "list other", "write other", "cut other", "leave by link",
    "environment of others", "passwords",
}  # fmt: skip


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port, and what was heard there."""
    with listening() as heard:
        yield heard


def _probe(tmp_path: Path, port: int, **options: Any) -> tuple[Confinement, set[str]]:
    """Confine a process; return what holds, and which attempts were refused."""
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "secret").write_text("secret", encoding="utf-8")
    (own / "link").symlink_to(other / "secret")
    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(other / "listener"))
        local.listen()
        rooms = str(Path(engine_sandbox.__file__).parent)
        arguments = [rooms, str(own), str(other), str(port), json.dumps(options)]
        output = subprocess.run(
            [sys.executable, "-P", "-c", PROBE, *arguments],
            check=True,
            capture_output=True,
            timeout=60,
        ).stdout
    network, files, done = json.loads(output)
    return Confinement(network, files), {name for name, is_refused in done.items() if is_refused}


@pytest.mark.parametrize(
    ("options", "network", "refused"),
    [
        ({"listens": False}, "namespace", NETWORK | {"listen"} | OTHER_FILES),
        (
            {"listens": False, "without": ["namespace"]},
            "filter",
            NETWORK | {"listen"} | OTHER_FILES,
        ),
        ({"listens": True}, "filter", NETWORK | OTHER_FILES),
        ({"listens": True, "without": ["landlock"]}, "filter", NETWORK),
        ({"listens": False, "without": ["landlock"]}, "namespace", NETWORK | {"listen"}),
        (
            {"listens": False, "without": ["filter"]},
            "namespace",
            OTHER_FILES | {"connect", "datagram"},
        ),
    ],
)
def test_each_guard_refuses_what_it_guards_and_nothing_else(
    tmp_path: Path,
    listener: tuple[int, list[bytes]],
    options: dict[str, Any],
    network: str,
    refused: set[str],
) -> None:
    """With any of the guards, nothing reaches the network; with Landlock, no other file is seen."""
    need_guards()
    port, heard = listener
    holds, failed = _probe(tmp_path, port, **options)
    assert holds.network == network
    assert bool(holds.files) == bool(refused & OTHER_FILES)
    if "filter" not in options.get("without", ()):
        refused = refused | {"program", "rings"}
    assert failed >= refused
    assert not failed & OWN
    assert not heard


def test_without_any_guard_a_process_says_so(
    tmp_path: Path, listener: tuple[int, list[bytes]]
) -> None:
    """The attempts succeed then: so the refusals above are those of the guards."""
    port, _ = listener
    everything = ["namespace", "filter", "landlock"]
    holds, failed = _probe(tmp_path, port, listens=False, without=everything)
    assert holds == Confinement("", "")
    assert not holds.is_complete
    assert not failed & (OTHER_FILES | {"connect", "datagram", "listen", "program"})
