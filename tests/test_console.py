"""On a terminal people see tables that fit; in a pipe programs read lines; words find questions."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from provstore.__main__ import main
from provstore.store import ProvStore
from tests.example import store as store
from tests.sessions import Screen


class Typed:
    """What a command printed, and its exit code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, words: list[str], *, screen: bool) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdout", Screen(self.out) if screen else self.out)
        monkeypatch.setattr(sys, "stderr", self.err)
        monkeypatch.setattr(sys, "argv", ["provstore", *words])
        with pytest.raises(SystemExit) as end:
            main()
        self.code = end.value.code
        monkeypatch.setattr(sys, "stdout", sys.__stdout__)
        monkeypatch.setattr(sys, "stderr", sys.__stderr__)


ASK = ["ask", "state-of-every-ingest", "--in", "sparql"]


@pytest.fixture
def typed(store: ProvStore, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def type_words(*words: str, columns: int = 0) -> Typed:
        monkeypatch.setenv("PROVSTORE", str(store.directory))
        monkeypatch.delenv("COLUMNS", raising=False)
        if columns:
            monkeypatch.setenv("COLUMNS", str(columns))
        return Typed(monkeypatch, [*words], screen=bool(columns))

    return type_words


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_a_table_fits_the_terminal(typed, columns: int) -> None:  # type: ignore[no-untyped-def]
    printed = typed(*ASK, columns=columns).out.getvalue()
    assert max(map(len, printed.splitlines())) <= columns
    assert "cordex-0001" in printed
    assert "https://" not in printed


def test_at_80_columns_a_row_is_a_line(typed) -> None:  # type: ignore[no-untyped-def]
    lines = typed(*ASK, columns=80).out.getvalue().splitlines()
    assert sum(line.startswith(("cordex-", "cmip6-", "generic-")) for line in lines) == 7
    assert len(lines) <= 12


def test_a_pipe_gets_a_header_and_whole_values_between_tabs(typed) -> None:  # type: ignore[no-untyped-def]
    head, *rows = typed(*ASK).out.getvalue().splitlines()
    assert head.split("\t")[:2] == ["ingest", "status"]
    assert {len(row.split("\t")) for row in rows} == {8}
    assert rows[0].startswith("https://provstore.example/ingest/cmip6-0001\topen\t")


def test_wide_values_are_whole_on_a_terminal(typed) -> None:  # type: ignore[no-untyped-def]
    printed = typed(*ASK, "--wide", columns=80).out.getvalue()
    assert "https://provstore.example/ingest/cmip6-0001" in printed


def test_formats_do_not_combine(typed) -> None:  # type: ignore[no-untyped-def]
    assert typed(*ASK, "--json", "--wide").code == 2
    assert typed(*ASK, "--json", "--raw").code == 2


def test_words_that_are_clear_are_asked(typed) -> None:  # type: ignore[no-untyped-def]
    done = typed("ask", "history", "of", "cordex-0003", "--in", "sparql", "--json")
    assert done.code == 0
    assert [row["step"] for row in json.loads(done.out.getvalue())] == ["submission", "review"]
    assert "(history-of-an-ingest)" in done.err.getvalue()


def test_near_questions_are_listed_and_none_is_asked(typed) -> None:  # type: ignore[no-untyped-def]
    done = typed("ask", "findings")
    assert (done.code, done.out.getvalue()) == (2, "")
    assert "provstore ask findings-of-an-ingest --ingest INGEST" in done.err.getvalue()


def test_a_missing_parameter_comes_with_what_was_found(typed) -> None:  # type: ignore[no-untyped-def]
    done = typed("ask", "everything", "done", "by", "Ada")
    assert done.code == 2
    assert "https://orcid.org/0000-0002-1825-0097  (Ada Example)" in done.err.getvalue()
    assert "provstore ask what-a-person-did --person PERSON" in done.err.getvalue()


def test_a_terminal_is_not_commanded(typed) -> None:  # type: ignore[no-untyped-def]
    done = typed("search", "\x1b[31mAda", columns=80)
    assert "\x1b" not in done.out.getvalue() + done.err.getvalue()


def test_without_a_store_one_learns_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROVSTORE", raising=False)
    done = Typed(monkeypatch, [], screen=False)
    assert done.code == 0
    assert "provstore init" in done.out.getvalue()
    assert "provstore tour" in done.out.getvalue()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("history cordex-", {"cordex-0001", "cordex-0002", "cordex-0003", "cordex-0004"}),
        ("ask which-went", {"which-went-round"}),
        ("report cordex-0001 qu", {"quality"}),
        ("form cordex-c", {"cordex-cmip6"}),
    ],
)
def test_a_shell_completes_names(store: ProvStore, words: str, expected: set[str]) -> None:
    assert completed(words, store.directory) == expected
    without_store = set() if words.startswith("history") else expected
    assert completed(words, Path("/nowhere")) == without_store


def completed(words: str, directory: Path) -> set[str]:
    """What Bash would offer after these words; nothing is printed beside it."""
    asked = {
        "_PROVSTORE_COMPLETE": "complete_bash",
        "COMP_WORDS": f"provstore {words}",
        "COMP_CWORD": str(len(words.split())),
        "PROVSTORE": str(directory),
    }
    program = str(Path(sys.executable).with_name("provstore"))
    done = subprocess.run([program], capture_output=True, text=True, env=os.environ | asked)
    assert done.stderr == ""
    return set(done.stdout.split())
