"""The pinned vocabularies are what their keepers publish, and nobody's private list."""

import json
import runpy
from pathlib import Path

import pytest

from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped

FOLDER = Path(__file__).parents[1] / "forms" / "vocabularies"
FILES = sorted(FOLDER.glob("*/*.json"))


def test_the_pinned_files_are_what_the_script_makes_of_the_published_ones(
    real_inputs: Path,
) -> None:
    published = real_inputs / "vocabularies"
    made = dict(runpy.run_path(str(FOLDER / "renew.py"))["vocabularies"](published))
    assert sorted(made) == FILES
    assert {path: path.read_text(encoding="utf-8") for path in FILES} == made


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_each_vocabulary_names_its_version_source_and_licence(file: Path) -> None:
    held = json.loads(file.read_text(encoding="utf-8"))
    assert all(held[key] for key in ("name", "version", "source", "licence", "terms"))
    assert held["name"] == file.parent.name


def test_every_link_of_a_term_leads_to_a_term() -> None:
    for folder in FOLDER.iterdir():
        held = {
            file.stem: json.loads(file.read_text(encoding="utf-8"))["terms"]
            for file in folder.glob("*.json")
        }
        for name, terms in held.items():
            for term, told in terms.items():
                for other in told.keys() - {"title"}:
                    unknown = set(told[other]) - set(held[other])
                    assert not unknown, (name, term, other)


def test_a_form_knows_which_vocabularies_judge_it() -> None:
    forms = load_forms(shipped("forms"))
    assert forms["cmip6"].vocabularies == ("cmip6 6.2.60.0",)
    assert forms["generic"].vocabularies == ()
