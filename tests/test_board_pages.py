"""The board: what its pages say, in which formats, to whom, and that nothing on them does harm."""

import asyncio
import re
import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

import provstore
from provstore.errors import BadQuery, Refused, StoreUnavailable, UnknownName, ViewUnavailable
from provstore.prov.notations import provjson
from provstore.prov.notations.notation_registry import read
from provstore.results.answer import Answer
from provstore.storage.entry_bundle import bundle_of
from provstore.store import ProvStore
from provstore.web import app as board
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy
from provstore.web.app import make_site
from provstore.web.content_types import FORMATS, choose_format
from provstore.web.html_rendering import breakable, format_duration, inverse_name
from provstore.web.page import Page
from provstore.web.page_queries import PageQueries
from tests import hostile
from tests.example import store as store
from tests.pages import BASE, DATASET, HOST, HTML, PAGES, QUALITY, VERSION, page
from tests.pages import client as client

pytestmark = pytest.mark.xdist_group("chromium")


# ------------------------------------------------------------------------------ what pages say


def test_the_board_shows_every_ingest_under_what_it_waits_for(
    client: TestClient, store: ProvStore
) -> None:
    shown = page(client, "/")
    states = [store.ingest(name).status().status for name in store.ingests()]
    assert f"{len(states)} deliveries, {states.count('open')} open." in shown.words
    order = [
        shown.words.index(words)
        for words in ("Waiting for archival", "Waiting for revision", "Rejected", "Withdrawn")
    ]
    assert order == sorted(order)
    for name in ("cordex-0001", "cordex-0002", "cordex-0003", "generic-0001", "generic-0002"):
        assert f"/ingest/{name}" in shown.links
    assert "Ada Example has been working on revision" in " ".join(shown.words.split())
    only = page(client, "/?group=archival")
    assert "/ingest/cordex-0001" in only.links
    assert "/ingest/cordex-0003" not in only.links


def test_the_board_shows_titles_providers_and_projects(client: TestClient) -> None:
    words = " ".join(page(client, "/").words.split())
    for shown in ("Days above 30 °C in Europe and Africa", "Example Climate Institute", "cmip6"):
        assert shown in words
    assert "Days above 30 °C" in " ".join(page(client, "/ingest/generic-0001").words.split())


def test_filters_count_what_they_would_leave_and_make_addresses(client: TestClient) -> None:
    shown = page(client, "/?project=cordex")
    assert "4 of 7 deliveries" in " ".join(shown.words.split())
    assert "/ingest/generic-0001" not in shown.links
    assert {each["name"] for each in shown.all("select")} == {
        "group", "project", "person", "age", "sort"
    }  # fmt: skip
    for choice in ("waiting for archival (2)", "rejected (2)", "generic (2)", "cordex (4)"):
        assert choice in shown.words
    assert "/?project=cordex&group=rejected" in shown.links
    old = page(client, "/?person=Ada+Example&age=7&sort=title")
    assert "By title" in old.words
    csv = client.get("/?project=generic&format=csv").text
    assert len(csv.splitlines()) == 3


def test_an_empty_result_says_how_to_see_more(client: TestClient) -> None:
    shown = page(client, "/?group=publication&project=cordex")
    words = " ".join(shown.words.split())
    assert "No delivery matches. To see more: leave out “Step publication” 4 deliveries" in words
    assert "/?project=cordex" in shown.links
    assert not page(client, "/").words.count("No delivery matches")


