"""Pasted tables are taken whole, cell by cell as typed, or refused with every fault named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.errors import BadTable
from provstore.projects.form_draft import Draft
from provstore.projects.pasted_tables import read_table, write_table
from tests.test_form_draft import FORMS

FINDINGS = next(field for field in FORMS["quality"].fields if field.name == "findings")
cells = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=5)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_known_by_name_or_label_in_any_order(separator: str) -> None:
    text = "Message|severity|FILES\nGood, all.|note|3\n\nBad.|error|\n".replace(
        "Good, all.", '"Good, all."'
    ).replace("|", separator)
    assert read_table(FINDINGS, text) == [
        {"message": "Good, all.", "severity": "note", "files": 3},
        {"message": "Bad.", "severity": "error"},
    ]


def test_a_wrong_cell_is_kept_and_the_draft_names_it() -> None:
    draft = Draft(FORMS["quality"])
    draft.set("/findings", read_table(FINDINGS, "message,severity,files\na,grave,many\n"))
    assert draft.get("/findings/0") == {"message": "a", "severity": "grave", "files": "many"}
    assert set(draft.problems(shown=True)) == {"/findings/0/severity", "/findings/0/files"}


def test_every_fault_is_named_by_row_and_column() -> None:
    with pytest.raises(BadTable) as caught:
        read_table(FINDINGS, "message,sevrity,message\na,b,c\na,b,c,d\n")
    told = {problem.where: f"{problem.what} {problem.mend}" for problem in caught.value.problems}
    assert list(told) == ["row 1, column 2", "row 1, column 3", "row 3, column 4"]
    assert "'severity'" in told["row 1, column 2"]
    assert "twice" in told["row 1, column 3"]


@pytest.mark.parametrize("text", ["", "\n \n", 'message\n"open', "message\n" + "x" * 200_000])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(BadTable):
        read_table(FINDINGS, text)


@given(
    st.lists(st.fixed_dictionaries({"message": cells}, optional={"check": cells}), min_size=1),
)
def test_a_table_comes_back(rows: list[dict[str, str]]) -> None:
    assert read_table(FINDINGS, write_table(FINDINGS, rows)) == rows
