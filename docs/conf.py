"""How Sphinx builds the documentation: sphinx-build -W -b html docs docs/_build/html."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.metadata import version as version_of
from itertools import groupby, pairwise
from typing import Any

project = "themetagger"
author = "the themetagger developers"
project_copyright = f"2026, {author}"
release = version_of("themetagger")
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
exclude_patterns = ["_build"]
default_role = "literal"  # docstrings put names between single backticks
html_theme = "furo"
html_title = "themetagger"

myst_enable_extensions = ["deflist", "colon_fence", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say what each parameter is, and in words
autodoc_default_options = {"members": True}
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

nitpicky = True  # a reference to something of ours that no page documents is an error, but for what is internal
nitpick_ignore_regex = [
    (r"py:.*", r"(?!themetagger\b).*"),
    (r"py:.*", r"themetagger\.(_utils|search|models|features|report)\..*"),
]

# External links are looked at by `sphinx-build -b linkcheck docs docs/_build/links` and by nothing else: the build
# itself needs no network. DOCS_OFFLINE=1 leaves them out there too, so that it looks at local files alone.
linkcheck_timeout = 10
linkcheck_ignore = [r"https?://.*"] if os.environ.get("DOCS_OFFLINE") else []

_UNDERLINE = re.compile(r"^-{3,}$")
_ENTRY = re.compile(r"^(\w[\w*, ]*|\*\*\w+) : (.*)$")
_FIELDS = ("Parameters", "Attributes")
_SENTENCES: dict[str, list[str]] = {}  # docstrings of properties, by name, while napoleon has them


def setup(app: Any) -> None:
    """Docstrings are put into the form that napoleon reads before napoleon sees them."""
    app.connect("autodoc-process-docstring", _numpydoc, priority=100)
    app.connect("autodoc-process-docstring", _sentence, priority=900)


def _numpydoc(_app: Any, what: str, name: str, _of: Any, _options: Any, lines: list[str]) -> None:
    """Sections as numpydoc wants them.

    Our docstrings say what a parameter is on the line of its name ("top : how many to list"), where numpydoc expects
    a type; and "Returns" holds sentences, where numpydoc expects names.
    """
    if what in ("property", "attribute"):
        _SENTENCES[name] = list(lines)
        return
    found: list[str] = []
    for title, body in _sections(lines):
        if title in _FIELDS:
            found += [title, "-" * len(title), *_entries(body), ""]
        elif title == "Returns":
            found += [":returns:", *(f"    {line}" for line in _sentences(body)), ""]
        else:
            found += [title, "-" * len(title), *body] if title else body
    lines[:] = found


def _sentence(_app: Any, _what: str, name: str, _of: Any, _options: Any, lines: list[str]) -> None:
    """The docstring of a property as it stands: napoleon takes what comes before a colon for a type."""
    lines[:] = _SENTENCES.pop(name, lines)


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """(title, lines) of each section; what stands before the first has no title."""
    heads = [i for i in range(len(lines) - 1) if lines[i].strip().isalpha() and _UNDERLINE.match(lines[i + 1])]
    yield "", lines[: heads[0] if heads else len(lines)]
    for head, end in pairwise([*heads, len(lines)]):
        yield lines[head], lines[head + 2 : end]


def _entries(body: list[str]) -> Iterator[str]:
    """Each name on a line of its own, and below it what it is; "delimiter, encoding : ..." tells of both."""
    names: list[str] = [""]
    text: list[str] = []
    for line in [*body, " : "]:
        entry = _ENTRY.match(line)
        if entry or line == " : ":
            yield from (part for name in names for part in ([name] if name else []) + text)
            names, text = (entry[1].split(", "), [f"    {entry[2]}"]) if entry else ([], [])
        else:
            text.append(line)


def _sentences(body: list[str]) -> Iterator[str]:
    """The lines of a section, those of entries ("name : what it is") as a list."""
    if len(body) > 1 and body[0].isidentifier() and body[1].startswith(" "):  # a type, and what it holds
        body = [f"{body[0]}:", *body[1:]]
    entry = False
    for filled, block in groupby(body, bool):
        if not filled:
            yield ""
            entry = False
            continue
        for line in block:
            named = _ENTRY.match(line)
            if named:
                yield from ([] if entry else [""])
                yield f"- **{named[1]}** : {named[2]}"
                entry = True
            elif entry:
                yield f"  {line.strip()}"
            else:
                yield line.strip()
