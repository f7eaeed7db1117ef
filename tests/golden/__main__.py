"""`python -m tests.golden`: write the golden texts anew. With a wheel: compare what it carries."""

import sys
import tempfile
from pathlib import Path

from tests.golden import FOLDER, made, wheel

if len(sys.argv) > 1:
    carried, kept = wheel(Path(sys.argv[1])), FOLDER / "wheel.txt"
    if kept.exists() and kept.read_text(encoding="utf-8") != carried and "--write" not in sys.argv:
        sys.exit(f"The wheel carries something else than {kept.name} says:\n{carried}")
    kept.write_text(carried, encoding="utf-8")
else:
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in made(Path(scratch)):
            (FOLDER / name).write_text(text, encoding="utf-8")
