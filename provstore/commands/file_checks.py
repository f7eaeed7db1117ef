"""What a file is and whether it could be taken. Nothing is written, no store is needed.

In: a source. Out: a `CheckResult` with every problem; for provenance these are the violations of
W3C PROV-CONSTRAINTS, and what is merely implausible is a note. Content decides, not a file's name.
"""

from collections.abc import Mapping

from provstore.commands.input_sources import Source, read_source
from provstore.errors import BadDocument, BadForm, BadInput, BadPackage
from provstore.ingest.sealed_package import looks_like_package, read_delivery
from provstore.projects.forms import Form, looks_like_form, read_filled_form
from provstore.prov import constraints
from provstore.prov.constraints import plausibility
from provstore.prov.notations.json_strict import strict_json
from provstore.prov.notations.notation_readers import detect_notation
from provstore.prov.notations.notation_registry import read
from provstore.results.receipts import CheckResult


def check_source(source: Source, forms: Mapping[str, Form]) -> CheckResult:
    """Say what it is; `verdict` is `valid`, `invalid` (readable, but wrong) or `malformed`."""
    data, name = read_source(source)
    if looks_like_package(data):
        try:
            filled, _ = read_delivery(data, name, forms)
        except (BadForm, BadPackage) as error:
            return CheckResult(name, "package", "package", "invalid", error.problems)
        return CheckResult(name, "package", f"form {filled.form.name}", "valid", ())
    from provstore.readers import reader_registry  # only now: they are many

    try:
        return _check_report(data, name, reader_registry.recognise_format(data, name).name)
    except BadInput as error:
        tried = error.problems
    try:
        notation = detect_notation(data, name)
        form = notation == "provjson" and looks_like_form(strict_json(data, name))
    except BadDocument as error:
        problems = tuple(dict.fromkeys((*error.problems, *tried)))  # several found the same
        return CheckResult(name, "unknown", "", "malformed", problems)
    if form:
        try:
            filled = read_filled_form(data, name, forms)
        except BadForm as error:
            return CheckResult(name, "form", "form", "invalid", error.problems)
        return CheckResult(name, "form", f"form {filled.form.name}", "valid", ())
    try:
        reading = read(data, name, notation)
    except BadDocument as error:
        return CheckResult(name, "prov", notation, "malformed", error.problems)
    violations = [
        violation for bundle in reading.bundles for violation in constraints.check(bundle)
    ]
    faults = tuple(violation.problem() for violation in violations)
    notes = [note for bundle in reading.bundles for note in plausibility.check_plausibility(bundle)]
    verdict = "invalid" if faults else "valid"
    records = tuple(map(_violation_record, violations))
    return CheckResult(name, "prov", notation, verdict, faults, (*reading.notes, *notes), records)


def _check_report(data: bytes, name: str, reader: str) -> CheckResult:
    """A file that a tool wrote; its report may still leave questions of the form open."""
    from provstore.readers import reader_registry

    try:
        extract = reader_registry.read_extract(data, name, reader)
    except BadInput as error:
        return CheckResult(name, "report", reader, "invalid", error.problems)
    return CheckResult(name, "report", reader, "valid", (), extract.notes)


def _violation_record(violation: constraints.Violation) -> Mapping[str, object]:
    return {
        "constraint": violation.constraint,
        "title": violation.title,
        "link": violation.link,
        "statements": violation.statements,
        "cycle": violation.cycle,
        "mermaid": violation.mermaid() if violation.steps else "",
    }
