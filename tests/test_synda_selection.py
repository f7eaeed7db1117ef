"""Selection files: which datasets somebody wants, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.projects import synda_selection

WISH = """
# daily temperatures
project=CMIP6
experiment_id="historical ssp585"   # two of them
source_id=MPI-ESM1-2-HR, CESM2
variable[atmos][day]="tasmax tasmin"
variable[*][fx]=sftlf
"""


def test_a_selection_is_read_with_quotation_marks_blanks_commas_and_remarks() -> None:
    assert not list(synda_selection.faults(WISH))
    assert synda_selection.facets(WISH) == {
        "project": ("CMIP6",),
        "experiment_id": ("historical", "ssp585"),
        "source_id": ("MPI-ESM1-2-HR", "CESM2"),
        "realm": ("atmos",),
        "frequency": ("day", "fx"),
        "variable": ("tasmax", "tasmin", "sftlf"),
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "selects nothing"),
        ("# nothing", "selects nothing"),
        ("project=CMIP6\nhistorical", "has no facet=value in line 2"),
        ("project=", "has no values, separated by blanks or commas, in line 1"),
        ("project=CMIP6,,CMIP5", "has no values, separated by blanks or commas, in line 1"),
        ("variable[a][b][c]=tas", "has more than realm and frequency in brackets in line 1"),
        ("variable[a=tas", "has no facet=value in line 1"),
        ('project="CMIP6', "has no values, separated by blanks or commas, in line 1"),
    ],
)
def test_a_faulty_selection_says_which_line_is_wrong(text: str, fault: str) -> None:
    assert list(synda_selection.faults(text)) == [fault]


@given(st.text())
def test_what_has_no_faults_can_be_read_and_nothing_else_breaks(text: str) -> None:
    if not list(synda_selection.faults(text)):
        assert synda_selection.facets(text)
