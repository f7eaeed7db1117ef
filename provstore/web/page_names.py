"""Short names of IRIs, and the addresses of their pages.

In: IRIs. Out: short names, and addresses within the board. Only `web_address` returns addresses of
other sites, and only for http and https.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from provstore.ingest.ingest_iris import DOI, HANDLE
from provstore.prov.model.iris import Prefixes

_ORCID, _ROR = "https://orcid.org/", "https://ror.org/"


class PageNames:
    """The names under the base IRI of a store."""

    def __init__(self, base: str, prefixes: Mapping[str, str]) -> None:
        self.base, self.ingests = base, base + "ingest/"
        more_prefixes = {"hdl": HANDLE, "doi": DOI, "orcid": _ORCID, "ror": _ROR}
        self._prefixes = Prefixes({**prefixes, **more_prefixes})
        self._plain = {self.ingests: "", f"{self.base}dataset/": "", self.base: ""}

    def short(self, iri: str) -> str:
        """Return the short name: `cordex-0001`, a DRS id, `hdl:…`, `prov:…`, or the IRI itself."""
        for start, replacement in self._plain.items():
            if iri.startswith(start) and len(iri) > len(start):
                return replacement + iri[len(start) :]
        return self._prefixes.short(iri)

    def page(self, iri: str, kind: str = "") -> str:
        """Return the address of an element's page; `kind` may name its kind."""
        name = iri.removeprefix(self.ingests)
        if name != iri and name and "/" not in name:
            return f"/ingest/{quote(name, safe='')}"
        if name != iri and name.endswith("/bundle"):
            return address("/bundle", iri=iri)
        return address(f"/{kind}" if kind in ("dataset", "bundle") else "/thing", iri=iri)

    def is_iri(self, text: str) -> bool:
        """Return whether a text is probably an IRI."""
        return text.startswith(("http://", "https://", "urn:")) and not set(text) & set(" \t\r\n<>")


def address(path: str, parameters: Mapping[str, object] | None = None, /, **more: object) -> str:
    """Return an address within the board; empty parameters are left out."""
    query_parameters = {**(parameters or {}), **more}
    query = urlencode(
        {name: str(value) for name, value in query_parameters.items() if value not in ("", None)}
    )
    return f"{path}?{query}" if query else path


def web_address(iri: str) -> str:
    """Return the IRI if it is an http or https address, else an empty string."""
    try:
        parts = urlsplit(iri)
    except ValueError:
        return ""
    return iri if parts.scheme in ("http", "https") and parts.netloc else ""
