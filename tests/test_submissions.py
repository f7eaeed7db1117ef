"""The forms that begin an ingest: each rule between their fields, broken once."""

from typing import Any

import pytest

from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped

FORMS = load_forms(shipped("forms"))
REGIONAL = "cordex-cmip6"


def said(form: str, **answers: Any) -> dict[str, str]:
    """What is wrong with the example when these are answered otherwise (None: not at all)."""
    given = {**FORMS[form].example(), **answers}
    found = FORMS[form].problems({name: one for name, one in given.items() if one is not None})
    return {problem.where.removeprefix("/answers/"): problem.what for problem in found}


@pytest.mark.parametrize(
    ("form", "answers", "where", "what"),
    [
        (REGIONAL, {"institution_id": "BOM"}, "source_id",
         "Model: 'REMO2020-2-2' belongs to GERICS, but Institution is 'BOM'."),
        (REGIONAL, {"institution_id": "BOM"}, "institution_id",
         "Institution: the dataset id has 'GERICS' instead."),
        (REGIONAL, {"institution_id": "GERICS2"}, "institution_id", "is not one of the choices"),
        (REGIONAL, {"driving_experiment_id": "ssp119"}, "example_file_name",
         "it has 'historical', but Driving experiment is 'ssp119'."),
        (REGIONAL, {"example_file_name": "tas.nc"}, "example_file_name",
         "'tas.nc' is not a file name of CORDEX-CMIP6."),
        (REGIONAL, {"version_realization": "v1"}, "version_realization",
         "'v1' is not in the expected form."),
        (REGIONAL, {"license": "CC0"}, "license", "is not one of the choices"),
        (REGIONAL, {"submission_type": "new_version"}, "erratum", "not answered yet"),
        (REGIONAL, {"submission_type": "new_version"}, "replaces", "not answered yet"),
        (REGIONAL, {"submission_type": "retraction"}, "data_path", "this field is not asked"),
        (REGIONAL, {"data_path": None}, "data_path", "not answered yet"),
        (REGIONAL, {"reason": "New data."}, "reason", "this field is not asked"),
        (REGIONAL, {"directory_structure": "other"}, "directory_comment", "not answered yet"),
        (REGIONAL, {"checked": "other", "checked_comment": None}, "checked_comment",
         "not answered yet"),
        (REGIONAL, {"time_period": ["2014-185001"]}, "time_period/0", "not in the expected form"),
        (REGIONAL, {"variables": [{"variable_id": "tas"}]}, "variables/0/frequency",
         "not answered yet"),
        ("cmip6", {"activity_id": "OMIP"}, "experiment_id",
         "Experiment: 'historical' belongs to CMIP, but Activity is 'OMIP'."),
        ("cmip6", {"license": "CC0 1.0"}, "source_id",
         "Model: 'MPI-ESM1-2-HR' belongs to CC BY 4.0, but Licence is 'CC0 1.0'."),
        ("cmip6", {"table_id": ["day"]}, "example_file_name",
         "it has 'Amon', but Tables is 'day'."),
        ("cmip7", {"source_id": "OTHER"}, "source_id",
         "Model: the dataset id has 'EXESM-1-0' instead."),
        ("esgf-replication", {"selection_files": [{"name": "a", "content": "CMIP6"}]},
         "selection_files/0/content", "has no facet=value in line 1"),
        ("esgf-replication", {"selection_files": [{"name": "../a", "content": "project=CMIP6"}]},
         "selection_files/0/name", "'../a' is not in the expected form."),
        ("cmip-data-pool", {"access_rights": "a group"}, "access_group", "not answered yet"),
        ("archival-request", {"creators": [{"name": "A", "orcid": "https://orcid.org/0000-0002-1825-0098"}]},
         "creators/0/orcid", "is not an ORCID: its check digits do not match"),
        ("archival-request", {"agreement": None}, "agreement", "not answered yet"),
    ],
)  # fmt: skip
def test_each_rule_says_what_is_wrong_where_it_is_wrong(
    form: str, answers: dict[str, Any], where: str, what: str
) -> None:
    assert what in said(form, **answers)[where]


@pytest.mark.parametrize("form", [REGIONAL, "cmip6", "cmip7"])
def test_a_new_version_and_a_retraction_name_what_they_replace_and_why(form: str) -> None:
    fields = {field.name: field for field in FORMS[form].fields}
    change = {name: fields[name].examples[0] for name in ("replaces", "erratum", "reason")}
    assert not said(form, submission_type="new_version", **change)
    assert not said(form, submission_type="retraction", data_path=None, **change)
