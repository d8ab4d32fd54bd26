"""The notebooks run from top to bottom, and are committed without what they print."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
EXPECTED = {  # what a reader must get to see: notebook -> (cell id, part of its output)
    "01_tag_texts.ipynb": [("tag", "pay and benefits"), ("frame", "text/html"), ("check", "words are unknown")],
    "02_read_results.ipynb": [
        ("missing", "not certified"),
        ("held", "image/png"),
        ("errors", "lift"),
        ("files", "results.csv"),
    ],
    "03_look_at_one_theme.ipynb": [
        ("view", "Learning curve"),
        ("figure", "image/png"),
        ("mistakes", "false positive"),
        ("explain", "text/html"),
        ("words", "odds_ratio"),
        ("labels", "has it"),
    ],
    "04_compare_two_runs.ipynb": [("gains", "better"), ("plot", "image/png"), ("settings", "families")],
}


def _read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / name, as_version=nbformat.NO_CONVERT)


def test_every_notebook_says_what_a_reader_gets_to_see() -> None:
    assert list(EXPECTED) == NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_valid_and_holds_no_outputs(name: str) -> None:
    notebook = _read(name)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_begins_with_a_title_and_a_word_of_explanation(name: str) -> None:
    first = _read(name).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source.splitlines()) > 2


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_shows_what_it_promises(name: str) -> None:
    notebook, here = _read(name), {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=here).execute()
    shown = {cell.id: str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"}
    assert [(cell, part) for cell, part in EXPECTED[name] if part not in shown[cell]] == []
    # the first cell may: where ipywidgets are not installed, importing Optuna warns about its progress bars
    assert [cell for cell, outputs in shown.items() if "'stderr'" in outputs and cell != "setup"] == []
