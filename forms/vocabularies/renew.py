"""Renews the pinned vocabularies of this folder from the JSON that their keepers publish.

    python forms/vocabularies/renew.py FOLDER

FOLDER holds `CMIP6_CVs/` (WCRP-CMIP/CMIP6_CVs) and `CORDEX-CMIP6/` (WCRP-CORDEX/cordex-cmip6-cv),
as they are published. What differs afterwards is to be looked at before it is kept: a term that
vanished makes old answers wrong.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent
LINKS = {
    "institution_id": "institution_id",
    "activity_id": "activity_id",
    "activity_participation": "activity_id",
}
"""What a term says of terms of other vocabularies: its word there, and the vocabulary's name."""

SETS: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "cmip6": (
        "CMIP6_CVs/CMIP6_", "https://github.com/WCRP-CMIP/CMIP6_CVs", "CC-BY-4.0",
        ("activity_id", "experiment_id", "frequency", "grid_label", "institution_id", "license",
         "nominal_resolution", "source_id", "table_id"),
    ),
    "cordex-cmip6": (
        "CORDEX-CMIP6/CORDEX-CMIP6_", "https://github.com/WCRP-CORDEX/cordex-cmip6-cv",
        "BSD-3-Clause",
        ("activity_id", "domain_id", "driving_experiment_id", "driving_source_id", "frequency",
         "institution_id", "license", "source_id"),
    ),
}  # fmt: skip
"""Name here → how its files begin, where it is kept, its licence, what forms use of it."""


def vocabularies(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of this folder as they should be: their paths and texts."""
    for name, (start, source, licence, parts) in SETS.items():
        files = {part: folder / f"{start}{part}.json" for part in parts}
        published = {part: json.loads(files[part].read_text(encoding="utf-8")) for part in parts}
        terms = {part: dict(_terms(published[part][part])) for part in parts}
        said = published[parts[0]].get("version_metadata", {}).get("CV_collection_version")
        head = {"name": name, "version": said or _seal(terms), "source": source,
                "licence": licence}  # fmt: skip
        for part in parts:
            yield PLACE / name / f"{part}.json", _text(head, terms[part])


def _terms(held: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(held, list):
        held = dict.fromkeys(held, "")
    if "license_options" in held:  # CMIP6 keeps its licences one level deeper
        held = held["license_options"]
    for term, said in sorted(held.items()):
        told = said if isinstance(said, dict) else {"title": said}
        words = next((told[key] for key in _WORDS if isinstance(told.get(key), str)), "")
        links = {name: told[key] for key, name in LINKS.items() if key in told}
        if "license_info" in told:
            links["license"] = told["license_info"]["id"]
        links = {key: [one] if isinstance(one, str) else sorted(one) for key, one in links.items()}
        yield term, {"title": " ".join(words.split())[:200], **links}


_WORDS = (
    "title", "description", "label_extended", "long_name", "label", "license", "license_id",
    "domain",
)  # fmt: skip


def _seal(terms: Mapping[str, Any]) -> str:
    """Vocabularies without a version are known by what is in them."""
    import hashlib

    text = json.dumps(terms, sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:12]


def _text(head: Mapping[str, str], terms: Mapping[str, Any]) -> str:
    lines = [f"  {json.dumps(k)}: {json.dumps(v)}," for k, v in head.items()]
    rows = [f"    {json.dumps(t)}: {json.dumps(v, ensure_ascii=False)}" for t, v in terms.items()]
    return "\n".join(["{", *lines, '  "terms": {', ",\n".join(rows), "  }", "}"]) + "\n"


if __name__ == "__main__":
    for path, text in vocabularies(Path(sys.argv[1])):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(PLACE))
