"""What an earlier version made still opens: a store with its views, a draft, a sealed package."""

import json
import shutil
from pathlib import Path

import pytest

import provstore
from provstore.audit.upgrade import upgrade
from provstore.errors import StoreUnavailable
from provstore.ingest.sealed_package import unseal
from provstore.projects.form_draft import Draft
from provstore.storage.drafts import Drafts
from tests.made_by import ARCHIVES, unpack
from tests.reports import ADA

DRAFT = "a20PQ160jCMrDP79Ew4mfF0J"


@pytest.fixture(scope="module", params=ARCHIVES, ids=lambda path: path.name)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked things of one version."""
    return unpack(request.param, tmp_path_factory.mktemp("made"))


def test_its_store_is_sound_and_answers(made: Path) -> None:
    with provstore.open(made / "store") as store:
        assert not store.verify().problems
        assert not store.verify(provenance=True).problems
        rows = store.ask("state-of-every-ingest", language="both").records()
        assert [row["status"] for row in rows] == ["closed", "open"]
        assert store.search("cordex").total > 0
        assert store.lineage("cordex-0001/archival/1/report").rows


def test_its_store_takes_no_report_before_its_upgrade(made: Path) -> None:
    """It answers, verifies and exports as before, and says how it goes on."""
    package = (made / "cordex.provstore.zip").read_bytes()
    before = (made / "store" / "journal.sqlite").read_bytes()
    with provstore.open(made / "store") as store:
        position = store.position()
        review = store.forms["review"]
        for act in (
            lambda: store.submit(package),
            lambda: store.report("cordex-0002", "review", review.text(review.example()).encode()),
            lambda: store.ingest("cordex-0002").start("review", ADA),
            lambda: store.import_document(b'{"entity": {"prov:e": {}}}'),
            lambda: store.amend("ada@example.org", by=ADA, reason="r", name="Ada New"),
            lambda: store.redact("ada@example.org", by=ADA, reason="r"),
        ):
            with pytest.raises(StoreUnavailable, match="has format 1") as caught:
                act()
            assert caught.value.advice.endswith(f"provstore upgrade --store {made / 'store'}")
        assert store.position() == position
        assert "".join(store.export(notation="nquads")).count("\n") > 100
        assert store.ask("state-of-every-ingest", language="both").rows
        assert not store.verify().problems
    assert (made / "store" / "journal.sqlite").read_bytes() == before


def test_its_store_goes_on_after_its_upgrade(made: Path, tmp_path: Path) -> None:
    """Its reports are what they were; the next is taken, and the same form again is one ingest."""
    shutil.copytree(made / "store", tmp_path / "store")
    with provstore.open(made / "store") as store:
        reports = {ingest: store.reports(ingest) for ingest in store.ingests()}
        exported = [*store.export(notation="nquads")]
    upgrade(tmp_path / "store")
    with provstore.open(tmp_path / "store") as store:
        assert {ingest: store.reports(ingest) for ingest in store.ingests()} == reports
        assert {*exported} <= {*store.export(notation="nquads")}
        package = (made / "cordex.provstore.zip").read_bytes()
        first, again = store.submit(package), store.submit(package)
        assert first.ingest == again.ingest
        assert not again.new
        assert not store.verify().problems
        assert not store.verify(provenance=True).problems


def test_its_package_can_be_unsealed(made: Path) -> None:
    package = unseal((made / "cordex.provstore.zip").read_bytes())
    assert json.loads(package.form)["form"] == "cordex"


def test_its_draft_shows_what_is_still_wrong(made: Path) -> None:
    with provstore.open(made / "store") as store:
        kept = Drafts(made / "drafts").read(DRAFT)
        draft = Draft(store.forms[kept["form"]], kept["answers"])
        draft.touched |= {*kept["touched"]}
        assert [*draft.problems()] == ["/domain"]
