"""`python -m tests.golden`: write the golden texts anew. With a wheel: compare what it carries."""

import sys
import tempfile
from difflib import unified_diff
from pathlib import Path

from tests.golden import FOLDER, made, wheel

if len(sys.argv) > 1:
    carried, kept = wheel(Path(sys.argv[1])), FOLDER / "wheel.txt"
    if "--write" in sys.argv:
        kept.write_text(carried, encoding="utf-8")
    before, now = kept.read_text(encoding="utf-8").splitlines(), carried.splitlines()
    if difference := list(unified_diff(before, now, kept.name, "the wheel", lineterm="")):
        sys.exit("\n".join(difference))
else:
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in made(Path(scratch)):
            (FOLDER / name).write_text(text, encoding="utf-8")
