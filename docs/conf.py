"""How Sphinx builds these pages: `make docs`. Nothing is fetched from a network, then or later."""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "_extensions")]

with (ROOT / "pyproject.toml").open("rb") as file:
    _project = tomllib.load(file)["project"]

project = "provstore"
author = "The provstore authors"
copyright = "The provstore authors, Apache License 2.0"  # noqa: A001 - Sphinx calls it so
version = release = _project["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "reference_pages"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "_extensions"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

smartquotes = False  # two hyphens are two hyphens
default_role = "literal"  # docstrings write code between single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
nitpicky = True
# What docstrings and signatures name without a page of its own: Python's own types and those of
# libraries (their pages would have to be fetched), and types of ours that are not public.
nitpick_ignore_regex = [
    (r"py:.*", r"provstore\.store_ingest\.Take"),
    (r"py:.*", r"(?!provstore\b).*\..*"),
    (
        r"py:.*",
        r"[a-z]+|Any|Callable|Iterable|Iterator|Literal|Mapping|Path|PathLike|Self|Sequence",
    ),
    (
        r"py:.*",
        r"AnswerFrame|Cell|Direction|Drafts|IngestBoard|Json|Names|Question|Questions|QueryView|QueryViews|"
        r"SearchView|Shortener|Take|Taken|Timeline|View",
    ),
    (
        r"py:.*",
        r"provstore\.(?!errors\b|results\b|store\b|store_ingest\b|pictures\.picture\b).*",
    ),
]

html_theme = "furo"
html_title = f"provstore {version}"
html_static_path = ["_static"]
html_css_files = ["provstore.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # a summary would be fetched, which file:// does not allow
html_theme_options = {"navigation_with_keys": False}
