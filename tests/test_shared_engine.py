"""What holds of shared engines: the first client starts one, all others join, nothing stays."""

import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provstore.errors import ViewUnavailable
from provstore.views import engine_host
from provstore.views.shared_engine import Lease, SharedEngine
from tests.processes import is_gone, soon

PROGRAM = f"""
import sys
sys.path.append({str(Path(engine_host.__file__).parent)!r})
from engine_host import EngineHost, receive_line, send_line
host = EngineHost.detach()
print("begins", file=sys.stderr, flush=True)
if host.configuration.get("broken"):
    sys.exit("its data are damaged")

def answer(connection, hello):
    while (request := receive_line(connection)) is not None:
        send_line(connection, {{"double": 2 * request["number"]}})

host.serve(answer, greeting={{"word": host.configuration["word"]}})
"""
CLIENT = """
import sys
from pathlib import Path
from provstore.views.shared_engine import SharedEngine
directory, program, moment = sys.argv[1:]
import time
engine = SharedEngine(
    Path(directory), Path(program), {"word": "ü"}, description="It", version="1", linger=0.0
)
while time.time() < float(moment): pass
lease = engine.connect()
print(lease.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., SharedEngine]]:
    """Makes clients of one engine that lingers for a second; afterwards none runs."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    place = tmp_path / "Prüfung und Ablage" / "in einem langen Pfad".ljust(120, "_")
    place.mkdir(parents=True)
    made = []

    def client(**settings: object) -> SharedEngine:
        configuration = {"word": "ü", **settings.pop("configuration", {})}  # type: ignore[dict-item]
        settings = {"description": "The engine", "version": "1", "linger": 1.0, **settings}
        made.append(SharedEngine(place / "data", program, configuration, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield client
    for engine in made[:1]:
        with engine.stopped("ending the test"):
            pass
        assert engine.state() is None


def double(lease: Lease, number: int) -> int:
    engine_host.send_line(lease.connection, {"number": number})
    reply = engine_host.receive_line(lease.connection)
    assert reply is not None
    return int(reply["double"])


def client_process(engine: SharedEngine, moment: float = 0.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(engine.directory), str(engine.program), str(moment)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def pid_from(process: "subprocess.Popen[str]") -> int:
    assert process.stdout
    return int(process.stdout.readline())


def starts(engine: SharedEngine) -> int:
    """How many engines began to run since the log was emptied."""
    return engine.log.read_text().count("begins")


def test_the_first_starts_it_and_others_join(make: Callable[..., SharedEngine]) -> None:
    first, second = make().connect(), make().connect()
    assert first.pid == second.pid != os.getpid()
    assert first.greeting["word"] == "ü"
    assert [double(first, 2), double(second, 3), double(first, 4)] == [4, 6, 8]
    state = make().state()
    assert state is not None
    assert (state.pid, state.leases) == (first.pid, 2)
    first.close()
    assert double(second, 5) == 10
    second.close()


def test_it_ends_a_little_after_the_last_lease_and_leaves_no_socket(
    make: Callable[..., SharedEngine],
) -> None:
    engine = make(linger=0.3)
    lease = engine.connect()
    time.sleep(0.6)
    assert lease.is_open()
    lease.close()
    assert not is_gone(lease.pid)
    again = engine.connect()
    assert again.pid == lease.pid
    again.close()
    assert soon(lambda: is_gone(lease.pid))
    assert not engine.socket_path.exists()
    assert engine.state() is None


def test_asking_for_its_state_starts_nothing(make: Callable[..., SharedEngine]) -> None:
    engine = make()
    assert engine.state() is None
    assert not engine.log.exists()


def test_kill_9_of_its_starter_disturbs_nobody(make: Callable[..., SharedEngine]) -> None:
    engine = make()
    starter = client_process(engine)
    pid = pid_from(starter)
    lease = engine.connect()
    assert lease.pid == pid
    starter.kill()
    starter.wait()
    assert double(lease, 4) == 8
    assert soon(lambda: (state := engine.state()) is not None and state.leases == 1)
    lease.close()
    assert soon(lambda: is_gone(pid))


def test_a_killed_engine_is_started_again(make: Callable[..., SharedEngine]) -> None:
    """Its socket file is still there, as after a power cut."""
    engine = make()
    lease = engine.connect()
    os.kill(lease.pid, signal.SIGKILL)
    assert soon(lambda: not lease.is_open())
    assert engine.socket_path.exists()
    again = engine.connect()
    assert again.pid != lease.pid
    assert double(again, 1) == 2
    again.close()


def test_an_address_from_before_a_reboot_is_replaced(make: Callable[..., SharedEngine]) -> None:
    """It names another directory, and a process that is somebody else's by now."""
    engine = make()
    engine.lock_path.write_text(
        json.dumps({"host": socket.gethostname(), "pid": 1, "socket": "/run/gone/data.sock"})
    )
    engine.socket_path.write_text("no socket")
    lease = engine.connect()
    assert double(lease, 1) == 2
    lease.close()


@pytest.mark.parametrize("address", ["", "{", "[]", "null", '{"host": "'])
def test_an_address_that_is_half_written_is_replaced(
    make: Callable[..., SharedEngine], address: str
) -> None:
    engine = make()
    engine.lock_path.write_text(address)
    engine.connect().close()


def race(engine: SharedEngine, runners: int) -> list[Lease]:
    """Connect from several threads at once."""
    barrier = threading.Barrier(runners)
    leases: list[Lease] = []

    def run() -> None:
        barrier.wait()
        leases.append(engine.connect())

    threads = [threading.Thread(target=run) for _ in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return leases


def test_two_starters_in_the_same_millisecond_start_one(
    make: Callable[..., SharedEngine],
) -> None:
    """A hundred races; the engine and its socket are gone before each."""
    engine = make(linger=0.0)
    for _ in range(100):
        leases = race(engine, 4)
        assert len({lease.pid for lease in leases}) == 1
        assert starts(engine) == 1
        for lease in leases:
            lease.close()
        assert soon(lambda pid=leases[0].pid: is_gone(pid))  # type: ignore[misc]


def test_processes_that_start_at_the_same_moment_share_it(
    make: Callable[..., SharedEngine],
) -> None:
    engine, moment = make(), time.time() + 2.0
    processes = [client_process(engine, moment) for _ in range(6)]
    assert len({pid_from(process) for process in processes}) == 1
    for process in processes:
        process.kill()
        process.wait()


def test_start_and_stop_leave_no_process_and_no_file(make: Callable[..., SharedEngine]) -> None:
    engine = make(linger=0.0)
    engine.connect().close()
    for _ in range(20):
        lease = engine.connect()
        lease.close()
        assert soon(lambda pid=lease.pid: is_gone(pid))  # type: ignore[misc]
    kept = {path.name for path in engine.directory.parent.iterdir()}
    assert kept == {"data", "data.lock", "data.log"}


def test_a_client_that_comes_at_the_end_gets_the_next_engine(
    make: Callable[..., SharedEngine],
) -> None:
    """It connects again and again while engines end at once: each lease is good."""
    engine = make(linger=0.0)
    for number in range(60):
        lease = engine.connect()
        assert double(lease, number) == 2 * number
        lease.close()


def test_whoever_stops_it_owns_the_data_and_others_wait(make: Callable[..., SharedEngine]) -> None:
    engine = make()
    before = engine.connect()
    after: list[Lease] = []
    waiting = threading.Thread(target=lambda: after.append(engine.connect()))
    with engine.stopped("loading"):
        assert is_gone(before.pid) or soon(lambda: is_gone(before.pid))
        assert not before.is_open()
        waiting.start()
        time.sleep(0.3)
        assert not after
        assert engine.state() is None
    waiting.join()
    assert double(after[0], 1) == 2
    after[0].close()


def test_it_can_be_stopped_whoever_wants_a_lease_meanwhile(
    make: Callable[..., SharedEngine],
) -> None:
    engine, over = make(linger=0.0), threading.Event()

    def ask() -> None:
        while not over.is_set():
            engine.connect().close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        with engine.stopped("loading"):
            assert engine.state() is None
    over.set()
    for thread in threads:
        thread.join()


def test_a_removed_directory_takes_its_engine_along(make: Callable[..., SharedEngine]) -> None:
    engine = make(linger=60.0)
    lease = engine.connect()
    shutil.rmtree(engine.directory)
    engine.lock_path.unlink()
    again = engine.connect()
    assert again.pid != lease.pid
    assert soon(lambda: is_gone(lease.pid))
    assert double(again, 1) == 2
    assert engine.socket_path.exists()
    again.close()


def test_other_limits_are_no_reason_to_refuse(make: Callable[..., SharedEngine]) -> None:
    """The engine ends as soon as it is idle, so that the new limits hold from then on."""
    lease = make(linger=60.0).connect()
    other = make(configuration={"limit": 7}, linger=60.0)
    second = other.connect()
    assert second.pid == lease.pid
    assert double(second, 1) == 2
    lease.close()
    second.close()
    assert soon(lambda: is_gone(lease.pid))


def test_an_engine_of_another_version_ends_when_it_is_idle(
    make: Callable[..., SharedEngine],
) -> None:
    lease = make(linger=60.0).connect()
    newer = make(version="2")
    after: list[Lease] = []
    waiting = threading.Thread(target=lambda: after.append(newer.connect()))
    waiting.start()
    time.sleep(0.3)
    assert not after
    assert double(lease, 1) == 2
    lease.close()
    waiting.join()
    assert after[0].pid != lease.pid
    after[0].close()


def test_an_engine_of_another_version_that_is_used_is_named(
    make: Callable[..., SharedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provstore.views.shared_engine._START_SECONDS", 0.3)
    lease = make().connect()
    with pytest.raises(ViewUnavailable, match="another version of provstore"):
        make(version="2").connect()
    lease.close()


def test_an_engine_on_another_host_is_named(
    make: Callable[..., SharedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sockets end at that host; its lock is seen here, as on a shared disk."""
    engine = make()
    with monkeypatch.context() as patched, engine.stopped("loading") as lock:
        patched.setattr(socket, "gethostname", lambda: "elsewhere")
        engine_host.write_address(lock, {"socket": "data.sock", "pid": 1})
        patched.undo()
        with pytest.raises(ViewUnavailable, match="runs on elsewhere"):
            engine.connect()


def test_an_engine_that_does_not_start_says_why(make: Callable[..., SharedEngine]) -> None:
    broken = make(configuration={"broken": True})
    with pytest.raises(ViewUnavailable, match="its data are damaged") as failure:
        broken.connect()
    assert str(broken.log) in str(failure.value)
    assert "rebuild data" in str(failure.value)
    lease = make().connect()
    assert double(lease, 1) == 2
    lease.close()


def test_an_engine_that_does_not_answer_is_named(
    make: Callable[..., SharedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make()
    lease = engine.connect()
    os.kill(lease.pid, signal.SIGSTOP)
    monkeypatch.setattr("provstore.views.shared_engine._START_SECONDS", 0.3)
    with pytest.raises(ViewUnavailable, match=rf"does not answer \(process {lease.pid}\)"):
        engine.connect()
    os.kill(lease.pid, signal.SIGKILL)
    lease.close()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    engine = SharedEngine(
        tmp_path / "file" / "data", tmp_path, {}, description="The engine", version="1"
    )
    with pytest.raises(ViewUnavailable, match="The engine cannot use"):
        engine.connect()


def test_a_fork_keeps_no_lease(make: Callable[..., SharedEngine]) -> None:
    """A forked worker inherits the connection, closes it, and gets a lease of its own."""
    engine = make(linger=0.0)
    lease = engine.connect()

    def work(pipe: "multiprocessing.connection.Connection") -> None:
        pipe.send(lease.is_open())
        own = engine.connect()
        pipe.send(double(own, 3))
        pipe.recv()
        own.close()
        pipe.recv()

    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=work, args=(theirs,))
    process.start()
    assert ours.recv() is False
    assert ours.recv() == 6
    assert double(lease, 4) == 8
    lease.close()
    assert not is_gone(lease.pid)
    ours.send("close yours")
    assert soon(lambda: is_gone(lease.pid))
    ours.send("end")
    process.join()


def test_its_socket_is_for_this_account_alone(make: Callable[..., SharedEngine]) -> None:
    engine = make()
    lease = engine.connect()
    assert engine.socket_path.stat().st_mode & 0o777 == 0o600
    assert engine.log.stat().st_mode & 0o777 == 0o600
    lease.close()


def test_in_a_directory_of_a_group_it_is_for_the_group(make: Callable[..., SharedEngine]) -> None:
    engine = make()
    engine.directory.parent.chmod(0o2770)
    lease = engine.connect()
    for path in (engine.socket_path, engine.log, engine.lock_path):
        assert path.stat().st_mode & 0o777 == 0o660
    assert engine.directory.stat().st_mode & 0o7777 == 0o2770
    lease.close()


def test_its_socket_may_lie_elsewhere_and_everybody_finds_it(
    make: Callable[..., SharedEngine], tmp_path: Path
) -> None:
    """The lock file says where: so also those find it who have no runtime directory."""
    engine = make(runtime=tmp_path / "runtime" / "provstore")
    lease = engine.connect()
    assert engine.socket_path.parent == tmp_path / "runtime" / "provstore"
    joined = make().connect()
    assert joined.pid == lease.pid
    joined.close()
    lease.close()
    assert soon(lambda: is_gone(lease.pid))
    assert not engine.socket_path.exists()
