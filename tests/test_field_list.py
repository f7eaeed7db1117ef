"""The page of all fields is what the forms say."""

from pathlib import Path

from provstore.projects.field_list import field_list_markdown
from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped

FORMS = load_forms(shipped("forms"))


def test_the_page_in_the_folder_of_forms_is_made_from_them() -> None:
    """After a form changed: `make fields`."""
    page = Path(__file__).parents[1] / "forms" / "FIELDS.md"
    assert page.read_text(encoding="utf-8") == field_list_markdown(FORMS)


def test_every_field_of_every_form_has_its_row() -> None:
    rows = [line for line in field_list_markdown(FORMS).splitlines() if line.startswith("| `")]
    for form in FORMS.values():
        for field in form.fields:
            assert any(row.startswith(f"| `{field.name}` | {field.label} |") for row in rows)
