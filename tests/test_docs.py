"""The pages tell the truth: they build without a warning, and every command runs as shown."""

import importlib.util
import inspect
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from typer.main import get_command

import provstore
from provstore import errors
from provstore.cli import app
from provstore.projects.forms import load_forms
from provstore.projects.ontology import CLASSES, PROPERTIES
from provstore.projects.workflow import STEPS, mermaid
from provstore.prov.notations.notation_registry import NOTATIONS
from provstore.queries.catalogue import Questions
from provstore.readers.reader_registry import READERS
from provstore.storage import settings
from provstore.storage.settings import shipped
from tests.browser import chromium, visit
from tests.sessions import (
    DOCS,
    NOT_RUN,
    PAGES,
    ROOT,
    Block,
    blocks_of,
    commands_of,
    make_tour,
    matches,
    rewrite,
    run_page,
    shortened,
    with_tour,
)
from tests.sessions import Command as Ran

SESSIONS = pytest.mark.xdist_group("docs")
SITE = pytest.mark.xdist_group("chromium")
TEXTS = {str(path.relative_to(DOCS)): path.read_text(encoding="utf-8") for path in PAGES}


# ------------------------------------------------------------------------- commands on the pages


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that `provstore tour --keep tour-store` leaves."""
    return make_tour(tmp_path_factory.mktemp("tour"))


@SESSIONS
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", TEXTS)
def test_every_command_of_a_page_prints_what_is_shown(
    name: str, tour: Path, tmp_path: Path
) -> None:
    """When an output has changed on purpose: `make sessions`, and read the difference."""
    directory = with_tour(TEXTS[name], tour, tmp_path / "page")
    for ran in run_page(TEXTS[name], directory):
        assert matches(ran.shown, ran.printed), f"$ {ran.command}\n{ran.printed}"


def test_every_kind_of_block_is_run_or_listed_as_not_run() -> None:
    kinds = {
        block.language for text in TEXTS.values() for block in blocks_of(text) if not block.file
    }
    assert kinds - {*NOT_RUN} == {"bash", "console", "ipython", "python"}


def test_the_tour_is_a_command_of_each_tutorial_on_its_store() -> None:
    for name in ("data-manager", "lineage", "erratum"):
        assert "$ provstore tour --keep tour-store\n" in TEXTS[f"tutorials/{name}.md"]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…", "a\nb\nc", True),
        ("a\n…", "b\nc", False),
        ("Seal: …", "Seal: 12ab", True),
        ("Seal: …", "Seal: 12ab\nmore", False),
        ("a", "a\nb", False),
        ("took 12 ms", "took 900 ms  \n", True),
        ("7 rows", "8 rows", False),
        ("a.c", "abc", False),
    ],
)
def test_an_output_is_compared_line_by_line(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same


def test_an_output_that_changed_is_written_anew_as_short_as_it_was(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ one\nold\n…\nold\n$ one\n$ two \\\n>   three\nold\n```\n")
    new = "1\n2\n3\n4\n"
    rewrite(
        page,
        [
            Ran("one", "old\n…\nold", new, False),
            Ran("one", "", "", False),
            Ran("two \\\n  three", "old", new, False),
        ],
    )
    expected = "```console\n$ one\n1\n…\n4\n$ one\n$ two \\\n>   three\n1\n2\n3\n4\n```\n"
    assert page.read_text() == expected
    assert shortened("", new) == "1\n2\n3\n4"


def test_a_page_is_read_as_its_reader_reads_it() -> None:
    page = "```{code-block} json\n:caption: a.json\n\n{}\n```\n```{raw} html\n:file: x\n```\n"
    page += "```console\n$ one \\\n>   two\nout\n$ three\n```\n"
    saved, session = blocks_of(page)
    assert saved == Block("json", "{}\n", "a.json")
    assert [*commands_of(session.text)] == [("one \\\n  two", "out"), ("three", "")]


# ------------------------------------------------------------- what pages say and nothing runs


def test_the_proxy_that_is_shown_goes_with_the_options_that_there_are() -> None:
    (text,) = [block.text for page in TEXTS.values() for block in blocks_of(page)
               if block.language == "nginx"]  # fmt: skip
    named = set(re.findall(r"--[a-z-]+", text))
    command = get_command(app).commands["form"]  # type: ignore[attr-defined]
    assert named <= {name for option in command.params for name in option.opts}
    assert len(named) == 5


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    shown = {}
    for page in TEXTS.values():
        for block in blocks_of(page):
            if block.language == "toml":
                text = f'format = 1\nbase = "https://example.org/"\n{block.text}'
                (tmp_path / "provstore.toml").write_text(text)
                shown |= tomllib.loads(block.text)
                read = settings.read_settings(tmp_path)
    assert shown.keys() == {"graph", "limits", "checkpoints", "engines"}
    assert shown["checkpoints"]["every"] == settings.CheckpointSettings().every
    assert read.limits == settings.Limits(**shown["limits"]) == settings.Limits()
    assert settings.GraphServer(**shown["graph"]).address.startswith("neo4j://")


def test_every_command_is_in_the_table_of_commands() -> None:
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"`provstore {name}" in TEXTS["reference/commands.md"], name


def test_every_notation_is_in_the_table_of_notations() -> None:
    named = set(re.findall(r"`([\w-]+)`", TEXTS["how-to/notations.md"]))
    assert {*NOTATIONS} <= named


def test_the_walk_names_the_rooms_that_are_there() -> None:
    rooms = {path.stem for path in (ROOT / "provstore").rglob("*.py")}
    (picture,) = [
        block.text
        for block in blocks_of(TEXTS["explanation/architecture.md"])
        if block.language == "text"
    ]
    for word in ("forms", "report_bundle", "journal", "catalogue"):
        assert word in picture
        assert word in rooms


def test_the_floors_are_those_of_the_contract() -> None:
    """The highest floor first, as the contract has them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contract = tomllib.load(file)["tool"]["importlinter"]["contracts"][0]
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", TEXTS["explanation/architecture.md"], re.MULTILINE)
    assert [int(number) for number, _ in rows] == [*range(len(contract["layers"]), 0, -1)]
    for (_, cells), layer in zip(rows, contract["layers"], strict=True):
        named = {name.removesuffix(".py") for name in re.findall(r"`([\w.]+)`", cells)}
        rooms = set(re.split(r"[ :|]+", layer)) - {"__main__", "moved_names"}
        assert rooms <= named, layer


