"""What an earlier version made still opens: a store with its views, a draft, a sealed package."""

import json
import tarfile
from pathlib import Path

import pytest

import provstore
from provstore.ingest.sealed_package import unseal
from provstore.projects.form_draft import Draft
from provstore.storage.drafts import Drafts

ARCHIVES = sorted((Path(__file__).parent / "made_by").glob("*.tar.xz"))
DRAFT = "a20PQ160jCMrDP79Ew4mfF0J"


@pytest.fixture(scope="module", params=ARCHIVES, ids=lambda path: path.name)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked things of one version."""
    scratch = tmp_path_factory.mktemp("made")
    with tarfile.open(request.param) as archive:
        archive.extractall(scratch, filter="data")
    (folder,) = scratch.iterdir()
    return folder


def test_its_store_is_sound_and_answers(made: Path) -> None:
    with provstore.open(made / "store") as store:
        assert not store.verify().problems
        assert not store.verify(provenance=True).problems
        rows = store.ask("state-of-every-ingest", language="both").records()
        assert [row["status"] for row in rows] == ["closed", "open"]
        assert store.search("cordex").total > 0
        assert store.lineage("cordex-0001/archival/1/report").rows


def test_its_store_goes_on(made: Path) -> None:
    """The next report is taken, and the same form sent again is one ingest."""
    with provstore.open(made / "store") as store:
        package = (made / "cordex.provstore.zip").read_bytes()
        first, again = store.submit(package), store.submit(package)
        assert first.ingest == again.ingest
        assert not again.new
        assert not store.verify().problems


def test_its_package_can_be_unsealed(made: Path) -> None:
    package = unseal((made / "cordex.provstore.zip").read_bytes())
    assert json.loads(package.form)["form"] == "cordex"


def test_its_draft_shows_what_is_still_wrong(made: Path) -> None:
    with provstore.open(made / "store") as store:
        kept = Drafts(made / "drafts").read(DRAFT)
        draft = Draft(store.forms[kept["form"]], kept["answers"])
        draft.touched |= {*kept["touched"]}
        assert [*draft.problems()] == ["/domain"]
