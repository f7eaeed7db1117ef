"""Names mean the same, resolved one by one or many at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provstore.prov.notations.provjson.provjson_scope import Doubt, ResolvedNames

NAMESPACES = {
    "e": "http://example.org/", "f": "http://example.org/a#", "h": "http://example.org",
    "p": "http://example.org:80", "s": "x:/", "u": "urn:x:", "_": "http://example.org/", "": "a:",
    "default": "http://example.org/d/",
}  # fmt: skip
_prefixes = st.sampled_from([f"{one}:" for one in (*NAMESPACES, "n")] + [""])
_locals = st.sampled_from(
    ["a", "b", "a/b", "//a", "a:b", "a@b", "a#b", "a%41", "%", "é", "a\ne:b", "a\n", "\n", "e:", ""]
)
_many = _prefixes.flatmap(lambda prefix: st.lists(_locals.map(prefix.__add__), min_size=1))
_mixed = st.lists(st.builds(str.__add__, _prefixes, _locals), min_size=1)


def each(names: list[str]) -> list[str] | None:
    """What the names mean, one by one; None where there is doubt."""
    known = ResolvedNames(NAMESPACES)
    try:
        return [known[name] for name in names]
    except Doubt:
        return None


@given(_many | _mixed)
def test_many_names_mean_what_each_does(names: list[str]) -> None:
    known = ResolvedNames(NAMESPACES)
    meant = each(names)
    if meant is None:
        with pytest.raises(Doubt):
            known.resolve_all(names)
        return
    assert known.resolve_all(names) == meant
    assert [known.get(name) for name in names] == meant


def test_plain_names_of_one_namespace_are_resolved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ResolvedNames, "__missing__", lambda *_: pytest.fail("one by one"))
    assert ResolvedNames(NAMESPACES).resolve_all(["f:a", "f:b/c"]) == [
        "http://example.org/a#a",
        "http://example.org/a#b/c",
    ]
