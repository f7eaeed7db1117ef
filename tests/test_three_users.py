"""Three users of one machine share the store of their group, and nobody else sees any of it.

The users are real: made for the tests, and removed after them. This takes root.
"""

import grp
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest

import provstore
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
from tests.require import missing

ROOT = Path(__file__).parents[1]
MEMBERS = {"a": "022", "b": "077", "c": "000"}
"""The members, and the umask of each: one closes all files, one leaves them open."""
OUTSIDER = "d"

pytestmark = [pytest.mark.xdist_group("users"), pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Team:
    """Users with names that nobody else has, their group, and a directory that all can reach."""

    place: Path
    group: str
    names: Mapping[str, str]
    python: list[str] = field(default_factory=list)
    """The words before those that Python gets."""

    def run(self, user: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a program as a user, as after a login."""
        home = self.place / user
        settings = (f"HOME={home}", "XDG_STATE_HOME=", "XDG_CACHE_HOME=")
        script = f'umask {MEMBERS.get(user, "022")}; cd "{home}"; exec env "$@"'
        return subprocess.run(
            ["runuser", "-u", self.names[user], "--", "sh", "-c", script, "sh", *settings, *words],
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, user: str, *words: str, store: str = "store") -> str:
        """Let a user run a command on the store; return what it prints."""
        done = self.try_to(user, *words, store=store)
        assert done.returncode == 0, f"{user}: {words}\n{done.stdout}{done.stderr}"
        return done.stdout

    def try_to(
        self, user: str, *words: str, store: str = "store"
    ) -> "subprocess.CompletedProcess[str]":
        """Let a user try a command on the store."""
        directory = f"PROVSTORE={self.place / 'shared' / store}"
        return self.run(user, directory, *self.python, "-m", "provstore", *words)

    @property
    def store(self) -> Path:
        """The store that most tests share."""
        return self.place / "shared" / "store"


def _system(*words: str) -> None:
    done = subprocess.run([*words], capture_output=True, text=True, check=False)
    if done.returncode:
        missing("users", f"{words[0]} failed: {done.stderr.strip()[:200]}")


def _remove_leftovers() -> None:
    """Remove the users of tests that were killed; a name tells which process made it."""
    for command, known in (("userdel", pwd.getpwall()), ("groupdel", grp.getgrall())):
        for name in (entry[0] for entry in known):
            process = re.fullmatch(r"pst(\d+)[a-d]?", name)
            if process and not Path("/proc", process[1]).exists():
                subprocess.run([command, name], capture_output=True, check=False)


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """Three members of a group, and one user outside; they and their files are gone after it."""
    if os.geteuid() or not all(map(shutil.which, ("useradd", "groupadd", "runuser"))):
        missing("users", "making users takes root, useradd and runuser")
    _remove_leftovers()
    group = f"pst{os.getpid()}"
    names, made = {user: f"{group}{user}" for user in (*MEMBERS, OUTSIDER)}, []
    try:
        with tempfile.TemporaryDirectory(prefix="provstore-team-") as directory:
            place = Path(directory)
            place.chmod(0o755)
            _system("groupadd", group)
            made.append(("groupdel", group))
            for user, name in names.items():
                groups = ("-G", group) if user in MEMBERS else ()
                _system("useradd", "-M", "-N", "-d", str(place / user), *groups, name)
                made.append(("userdel", name))
                (place / user).mkdir(mode=0o700)
                shutil.chown(place / user, name)
            (place / "shared").mkdir(mode=0o777)
            (place / "shared").chmod(0o777)
            team = Team(place, group, names)
            team.python.extend(_python(team))
            done = team.run("a", *team.python, "-c", "import provstore")
            if done.returncode:
                missing("users", f"other users cannot run this Python: {done.stderr[-200:]}")
            team.do("a", "init", str(team.store), "--group", group)
            yield team
    finally:
        for words in reversed(made):
            subprocess.run([*words], capture_output=True, check=True)


def _python(team: Team) -> list[str]:
    """The words that run this Python, its packages and this code as another user.

    What lies where only root gets through is linked to where all do.
    """
    program = Path(sys.executable).resolve().relative_to(sys.base_prefix)
    home = _reachable(team, Path(sys.base_prefix), "python")
    packages = _reachable(team, Path(sysconfig.get_path("purelib")), "packages")
    code = _reachable(team, ROOT, "code")
    return [f"PYTHONPATH={code}:{packages}", f"LD_LIBRARY_PATH={home / 'lib'}", str(home / program)]


def _reachable(team: Team, place: Path, name: str) -> Path:
    if not team.run("a", "test", "-x", str(place)).returncode:
        return place
    unneeded = shutil.ignore_patterns("test", "site-packages", ".*", "build", "docs", "tests")
    copy = team.place / name
    shutil.copytree(place, copy, symlinks=True, ignore=unneeded, copy_function=_link)
    return copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # they lie on two disks
        shutil.copy2(source, target)


def form(team: Team, user: str, name: str) -> str:
    """Write an example of a form to the home of a user; return its name."""
    one = load_forms(shipped("forms"))[name]
    text = one.text(one.example())
    file = team.place / user / f"{name}-{secrets.token_hex(3)}.json"
    file.write_text(text.replace("r1i1p1", f"r{int(secrets.token_hex(2), 16)}i1p1"))
    shutil.chown(file, team.names[user])
    return str(file)


def check_files(team: Team, *stores: str) -> None:
    """Every file is for the group and for nobody else, whoever made it.

    Except in the directories of engines, which `test_permissions.py` walks.
    """
    number = (team.store).stat().st_gid
    for name in stores:
        directory = team.place / "shared" / name
        for place in (directory, *directory.rglob("*")):
            if place.relative_to(directory).parts[:1] in (("graph",), ("rdf",)):
                continue
            status = place.lstat()
            assert status.st_gid == number, place
            wanted = 0o2770 if place.is_dir() else 0o660
            assert stat.S_IMODE(status.st_mode) == wanted, (place, oct(status.st_mode))


def test_members_work_in_turn_and_each_entry_names_its_user(team: Team) -> None:
    place, backup = team.place / "shared" / "turns", team.place / "shared" / "backup"
    team.do("a", "init", str(place), "--group", team.group)
    turns = cycle(MEMBERS)

    def do(user: str, *words: str) -> str:
        return team.do(user, *words, store="turns")

    def submit(user: str) -> str:
        return do(user, "submit", form(team, user, "cmip6"))

    for number in range(1, 4):
        submitter, reviewer, other, _ = (next(turns) for _ in range(4))
        ingest = f"cordex-{number:04}"
        do(submitter, "submit", form(team, submitter, "cordex"))
        do(reviewer, "report", ingest, "review", form(team, reviewer, "review"))
        assert ingest in do(other, "search", "cordex")
        assert "are unchanged" in do(submitter, "verify")
        if number == 1:
            backup.mkdir()
            shutil.chown(backup, team.names[submitter], team.group)
            backup.chmod(0o2770)
        do(reviewer, "backup", str(backup))
        assert "prov:" in do(other, "export", ingest)
        check_files(team, "turns", "backup")
    with ThreadPoolExecutor(len(MEMBERS)) as pool:  # all at once
        assert all("cmip6-" in printed for printed in pool.map(submit, MEMBERS))
    check_files(team, "turns")
    with provstore.open(place) as store:
        by = [(entry.ingest.split("-")[0], entry.principal) for entry in store.entries()]
        assert "provstore permissions" not in str(store.verify())
    in_turn = [f"os:{team.names[user]}" for user in "abbcca"]
    assert [who for what, who in by if what == "cordex"] == in_turn
    at_once = sorted(f"os:{name}" for user, name in team.names.items() if user in MEMBERS)
    assert sorted(who for what, who in by if what == "cmip6") == at_once
    assert "are unchanged" in team.do("c", "verify", store="backup")


def test_a_log_that_one_left_open_is_written_by_the_others(team: Team) -> None:
    holder = (
        f"import provstore, sys; s = provstore.open({str(team.store)!r}); "
        "s.write_messages(); s.search('cordex'); print('open', flush=True); sys.stdin.read()"
    )
    for user in MEMBERS:
        environment = (f"HOME={team.place / user}", *team.python)
        with subprocess.Popen(
            ["runuser", "-u", team.names[user], "--", "sh", "-c",
             f'umask {MEMBERS[user]}; exec env "$@"', "sh", *environment, "-c", holder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline() == "open\n"
            logs = {place.name for place in team.store.glob("*-wal")}
            assert logs == {"journal.sqlite-wal", "search.sqlite-wal"}
            second, third = {*MEMBERS} - {user}
            team.do(second, "submit", form(team, second, "cordex"))
            team.do(third, "search", "cordex")
            check_files(team, "store")
            process.stdin.close()
    check_files(team, "store")


def test_an_engine_uses_the_files_that_the_engine_of_another_user_made(team: Team) -> None:
    count = "SELECT (COUNT(?s) AS ?n) { ?s a <http://www.w3.org/ns/prov#Bundle> }"
    counted = []
    for user in MEMBERS:
        team.do(user, "submit", form(team, user, "cordex"))
        cypher = team.do(user, "cypher", "MATCH (n:Bundle) RETURN count(n) AS n", "--csv")
        sparql = team.do(user, "sparql", count, "--csv")
        ids = (team.store / "graph" / "databases" / ".instance.id").read_bytes()
        counted.append((cypher, sparql, ids))
    numbers = [int(cypher.split()[1]) for cypher, _, _ in counted]
    assert numbers == [*range(numbers[0], numbers[0] + 3)]
    assert all(cypher == sparql for cypher, sparql, _ in counted)
    assert len({ids for *_, ids in counted}) == 1  # nobody began again


def test_a_user_outside_the_group_sees_nothing(team: Team) -> None:
    file = form(team, OUTSIDER, "cordex")
    commands = (
        ("status",), ("verify",), ("search", "cordex"), ("export",), ("submit", file),
        ("permissions",), ("backup", "mine"),
    )  # fmt: skip
    for words in commands:
        done = team.try_to(OUTSIDER, *words)
        assert done.returncode == 1, (words, done.stdout)
        assert done.stdout == ""
        assert "Permission denied" in done.stderr
        assert "Traceback" not in done.stderr
    assert team.run(OUTSIDER, "ls", str(team.store)).stdout == ""


def test_who_is_no_member_makes_no_store_for_the_group(team: Team) -> None:
    for user, group, message in (
        (OUTSIDER, team.group, "is not a member of the group"),
        ("a", "no-such-group", "There is no group"),
    ):
        new = team.place / user / "new" / "store"
        done = team.try_to(user, "init", str(new), "--group", group)
        assert done.returncode == 1
        assert message in done.stderr
        assert not new.parent.exists()
    done = team.try_to("a", "init", str(team.place / "no" / "store"), "--group", team.group)
    assert done.returncode == 1
    assert "Permission denied" in done.stderr
    assert not (team.place / "no").exists()


def test_a_store_of_one_user_is_given_to_the_group_and_each_mends_own_files(team: Team) -> None:
    place = team.place / "shared" / "given"
    team.do("a", "init", str(place))
    team.do("a", "submit", form(team, "a", "cordex"), store="given")
    assert team.try_to("b", "status", store="given").returncode == 1
    place.chmod(0o755)
    assert "not only for" in team.do("a", "status", store="given")
    team.do("a", "permissions", "--group", team.group, store="given")
    team.do("b", "submit", form(team, "b", "cordex"), store="given")
    check_files(team, "given")
    team.do("b", "report", "cordex-0001", "review", form(team, "b", "review"), store="given")
    (place / "outbox" / "position").chmod(0o600)
    done = team.try_to("a", "permissions", store="given")
    assert done.returncode == 1
    assert f"Only {team.names['b']} or root can change it" in done.stdout
    team.do("b", "permissions", store="given")
    assert "provstore permissions" not in team.do("a", "status", store="given")
