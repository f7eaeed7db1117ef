"""What is done to people, as acts: they report, are renamed and redacted; a store is upgraded."""

from collections.abc import Callable, Mapping
from typing import Any

from provstore.audit.upgrade import upgrade
from provstore.store import ProvStore
from tests import people
from tests.torture.scene import Acknowledgement, Scene

CARLA = people.person("Carla S\u00f8mple", "carla@example.org", people.ORCID)
GONE = ("Carla S\u00f8mple", "carla@example.org", people.ORCID, people.ORCID[-19:])
FORMER = ("Ben Test", "ben@example.org", "dan@example.org", "Dan Instance")
"""Two people in the store of format 1."""
RENAMED = "Carla Other"
WHY: dict[str, Any] = {"by": people.DI, "reason": "The person asked for it."}


def fill(store: ProvStore) -> None:
    """Carla delivers; others write of her, in forms, a document, an attachment and a draft."""
    ingest = people.delivery(store, CARLA, title="One")
    people.review(store, ingest, people.ADA, f"{CARLA['name']} <{CARLA['email']}> knows more.")
    people.delivery(store, people.ADA, description=f"As {CARLA['name']} said.")
    store.import_document({
        "prefix": {"ex": "http://example.org/"},
        "agent": {"ex:c": {"prov:label": CARLA["name"], "ex:mbox": f"mailto:{CARLA['email']}"}},
    })  # fmt: skip
    store.write_messages()
    drafts = store.drafts()
    drafts.write(drafts.new(), {"form": "generic", "answers": {"agent": CARLA}})
    store.search("Carla")


def _fill(scene: Scene, act: str, _: int) -> Acknowledgement:
    fill(scene.store)
    return Acknowledgement(act)


def _redact(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.store.redact(CARLA["email"], **WHY)
    return Acknowledgement(act)


def _amend(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.store.amend(CARLA["email"], name=RENAMED, **WHY)
    return Acknowledgement(act)


def _amend_former(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.store.amend(FORMER[1], name=RENAMED, same_as=[FORMER[2]], **WHY)
    return Acknowledgement(act)


def _upgrade(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.close()
    upgrade(scene.directory)
    return Acknowledgement(act)


ACTS: Mapping[str, Callable[[Scene, str, int], Acknowledgement]] = {
    "fill": _fill, "redact": _redact, "amend": _amend, "amend_former": _amend_former,
    "upgrade": _upgrade,
}  # fmt: skip
