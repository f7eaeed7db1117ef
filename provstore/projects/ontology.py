"""The ontology of our own namespace, generated from the tables that use its terms.

In: the steps of the workflow and the forms. Out: Turtle; equal input gives equal text. `make
ontology` writes it to `ontologies/ingest.ttl`.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from provstore.projects.forms import Field, Form
from provstore.projects.workflow import ANY, ENDS, OPEN, OUTCOMES, ROLES, STARTED, STEPS
from provstore.prov.model.terms import INGEST

CLASSES = MappingProxyType(
    {
        "Ingest": ("prov:Collection", "The life of one data delivery: its reports and its data."),
        "Run": ("prov:Activity", "One run of a step of an ingest."),
        "Report": ("prov:Entity", "One agent's answers to one form, for one run of one step."),
        "Start": ("prov:Entity", "The start of a run of a step, reported before its end."),
        "Dataset": ("prov:Entity", "A dataset with a DRS id, independent of its versions."),
        "DataCopy": ("prov:Entity", "The data as one transfer brought them to the centre."),
        "DatasetVersion": ("prov:Entity", "A published version of a dataset."),
        "Source": ("prov:Entity", "A file written by a tool, from which a report was made."),
        "Finding": ("prov:Entity", "The result of one check of data in one run."),
        "File": ("prov:Entity", "A file of a dataset version."),
        "Replica": ("prov:Entity", "The copy of a dataset version on one data node."),
        "Collection": ("prov:Collection", "A collection of data, such as a citation."),
        "Citation": ("prov:Entity", "The data that are cited under a DOI."),
        "ErratumIssue": ("prov:Entity", "An issue in an errata service."),
        "Vocabulary": ("prov:Plan", "A release of a vocabulary or convention for checking data."),
        "Verdict": ("prov:Entity", "The verdict of W3C PROV-CONSTRAINTS on an imported bundle."),
        "Upgrade": ("prov:Activity", "The upgrade of a journal into a new format."),
        "UpgradeReport": ("prov:Entity", "What a journal was before its upgrade."),
        "Redaction": ("prov:Activity", "The removal of personal values from a journal."),
        "RedactionReport": ("prov:Entity", "Who removed which personal values, and why."),
        "Amendment": ("prov:Activity", "A change of what is known of a person."),
        "AmendmentReport": ("prov:Entity", "What changed about a person, who said so, and why."),
        "ArchiveCopy": ("prov:Entity", "A version of a dataset in a long-term archive."),
    }
)  # fmt: skip
"""Our classes except those of the steps: the superclass and the description."""

PROPERTIES = MappingProxyType(
    {
        "ingest": "The name of the ingest that a report belongs to.",
        "step": "The step that a report is about.",
        "run": "The number of the run of this step, from 1.",
        "sequence": "The number of the report in its ingest, from 1.",
        "after": "The number of the report that came before a start.",
        "form": "The name of the form that the report answers.",
        "formVersion": "The version of that form.",
        "outcome": "The outcome of the run of the step.",
        "status": "The status of the ingest after this report.",
        "awaits": "The role that had to act after this report.",
        "next": "The step that had to follow this report.",
        "answers": "All answers of the report, as JSON.",
        "reader": "The format of a file, as it was read.",
        "sha256": "The SHA-256 checksum of a file.",
        "bytes": "The size in bytes.",
        "kept": "Content of a file that no other property has, by its place in the file, as JSON.",
        "told": "Content of a file that may change (latest, retracted, status, events), as JSON.",
        "severity": "The severity of a finding: note, warning or error.",
        "check": "The name of a check.",
        "message": "The text of a finding or fault.",
        "result": "The result of a check: failed, passed, or broken.",
        "level": "The severity in the words of the tool.",
        "files": "The number of files with this finding.",
        "dataset": "The DRS id of a dataset.",
        "file": "The name of a file.",
        "tool_name": "The name of a tool.",
        "tool_version": "The version of a tool.",
        "vocabulary": "The vocabulary or convention that a check or a form used.",
        "derived": "Whether a finding was inferred because its tool did not list it.",
        "version": "A version: the letter v and a date.",
        "tracking_id": "The tracking id of a file.",
        "checksum": "A checksum, with the name of its algorithm.",
        "path": "The path of a file.",
        "url": "A web address.",
        "data_node": "The host that serves data.",
        "title": "A title.",
        "description": "A description.",
        "project": "A project.",
        "material": "The web address of material on an erratum.",
        "creator": "The persons or organisations to cite.",
        "year": "The year of publication.",
        "publisher": "The publisher.",
        "licence": "The licence.",
        "citation": "The text of a citation.",
        "related": "The type of a relation and its target, in the terms of DataCite.",
        "violates": "The number of a constraint that a bundle violates.",
        "fault": "A violation, in words.",
        "formerFormat": "The format of a journal before its upgrade.",
        "formerEntries": "The number of entries of a journal before its upgrade.",
        "formerChain": "The last chain hash of a journal before its upgrade.",
        "replaced": "What a redaction replaced, as JSON: positions, references, commitments.",
        "address": "The e-mail address that a person has.",
        "formerAddress": "An e-mail address that a person had before.",
        "formerName": "A name that a person had before.",
        "redactedFile": "The SHA-256 checksum of an attachment that a redaction deleted.",
        "sharedIdentifier": "The identifier of a relation that another statement has as well.",
    }
)  # fmt: skip
"""Our properties except the fields of the forms."""

FORMER_TERMS = MappingProxyType(
    {
        "open": ("0:open", "1:in-progress", "3:paused", "3:re-opened", "1:stored", "2:submitted"),
        "closed": ("4:closed", "4:cloded"),
        "ok": ("1:ok", "3:ok"),
        "warning": ("1:warning",),
        "action-required": ("2:action-required", "2:error"),
    }
)
"""Our status or outcome → the terms of the first generation of such forms."""

_HEAD = f"""\
@prefix ingest: <{INGEST}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .

