"""The results of a run as files: its tables, read back, and the Markdown, PNG, Excel and page that people look at."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from themetagger._utils.files import write_atomically
from themetagger._utils.json_shapes import list_of, record, text
from themetagger._utils.own_files import read_own
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus.workbook import workbook
from themetagger.models.storage.strict_json import read_json
from themetagger.report.page import Section, render_page
from themetagger.report.plots import figure_png, results_figure
from themetagger.report.results import csv_bytes, read_csv, to_markdown
from themetagger.report.theme_view import ThemeView
from themetagger.selection.results import averages

Folder = str | os.PathLike[str]


@dataclass(frozen=True)
class RunData:
    """The results table of a run, one row per theme, its averages, what the run is called, and remarks on it.

    ``run`` is the name that ``run.json`` has for it; empty where there is none.
    """

    table: pd.DataFrame
    averages: pd.DataFrame
    title: str = ""
    notes: tuple[str, ...] = ()
    run: str = ""


def write_data(folder: Folder, data: RunData) -> bool:
    """Write ``results.csv``, ``averages.csv`` and ``about.json`` (title and notes).

    Returns whether that changed anything.
    """
    about = {"title": data.title, "notes": list(data.notes)} | ({"run": data.run} if data.run else {})
    paths = RunPaths(Path(folder))
    made = {
        paths.results: csv_bytes(data.table),
        paths.averages: csv_bytes(data.averages),
        paths.about: json.dumps(about, ensure_ascii=False, indent=1).encode("utf-8", "replace"),
    }
    changed = False
    for path, content in made.items():
        if _held(path, len(content)) != content:
            write_atomically(path, content)
            changed = True
    return changed


def _held(path: Path, most: int) -> bytes | None:
    """What a file holds; None where there is none, a longer one, or what is no file of ours, which is replaced."""
    try:
        return read_own(path, most=most)
    except OSError:
        return None


def read_data(folder: Folder) -> RunData:
    """Read back what `write_data` wrote; without ``about.json`` a run is named after its folder.

    Raises
    ------
    ValueError
        If the folder has no ``results.csv``, or one that is not the table of a run.
    """
    folder = Path(folder)
    results = RunPaths(folder).results
    if not os.path.lexists(results):
        raise ValueError(f"{folder} has no {results.name}; pass the folder that `themetagger tune --out` wrote.")
    try:
        table = read_csv(results)
    except (ValueError, OSError) as error:
        raise ValueError(f"{results} is not the table of a run ({error}).") from error
    title, notes, run = _about(folder)
    return RunData(table, averages(table), title, tuple(notes), run)


def _about(folder: Path) -> tuple[str, list[str], str]:
    path = RunPaths(folder).about
    if not path.is_file():
        return folder.name, [], ""
    try:
        about = _ABOUT(read_json(read_own(path, most=MOST_BYTES).decode("utf-8")), "")
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it to go without a title.") from error
    return about["title"], about["notes"], about.get("run", "")


MOST_BYTES = 2**24
_ABOUT = record({"title": text(), "notes": list_of(text(100_000), most=10_000)}, {"run": text(100)}, others=True)


def draw_run(
    folder: Folder, data: RunData, *, themes: Sequence[ThemeView] = (), sections: Sequence[Section] = ()
) -> list[Path]:
    """Write what people look at into a run folder, each file whole or not at all; returns the files made.

    Markdown, PNG, Excel (where openpyxl is installed), and one HTML page.

    Parameters
    ----------
    folder, data : of the run
    themes, sections : what the page shows of each theme, and of all together
    """
    paths, table, averages = RunPaths(Path(folder)), data.table, data.averages
    picture = figure_png(results_figure(table, averages, title=data.title))
    made = {paths.markdown: to_markdown(table, averages).encode("utf-8", "replace"), paths.picture: picture}
    book = _workbook(table, averages, sections)
    if book is None:
        paths.workbook.unlink(missing_ok=True)  # one of an earlier run
    else:
        made[paths.workbook] = book
    downloads = {paths.results.name: csv_bytes(table)} | ({} if book is None else {paths.workbook.name: book})
    page = render_page(
        table,
        averages,
        title=data.title,
        notes=data.notes,
        figures={"The results as a picture": picture},
        themes=themes,
        sections=sections,
        downloads=downloads,
    )
    made[paths.page] = page.encode("utf-8", "replace")
    for path, content in made.items():
        write_atomically(path, content)
    return list(made)


def _workbook(table: pd.DataFrame, averages: pd.DataFrame, sections: Sequence[Section]) -> bytes | None:
    """All tables as an Excel workbook; None where the extra is missing."""
    sheets = {"Results": table, "Averages": averages}
    for section in sections:
        sheets |= {caption[:31]: table for caption, table in section.tables.items()}
    try:
        return workbook(sheets, cut=True)
    except ImportError:
        return None
