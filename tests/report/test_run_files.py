"""The files of a run: the data, and pages that are made from them again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from themetagger.report.results import read_csv
from themetagger.report.run_files import RunData, draw_run, read_data, write_data
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import averages, results_table
from themetagger.selection.theme_result import ThemeResult

pytestmark = pytest.mark.slow

DRAWN = ["results.md", "results.png", "results.xlsx", "report.html"]
TITLE = "<b>Survey</b> & é"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pay = ThemeResult(
        "=pay|é", "BEST_EFFORT", family="ridge", view="words", threshold=0.1, support=10, counts=Confusion(8, 2, 2, 88)
    )
    table = results_table([pay, ThemeResult.skipped("canteen", "3 positives, needs 30", support=3)])
    data = RunData(table, averages(table), TITLE, ("a note",))
    write_data(tmp_path / "new" / "run", data)
    draw_run(tmp_path / "new" / "run", data)
    return tmp_path / "new" / "run"


def test_the_folder_holds_data_and_pages(folder: Path) -> None:
    assert sorted(os.listdir(folder)) == sorted(["results.csv", "averages.csv", "about.json", *DRAWN])
    assert json.loads((folder / "about.json").read_text(encoding="utf-8")) == {"title": TITLE, "notes": ["a note"]}
    assert len((folder / "averages.csv").read_text().splitlines()) == 7
    assert read_csv(folder / "results.csv")["theme"].tolist() == ["=pay|é", "canteen"]


def test_the_page_shows_title_and_notes_escaped(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Survey&lt;/b&gt; &amp; é" in page
    assert "a note" in page
    assert "<b>Survey" not in page


def test_pages_are_made_again_from_the_data(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in DRAWN}
    for name in DRAWN:
        (folder / name).unlink()
    assert draw_run(folder, read_data(folder)) == [folder / name for name in DRAWN]
    assert {name: (folder / name).read_bytes() for name in DRAWN} == before


def test_a_folder_with_the_table_alone_is_called_by_its_name(folder: Path) -> None:
    (folder / "about.json").unlink()
    draw_run(folder, read_data(folder))
    assert "<title>run</title>" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("results.csv", b"", "results.csv is not the table of a run"),
        ("results.csv", b"theme,status\npay,MET\n", "has no column reason"),
        ("results.csv", b"\xff\xfe\x00", "results.csv is not the table of a run"),
        ("about.json", b"{", "about.json is damaged"),
        ("about.json", b"[1]", "about.json is damaged"),
        ("about.json", b'{"title": "x"}', "about.json is damaged"),
        ("about.json", b'{"title": "x", "notes": 3}', "about.json is damaged"),
    ],
)
def test_damaged_data_are_named(folder: Path, name: str, data: bytes, message: str) -> None:
    (folder / name).write_bytes(data)
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        draw_run(folder, read_data(folder))


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no results\.csv; pass the folder that `themetagger tune --out` wrote"):
        read_data(tmp_path)
