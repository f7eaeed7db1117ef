"""Detects what a file is and checks it. Nothing is written; no store is needed.

In: a source. Out: a `CheckResult` with every problem. For provenance, the problems are violations
of W3C PROV-CONSTRAINTS; implausible statements become notes. The content decides, not the file
name: packages and forms are tried first, then the formats of tools, then the notations of PROV.
What reads these two is loaded only for files that get so far.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from provstore.commands.input_sources import Source, read_source
from provstore.errors import BadDocument, BadForm, BadInput, BadPackage, Problem
from provstore.ingest.sealed_package import looks_like_delivery, looks_like_package, open_delivery
from provstore.projects.forms import Form
from provstore.prov.notations.input_file import InputFile
from provstore.results.receipts import CheckResult

if TYPE_CHECKING:
    from provstore.prov.constraints import Violation


def check_source(source: Source, forms: Mapping[str, Form]) -> CheckResult:
    """Check a file; the verdict is `valid`, `invalid` (readable, but wrong) or `malformed`."""
    input_file = read_source(source)
    if looks_like_delivery(input_file):
        return _check_delivery(input_file, forms)
    from provstore.readers import reader_registry

    try:
        reader = reader_registry.recognise_format(input_file)
    except BadInput as error:
        return _check_document(input_file, error.problems)
    try:
        extract = reader.read(input_file)
    except BadInput as error:
        return CheckResult(input_file.name, "report", reader.name, "invalid", error.problems)
    return CheckResult(input_file.name, "report", reader.name, "valid", (), extract.notes)


def _check_delivery(input_file: InputFile, forms: Mapping[str, Form]) -> CheckResult:
    kind = "package" if looks_like_package(input_file.data) else "form"
    try:
        filled = open_delivery(input_file).read(forms)
    except (BadForm, BadPackage) as error:
        return CheckResult(input_file.name, kind, kind, "invalid", error.problems)
    return CheckResult(input_file.name, kind, f"form {filled.form.name}", "valid", ())


def _check_document(input_file: InputFile, tried: tuple[Problem, ...]) -> CheckResult:
    """Check a PROV document; `tried` says what the file resembles, as no reader accepts it."""
    from provstore.prov import constraints
    from provstore.prov.constraints import plausibility
    from provstore.prov.notations.notation_readers import detect_notation, resembled_notations
    from provstore.prov.notations.notation_registry import read_file
    from provstore.prov.notations.provjson import resembles_provjson

    name = input_file.name
    try:
        notation = detect_notation(input_file)
        if notation == "provjson" and input_file.faults:
            raise input_file.faults
    except BadDocument as error:
        problems = tuple(resembled_notations(input_file, error.problems)) or tried
        return CheckResult(name, "unknown", "", "malformed", problems)
    if notation == "provjson" and not resembles_provjson(input_file.document):
        return CheckResult(name, "unknown", "", "malformed", tried)
    try:
        reading = read_file(input_file, notation)
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


def _violation_record(violation: "Violation") -> Mapping[str, object]:
    return {
        "constraint": violation.constraint,
        "title": violation.title,
        "link": violation.link,
        "statements": violation.statements,
        "cycle": violation.cycle,
        "mermaid": violation.mermaid() if violation.steps else "",
    }
