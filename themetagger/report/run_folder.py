"""The run folder: what a run leaves for people to look at."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from themetagger.files import write_atomically
from themetagger.report.page import render_page
from themetagger.report.plots import figure_png, results_figure
from themetagger.report.results import averages, read_csv, to_markdown, write_csv

Folder = str | os.PathLike[str]


def write_run(folder: Folder, table: pd.DataFrame, averages: pd.DataFrame, *, title: str, notes: Sequence[str]) -> None:
    """Write table and averages as CSV, Markdown, PNG and one HTML page into ``folder``.

    ``results.csv``, ``averages.csv`` and ``about.json`` (title and notes) are the data; ``results.md``,
    ``results.png`` and ``report.html`` are made from them.
    """
    folder = Path(folder)
    write_csv(table, folder / "results.csv")
    write_csv(averages, folder / "averages.csv")
    about = {"title": title, "notes": list(notes)}
    write_atomically(folder / "about.json", json.dumps(about, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    _draw(folder, table, averages, title=title, notes=notes)


def redraw_run(folder: Folder) -> list[Path]:
    """Make Markdown, picture and page again from the data in a run folder; the files made.

    Raises
    ------
    ValueError
        If the folder has no ``results.csv``, or it is none of ours.
    """
    folder = Path(folder)
    if not (folder / "results.csv").is_file():
        raise ValueError(f"{folder} has no results.csv; pass the folder that `themetagger tune --out` wrote.")
    try:
        table = read_csv(folder / "results.csv")
    except ValueError as error:
        raise ValueError(f"{folder / 'results.csv'} is not the table of a run ({error}).") from error
    title, notes = _about(folder)
    return _draw(folder, table, averages(table), title=title, notes=notes)


def _about(folder: Path) -> tuple[str, list[str]]:
    path = folder / "about.json"
    if not path.is_file():
        return folder.name, []
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return str(about["title"]), [str(note) for note in about["notes"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error!r}); delete it to go without a title.") from error


def _draw(folder: Path, table: pd.DataFrame, averages: pd.DataFrame, *, title: str, notes: Sequence[str]) -> list[Path]:
    picture = figure_png(results_figure(table, averages, title=title))
    page = render_page(table, averages, title=title, notes=notes, figures={"The results as a picture": picture})
    made = {
        "results.md": to_markdown(table, averages).encode("utf-8", "replace"),
        "results.png": picture,
        "report.html": page.encode("utf-8", "replace"),
    }
    for name, data in made.items():
        write_atomically(folder / name, data)
    return [folder / name for name in made]
