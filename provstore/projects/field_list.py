"""The list of all fields of all forms: `forms/FIELDS.md` (`make fields`).

In: the forms. Out: Markdown; equal forms give equal text. Pure.
"""

from collections.abc import Iterator, Mapping

from provstore.projects.form_fields import Field
from provstore.projects.forms import Form

_HEAD = """\
# Fields of all forms

`make fields` generates this page from the form files; do not edit it by hand.
A *conditional* field is asked or required only with certain answers to other fields.
"""
_FEW = 12  # a longer list is replaced by its vocabulary or its length


def field_list_markdown(forms: Mapping[str, Form]) -> str:
    """Write all forms in their order, each with its sections and fields."""
    return "\n".join([_HEAD, *(line for form in forms.values() for line in _form(form))])


def _form(form: Form) -> Iterator[str]:
    yield f"## `{form.name}`: {form.title}\n"
    judged = f" Checked against {', '.join(form.vocabularies)}." if form.vocabularies else ""
    yield f"{form.description} Step: {form.step}. Version {form.version}.{judged}\n"
    fields = {field.name: field for field in form.fields}
    conditional = _conditional(form)
    for section in form.sections:
        if len(form.sections) > 1:
            yield f"### {section.title}\n\n{section.description}\n"
        yield "| field | label | kind | required | description |"
        yield "|---|---|---|---|---|"
        for name in section.fields:
            yield from _rows(fields[name], name in conditional)
        yield ""


def _rows(field: Field, conditional: bool) -> Iterator[str]:
    needed = "conditional" if conditional else "yes" if field.required else ""
    name = field.pointer.lstrip("/").replace("/-", "[]").replace("/", ".")
    cells = (f"`{name}`", field.label, _kind(field), needed, field.help)
    yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    for part in field.parts:
        if field.kind == "group" or part.parts:
            yield from _rows(part, False)


def _kind(field: Field) -> str:
    if field.kind == "list":
        row = field.parts[0]
        return f"list of {row.kind}{'' if row.parts else _terms(row)}"
    return field.kind + _terms(field)


def _terms(field: Field) -> str:
    if not field.choices:
        return f" in {field.unit}" if field.unit else ""
    if len(field.choices) > _FEW:
        return f" of {len(field.choices)} terms"
    return f": {', '.join(map(str, field.choices))}"


def _conditional(form: Form) -> set[str]:
    return {
        name
        for rule in form.schema.get("allOf", ())
        for branch in (rule.get("then", {}), rule.get("else", {}))
        for name in (*branch.get("required", ()), *branch.get("properties", {}))
    }
