"""How documents of others enter: read, checked, and written down whole or not at all.

In: an input file, the names of one journal. Out: an `ImportReceipt`, or a refusal with every
fault. What W3C PROV-CONSTRAINTS forbids is kept only on request, and then with a verdict beside it;
what speaks of the centre's own ingests only on request, too.
"""

from provstore.errors import BadDocument, Refused
from provstore.ingest import verdict
from provstore.ingest.ingest_iris import IngestIris, check_foreign_claims
from provstore.prov import constraints
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.notation_registry import read_file
from provstore.results.receipts import ImportedBundle, ImportReceipt
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Journal, sha256_of_text
from provstore.storage.name_resolver import NameResolver


def import_document(
    input_file: InputFile,
    names: NameResolver,
    *,
    notation: str | None,
    accept_invalid: bool,
) -> ImportReceipt:
    """Write a document's bundles down, all or none. The same again changes nothing.

    Raises:
        UnknownName: there is no such notation.
        BadDocument: it cannot be read, is not valid, or speaks of ingests here; lists
            every problem.
        Refused: a bundle of that name is there with other content, or is not theirs to name.

    """
    name, journal = input_file.name, names.journal
    reading = read_file(input_file, notation)
    checked = [(bundle, constraints.check(bundle)) for bundle in reading.bundles]
    faults = (
        *(violation.problem() for _, violations in checked for violation in violations),
        *check_foreign_claims(reading.bundles, names.iris),
    )
    if faults and not accept_invalid:
        raise BadDocument(name, faults, "To keep it with its faults told: --accept-invalid")
    with journal.writing():
        written = tuple(_write_bundle(bundle, journal, names.iris) for bundle in reading.bundles)
        for bundle, violations in checked:
            if violations:
                report = verdict.verdict_bundle(bundle, violations, names.iris)
                _write_bundle(report, journal, names.iris)
    return ImportReceipt(name, written, (*reading.notes, *faults))


def _write_bundle(bundle: Bundle, journal: Journal, names: IngestIris) -> ImportedBundle:
    known = journal.entry_of_bundle(bundle.iri)
    if known and bundle_of(known) == bundle:  # whatever prefixes it is written with
        entry, new = known, False
    elif names.is_own(bundle.iri):
        raise Refused(
            f"{bundle.iri} is a name that this store gives to its reports.",
            "Report it with a form, or give the bundle a name of your own.",
        )
    else:
        content = provjson.dump(bundle)
        fingerprint = sha256_of_text(bundle.iri + "\n" + content)
        entry, new = journal.append(bundle.iri, fingerprint, "", content)
    count = (len(bundle.elements), len(bundle.relations))
    return ImportedBundle(bundle.iri, *count, entry.position, new)
