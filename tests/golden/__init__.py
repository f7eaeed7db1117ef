"""What users and their scripts lean on, as text that must not change by accident.

In: the command line, a store with the example deliveries, a wheel. Out: texts by their names, as
they stand beside this file. `python -m tests.golden` writes them anew, and a review reads the
difference; with a wheel it compares what that wheel carries.
"""

import inspect
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from typer import Typer
from typer.main import get_command
from typer.testing import CliRunner

import provstore
from provstore.cli import app
from provstore.storage.settings import shipped
from tests.example import play
from tests.made_by import FORMAT_1, unpack

FOLDER = Path(__file__).parent
WIDTH = "100"
REPORT = "cordex-0001/publication/1/report"

CALLS: dict[str, tuple[str, ...]] = {
    "form": ("form", "--json"),
    "form NAME": ("form", "cordex", "--json"),
    "ask": ("ask", "--json"),
    "ask QUESTION": ("ask", "state-of-every-ingest", "--json"),
    "cypher": ("cypher", "MATCH (i:ingest__Ingest) RETURN i.prov__label AS ingest", "--json"),
    "sparql": ("sparql", "SELECT ?i { ?i a ingest:Ingest }", "--json"),
    "search": ("search", "ada example", "--json"),
    "lineage": ("lineage", REPORT, "--depth", "2", "--json"),
    "impact": ("impact", "cordex-0001/erratum/1/report", "--json"),
    "status": ("status", "--json"),
    "status INGEST": ("status", "cordex-0001", "--json"),
    "history": ("history", "cordex-0001", "--json"),
    "check FORM": ("check", "@example/01.cordex-0001.cordex.json", "--json"),
    "check DOCUMENT": ("check", "@example/00.import.driving-model.json", "--json"),
    "check FAULTY": ("check", "@faulty", "--json"),
    "formats": ("formats", "--json"),
    "submit": ("submit", "@new", "--json"),
    "submit AGAIN": ("submit", "@new", "--json"),
    "start": ("start", "generic-0003", "review", "--by", "@by", "--json"),
    "finish": ("finish", "generic-0003", "review", "--answer", "outcome=ok", "--json"),
    "report": ("report", "generic-0003", "transfer", "@transfer", "--json"),
    "import": ("import", "@document", "--json"),
    "verify": ("verify", "--json"),
    "verify --provenance": ("verify", "--provenance", "--json"),
    "verify INGEST": ("verify", "cordex-0001", "--json"),
    "rebuild": ("rebuild", "search", "--json"),
    "backup": ("backup", "@backup", "--json"),
    "restore": ("restore", "@backup", "@restored", "--json"),
    "repair": ("repair", "--from", "@backup", "--json"),
    "amend": ("amend", "rosa@example.org", "--by", "@by", "--reason", "r", "--name", "R", "--json"),
    "redact": ("redact", "rosa@example.org", "--by", "@by", "--reason", "r", "--json"),
    "redact --yes": ("redact", "rosa@example.org", "--by", "@by", "--reason", "r", "--yes",
                     "--json"),
    "upgrade": ("upgrade", "--store", "@former", "--json"),
}  # fmt: skip
"""A call of every command that has `--json`, in an order in which each can be made."""