def test_the_pictures_page_shows_a_lineage_in_mermaid() -> None:
    shown = [
        (command, output)
        for block in blocks_of(TEXTS["how-to/pictures.md"])
        if block.language == "console"
        for command, output in commands_of(block.text)
    ]
    assert [output for command, output in shown if command.endswith("--mermaid")]
    assert all("…" not in output for _, output in shown)


def extension(name: str) -> ModuleType:
    """A module of the Sphinx extension."""
    spec = importlib.util.spec_from_file_location(name, DOCS / "_extensions" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_the_drawing_of_the_workflow_is_the_table() -> None:
    drawings = extension("drawings")
    solid = set(re.findall(r"(\w+) -->\|(.*)\| (\w+)", mermaid()))
    assert {(one.source, one.label, one.target) for one in drawings.arrows()} == solid
    drawn = ElementTree.fromstring(drawings.workflow_svg())
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {*STEPS} <= {*texts}
    assert Counter(texts) >= Counter(arrow.label for arrow in drawings.arrows())


def test_drawings_have_a_title_and_a_description() -> None:
    drawings = extension("drawings")
    for text in (drawings.workflow_svg(), drawings.walk_svg()):
        drawn = ElementTree.fromstring(text)
        for tag in ("title", "desc"):
            (element,) = drawn.iter(f"{{http://www.w3.org/2000/svg}}{tag}")
            assert element.text


# ------------------------------------------------------------------------------ the built site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as `make docs` builds them: a warning is an error."""
    folder = tmp_path_factory.mktemp("docs") / "html"
    command = ["-m", "sphinx", "-q", "-b", "html", "-W", "--keep-going", "-n"]
    done = subprocess.run(
        [sys.executable, *command, str(DOCS), str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:5000]
    return folder


def html(site: Path, name: str) -> str:
    return (site / f"{name}.html").read_text(encoding="utf-8")


@SITE
def test_the_command_that_builds_is_that_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m sphinx -q -b html -W --keep-going -n -j 2 docs docs/_build/html" in makefile
    assert "make docs" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@SITE
@pytest.mark.timeout(180)
def test_the_reference_has_everything_that_there_is(site: Path) -> None:
    commands = html(site, "reference/generated/commands")
    assert not [name for name in get_command(app).commands if f"provstore {name}" not in commands]  # type: ignore[attr-defined]
    api = html(site, "reference/generated/api")
    methods = [name for name, _ in inspect.getmembers(provstore.ProvStore) if name[0] != "_"]
    assert len(methods) > 20
    assert not [name for name in methods if f"provstore.store.ProvStore.{name}" not in api]
    forms = html(site, "reference/generated/forms")
    assert not [name for name in load_forms(shipped("forms")) if name not in forms]
    for question in Questions(shipped("queries")).values():
        if question.theme != "template":
            page = html(site, f"reference/generated/questions-{question.theme}")
            assert f'id="{question.name}"' in page
    formats = html(site, "reference/generated/formats")
    assert not [name for name in (*READERS, *NOTATIONS) if name not in formats]
    refusals = html(site, "reference/generated/errors")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)
             and issubclass(kind, errors.ProvstoreError)]  # fmt: skip
    assert len(kinds) > 10
    assert not [kind for kind in kinds if f"provstore.errors.{kind.__name__}" not in refusals]
    terms = html(site, "reference/generated/ontology")
    assert not [name for name in (*CLASSES, *PROPERTIES) if f"ingest:{name}<" not in terms]
    shapes = json.loads((ROOT / "tests" / "golden" / "shapes.json").read_text(encoding="utf-8"))
    keys = re.sub(r"<[^>]+>", "", html(site, "reference/generated/json"))
    assert not [name for name in shapes if name not in keys]