<{INGEST.rstrip("#")}> a owl:Ontology ;
    dcterms:title "The life of a data delivery, as an extension of PROV-O"@en ;
    dcterms:license <https://www.apache.org/licenses/LICENSE-2.0> ;
    rdfs:seeAlso <http://www.w3.org/ns/prov-o#> .
"""


def ontology_turtle(forms: Mapping[str, Form]) -> str:
    """Write the ontology in Turtle."""
    return "\n".join([_HEAD, *_classes(), *_properties(forms), *_roles(), *_concepts()])


def _classes() -> Iterator[str]:
    for name, (above, words) in CLASSES.items():
        yield _term(name, "owl:Class", words, f"rdfs:subClassOf {above}")
    for step in STEPS.values():
        words = f"A run of the step {step.name}."
        yield _term(step.activity, "owl:Class", words, "rdfs:subClassOf ingest:Run")
        words = f"A report on a run of the step {step.name}."
        yield _term(step.report, "owl:Class", words, "rdfs:subClassOf ingest:Report")


def _properties(forms: Mapping[str, Form]) -> Iterator[str]:
    comments = dict(PROPERTIES)
    for form in forms.values():
        if form.step == ANY:  # its answers are no attributes of a report
            continue
        for name, field in ontology_fields(form.fields):
            comments.setdefault(name, field.help)
    for name in sorted(comments):
        yield _term(name, "owl:DatatypeProperty", comments[name])


def ontology_fields(asked: tuple[Field, ...], before: str = "") -> Iterator[tuple[str, Field]]:
    """Yield fields with their names in reports; parts carry that of their group: `tool_version`."""
    for field in asked:
        name = before + field.name
        if field.kind == "group":
            yield from ontology_fields(field.parts, name + "_")
        elif not name.startswith("agent_") and name not in ("started", "ended"):
            yield name, field


def _roles() -> Iterator[str]:
    for role, words in {**ROLES, "checker": "the checking program"}.items():
        yield _term(role, "prov:Role", f"{words[:1].upper()}{words[1:]}.")


def _concepts() -> Iterator[str]:
    for scheme, names in (("Outcome", (*OUTCOMES, STARTED)), ("Status", (OPEN, *ENDS))):
        yield _term(scheme, "skos:ConceptScheme", f"The values of {scheme.lower()}.")
        for name in names:
            concept = f"{scheme}-{name}"
            words = [f'    skos:hiddenLabel "{word}" ;\n' for word in FORMER_TERMS.get(name, ())]
            scheme_of = f"skos:inScheme ingest:{scheme} ;\n"
            more = f'{scheme_of}{"".join(words)}    skos:notation "{name}"'
            yield _term(concept, "skos:Concept", f"The {scheme.lower()} {name}.", more)


def _term(name: str, kind: str, words: str, more: str = "") -> str:
    text = words.replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        f"ingest:{name} a {kind} ;",
        f"    {more} ;" if more else "",
        f'    rdfs:label "{name}"@en ;',
        f'    rdfs:comment "{text}"@en .',
        "",
    ]
    return "\n".join(line for line in lines[:-1] if line) + "\n"
