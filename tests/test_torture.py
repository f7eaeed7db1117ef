"""What an acknowledgement promises, under faults made on purpose: the short form of every suite.

`make torture` runs the long form. Known faults are listed in `torture/open_faults.toml`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.require import missing, need_strace
from tests.torture import corruptions, crash_states, faults, forgetting, kills, writers
from tests.torture.batches import Batch, Pool
from tests.torture.corruptions import Victim
from tests.torture.crash_states import DIRECTORIES, TROUBLES, Life
from tests.torture.figures import Figures
from tests.torture.ledger import Ledger
from tests.torture.open_faults import open_faults, parameters
from tests.torture.warm import WarmProcess

pytestmark = pytest.mark.xdist_group("torture")

SEED = 20260730


def check(figures: Figures) -> None:
    """No promise was broken."""
    assert not figures.findings, figures.text()


# ------------------------------------------------------------------------------------- power cuts


@pytest.fixture(scope="module")
def life() -> Life:
    need_strace()
    return crash_states.record()


def test_a_power_cut_at_any_moment_takes_nothing_that_was_acknowledged(life: Life) -> None:
    certain = crash_states.durable_by_assumption(life, open_faults())
    chosen = list(crash_states.states(life, SEED, 4, certain))
    figures = crash_states.judge_states(life, chosen, Figures("crash states"), limit=180)
    assert figures.counts["judged"] > 100
    check(figures)


@pytest.mark.parametrize("case", parameters(f"crash/directory/{path}" for path in DIRECTORIES))
def test_a_directory_is_durable_before_what_is_in_it_is_acknowledged(life: Life, case: str) -> None:
    path = case.removeprefix("crash/directory/")
    check(crash_states.lost_directory(life, path, Figures(case)))


def test_a_disk_that_does_not_obey_is_noticed(life: Life) -> None:
    """The judge can see a loss: what is never synced is lost in some of the states."""
    careless = crash_states.without_syncs(life, "centre/store/journal.sqlite-wal")
    certain = set(careless.directories().values()).__contains__
    chosen = list(crash_states.states(careless, SEED, 0, certain))
    figures = crash_states.judge_states(careless, chosen, Figures("careless"), limit=40)
    assert {"lost", "twice"} & {finding.label for finding in figures.findings}


# ------------------------------------------------------------------------------------------- kills


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmProcess]:
    need_strace()
    with WarmProcess() as process:
        yield process


STRUCK: dict[str, Sequence[int]] = {
    "killed": range(4, 10),
    "killed-at-data-sync": (3, 4, 5),
    "failed-sync": range(4, 10),
    "failed-data-sync": (1, 2, 3),
}
"""In the short form: the calls that are struck; those of attachments and of the last commit too."""


@pytest.mark.parametrize("case", parameters(f"crash/after/{name}" for name in TROUBLES))
def test_a_power_cut_after_other_trouble_takes_nothing_that_was_acknowledged(
    warm: WarmProcess, case: str
) -> None:
    trouble, figures = case.rpartition("/")[2], Figures(case)
    numbers = STRUCK[trouble]
    crash_states.after_trouble(warm, trouble, open_faults(), figures, numbers, prepared=1)
    assert figures.counts["troubles"] == len(numbers)
    check(figures)


@pytest.mark.parametrize("case", parameters(f"kill/{name}" for name in kills.LIVES))
def test_a_kill_at_a_system_call_takes_nothing_that_was_acknowledged(
    warm: WarmProcess, case: str
) -> None:
    figures = Figures(case)
    name = case.removeprefix("kill/")
    every = 40 if name in ("rebuild", "backup", "first backup", "restore", "repair") else 9
    kills.run_life(warm, name, figures, kills.WRITING, every, closed=False)
    assert figures.counts["kills"] == figures.counts["runs"]
    assert figures.counts["kills"] > 1
    check(figures)


@pytest.mark.parametrize("name", kills.COMMANDS)
def test_a_kill_of_a_command_takes_nothing_that_was_acknowledged(
    warm: WarmProcess, name: str
) -> None:
    figures = kills.run_command(warm, name, Figures("kill/command"), ["fdatasync"], every=2)
    assert figures.counts["kills of commands"] > 0
    check(figures)


@pytest.mark.parametrize("case", parameters(f"forgetting/{name}" for name in forgetting.LIVES))
def test_an_act_that_is_killed_is_finished_by_the_next_opening(case: str) -> None:
    """Of whom was redacted nothing is left in any file, or the redaction never happened."""
    need_strace()
    figures, name = Figures(case), case.removeprefix("forgetting/")
    chosen = forgetting.chosen_points(name, 12)
    forgetting.kill_at(chosen, name, figures)
    assert figures.counts["kills"] == figures.counts["runs"]
    assert figures.counts["kills"] > 1
    check(figures)


# --------------------------------------------------------------------------- errors of the disk

SHORT = {
    "opening": {"init": 1},
    "writing": {"package": 3},
    "reading": {"submit": 3} | dict.fromkeys(faults.READING, 20),
    "staying": {"package": 6},
}
"""In the short form: for each group of calls some lives, and every how many of them fail."""


@pytest.mark.parametrize("case", parameters(faults.CASES))
def test_an_error_of_the_disk_is_refused_in_plain_words_and_overcome(
    warm: WarmProcess, case: str
) -> None:
    figures = Figures(case)
    for life, every in SHORT[case.rpartition("/")[2]].items():
        faults.run_life(warm, life, case, figures, every=every)
    assert figures.counts["refusals"] > 0
    check(figures)


@pytest.mark.parametrize("case", parameters(faults.COMMAND_FAULTS))
def test_a_command_ends_with_exit_code_1_and_plain_words(case: str) -> None:
    need_strace()
    figures = faults.run_command(case, Figures(case), 2)
    assert figures.counts["refusals"] > 0
    check(figures)


def test_a_full_disk_is_refused_and_once_there_is_space_the_open_store_works() -> None:
    if not faults.may_mount():
        missing("mount", "only root may mount a small disk")
    figures = faults.fill_disk(Figures("fault/full"), 2)
    assert figures.counts["times full"] == 2
    check(figures)


# ------------------------------------------------------------------------------------ corruptions


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return corruptions.make_victim(Path(tmp_path_factory.mktemp("victim")) / "store")


@pytest.fixture(scope="module")
def damaged_pages(victim: Victim) -> Figures:
    return corruptions.corrupt_pages(victim, Figures("corruptions of pages"), SEED, range(42))


@pytest.fixture(scope="module")
def edited(victim: Victim) -> Figures:
    figures = Figures("edits by SQL")
    for name in corruptions.EDITS:
        corruptions.edit(name, victim, figures)
    return figures


def test_pages_of_every_class_are_damaged(damaged_pages: Figures) -> None:
    classes = [name for name in damaged_pages.counts if name.startswith("of class")]
    assert len(classes) == 7
    assert damaged_pages.counts["detected"] > 5
    assert damaged_pages.counts["refused"] > 2


@pytest.mark.parametrize(
    "case", parameters(f"corruption/pages/{label}" for label in corruptions.LABELS)
)
def test_a_damaged_page_breaks_no_promise(damaged_pages: Figures, case: str) -> None:
    findings = damaged_pages.of_case(case)
    assert not findings, "\n".join(map(str, findings[:10]))


@pytest.mark.parametrize(
    "case",
    parameters(
        f"corruption/edit/{name}" for name in (*corruptions.EDITS, "acknowledged", "served")
    ),
)
def test_an_edit_with_sql_is_named_by_verify(edited: Figures, case: str) -> None:
    findings = edited.of_case(case)
    assert not findings, "\n".join(map(str, findings[:10]))


@pytest.mark.parametrize(
    "case", parameters(f"corruption/file/{name}" for name in corruptions.FILES)
)
def test_a_damaged_file_is_named_or_made_good(case: str) -> None:
    check(corruptions.damage_file(case.removeprefix("corruption/file/"), Figures(case)))


@pytest.fixture(scope="module")
def damaged_logs(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    place = tmp_path_factory.mktemp("crashed")
    small = corruptions.make_victim(place / "small", 10, 1, 512)
    crashed = corruptions.leave_log(small, place / "crashed")
    figures = corruptions.corrupt_pages(small, Figures("small pages"), SEED, range(42))
    return corruptions.corrupt_pages(crashed, figures, SEED, range(18))


def test_a_damaged_log_or_small_page_breaks_no_promise(damaged_logs: Figures) -> None:
    assert sum("log" in name for name in damaged_logs.counts) == 3
    check(damaged_logs)


# --------------------------------------------------------------------------------- the long form


def test_a_run_that_was_interrupted_goes_on_with_the_batches_that_are_missing(
    tmp_path: Path,
) -> None:
    def batch(name: str) -> Batch:
        return Batch(name, 1, lambda figures: figures.count("lives"))

    for names in (("a",), ("a", "b", "c")):
        ledger = Ledger(tmp_path / "results", 1, 1)
        pool = Pool(ledger, 2, tmp_path)
        pool.run("suite", map(batch, names), 3)
        pool.finish()
    assert sorted(row.batch for row in ledger.rows) == ["a", "b", "c"]
    assert "| suite | 3 lives | 0 |" in ledger.table_file.read_text()
    assert Ledger(tmp_path / "results", 1, 1).figures("suite").counts == {"lives": 3}
    assert not Ledger(tmp_path / "results", 2, 1).rows


@pytest.mark.parametrize(
    ("fate", "label"), [(lambda _: os._exit(9), "died"), (lambda _: 1 // 0, "harness")]
)
def test_a_batch_that_does_not_end_well_is_a_finding(
    tmp_path: Path, fate: Callable[[Figures], object], label: str
) -> None:
    ledger = Ledger(tmp_path, 1, 1)
    pool = Pool(ledger, 1, tmp_path)
    pool.run("suite", [Batch("bad", 1, fate)], 1)
    pool.finish()
    assert [finding.label for finding in ledger.figures("suite").findings] == [label]


# ---------------------------------------------------------------------------------------- writers


def test_64_writers_at_once_get_every_position_once() -> None:
    figures = writers.write_together(writers.Writers(8, 8, 2), Figures("writers"))
    assert figures.counts["acknowledgements"] == 128
    check(figures)


def test_every_known_fault_is_a_case_of_a_test() -> None:
    """An entry whose case no test has would hide that its fault is mended."""
    known = {
        *(f"crash/directory/{path}" for path in DIRECTORIES),
        *(f"crash/after/{name}" for name in TROUBLES),
        *(f"kill/{name}" for name in kills.LIVES),
        *(f"forgetting/{name}" for name in forgetting.LIVES),
        *faults.CASES,
        *faults.COMMAND_FAULTS,
        *(f"corruption/pages/{label}" for label in corruptions.LABELS),
        *(f"corruption/edit/{name}" for name in (*corruptions.EDITS, "acknowledged", "served")),
        *(f"corruption/file/{name}" for name in corruptions.FILES),
    }
    assert not open_faults().keys() - known
