"""Renews the pinned vocabularies in this folder from the published JSON files.

    python forms/vocabularies/renew.py FOLDER

FOLDER has clones of the repositories WCRP-CMIP/CMIP6_CVs (as `CMIP6_CVs/`) and
WCRP-CORDEX/cordex-cmip6-cv (as `CORDEX-CMIP6/`). Review the differences before you keep them: if a
term was removed, earlier answers become wrong.
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
"""Keys of terms that refer to another vocabulary → the name of that vocabulary."""

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
"""Name → the beginning of its file names, its source, its licence, and the parts that forms use."""


def vocabularies(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of each file in this folder."""
    for name, (start, source, licence, parts) in SETS.items():
        files = {part: folder / f"{start}{part}.json" for part in parts}
        published = {part: json.loads(files[part].read_text(encoding="utf-8")) for part in parts}
        terms = {part: dict(_terms(published[part][part])) for part in parts}
        version = published[parts[0]].get("version_metadata", {}).get("CV_collection_version")
        head = {"name": name, "version": version or _digest(terms), "source": source,
                "licence": licence}  # fmt: skip
        for part in parts:
            yield PLACE / name / f"{part}.json", _text(head, terms[part])


def _terms(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(content, list):
        content = dict.fromkeys(content, "")
    if "license_options" in content:  # CMIP6 keeps its licences one level deeper
        content = content["license_options"]
    for term, value in sorted(content.items()):
        entry = value if isinstance(value, dict) else {"title": value}
        title = next((entry[key] for key in _TITLES if isinstance(entry.get(key), str)), "")
        links = {name: entry[key] for key, name in LINKS.items() if key in entry}
        if "license_info" in entry:
            links["license"] = entry["license_info"]["id"]
        links = {
            name: [terms] if isinstance(terms, str) else sorted(terms)
            for name, terms in links.items()
        }
        yield term, {"title": " ".join(title.split())[:200], **links}


_TITLES = (
    "title", "description", "label_extended", "long_name", "label", "license", "license_id",
    "domain",
)  # fmt: skip


def _digest(terms: Mapping[str, Any]) -> str:
    """Return a hash of the content, for vocabularies without a version."""
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
