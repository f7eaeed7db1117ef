"""The records of a PROV-JSON document or bundle → one `Bundle` (PROV-JSON 3; PROV-DM 5).

In: parsed JSON of any shape, and its scope. Out: a bundle, and a log of everything wrong or
unusual. Nothing is dropped, renamed or coerced without an entry in the log.
"""

from collections.abc import Iterator
from typing import Any

from provstore.errors import UnknownName
from provstore.prov.model.bundle import Attributes, Bundle, Element, Relation
from provstore.prov.model.tables import bundle_of_tables
from provstore.prov.model.terms import ELEMENTS, RELATIONS, TIME, Argument, RelationTerm
from provstore.prov.notations.provjson.provjson_scope import Log, Scope, Steps, is_blank, kind_of
from provstore.prov.notations.provjson.provjson_tables import TableReader
from provstore.prov.notations.provjson.provjson_values import Values

_RECORDS = (*ELEMENTS, *RELATIONS)

_Record = dict[str, Any]


class Reader:
    """Reads `content`, which is at `where` in the document, as the bundle named `iri`.

    Call `bundle` only after the whole document has been read: which blank keys of relations are
    identifiers depends on all of it.
    """

    def __init__(self, content: _Record, where: Steps, iri: str, scope: Scope, log: Log) -> None:
        self.where = where
        self.iri = iri
        self.scope = scope
        self.log = log
        self.values = Values(scope, log)
        self.tables = TableReader(scope.known)
        self.elements: list[Element] = []  # those that `tables` did not accept
        self.relations: list[Relation] = []
        self.keys: list[str] = []  # the keys of these relations
        self._read(content, where)

    def bundle(self) -> Bundle:
        """Make the bundle."""
        self._identify_relations()
        elements, relations = tuple(self.elements), tuple(self.relations)
        rest = Bundle(self.iri, elements, relations, self.scope.prefixes)
        tables = [table for _, table in self.tables.relations]
        return bundle_of_tables(self.tables.elements, tables, rest)

    def _read(self, content: _Record, where: Steps) -> None:
        for kind, records in content.items():
            if kind == "prefix" or (kind == "bundle" and not where):
                continue
            self.log.place = place = (*where, kind)
            if kind == "@id" and where and isinstance(records, str):  # ProvToolbox writes it
                if self.scope.iri(records) != self.iri:
                    self.log.note(f"This bundle is named by its key, not by its @id {records!r}.")
                continue
            if not isinstance(records, dict) or kind not in _RECORDS:
                self.log.check_plain(records)
            if kind in _RECORDS:
                if not isinstance(records, dict):
                    self.log.error(
                        f"This is {kind_of(records)}; records must be an object by name."
                    )
                elif kind in ELEMENTS:
                    self._elements(kind, records, place)
                else:
                    self._relations(RELATIONS[kind], records, place)
            elif kind == "bundle":
                self.log.error("A bundle cannot contain bundles (PROV-DM 5.4).")
            else:
                hint = UnknownName("record type", kind, _RECORDS, code="PS-NAME-RECORD-TYPE")
                self.log.error(hint.message, hint.advice)
        self.log.place = where
        self._note_undeclared()

    def _records(
        self, records: _Record, place: Steps, several: str
    ) -> Iterator[tuple[str, _Record]]:
        """Yield each record with its name, also those in lists; set the place of the log."""
        for name, record in records.items():
            self.log.place = (*place, name)
            if type(record) is dict:
                yield name, record
            elif isinstance(record, list):
                self.log.note(several.format(name=name, count=len(record)))
                for index, part in enumerate(record):
                    self.log.place = (*place, name, index)
                    if isinstance(part, dict):
                        yield name, part
                    else:
                        self.log.error(f"A record must be an object, not {kind_of(part)}.")
            else:
                self.log.error(f"A record must be an object, not {kind_of(record)}.")

    def _elements(self, kind: str, records: _Record, place: Steps) -> None:
        kinds = (kind,)
        known, resolve = self.scope.known, self.scope.iri
        several = "{name!r} is described {count} times; the values are merged."
        rest = self.tables.read_elements(kind, records)
        self.log.check_plain(rest)
        for name, record in self._records(rest, place, several):
            iri = known.get(name) or resolve(name)
            self.elements.append(
                Element(iri, kinds, self.values.attributes(record) if record else ())
            )

    def _relations(self, term: RelationTerm, records: _Record, place: Steps) -> None:
        known, resolve, log = self.scope.known, self.scope.iri, self.log
        keys = {argument.key: argument for argument in term.arguments}
        several = "{count} statements share the identifier {name!r}."
        rest = self.tables.read_relations(term, records)
        self.log.check_plain(rest)
        for name, record in self._records(rest, place, several):
            identifier = ""
            if not is_blank(name):
                identifier = known.get(name) or resolve(name)
            taken = 0
            arguments: list[str] = []
            members: list[str] = []
            for key, argument in keys.items():
                value = record.get(key)
                taken += value is not None
                if value is None:
                    arguments.append("")
                elif argument.kind == TIME:
                    arguments.append(self.values.time(value, (key,)))
                elif type(value) is str:
                    arguments.append(known.get(value) or resolve(value, key))
                else:
                    first, *members = self._argument_iris(term, argument, value) or [""]
                    arguments.append(first)
            attributes: Attributes = ()
            if taken < len(record):
                attributes = self.values.attributes(record, beside=keys)
            if not (arguments[0] and arguments[1]):
                log.note(f"This {term.name} has only one of its two ends.")
            made = Relation(term.name, tuple(arguments), identifier, attributes)
            self.relations.append(made)
            self.relations += [
                made._replace(arguments=(arguments[0], member)) for member in members
            ]
            self.keys += [name] * (1 + len(members))

    def _argument_iris(self, term: RelationTerm, argument: Argument, value: Any) -> list[str]:
        """Return the IRIs of a formal argument in another form; only `hadMember` has several."""
        names = self._iris_of(value, (argument.key,))
        if len(names) < 2 or (term.name == "hadMember" and argument.name == "entity"):
            return names
        fault = f"{term.name} must have one {argument.name}, not {len(names)}."
        self.log.error(fault, "Write one statement for each.", at=(argument.key,))
        return names[:1]

    def _iris_of(self, value: Any, at: Steps) -> list[str]:
        if isinstance(value, list):
            if len(value) > 1:
                fault = (
                    f"One statement has {len(value)} members; it becomes one statement for each."
                )
                self.log.note(fault, at=at)
            return [
                iri for index, part in enumerate(value) for iri in self._iris_of(part, (*at, index))
            ]
        if isinstance(value, dict) and isinstance(value.get("$"), str):
            value = value["$"]
        if isinstance(value, str):
            return [self.scope.iri(value, *at)]
        self.log.error(f"Expected a name here, not {kind_of(value)}.", at=at)
        return []

    def _identify_relations(self) -> None:
        """Set the identifiers of relations whose blank keys are identifiers (see `Blanks`)."""
        if not self.scope.blanks.named:
            return
        identifier = self.scope.blanks.identifier
        anonymous = []
        for keys, table in self.tables.relations:
            if table.ids or not any(map(identifier, keys)):
                anonymous.append((keys, table))
            else:
                self.keys += keys
                self.relations += table.rows()
        self.tables.relations = anonymous
        for index, key in enumerate(self.keys):
            if iri := identifier(key):
                self.relations[index] = self.relations[index]._replace(id=iri)

    def _note_undeclared(self) -> None:
        missing = self.tables.ends()
        missing.update(*(relation.arguments[:2] for relation in self.relations))
        missing.difference_update(*(table.iris for table in self.tables.elements))
        missing.difference_update(element.iri for element in self.elements)
        missing.discard("")
        if missing:
            shown = ", ".join(f"<{iri}>" for iri in sorted(missing)[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            subject = "1 element is" if len(missing) == 1 else f"{len(missing)} elements are"
            fault = f"{subject} referred to but not described: {shown}{more}."
            self.log.note(fault)
