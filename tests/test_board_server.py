"""The board on the web: who comes in, that nothing on it does harm, and people who use it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

import provstore
from provstore.errors import Refused
from provstore.store import ProvStore
from provstore.web.access_guard import Guard
from provstore.web.access_policy import AccessPolicy
from provstore.web.app import make_site
from provstore.web.board_server import serve
from provstore.web.page_names import web_address
from tests import hostile
from tests.browser import Scheme, chromium, served, visit
from tests.example import play
from tests.example import store as store
from tests.pages import HOST, HTML, PAGES, Read
from tests.pages import client as client
from tests.properties import examples

pytestmark = pytest.mark.xdist_group("chromium")


# ------------------------------------------------------------------------------- who comes in


TOKEN = "a-token-that-is-long"


def guarded(store: ProvStore, token: str = "") -> TestClient:
    return TestClient(
        Guard(make_site(store), AccessPolicy(frozenset({"127.0.0.1:8000"}), token)),
        base_url="http://127.0.0.1:8000",
        follow_redirects=False,
    )


def test_a_site_that_calls_itself_by_this_address_is_sent_away(store: ProvStore) -> None:
    """DNS rebinding: a page elsewhere that makes its name mean this machine."""
    visitor = guarded(store)
    assert visitor.get("/question/").status_code == 200
    for host in ("evil.example", "127.0.0.1", "127.0.0.1:80", "", "127.0.0.1:8000.evil.example"):
        assert visitor.get("/question/", headers={"Host": host}).status_code == 421


def test_the_token_leaves_the_address_and_stays_in_a_cookie(store: ProvStore) -> None:
    visitor = guarded(store, TOKEN)
    assert visitor.get("/question/").status_code == 401
    assert visitor.get("/question/?token=wrong").status_code == 401
    come = visitor.get(f"/question/who-touched-this?thing=a%2Fb&token={TOKEN}&in=sparql")
    assert (come.status_code, come.headers["location"]) == (
        303,
        "/question/who-touched-this?thing=a%2Fb&in=sparql",
    )
    assert TOKEN not in str(come.headers)
    assert {"HttpOnly", "SameSite=Lax"} <= set(come.headers["set-cookie"].split("; "))
    assert visitor.get("/question/").status_code == 200
    assert visitor.get("/question/", headers={"Host": "proxy.example.org"}).status_code == 421


def test_a_program_shows_the_token_in_a_header(store: ProvStore) -> None:
    visitor = guarded(store, TOKEN)
    for shown, status in ((f"Bearer {TOKEN}", 200), ("Bearer no", 401), ("", 401), ("é", 401)):
        headers = {"Authorization": shown.encode("latin-1")}
        assert visitor.get("/question/", headers=headers).status_code == status


@pytest.mark.parametrize("path", ["//evil.example", "/%2F/evil.example", "/\\evil.example"])
def test_the_redirect_never_leaves_this_site(store: ProvStore, path: str) -> None:
    target = (
        guarded(store, TOKEN)
        .get(f"http://127.0.0.1:8000{path}", params={"token": TOKEN})
        .headers["location"]
    )
    assert re.match(r"/(?![/\\])", target)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_the_site_is_only_for_reading(client: TestClient, method: str) -> None:
    reply = client.request(method, "/")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD")


def test_every_reply_tells_the_browser_to_run_and_to_load_nothing(client: TestClient) -> None:
    for path in (*PAGES.values(), "/board.css", "/nowhere", "/?format=turtle", "/picture.js"):
        said = client.get(path).headers
        policy = said["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
        assert "unsafe" not in policy
        assert ("script-src" in policy) == path.startswith("/thing")
        assert said["x-content-type-options"] == "nosniff"
        assert said["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in policy


def test_head_is_get_without_a_body(client: TestClient) -> None:
    reply = client.head(PAGES["dataset"])
    assert (reply.status_code, reply.headers["vary"]) == (200, "Accept")


@pytest.mark.parametrize(
    ("host", "token", "words"),
    [
        ("0.0.0.0", "", "could read this store"),
        ("::", "", "could read this store"),
        ("board.example.org", "", "could read this store"),
        ("127.0.0.1", "short", "16 to 200"),
        ("127.0.0.1", "with spaces and more", "16 to 200"),
        ("192.0.2.1", TOKEN, "cannot be used"),
    ],
)
def test_a_door_that_should_not_be_open_stays_shut(
    store: ProvStore, host: str, token: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        serve(store, lambda _: pytest.fail("it was opened"), host=host, token=token)


# ----------------------------------------------------------------------- what people may write


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("harmful") / "store"
    with provstore.init(place) as made:
        hostile.fill(made)
        hostile.pretend(made)
    return place


HARMFUL = [
    "/", "/ingest/generic-0001", "/search", "/search?q=window", "/question/state-of-every-ingest",
    *(f"/thing?iri={quote(name, safe='')}" for name in hostile.NAMES),
    *(f"/thing?way=down&iri={quote(name, safe='')}" for name in hostile.NAMES),
    *(f"/question/what-is-next-to-this?in=both&thing={quote(name, safe='')}"
      for name in hostile.NAMES),
    *(f"/search?q={quote(text[:900], safe='')}" for text in hostile.TEXTS),
    *(f"/question/same-driving-model?driving_model={quote(text[:900], safe='')}"
      for text in hostile.TEXTS),
]  # fmt: skip


def harmless(shown: Read) -> None:
    """Nothing runs, nothing is loaded, and links lead within the site, or out with a warning."""
    for tag, attributes in shown.tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "style"), attributes
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        if tag == "script":
            data = attributes.get("type") == "application/json"
            assert data or attributes == {"src": "/picture.js", "defer": ""}
        for name in ("href", "src", "action", "xlink:href"):
            outward = "external" in attributes.get("rel", "")
            allowed = r"https?://[^/]" if outward else r"/(?!/)|#"
            assert name not in attributes or re.match(allowed, attributes[name]), (tag, attributes)


def test_what_people_wrote_is_text_on_every_page(harmful: Path) -> None:
    with provstore.open(harmful) as held:
        visitor = TestClient(Guard(make_site(held), AccessPolicy(frozenset({HOST}))), headers=HTML)
        for path in HARMFUL:
            reply = visitor.get(path)
            assert reply.status_code in (200, 404), (path, reply.status_code)
            harmless(Read(reply.text))
            assert len(reply.text) < 400_000, path
        words = Read(visitor.get(HARMFUL[5]).text).words
        for text in (hostile.SCRIPT, hostile.IMAGE, hostile.QUOTES, "safe [U+202E]gnp.exe[U+2066]"):
            assert text in words
        assert "\u202e" not in words
        board = Read(visitor.get("/").text).words
        assert "This page shows the reports of this store." in board
        assert "1 delivery, 1 open." in board
        assert len(held.ask("state-of-every-ingest").rows) > 1
        story = " ".join(Read(visitor.get("/ingest/generic-0001").text).words.split())
        assert "Next step: review, by the reviewer; waiting since 2026-03-02 09:30" in story
        assert "that no report in this store confirms" in story
        bundle = held.journal.of_ingest("generic-0001")[0].bundle
        harmless(Read(visitor.get(f"/bundle?iri={quote(bundle, safe='')}").text))


@given(st.text(max_size=60), st.sampled_from(["/search?q=", "/thing?iri=", "/dataset?iri=",
       "/bundle?iri=", "/ingest/", "/question/", "/question/who-touched-this?thing=",
       "/?group=", "/?page=", "/?format=", "/thing?depth=9&iri=", "/search?limit="]))  # fmt: skip
@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_an_address_gets_a_calm_harmless_page(
    client: TestClient, text: str, path: str
) -> None:
    reply = client.get(path + quote(text, safe="", errors="surrogatepass"))
    assert reply.status_code in (200, 307, 400, 404), (path, text)
    if reply.headers.get("content-type", "").startswith("text/html"):
        harmless(Read(reply.text))


def test_a_search_goes_on_with_the_words_that_were_typed(client: TestClient) -> None:
    """What turns text is shown by its name, but not where a person goes on typing."""
    typed = f"x{hostile.TURNED}"
    shown = Read(client.get(f"/search?q={quote(typed)}").text)
    assert shown.all("input")[0]["value"] == typed
    assert "\u202e" not in shown.words


@pytest.mark.parametrize(
    ("iri", "opened"),
    [
        ("https://doi.org/10.5072/x", True),
        ("http://example.org/a", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        ("https:alert", False),
        ("http://[", False),
        ("urn:uuid:1", False),
    ],
)
def test_only_web_addresses_lead_outside(iri: str, opened: bool) -> None:
    assert web_address(iri) == (iri if opened else "")


# ------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert browser.is_connected()
    place = tmp_path_factory.mktemp("visited") / "store"
    with provstore.init(place) as made:
        play(made)
    with served("board", "--no-browser", "--store", str(place)) as found:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", found)
        yield found.rstrip("/")


def test_a_person_without_javascript_finds_a_delivery_and_asks(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/")
    page.get_by_label("Search").fill("heat study")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("hits")
    page.get_by_role("link", name="figure of the heat study").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("figure of the heat study")
    expect(page.locator(".lively svg")).to_be_visible()
    page.get_by_role("link", name="Where did this come from?").click()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()
    page.get_by_label("Language").select_option("both")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_label("Language")).to_have_value("both")
    page.locator("summary").first.click()
    expect(page.get_by_text("SELECT $thing ?ancestor")).to_be_visible()
    context.close()


def test_where_scripts_run_a_picture_opens_and_leads_to_the_pages_of_its_things(
    browser: Browser, address: str
) -> None:
    with visit(browser, address + PAGES["thing"]) as (page, _):
        expect(page.locator(".lively .pv-awake")).to_be_visible()
        page.locator(".pv-node", has_text="publication 1").click()
        page.locator(".pv-iri a").click()
        expect(page.get_by_role("heading", level=1).first).to_have_text(
            "publication 1 of cordex-0001"
        )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light")])
def test_no_page_has_an_accessibility_fault_or_is_wider_than_the_screen(
    browser: Browser, address: str, width: int, scheme: Scheme
) -> None:
    with visit(browser, f"{address}/", width, scheme) as (page, asked):
        for path in [*PAGES.values(), "/nowhere"]:
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            pictures = page.locator(".picture")
            for box in pictures.all() if width == 1280 else ():
                assert box.evaluate("one => one.scrollWidth <= one.clientWidth"), path
            if width == 1280 and path not in (PAGES["group"], PAGES["down"], PAGES["questions"]):
                for details in page.locator("details").all()[-3:]:
                    details.evaluate("one => one.open = true")
                found = Axe().run(page).response["violations"]
                assert not found, json.dumps(found, indent=1)[:3000]
        hosts = {urlsplit(one).netloc for one in asked}
        assert hosts == {urlsplit(address).netloc}


def test_a_keyboard_reaches_the_content_first_and_then_the_search(
    browser: Browser, address: str
) -> None:
    with visit(browser, f"{address}/ingest/cordex-0001") as (page, _):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        for _step in range(3):
            page.keyboard.press("Tab")
        expect(page.get_by_label("Search")).to_be_focused()
        page.keyboard.type("units")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=units")


def test_what_people_wrote_does_no_harm_in_a_browser(browser: Browser, harmful: Path) -> None:
    with (
        served("board", "--no-browser", "--store", str(harmful)) as found,
        visit(browser, found) as (page, asked),
    ):
        told: list[str] = []
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("console", lambda message: told.append(message.text))
        for path in HARMFUL[:14]:
            page.goto(found.rstrip("/") + path)
            assert page.evaluate("window.harmed") is None, path
            assert page.locator("main script[src], main img, main iframe").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
        assert not [one for one in told if "404" not in one], told
        assert {urlsplit(one).netloc for one in asked} == {urlsplit(found).netloc}


def test_the_command_serves_with_a_token_and_ends_on_request(
    browser: Browser, harmful: Path, tmp_path: Path
) -> None:
    assert browser.is_connected()
    secret = tmp_path / "token"
    secret.touch(0o600)
    secret.write_text(TOKEN + "\n")
    arguments = ("board", "--no-browser", "--store", str(harmful), "--token-file", str(secret))
    with served(*arguments) as found:
        assert TOKEN not in found
        with visit(browser, f"{found}?token={TOKEN}") as (page, _):
            expect(page.get_by_role("heading", level=1)).to_have_text("All deliveries")
            assert "token" not in page.url
        with visit(browser, found) as (page, _):
            expect(page.get_by_text("requires a token")).to_be_visible()
    with provstore.open(harmful) as held:  # it has let go of the views
        assert held.ask("state-of-every-ingest").rows
