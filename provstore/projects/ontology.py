"""The words of our own namespace, written down as an ontology from the tables that use them.

In: the steps of the workflow and the forms. Out: Turtle, always the same; it is kept in
`ontologies/ingest.ttl` (`make ontology`).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from provstore.projects.forms import Field, Form
from provstore.projects.workflow import ENDS, OPEN, OUTCOMES, ROLES, STARTED, STEPS
from provstore.prov.model.terms import INGEST

CLASSES = MappingProxyType(
    {
        "Ingest": ("prov:Collection", "The life of one data delivery: its reports and its data."),
        "Run": ("prov:Activity", "One run of a step of an ingest."),
        "Report": ("prov:Entity", "One agent's answers to one form, for one run of one step."),
        "Start": ("prov:Entity", "That somebody has begun a run of a step."),
        "Dataset": ("prov:Entity", "A dataset by its DRS id, whatever its versions and copies."),
        "DataCopy": ("prov:Entity", "The data as they were brought to the centre by one transfer."),
        "DatasetVersion": ("prov:Entity", "A version of a dataset as it was made public."),
        "Source": ("prov:Entity", "A file that a tool wrote, from which a report was made."),
        "Finding": ("prov:Entity", "What one check of one run said of data."),
        "File": ("prov:Entity", "A file of a dataset version."),
        "Replica": ("prov:Entity", "A dataset version as one data node has it."),
        "Collection": ("prov:Collection", "What has data as its members, such as a citation."),
        "Citation": ("prov:Entity", "What is cited under a DOI."),
        "ErratumIssue": ("prov:Entity", "An issue of an errata service."),
        "Vocabulary": ("prov:Plan", "A release of a vocabulary or convention to judge data by."),
        "Verdict": ("prov:Entity", "What W3C PROV-CONSTRAINTS says of a bundle of others."),
        "ArchiveCopy": ("prov:Entity", "A version of a dataset in a long-term archive."),
    }
)  # fmt: skip
"""Our classes but for those of the steps: the class above, and what it is."""

PROPERTIES = MappingProxyType(
    {
        "ingest": "The name of the ingest that a report belongs to.",
        "step": "The step that a report is about.",
        "run": "Which run of this step it was, from 1.",
        "sequence": "Which report of its ingest it was, from 1.",
        "after": "Which report of its ingest came before a start.",
        "form": "The name of the form that was answered.",
        "formVersion": "The version of that form.",
        "outcome": "How the run of the step ended.",
        "status": "Where the ingest stood after this report.",
        "awaits": "The role that had to act after this report.",
        "next": "The step that had to come after this report.",
        "answers": "All answers as they were given, as JSON.",
        "reader": "The format as which a file was read.",
        "sha256": "The SHA-256 checksum of a file.",
        "bytes": "The size in bytes.",
        "kept": "What a file said that has no place elsewhere, by its place in it, as JSON.",
        "told": "What a file said that may change: latest, retracted, status, events; as JSON.",
        "severity": "How bad a finding is: note, warning or error.",
        "check": "The name of a check.",
        "message": "What was found.",
        "result": "How a check went: failed, passed, or broken.",
        "level": "The tool's own word for the severity.",
        "files": "How many files show it.",
        "dataset": "The DRS id of a dataset.",
        "file": "The name of a file.",
        "tool_name": "The name of a tool.",
        "tool_version": "The version of a tool.",
        "vocabulary": "The vocabulary or convention that a check or a form judged by.",
        "derived": "Whether a finding follows from what its tool did not list.",
        "version": "A version: the letter v and a date.",
        "tracking_id": "The tracking id of a file.",
        "checksum": "A checksum, with the name of its algorithm.",
        "path": "The path of a file.",
        "url": "A web address.",
        "data_node": "The host that serves data.",
        "title": "A title.",
        "description": "A description.",
        "project": "A project.",
        "material": "Material on an erratum, by its web address.",
        "creator": "Who is cited.",
        "year": "The year of publication.",
        "publisher": "The publisher.",
        "licence": "The licence.",
        "citation": "How to cite it.",
        "related": "The kind of a relation and what it leads to, as DataCite has it.",
        "violates": "The number of a constraint that a bundle violates.",
        "fault": "A violation, in words.",
        "sharedIdentifier": "The identifier of a relation that another statement bears too.",
    }
)  # fmt: skip
"""Our properties but for the questions of the forms."""

FORMER_TERMS = MappingProxyType(
    {
        "open": ("0:open", "1:in-progress", "3:paused", "3:re-opened", "1:stored", "2:submitted"),
        "closed": ("4:closed", "4:cloded"),
        "ok": ("1:ok", "3:ok"),
        "warning": ("1:warning",),
        "action-required": ("2:action-required", "2:error"),
    }
)
"""Our status or outcome → the words that the first generation of such forms had for it."""

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
    """The ontology, in Turtle."""
    return "\n".join([_HEAD, *_classes(), *_properties(forms), *_roles(), *_concepts()])


def _classes() -> Iterator[str]:
    for name, (above, words) in CLASSES.items():
        yield _term(name, "owl:Class", words, f"rdfs:subClassOf {above}")
    for step in STEPS.values():
        words = f"A run of the step {step.name}."
        yield _term(step.activity, "owl:Class", words, "rdfs:subClassOf ingest:Run")
        words = f"What a run of the step {step.name} reported."
        yield _term(step.report, "owl:Class", words, "rdfs:subClassOf ingest:Report")


def _properties(forms: Mapping[str, Form]) -> Iterator[str]:
    comments = dict(PROPERTIES)
    for form in forms.values():
        for name, field in ontology_fields(form.fields):
            comments.setdefault(name, field.help)
    for name in sorted(comments):
        yield _term(name, "owl:DatatypeProperty", comments[name])


def ontology_fields(asked: tuple[Field, ...], before: str = "") -> Iterator[tuple[str, Field]]:
    """The questions as a report has them: a part of a group is named by both, `tool_version`."""
    for field in asked:
        name = before + field.name
        if field.kind == "group":
            yield from ontology_fields(field.parts, name + "_")
        elif not name.startswith("agent_") and name not in ("started", "ended"):
            yield name, field


def _roles() -> Iterator[str]:
    for role, words in {**ROLES, "checker": "the program that checked"}.items():
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