def test_a_long_list_has_pages(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provstore.web.delivery_filters.PER_PAGE", 1)
    first = page(client, "/?group=rejected")
    assert "Page 1 of 2" in first.words
    (after,) = (link for link in first.links if "page=2" in link)
    assert "/ingest/cordex-0004" in first.links
    assert "/ingest/cordex-0003" not in first.links
    assert "/ingest/cordex-0003" in page(client, after).links
    assert "Page 2 of 2" in page(client, "/?group=rejected&page=99").words


def test_the_home_page_asks_no_view(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question about all deliveries costs two seconds where there are two thousand."""

    def refuse(*_: object, **__: object) -> Answer:
        raise BadQuery("The home page asked a question.")

    monkeypatch.setattr(ProvStore, "ask", refuse)
    page(client, "/?project=cordex&sort=oldest")


def test_the_next_step_is_a_command_to_copy(client: TestClient) -> None:
    words = page(client, "/ingest/cordex-0001").words
    assert "provstore form archival --blank > archival.json" in words
    assert "provstore report cordex-0001 archival archival.json" in words
    begun = page(client, "/ingest/generic-0001").words
    assert "provstore finish generic-0001 revision revision.json" in begun
    assert "provstore report" not in page(client, "/ingest/cordex-0003").words


def test_hits_stand_in_groups_and_lead_to_their_delivery(client: TestClient) -> None:
    shown = page(client, "/search?q=ada")
    words = " ".join(shown.words.split())
    assert words.index("People and organisations 2") < words.index("Reports 8")
    assert "Delivery: Days above 30 °C in Europe and Africa generic-0001" in words
    assert "/ingest/generic-0001" in shown.links


def test_words_find_a_question_and_its_neighbours_say_what_they_are_for(client: TestClient) -> None:
    shown = page(client, "/question/?words=who+checked+the+MPI+data")
    assert shown.words.index("Your question") < shown.words.index("Or one of these")
    assert shown.links.index("/question/who-judged-this") < shown.links.index(
        "/question/who-did-what"
    )
    assert "Trust in data depends on the people who checked them" in shown.words
    nothing = page(client, "/question/?words=xyzzy")
    assert "/search?q=xyzzy" in nothing.links
    card = page(client, "/question/who-touched-this").words
    assert "Similar questions" in card


def test_the_header_with_links_stays_short(client: TestClient) -> None:
    reply = client.get(f"/search?q={'long ' * 190}")
    assert reply.status_code == 200
    assert len(reply.headers.get("link", "")) <= board.MAX_LINK_HEADER
    assert sum(len(name) + len(value) for name, value in reply.headers.items()) < 4096


def test_an_ingest_tells_its_story_with_loops_findings_data_and_messages(
    client: TestClient,
) -> None:
    shown = page(client, "/ingest/cordex-0001")
    words = " ".join(shown.words.split())
    assert "Next step: archival, by the archivist; waiting since 2026-03-16 08:30" in words
    assert words.count("sent back") == 2
    for said in (
        "quality 3",
        "The units of variable pr are written mm/s.",
        "took 1 d 6 h",
        "Dear Ada Example,",
        "archive copy",
    ):
        assert said in words
    assert f"/dataset?iri={quote(DATASET, safe='')}" in shown.links
    assert shown.all("svg")


def test_a_dataset_tells_which_version_to_use_its_copies_and_its_errata(client: TestClient) -> None:
    words = " ".join(page(client, PAGES["dataset"]).words.split())
    (used,) = re.findall(r"v20\d{6} 2026-\d\d-\d\d \d\d:\d\d current version", words)
    assert used.startswith("v20260316")
    for said in (
        "hdl:21.T12995/6f0d3c1b-0001",
        "doi:10.5072/exrcm1-eur11-rcp85",
        "Snow is missing in the sum of precipitation",
        "cordex-0004",
    ):
        assert said in words
    by_name = page(client, f"/dataset?iri={DATASET.rpartition('/')[2]}").words
    assert "current version" in by_name


def test_a_thing_tells_its_attributes_who_says_them_its_neighbours_and_lineage(
    client: TestClient,
) -> None:
    shown = page(client, PAGES["thing"])
    words = " ".join(shown.words.split())
    assert "dataset version (entity)" in words
    assert "v20260202" in words
    for relation in ("wasGeneratedBy", "wasUsedBy", "hadDerivation", "alternateOf"):
        assert relation in words
    assert f"/bundle?iri={quote(BASE + 'ingest/cordex-0001/publication/1/bundle', safe='')}" in (
        shown.links
    )
    assert any("pv-picture" in tag.get("class", "") for tag in shown.all("div"))
    assert any(link.endswith("depth=5#lineage") for link in shown.links)
    assert "figure of the heat study" in page(client, PAGES["down"]).words


def test_a_person_can_be_asked_about_what_the_person_did(client: TestClient) -> None:
    ada = quote("https://orcid.org/0000-0002-1825-0097", safe="")
    links = page(client, f"/thing?iri={ada}").links
    assert f"/question/what-a-person-did?person={ada}" in links
    assert "cordex-0001" in page(client, f"/question/what-a-person-did?person={ada}").words


def test_a_bundle_tells_when_it_was_written_down_and_all_it_says(
    client: TestClient, store: ProvStore
) -> None:
    entry = store.entry(QUALITY + "bundle")
    assert entry
    shown = page(client, PAGES["bundle"])
    words = "".join(shown.words.split())
    assert entry.chain in words
    for element in bundle_of(entry).elements:
        assert any(quote(element.iri, safe="") in link or "ingest/" in link for link in shown.links)
    assert f"/thing?iri={quote(QUALITY + 'report', safe='')}" in shown.links


def test_a_search_marks_what_matched_and_can_be_narrowed(client: TestClient) -> None:
    shown = page(client, "/search?q=units")
    assert len(shown.all("mark")) >= 5
    assert shown.all("input")[0]["value"] == "units"
    (narrower,) = {link for link in shown.links if "kind=Finding" in link}
    fewer = page(client, narrower)
    assert len(fewer.all("mark")) == 2
    assert "/search?q=units" in fewer.links
    assert "No hits." in page(client, "/search?q=nothingbearsthisword").words


def test_a_search_shows_more_on_request(client: TestClient) -> None:
    shown = page(client, "/search")
    (more,) = (link for link in shown.links if "limit=40" in link)
    assert len(page(client, more).all("li")) == len(shown.all("li")) + 20


def test_all_questions_are_listed_and_each_example_answers(
    client: TestClient, store: ProvStore
) -> None:
    links = page(client, "/question/").links
    assert {f"/question/{name}" for name in store.questions} <= set(links)
    for name in ("what-lies-between", "waiting-longer-than", "checked-with-older-tool"):
        card = store.questions[name]
        empty = page(client, f"/question/{name}")
        assert {tag["name"] for tag in empty.all("input")} == {"q", *card.parameters}
        example = next(link for link in empty.links if link.startswith(f"/question/{name}?"))
        answered = page(client, example)
        rows = store.ask(name, {k: one.example for k, one in card.parameters.items()}).rows
        assert len(answered.all("tr")) == len(rows) + 1


def test_code_in_the_prose_of_a_question_is_shown_as_code(client: TestClient) -> None:
    shown = page(client, "/question/compare-two-runs")
    assert "are new, and both still exist." in " ".join(shown.words.split())
    assert shown.all("code")


def test_an_answer_as_csv_and_json_is_the_answer(client: TestClient, store: ProvStore) -> None:
    said = store.ask("versions-of-a-dataset", dataset=DATASET)
    reply = client.get(PAGES["answer"] + "&format=csv")
    assert (reply.text, reply.headers["content-type"]) == (said.csv(), "text/csv; charset=utf-8")
    assert client.get(PAGES["answer"] + "&format=json").json() == said.records()


@pytest.mark.parametrize("name", ["board", "ingest", "dataset", "thing", "bundle", "answer"])
def test_a_page_shows_the_questions_behind_it_in_both_languages_and_bound(
    client: TestClient, store: ProvStore, name: str
) -> None:
    shown = page(client, PAGES[name])
    asked = {link.partition("?")[0].removeprefix("/question/") for link in shown.links}
    texts = [store.questions[one] for one in asked & set(store.questions)]
    shown_whole = [
        card for card in texts if card.cypher in shown.words and card.sparql in shown.words
    ]
    assert shown_whole
    if name == "dataset":
        assert f"/question/errata-of-a-dataset?dataset={quote(DATASET, safe='')}" in shown.links


def test_the_links_of_all_pages_lead_somewhere(client: TestClient) -> None:
    seen: dict[str, int] = {}
    for path in PAGES.values():
        for link in page(client, path).links:
            place = link.partition("#")[0]
            if place.startswith("/") and len(seen) < 70 and place not in seen:
                seen[place] = client.get(place).status_code
    assert {code for place, code in seen.items() if "iri=" not in place} == {200}
    # A name may be that of a word or a plan, of which nothing else is known here.
    lost = [place for place, code in seen.items() if code != 200]
    assert all("ns%23" in place or "w3.org" in place for place in lost), lost


# -------------------------------------------------------------------------------- formats


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_there_as_rdf_and_as_a_table(client: TestClient, name: str) -> None:
    path = PAGES[name]
    graphs = []
    for form in ("turtle", "trig", "jsonld", "provjson"):
        media = FORMATS[form].media
        reply = client.get(path, headers={"Accept": media})
        assert reply.status_code == 200, reply.text[:300]
        assert reply.headers["content-type"].partition(";")[0] == media
        assert reply.headers["vary"] == "Accept"
        by_name = client.get(f"{path}{'&' if '?' in path else '?'}format={form}")
        assert by_name.text == reply.text
        graphs.append(sorted(read(reply.content, name, form).bundles, key=lambda one: one.iri))
    trig, jsonld, prov = graphs[1:]
    assert trig == jsonld == prov
    assert prov
    assert client.get(path, headers={"Accept": "text/csv"}).text.endswith("\n")
    assert isinstance(client.get(path, headers={"Accept": "application/json"}).json(), list)


def test_the_rdf_of_a_page_is_exactly_what_it_is_about(
    client: TestClient, store: ProvStore
) -> None:
    def said(path: str) -> set[object]:
        text = client.get(path, headers={"Accept": "application/provenance+json"}).content
        return set(provjson.load(text, path).bundles)

    assert said("/ingest/cordex-0001") == {
        bundle_of(entry) for entry in store.entries("cordex-0001")
    }
    entry = store.entry(QUALITY + "bundle")
    assert entry
    assert said(PAGES["bundle"]) == {bundle_of(entry)}
    last = [[*store.entries(name)][-1] for name in store.ingests()]
    assert said("/") == set(map(bundle_of, last))
    (thing,) = provjson.load(
        client.get(PAGES["thing"], headers={"Accept": "application/provenance+json"}).content, "x"
    ).bundles
    assert [element.iri for element in thing.elements] == [VERSION]
    assert all(VERSION in relation.arguments for relation in thing.relations)
    neighbours = {one for each in thing.relations for one in each.arguments[:2]} - {VERSION, ""}
    rows = store.ask("what-is-next-to-this", thing=VERSION)
    assert {str(row["other"]) for row in rows} <= neighbours


def test_turtle_is_turtle_to_a_reader_of_others(client: TestClient) -> None:
    text = client.get(PAGES["ingest"], headers={"Accept": "text/turtle"}).text
    quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    assert len(quads) > 200


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", "html"),
        ("*/*", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle", "turtle"),
        ("text/turtle;q=0.5, application/ld+json", "jsonld"),
        ("text/*;q=0.3, text/turtle;q=0.7, text/html;q=0.1", "turtle"),
        ("TEXT/TURTLE ; Q=1", "turtle"),
        ("application/json", "json"),
        ("text/html;q=0, */*;q=0.1", "turtle"),
        ("text/turtle;q=x, text/csv", "csv"),
    ],
)
def test_the_format_that_is_liked_best_is_given(accept: str, name: str) -> None:
    assert choose_format("", accept).name == name


def test_a_format_that_nobody_can_give_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"Accept": "image/png"}).status_code == 406
    assert "Did you mean" in page(client, "/?format=turtel", 404).words
    with pytest.raises(UnknownName):
        choose_format("turtel", "")
    for accept in ("image/png", ",;,=;q", "*/*;q=0"):
        with pytest.raises(Refused, match="text/turtle"):
            choose_format("", accept)


def test_a_page_names_its_permalink_and_its_formats_in_its_head(client: TestClient) -> None:
    reply = client.get(PAGES["dataset"] + "&format=csv")
    links = reply.headers["link"]
    assert f'<{PAGES["dataset"]}>; rel="canonical"; type="text/html"' in links
    assert f'<{PAGES["dataset"]}&format=turtle>; rel="alternate"; type="text/turtle"' in links
    alternates = [
        tag for tag in page(client, PAGES["dataset"]).all("link") if tag["rel"] == "alternate"
    ]
    assert {link["type"] for link in alternates} == {one.media for one in FORMATS.values()} - {
        "text/html"
    }
    assert all(client.get(link["href"]).status_code == 200 for link in alternates)


def test_rdf_that_would_be_too_much_is_refused_and_the_page_shown(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provstore.web.page_queries.MAX_BUNDLES", 3)
    assert "Only the first" in page(client, PAGES["thing"]).words
    reply = client.get(PAGES["thing"], headers={"Accept": "text/turtle"})
    assert reply.status_code == 406
    assert "provstore export" in reply.text


# ------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/ingest/cordex-001", 404, "Did you mean"),
        ("/question/versions-of-dataset", 404, "versions-of-a-dataset"),
        ("/question/versions-of-a-dataset?dataset=x&in=sql", 404, "language"),
        ("/question/waiting-longer-than?now=yesterday&days=1", 400, "yesterday"),
        ("/question/state-on-a-date?at=yesterday", 400, "Example:"),
        ("/question/history-of-an-ingest?ingest=cordex-9999", 404, "no ingest"),
        ("/thing?iri=nothing", 404, "no element"),
        ("/thing", 400, "needs the name"),
        ("/dataset?iri=nothing", 404, "no dataset"),
        ("/bundle?iri=nothing", 404, "no bundle"),
        ("/bundle", 400, "needs the name"),
        ("/?group=archivel", 404, "archival"),
        ("/nowhere", 404, "no such page"),
        ("/ingest/", 404, "no such page"),
        ("/board.css/..%2f..%2fapp.py", 404, "no such page"),
    ],
)
def test_what_cannot_be_shown_is_said_calmly(
    client: TestClient, path: str, status: int, words: str
) -> None:
    shown = page(client, path, status)
    assert words in shown.words
    assert "Traceback" not in shown.words


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ViewUnavailable("The graph engine cannot be reached.", "Start it."), 503),
        (StoreUnavailable("The journal is locked.", "Try again."), 503),
        (BadQuery("The query took longer than 60 seconds and was ended.", "Ask for less."), 504),
        (RuntimeError("secret of the inside"), 500),
    ],
)
def test_a_fault_of_the_store_is_a_page_with_advice(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> Answer:
        raise error

    monkeypatch.setattr(PageQueries, "ask", fail)
    shown = page(client, PAGES["ingest"], status)
    assert getattr(error, "advice", "Please report it.") in shown.words
    assert "secret" not in shown.words


def test_what_was_acknowledged_while_it_runs_is_shown(tmp_path: Path) -> None:
    with provstore.init(tmp_path / "store") as store, provstore.open(tmp_path / "store") as other:
        client = TestClient(Guard(make_site(store), AccessPolicy(frozenset({HOST}))), headers=HTML)
        assert "No delivery has been submitted yet" in page(client, "/").words
        hostile.fill(other)
        assert "1 delivery, 1 open." in page(client, "/").words
        assert "generic-0001" in page(client, "/search?q=generic-0001").words


def test_an_answer_is_kept_until_something_new_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provstore.init(tmp_path / "store") as store:
        queries = PageQueries(store)
        first = queries.ask("state-of-every-ingest")
        assert queries.ask("state-of-every-ingest") is first
        assert queries.ask("state-of-every-ingest", language="sparql") is not first
        hostile.fill(store)
        later = queries.ask("state-of-every-ingest")
        assert (len(first.answer), len(later.answer)) == (0, 1)
        monkeypatch.setattr("provstore.web.page_queries.CACHED_ROWS", 0)
        assert queries.ask("state-of-every-ingest") is later
        assert queries.ask("final-disposition") is not queries.ask("final-disposition")


def test_questions_that_take_long_hold_up_no_other_page(
    store: ProvStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(*_: object) -> Page:
        begun.set()
        assert go_on.wait(60)
        raise BadQuery("The query took too long.")

    monkeypatch.setattr(board, "PAGES", {**board.PAGES, "/question/{_name}": (wait, "slow")})
    transport = httpx2.ASGITransport(Guard(make_site(store), AccessPolicy(frozenset({HOST}))))

    async def visit_all() -> list[int]:
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{HOST}") as one:
            slow = [asyncio.create_task(one.get(f"/question/{n}")) for n in range(10)]
            await asyncio.to_thread(begun.wait, 30)
            quick = [await one.get(PAGES[name]) for name in ("board", "ingest", "search")]
            assert not any(each.done() for each in slow)
            go_on.set()
            return [reply.status_code for reply in [*quick, *await asyncio.gather(*slow)]]

    assert asyncio.run(visit_all()) == [200] * 3 + [504] * 10


def test_times_and_names_are_readable() -> None:
    assert format_duration(timedelta(days=1, hours=6, minutes=4)) == "1 d 6 h"
    assert format_duration(timedelta(minutes=-90)) == "-1 h 30 min"
    assert format_duration(timedelta()) == "0 min"
    assert inverse_name("used") == "wasUsedBy"
    assert inverse_name("mentionOf") == "mentionOf of this"
    assert "<wbr>" in breakable("a/" * 40)
    assert "<b>" not in breakable("<b>" * 40)
