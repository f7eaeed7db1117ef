"""Imports PROV documents that others wrote: reads, checks and records them, whole or not at all.

A record of the first generation is imported as the PROV that it means. In: an input file, the names
of one journal. Out: an `ImportReceipt`, or a refusal that lists every problem. A document that
violates W3C PROV-CONSTRAINTS is imported only on request; its verdict is then recorded too. A
document about the centre's own ingests is also imported only on request.
"""

from provstore.commands.name_checks import notes_on_bundles, unkept_texts
from provstore.errors import BadDocument, Refused
from provstore.ingest import verdict
from provstore.ingest.ingest_iris import IngestIris, check_foreign_claims
from provstore.prov import constraints
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.notation_registry import read_file
from provstore.readers.first_generation_prov import looks_like_record, record_as_prov
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
    """Record the bundles of a document, all or none. Importing it again changes nothing.

    Raises:
        UnknownName: no such notation; suggests similar names.
        BadInput: a record of the first generation has faults; lists them all.
        BadDocument: the document cannot be read, is not valid, has a text with NUL, or describes
            ingests of this store; lists every problem.
        Refused: the store has a bundle of that name with other content, or reserves the name.

    """
    name, journal = input_file.name, names.journal
    record = notation is None and not looks_like_record(input_file)
    reading = record_as_prov(input_file) if record else read_file(input_file, notation)
    checked = [(bundle, constraints.check(bundle)) for bundle in reading.bundles]
    if unkept := tuple(unkept_texts(reading.bundles)):
        raise BadDocument(name, unkept, code="PS-DOCUMENT-NUL")
    faults = (
        *(violation.problem() for _, violations in checked for violation in violations),
        *check_foreign_claims(reading.bundles, names.iris),
    )
    if faults and not accept_invalid:
        raise BadDocument(
            name,
            faults,
            "To import it with its problems, use --accept-invalid.",
            code="PS-DOCUMENT-INVALID",
        )
    with journal.writing():
        written = tuple(_write_bundle(bundle, journal, names.iris) for bundle in reading.bundles)
        for bundle, violations in checked:
            if violations:
                report = verdict.verdict_bundle(bundle, violations, names.iris)
                _write_bundle(report, journal, names.iris)
    notes = (*reading.notes, *notes_on_bundles(reading.bundles), *faults)
    return ImportReceipt(name, written, notes)


def _write_bundle(bundle: Bundle, journal: Journal, names: IngestIris) -> ImportedBundle:
    known = journal.entry_of_bundle(bundle.iri)
    if known and bundle_of(known) == bundle:  # whichever prefixes it uses
        entry, new = known, False
    elif names.is_own(bundle.iri):
        raise Refused(
            f"The bundle name {bundle.iri} is reserved for reports of this store.",
            "Report with a form, or choose another bundle name.",
            code="PS-REFUSED-BUNDLE-RESERVED",
        )
    else:
        content = provjson.dump(bundle)
        fingerprint = sha256_of_text(bundle.iri + "\n" + content)
        concealer = journal.personal.concealer(bundle.iri)
        entry, new = journal.append(
            bundle.iri, fingerprint, "", concealer.document(content), concealer
        )
    count = (len(bundle.elements), len(bundle.relations))
    return ImportedBundle(bundle.iri, *count, entry.position, new)
