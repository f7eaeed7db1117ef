"""A history shows comments and reasons below its reports, within the width of the terminal."""

from provstore.results.text_lists import history_lines
from provstore.store import ProvStore
from tests.example import store as store


def test_reasons_stand_below_their_reports(store: ProvStore) -> None:
    lines = [*history_lines(store.ingest("cordex-0001").history(), 80)]
    at = next(at for at, line in enumerate(lines) if "revision 1" in line)
    assert lines[at].split() == ["5", "revision", "1", "ok", "2026-01-22", "Ada", "Example"]
    assert lines[at + 1].startswith("    reason: The units of pr were wrong")
    assert max(map(len, lines)) <= 80


def test_a_comment_cannot_command_the_terminal(store: ProvStore) -> None:
    history = store.ingest("cordex-0002").history()
    comment = history.columns.index("comment")
    row = (*history.rows[0][:comment], "\x1b]0;x\x07", *history.rows[0][comment + 1 :])
    hostile = type(history)(history.columns, (row,))
    assert "\x1b" not in "".join(history_lines(hostile, 80))
