"""PROV-JSON: what is read is written again, and what cannot be read is refused with reasons."""

import json
import warnings
from pathlib import Path

import prov
import pytest
from prov.model import ProvDocument

from provstore.errors import BadDocument
from provstore.prov import provjson


def foreign(corpora: Path) -> list[Path]:
    inside = Path(prov.__file__).parent / "tests" / "json"
    return [
        *sorted(inside.glob("*.json")),
        *sorted((corpora / "real-documents").rglob("*.json")),
        *sorted((corpora / "five-notations").rglob("*.json")),
        *sorted((corpora / "prov-constraints").rglob("*.json")),
    ]


def test_every_foreign_document_is_read_and_written_again_equal(corpora: Path) -> None:
    """Law 1 for PROV-JSON; and the `prov` package reads whatever we write."""
    documents = foreign(corpora)
    assert len(documents) > 500
    for path in documents:
        for bundle in provjson.load(path.read_bytes(), path.name).bundles:
            text = provjson.dump(bundle)
            assert provjson.load(text.encode()).bundles == (bundle,), path
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ProvDocument.deserialize(content=text, format="json")


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"entity": {"x:e": {}}}, "/entity/x:e"),
        ({"prefix": {"prov": "http://example.org/"}}, "/prefix/prov"),
        ({"prefix": {"a": "http://example.org/"}, "entitty": {}}, "/entitty"),
        ({"prefix": {"a": "http://example.org/"}, "used": {"_:1": {"prov:time": "soon"}}},
         "/used/_:1/prov:time"),
        ({"prefix": {"a": "http://example.org/"}, "entity": {"a:e": {"a:k": None}}},
         "/entity/a:e/a:k"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_pointer(document: object, where: str) -> None:
    with pytest.raises(BadDocument) as caught:
        provjson.load(json.dumps(document).encode())
    assert [problem.where for problem in caught.value.problems] == [where]
