"""Finds people in a journal by what others call them.

In: a name, an address, an ORCID or an IRI. Out: the identifier of a person, and the personal values
that are known.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from provstore.errors import Refused
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.personal_values import (
    EMAIL,
    IRI,
    NAME,
    ORCID,
    ORCID_NAMESPACE,
    PersonalValue,
)
from provstore.storage.journal import Journal


class KnownPerson(NamedTuple):
    """A person, and all personal values of that person in the order of the journal."""

    identifier: str
    values: Sequence[PersonalValue]

    def last(self, kind: str) -> str:
        """Return the last value of a kind; "" if there is none.

        What the last amendment says, which has no place in answers, comes before what reports say:
        somebody may still use a former name.
        """
        values = [each for each in self.values if each.kind == kind]
        amended = [each for each in values if not each.place]
        return next((each.value for each in reversed(amended or values)), "")

    @property
    def orcid(self) -> str:
        """The ORCID of the person; "" if none is known."""
        name = self.last(IRI)
        known = ORCID_NAMESPACE + name.removeprefix("orcid:") if name.startswith("orcid:") else ""
        return known or self.last(ORCID)

    def all(self, kind: str) -> list[str]:
        """Return the different values of a kind, sorted."""
        return sorted({each.value for each in self.values if each.kind == kind})


def find_person(journal: Journal, name: str, iris: IngestIris) -> KnownPerson | None:
    """Return who is called that in reports; None if nobody is.

    Raises:
        Refused: several people are; lists them.

    """
    orcid = name.removeprefix(ORCID_NAMESPACE).removeprefix("orcid:")
    spellings = {
        name,
        name.removeprefix("mailto:"),
        f"orcid:{orcid}",
        f"centre:{name.removeprefix(iris.base)}",
        name.removeprefix(iris.person("")),
    }
    people = journal.personal.people_called(spellings)
    if len(people) > 1:
        message = f"{name!r} is the name of several people: {_list(people, iris)}."
        raise Refused(message, "Name one of them by the IRI.", code="PS-REFUSED-PERSON-AMBIGUOUS")
    return next((KnownPerson(*person) for person in people.items()), None)


def _list(people: Mapping[str, Sequence[PersonalValue]], iris: IngestIris) -> str:
    known = [KnownPerson(*person) for person in people.items()]
    return "; ".join(
        f"{iris.person(each.identifier)} ({', '.join(each.all(NAME) + each.all(EMAIL))})"
        for each in known
    )
