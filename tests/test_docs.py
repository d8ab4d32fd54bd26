"""README and docs: their Python runs, their command lines are understood, their links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from themetagger.cli import main
from themetagger.models.families import FAMILIES
from themetagger.selection.results import COLUMNS, HELD_OUT_COLUMNS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "data/README.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
NOT_RUN = re.compile(r"<!-- not run: (\S.*?) -->")  # before a block of Python that cannot run here, and why
PROMPT = "themetagger "
PATH = re.compile(r"\w+(/[\w.]+)+/?")
AT_THE_TOP = ("docs", "notebooks", "studies", "tests", "themetagger")
IN_THE_PACKAGE = tuple(path.name for path in (ROOT / "themetagger").iterdir() if path.is_dir())
SAMPLE = {"reviews.csv": "train.csv", "later.csv": "test.csv", "new.csv": "test.csv"}
THEMES = {"pay and benefits", "workload"}  # those that the pages speak of
QUICK: dict[str, Any] = {"families": ("ridge",), "trials": 2, "n_folds": 3, "n_jobs": 1, "show_progress": False}


@dataclass(frozen=True)
class Block:
    """A piece of code in a page: its language, empty where none is named, and the line that it begins at."""

    page: Path
    language: str
    code: str
    line: int
    not_run: str = ""


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """The pieces of code of a page, with the reason of those that are marked not to run."""
    return tuple(_blocks(page))


def _tokens(page: Path) -> list[Token]:
    return MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))


def _blocks(page: Path) -> Iterator[Block]:
    before = ""
    for token in _tokens(page):
        if token.type in ("fence", "code_block"):
            marked = NOT_RUN.search(before)
            language = token.info.split()[0] if token.info.strip() else ""
            yield Block(page, language, token.content, (token.map or [0])[0] + 1, marked[1] if marked else "")
        before = token.content if token.type == "html_block" else ""


def _lines(page: Path) -> Iterator[tuple[int, str]]:
    """Each command line in the blocks of a page, and where it stands; a line that ends in a backslash goes on."""
    for block in blocks(page):
        if block.language not in ("", "sh", "bash", "console", "shell"):
            continue
        code = block.code.replace("\\\n", " ")
        for number, line in enumerate(code.splitlines()):
            if line.strip().removeprefix("$ ").startswith(PROMPT):
                yield block.line + number, line.strip().removeprefix("$ ")


def _inline(page: Path) -> Iterator[str]:
    """Each command between backticks in the text of a page."""
    for token in _tokens(page):
        for child in token.children or ():
            if child.type == "code_inline" and child.content.startswith(PROMPT):
                yield child.content


def python_of(page: Path) -> list[Block]:
    """The blocks of Python of a page that are to run."""
    return [block for block in blocks(page) if block.language == "python" and not block.not_run]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=_name)


def _command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None, f"there is no command {name!r}"
    return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables that the pages speak of, and finished runs on the first of them."""
    folder = tmp_path_factory.mktemp("docs")
    for name, source in SAMPLE.items():
        table = pd.read_csv(ROOT / "data" / "workplace" / source, keep_default_na=False)
        kept = [", ".join(theme for theme in cell.split(", ") if theme in THEMES) for cell in table["Themes"]]
        table["Themes"] = kept
        table["Site"] = ["north" if row % 2 else "south" for row in range(len(table))]
        table["Date"] = [f"2026-{1 + row % 3:02d}-15" for row in range(len(table))]
        columns = [column for column in table if name != "new.csv" or column != "Themes"]
        table[columns].head(450 if name == "reviews.csv" else 150).to_csv(folder / name, index=False)
    (folder / "plan.toml").write_text('[table]\ntrain = "reviews.csv"\n', encoding="utf-8")
    tune = import_module("themetagger.runs.tune").tune
    for run, trials in (("run", 2), ("run2", 3)):
        settings = {**QUICK, "trials": trials}
        tune(folder / "reviews.csv", test=folder / "later.csv", out=folder / run, **settings)
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to work in; there a search is a small one, whatever a page asks for."""
    copy = tmp_path / "docs"
    shutil.copytree(finished, copy)
    monkeypatch.chdir(copy)
    home = import_module("themetagger.runs.tune")
    whole = home.tune
    monkeypatch.setattr(home, "tune", lambda train=None, **settings: whole(train, **(settings | QUICK)))
    return copy


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", [page for page in PAGES if python_of(page)], ids=_name)
def test_the_blocks_of_python_run(page: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in python_of(page):  # one after another, as a reader goes through them
        exec(compile("\n" * block.line + block.code, str(page), "exec"), names)


def test_most_pages_have_python_that_runs() -> None:
    assert sum(map(bool, map(python_of, PAGES))) >= 12


@every_page
def test_a_block_says_its_language(page: Path) -> None:
    """A block that names none is shell; so no Python is passed over because its fence is bare."""
    known = {"", "python", "sh", "toml", "text", "json", "{toctree}", "{eval-rst}", "{include}", "{image}"}
    known |= {"{automodule}", "{autofunction}", "{autoclass}", "{click}", "{note}", "{warning}", "{tip}"}
    assert [(block.line, block.language) for block in blocks(page) if block.language not in known] == []
    bare = [block for block in blocks(page) if not block.language]
    assert [block.line for block in bare if re.search(r"^(from|import) \w|^>>> ", block.code, re.MULTILINE)] == []


@every_page
def test_the_command_lines_are_understood(page: Path) -> None:
    for number, line in _lines(page):
        words = shlex.split(line, comments=True)[1:]
        if words[0].startswith("-"):
            continue
        try:
            _command(words[0]).make_context(words[0], words[1:])
        except click.exceptions.Exit:  # --help
            pass
        except click.UsageError as error:
            pytest.fail(f"{_name(page)}:{number}: {line}\n{error.format_message()}")


@every_page
def test_commands_named_in_the_text_exist(page: Path) -> None:
    for text in _inline(page):
        words = text.split()[1:]
        command = _command(words[0])
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert [word for word in words[1:] if word.startswith("--") and word.split("=")[0] not in known] == [], text


def test_the_docs_show_every_command() -> None:
    shown = {line.split()[1] for page in PAGES for _, line in _lines(page)}
    assert sorted(set(main.list_commands(click.Context(main))) - shown) == []


def test_links_between_documents_lead_somewhere() -> None:
    """Those of README and its like; those within docs are checked by sphinx-build -W."""
    broken = []
    for page in PAGES:
        for token in _tokens(page):
            for child in token.children or ():
                target = str(child.attrGet("href") or child.attrGet("src") or "")
                path = target.split("#")[0]
                if path and "://" not in target and not target.startswith("mailto:"):
                    broken += [] if (page.parent / path).exists() else [f"{_name(page)}: {target}"]
    assert broken == []


@every_page
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    """As "search/space.py", below the package, or from the top as "tests/golden"; and benchmarks by their name."""
    named = [child.content for token in _tokens(page) for child in token.children or () if child.type == "code_inline"]
    words = [word for text in named for word in text.split() if PATH.fullmatch(word)]
    paths = [word for word in words if word.split("/")[0] in (*AT_THE_TOP, *IN_THE_PACKAGE)]
    missing = [text for text in paths if not any((folder / text).exists() for folder in (ROOT, ROOT / "themetagger"))]
    scripts = [text.split()[0] for text in named if page.name == "measurements.md" and text.split()[0].endswith(".py")]
    assert [
        *missing,
        *(name for name in scripts if not (ROOT / "tests" / "benchmarks" / Path(name).name).exists()),
    ] == []


def test_every_benchmark_is_among_the_measurements() -> None:
    text = (ROOT / "docs" / "explanation" / "measurements.md").read_text(encoding="utf-8")
    names = {path.name for path in (ROOT / "tests" / "benchmarks").glob("*.py") if not path.name.startswith("_")}
    assert sorted(name for name in names if f"`{name}" not in text) == []


def test_the_reference_has_every_column_of_the_results_table() -> None:
    """In the order of the table; those of held-out texts as "the first to the last"."""
    page = ROOT / "docs" / "reference" / "results-table.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    described = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in rows]
    assert described[-1] == [HELD_OUT_COLUMNS[0], HELD_OUT_COLUMNS[-1]]
    assert [name for names in described[:-1] for name in names] == list(COLUMNS)


def test_the_docs_name_every_family() -> None:
    text = (ROOT / "docs" / "how-to" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in FAMILIES if f"`{name}`" not in text] == []


@pytest.mark.slow
def test_the_docs_are_built_without_a_warning(tmp_path: Path) -> None:
    """References between pages, and to what docstrings name, lead somewhere; every page is in a table of contents."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(tmp_path / "cache")]
    ended = subprocess.run(
        [*command, str(ROOT / "docs"), str(tmp_path / "html")], capture_output=True, text=True, check=False, timeout=300
    )
    assert (ended.returncode, ended.stderr) == (0, "")
