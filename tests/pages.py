"""The board as a program visits it: the client of a store, its addresses, and what a page holds.

In: the client of a site. Out: tags and words. It knows no browser.
"""

from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from provstore.store import ProvStore
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy
from provstore.web.app import make_site

BASE = "https://provstore.example/"
DATASET = BASE + "dataset/cordex.output.EUR-11.EXAMPLE.MPI-M-MPI-ESM-LR.rcp85.r1i1p1.EXRCM1.v1"
VERSION = f"{DATASET}.v20260202"
QUALITY = BASE + "ingest/cordex-0001/quality/1/"
HOST = "testserver"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

PAGES = {
    "board": "/",
    "group": "/?group=archival",
    "search": "/search?q=units",
    "ingest": "/ingest/cordex-0001",
    "dataset": f"/dataset?iri={quote(DATASET, safe='')}",
    "thing": f"/thing?iri={quote(VERSION, safe='')}",
    "down": f"/thing?iri={quote(VERSION, safe='')}&way=down&depth=3",
    "bundle": f"/bundle?iri={quote(QUALITY + 'bundle', safe='')}",
    "questions": "/question/",
    "question": "/question/what-lies-between",
    "answer": f"/question/versions-of-a-dataset?dataset={quote(DATASET, safe='')}&in=both",
}


@pytest.fixture(scope="module")
def client(store: ProvStore) -> TestClient:
    return TestClient(
        Guard(make_site(store), AccessPolicy(frozenset({HOST}))),
        headers=HTML,
        follow_redirects=False,
    )


class Read(HTMLParser):
    """What a page holds: its tags with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """More words."""
        self.words += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every tag of that name."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return [tag["href"] for tag in self.all("a")]


def page(client: TestClient, path: str, status: int = 200) -> Read:
    """The page at an address, with the status that it must have."""
    reply = client.get(path)
    assert reply.status_code == status, reply.text[:500]
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    return Read(reply.text)