def commands(program: Typer = app) -> Iterator[tuple[str, str]]:
    """The help of the program and of each command, at one width."""
    runner = CliRunner(env={"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH})
    names = get_command(program).commands  # type: ignore[attr-defined]
    for words in ([], *([name] for name in sorted(names))):
        shown = runner.invoke(program, [*words, "--help"], prog_name="provstore")
        yield " ".join(["provstore", *words]), shown.stdout


def shape(value: Any) -> Any:
    """What a JSON value is made of: keys, and the kinds of values that stand under them."""
    if isinstance(value, dict):
        return {key: shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        kinds = {json.dumps(shape(item), sort_keys=True): shape(item) for item in value}
        return [kinds[kind] for kind in sorted(kinds)]
    return "null" if value is None else type(value).__name__


def calls(folder: Path) -> dict[str, Any]:
    """What each command prints with `--json`."""
    store, files = folder / "store", _files(folder)
    with provstore.init(store) as opened:
        play(opened)
    runner = CliRunner(env={"PROVSTORE": str(store)})
    printed: dict[str, Any] = {}
    for name, words in CALLS.items():
        done = runner.invoke(app, [_placed(word, files) for word in words])
        assert done.exit_code in (0, 1), f"{name}: {done.output} {done.exception}"
        printed[name] = json.loads(done.stdout)
    return printed


def _placed(word: str, files: dict[str, str]) -> str:
    name, slash, rest = word.removeprefix("@").partition("/")
    return files[name] + slash + rest if word.startswith("@") else word


def _files(folder: Path) -> dict[str, str]:
    """What the calls hand in, as paths by the names that `CALLS` has for them."""
    example = Path(str(shipped("queries"))) / "example"
    faulty = json.loads((example / "01.cordex-0001.cordex.json").read_bytes())
    faulty["answers"]["started"] = None
    document = {"prefix": {"ex": "http://example.org/"}, "entity": {"ex:e": {}}}
    by = {
        "name": "Rosa Example",
        "email": "rosa@example.org",
        "organisation": {"name": "Example Centre"},
    }
    with provstore.init(folder / "scratch") as scratch:
        new, transfer = (scratch.forms[name] for name in ("generic", "transfer"))
        contents = {
            "faulty": json.dumps(faulty),
            "document": json.dumps(document),
            "by": json.dumps(by),
            "new": new.text(new.example() | {"title": "One more"}),
            "transfer": transfer.text(transfer.example()),
        }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(content, encoding="utf-8")
    places = {name: str(folder / name) for name in ("backup", "restored")}
    places["former"] = str(unpack(FORMAT_1, folder) / "store")
    files = {name: str(folder / f"{name}.json") for name in contents}
    return {"example": str(example), **places, **files}


def public_names() -> str:
    """The names of `provstore`, and what can be called on a store and on an ingest, and how."""
    lines = [f"provstore.{name}" for name in sorted(provstore.__all__)]
    ingest = get_type_hints(provstore.ProvStore.ingest)["return"]
    for kind in (provstore.ProvStore, ingest):
        for name, member in sorted(vars(kind).items()):
            if not name.startswith("_"):
                lines.append(f"{kind.__name__}.{name}{_parameters(member)}")
    return "\n".join(lines) + "\n"


def _parameters(member: object) -> str:
    """The parameters of a method and their defaults; types may move, names may not."""
    function = getattr(member, "__func__", member)
    if not inspect.isfunction(function):
        return ""
    bare = [
        one.replace(annotation=one.empty) for one in inspect.signature(function).parameters.values()
    ]
    return str(inspect.Signature(bare))


def wheel(path: Path) -> str:
    """What a wheel carries besides modules: data by their places, other files by their names."""
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        (points,) = (name for name in names if name.endswith("entry_points.txt"))
        start = file.read(points).decode()
    data = [name for name in names if name.startswith("provstore/data/")]
    others = [
        name.rpartition("/")[2]
        for name in names
        if not name.startswith("provstore/data/") and not name.endswith(".py")
    ]
    return "\n".join([*sorted(data), *sorted(others), start])


def made(folder: Path) -> Iterator[tuple[str, str]]:
    """All golden texts but the wheel's, by the names of their files; `folder` is for scratch."""
    yield "commands.txt", "\n".join(f"$ {name} --help\n{text}" for name, text in commands())
    yield "names.txt", public_names()
    printed = calls(folder)
    for name in ("form", "ask"):
        yield f"{name}.json", _json(printed.pop(name))
    yield "shapes.json", _json({name: shape(value) for name, value in printed.items()})


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