class Loaded(HTMLParser):
    """What a page loads by itself when it is opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more tag."""
        named = dict(attrs)
        wanted = tag == "link" and named.get("rel") not in ("index", "search", "next", "prev")
        address = named.get("href") if wanted else named.get("src")
        if address and tag != "a":
            self.addresses.append(address)


@SITE
def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = [*site.rglob("*.html")]
    assert len(pages) > 35
    for path in pages:
        loaded = Loaded(path.read_text(encoding="utf-8")).addresses
        assert loaded
        assert not [one for one in loaded if urlsplit(one).netloc], path.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", sheet.read_text(encoding="utf-8"))


MAIN = (
    "index",
    "tutorials/first-delivery",
    "reference/generated/questions-lineage",
    "reference/generated/api",
    "explanation/architecture",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@SITE
@pytest.mark.timeout(180)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_main_pages_have_no_accessibility_fault(browser: Browser, site: Path, scheme: str) -> None:
    with visit(browser, (site / "index.html").as_uri()) as (page, asked):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for name in MAIN:
            page.goto((site / f"{name}.html").as_uri())
            found = Axe().run(page).response["violations"]
            assert not found, f"{name}: {json.dumps(found, indent=1)[:3000]}"
        assert {urlsplit(one).scheme for one in asked} <= {"file", "data"}


@SITE
@pytest.mark.timeout(120)
def test_pages_fit_a_telephone_and_ask_no_other_host(browser: Browser, site: Path) -> None:
    with visit(browser, (site / "index.html").as_uri(), 400) as (page, asked):
        for name in (*MAIN, "reference/generated/commands", "how-to/pictures"):
            page.goto((site / f"{name}.html").as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 400, name
        assert {urlsplit(one).scheme for one in asked} <= {"file", "data"}


@SITE
@pytest.mark.timeout(120)
def test_the_search_works_offline(browser: Browser, site: Path) -> None:
    address = f"{(site / 'search.html').as_uri()}?q={quote('erratum')}"
    with visit(browser, address) as (page, asked):
        expect(page.locator("#search-results li").first).to_be_visible()
        assert page.locator("#search-results a", has_text="An erratum").count()
        assert {urlsplit(one).scheme for one in asked} <= {"file", "data"}


# ------------------------------------------------------------------------------- beside the pages


def test_the_hooks_and_the_workflow_call_what_make_calls() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nlint:")[2].partition("\n\n")[0]
    linted = [line.strip().removeprefix("$(BIN)/") for line in recipe.splitlines()[1:]]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"entry: (.*)", hooks) == linted
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    called = re.findall(r"- run: (make \w+|\.ci/run)$", workflow, re.MULTILINE)
    assert called == ["make lint", "make test", "make docs", ".ci/run"]


def test_decisions_are_numbered_and_dated_newest_first() -> None:
    text = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    numbers = [re.fullmatch(r"(\d+)\. .+ \(20\d\d-\d\d-\d\d\)", head) for head in heads]
    assert all(numbers), heads
    assert [int(number[1]) for number in numbers if number] == [*range(len(heads), 0, -1)]


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])
def test_files_that_are_named_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:provstore|tests|forms|queries)/[a-z\d_/.]+\.[a-z]+)`", text)
    assert len(paths) >= 3
    assert not [path for path in paths if not (ROOT / path).is_file()]
