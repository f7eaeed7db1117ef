"""A form on the web: a person fills it in with a real browser, and it is safe to leave it there."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
from provstore.store import ProvStore
from tests.browser import PATIENCE, chromium, served, visit

pytestmark = pytest.mark.xdist_group("chromium")
FORM = load_forms(shipped("forms"))["cordex-cmip6"]
ANSWERS = FORM.example()
VARIABLES = "variable_id,frequency,files\n" + "".join(f"tas{n},mon,{n}\n" for n in range(100))
REVIEW = "Check and review"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("served") / "store"
    ProvStore.create(directory).close()
    return directory


@pytest.fixture(scope="module")
def address(place: Path, browser: Browser) -> Iterator[str]:
    assert browser.is_connected()  # without one, no server is needed either
    with served(
        "form",
        "cordex-cmip6",
        "--serve",
        "--no-browser",
        "--store",
        str(place),
        "--user-header",
        "X-Forwarded-User",
        before="from provstore.notebook import form_server; form_server.MAX_KERNELS = 64",
    ) as found:
        assert found.startswith("http://127.0.0.1:")
        yield found


def ready(page: Page) -> None:
    page.get_by_role("button", name=REVIEW).wait_for()


def starting(choice: str) -> re.Pattern[str]:
    """How a choice is shown: as it is written, and its title where it has one."""
    return re.compile(rf"^{re.escape(choice)}(\s\u2013|$)")


def choose(page: Page, label: str, choice: str) -> None:
    field = page.get_by_label(label, exact=True)
    option = field.locator("option", has_text=starting(choice))
    field.select_option(value=option.get_attribute("value"))


def answer(page: Page) -> None:
    """Fill in the form by its labels, all but the table."""
    for label, choice in {
        "Kind of submission *": "initial_version",
        "Activity *": "DD",
        "Driving experiment *": "historical",
        "Every tracking_id is unique *": "yes",
        "Directories *": "compliant",
        "Quality already checked *": "esgf-qa",
        "Licence *": ANSWERS["license"],
    }.items():
        choose(page, label, choice)
    agent = ANSWERS["agent"]
    for label, text in {
        "Name *": agent["name"],
        "ORCID": agent["orcid"],
        "E-mail *": agent["email"],
        "Name of the organisation *": agent["organisation"]["name"],
        "ROR": agent["organisation"]["ror"],
        "Dataset *": ANSWERS["dataset"],
        "Domain *": "EUR-12",
        "Institution *": "GERICS",
        "Model *": "REMO2020-2-2",
        "Driving model *": "MPI-ESM1-2-HR",
        "Driving variant *": "r1i1p1f1",
        "Version and realisation *": "v1-r1",
        "Time periods *": "195101-201412",
        "Example file name *": ANSWERS["example_file_name"],
        "Grid *": ANSWERS["grid"],
        "Data path *": ANSWERS["data_path"],
    }.items():
        field = page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Tab")
    for frequency in ANSWERS["frequency"]:
        page.get_by_label(starting(frequency)).check()


def test_a_provider_fills_in_the_form_is_corrected_refreshes_uploads_and_sends(
    browser: Browser, address: str, place: Path, tmp_path: Path
) -> None:
    with visit(browser, address) as (page, asked):
        ready(page)
        page.get_by_role("button", name=REVIEW).click()
        expect(page.get_by_role("alert").first).to_contain_text("22 answers need correction")
        answer(page)
        page.get_by_label("ORCID", exact=True).fill("0000-0002-1825-0097")
        page.get_by_label("ORCID", exact=True).press("Tab")
        expect(page.get_by_text("is not an ORCID").first).to_be_visible()
        page.get_by_label("ORCID", exact=True).fill(ANSWERS["agent"]["orcid"])
        page.get_by_label("ORCID", exact=True).press("Tab")
        expect(page.get_by_text("is not an ORCID")).to_have_count(0)
        expect(page.get_by_role("status")).to_contain_text("Saved")

        page.reload()
        ready(page)
        expect(page.get_by_text("The answers that you saved before")).to_be_visible()
        expect(page.get_by_label("Grid *", exact=True)).to_have_value(ANSWERS["grid"])
        page.get_by_role("button", name="Paste or upload a table").first.click()
        table = tmp_path / "variables.csv"
        table.write_text(VARIABLES)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a CSV file for variables").click()
        chooser.value.set_files(table)
        expect(page.get_by_text("100 rows.")).to_be_visible()

        page.get_by_role("button", name=REVIEW).click()
        expect(page.get_by_text("Review your answers")).to_be_visible()
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Its name is cordex-cmip6-0001")).to_be_visible()
        assert all(urlsplit(one).hostname in ("127.0.0.1", None) for one in asked), asked
    with ProvStore(place) as store:
        (report,) = store.reports("cordex-cmip6-0001")
        assert len(report.answers["variables"]) == 100
        assert report.answers["agent"] == ANSWERS["agent"]
        rows = store.ask("state-of-every-ingest").records()
        assert [row["ingest"].rsplit("/", 1)[-1] for row in rows] == ["cordex-cmip6-0001"]


@pytest.mark.parametrize("width", [1280, 400])
def test_no_accessibility_fault_is_serious_and_nothing_is_wider_than_the_screen(
    browser: Browser, address: str, width: int
) -> None:
    with visit(browser, address, width) as (page, _):
        ready(page)
        choose(page, "Kind of submission *", "new_version")
        page.get_by_role("button", name=REVIEW).click()
        expect(page.get_by_role("alert").first).to_contain_text("answers need correction")
        found = Axe().run(page).response["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        assert not grave, json.dumps(grave, indent=1)[:3000]
        assert page.evaluate("document.querySelector('.pv-form').scrollWidth") <= width


def test_every_input_has_a_label(browser: Browser, address: str) -> None:
    with visit(browser, address) as (page, _):
        ready(page)
        nameless = page.evaluate(
            "[...document.querySelectorAll('.pv-form :is(input, select, textarea)')]"
            ".filter(one => one.type != 'file' && !one.labels.length"
            " && !one.ariaLabel && !one.closest('label')).map(one => one.outerHTML)"
        )
        assert nameless == []


def test_nobody_comes_in_without_the_token_and_it_leaves_the_address(
    browser: Browser, address: str
) -> None:
    bare = address.partition("?")[0]
    with visit(browser, bare) as (page, _):
        assert page.get_by_role("button", name=REVIEW).count() == 0
        expect(page.get_by_text("This server requires a token")).to_be_visible()
    with visit(browser, address) as (page, _):
        query = parse_qs(urlsplit(page.url).query)
        assert set(query) == {"draft"}
        assert len(query["draft"][0]) == 24


@pytest.mark.parametrize(
    "path",
    ["voila/tree", "voila/files/cordex-cmip6.ipynb", "api/contents", "api/sessions",
     "api/terminals",
     "voila/render/cordex-cmip6.ipynb", "../../etc/passwd"],
)  # fmt: skip
def test_nothing_but_the_form_is_served(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    answered = page.request.get(address.partition("?")[0] + path)
    assert answered.status in (403, 404), answered.status
    context.close()


def test_a_visitor_cannot_run_code_in_the_kernel(browser: Browser, address: str) -> None:
    """The kernel takes messages of widgets alone: a request to execute is answered by nothing."""
    with visit(browser, address) as (page, asked):
        ready(page)
        kernel = next(one for one in asked if "/api/kernels/" in one).split("/")[5].split("?")[0]
        said = page.evaluate(
            """async kernel => {
              const socket = new WebSocket(`ws://${location.host}/api/kernels/${kernel}/channels`);
              await new Promise(done => socket.onopen = done);
              const got = [];
              socket.onmessage = each => got.push(typeof each.data == "string" ? each.data : "");
              const header = {msg_id: "x", msg_type: "execute_request", session: "s",
                              username: "", version: "5.3", date: new Date().toISOString()};
              socket.send(JSON.stringify({channel: "shell", header, parent_header: {}, metadata: {},
                content: {code: "print('got in')", silent: false}, buffers: []}));
              await new Promise(done => setTimeout(done, 3000));
              return got.join();
            }""",
            kernel,
        )
        assert "got in" not in said
        assert "execute_re" not in said


def test_a_draft_of_one_user_is_not_shown_to_another(browser: Browser, address: str) -> None:
    ada = browser.new_context(extra_http_headers={"X-Forwarded-User": "ada"})
    page = ada.new_page()
    page.goto(address)
    ready(page)
    expect(page.get_by_text("You are signed in as ada.")).to_be_visible()
    page.get_by_label("Grid *", exact=True).fill("secret grid")
    page.get_by_label("Grid *", exact=True).press("Tab")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    draft = page.url
    ada.close()
    other = browser.new_context(extra_http_headers={"X-Forwarded-User": "bo"})
    page = other.new_page()
    page.goto(address)
    page.goto(draft)
    expect(page.get_by_text("This draft belongs to another user")).to_be_visible(timeout=60_000)
    assert "secret grid" not in page.content()
    other.close()


def test_the_kernel_of_a_visitor_who_left_is_ended_and_the_answers_stay(
    browser: Browser, tmp_path: Path
) -> None:
    place = tmp_path / "store"
    ProvStore.create(place).close()

    def kernels() -> int:
        (server,) = (
            one for one in psutil.Process().children() if str(place) in "".join(one.cmdline())
        )
        running = [one for one in server.children() if one.status() != psutil.STATUS_ZOMBIE]
        return sum("ipykernel_launcher" in one.cmdline() for one in running)

    soon = "from provstore.notebook import form_server; form_server.IDLE_SECONDS = 10"
    with served(
        "form", "generic", "--serve", "--no-browser", "--store", str(place), before=soon
    ) as address:
        with visit(browser, address) as (page, _):
            ready(page)
            page.get_by_label("Name *", exact=True).first.fill("Ada Example")
            page.get_by_label("Name *", exact=True).first.press("Tab")
            expect(page.get_by_role("status")).to_contain_text("Saved")
            draft = page.url
            time.sleep(13)
            assert kernels() == 1, "the kernel of a visitor who thinks was ended"
        until = time.monotonic() + PATIENCE
        while kernels() and time.monotonic() < until:
            time.sleep(0.5)
        assert kernels() == 0
        token = address.partition("?")[2]
        with visit(browser, f"{draft}&{token}") as (page, _):
            ready(page)
            expect(page.get_by_label("Name *", exact=True).first).to_have_value("Ada Example")
