"""A table that is written is read again cell by cell, whatever the format; what cannot be written is said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from themetagger.corpus import APPENDABLE, TableError, check_writable, read_table, rows_as_bytes, write_table
from themetagger.corpus.formulas import FORMULAS, Formulas

SUFFIXES = [".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xlsx"]
CELLS = [
    "low pay",
    "NA",
    "",
    'a "quoted", text;\tand more',
    "two\nlines",
    "=1+1",
    "-2",
    "#N/A",
    "007",
    "é 日本 🙂",
    " spaced ",
    "'x",
    "x" * 30_000,
]


def frame(cells: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"Processed Text": cells, "Themes": ["a, b"] * len(cells)}, dtype=object)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_text_is_read_again_as_it_was(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tagged{suffix}"
    assert write_table(frame(CELLS), path, formulas="keep") == 0
    again, notes = read_table(path)
    assert again["Processed Text"].tolist() == CELLS
    assert list(again.columns) == ["Processed Text", "Themes"]
    assert notes == ()


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize("cell", ["a\rb", "a\r\nb", "a\r", "a\x0bb", "a\u2028b", "x" * 40_000])
def test_odd_signs_stay_in_their_cell(tmp_path: Path, suffix: str, cell: str) -> None:
    write_table(frame([cell, "next"]), tmp_path / f"t{suffix}")
    assert read_table(tmp_path / f"t{suffix}")[0]["Processed Text"].tolist() == [cell, "next"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_formulas_are_neutralised_where_a_spreadsheet_would_run_them(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"=name": ["=1+1", "-2", "pay"], "n": [-1, 2, 3], "@": ["'=x", "", "\t@y"]})
    path, runs = tmp_path / f"t{suffix}", suffix in (".csv", ".tsv")
    assert write_table(table, path) == (5 if runs else 0)
    again = read_table(path)[0]
    assert list(again.columns) == (["'=name", "n", "'@"] if runs else ["=name", "n", "@"])
    assert again.iloc[:, 0].tolist() == (["'=1+1", "-2", "pay"] if runs else ["=1+1", "-2", "pay"])
    assert again.iloc[:, 1].astype(int).tolist() == [-1, 2, 3]
    assert again.iloc[:, 2].tolist() == (["''=x", "", "'\t@y"] if runs else ["'=x", "", "\t@y"])
    assert list(table.columns) == ["=name", "n", "@"]
    assert table["=name"].tolist() == ["=1+1", "-2", "pay"]  # the caller's own stays


@pytest.mark.parametrize("suffix", APPENDABLE)
@pytest.mark.parametrize("formulas", FORMULAS)
def test_rows_in_batches_are_the_bytes_and_the_count_of_the_whole(
    tmp_path: Path, suffix: str, formulas: Formulas
) -> None:
    table = pd.DataFrame({"=name": ["=1+1", "-2", "pay", "@x"], "n": [-1, 2, 3, 4]})
    changed = write_table(table, tmp_path / f"t{suffix}", formulas=formulas)
    parts = [
        rows_as_bytes(table.iloc[at : at + 2], suffix, header=not at, formulas=formulas)
        for at in range(0, len(table), 2)
    ]
    assert b"".join(data for data, _ in parts) == (tmp_path / f"t{suffix}").read_bytes()
    assert sum(count for _, count in parts) == changed


@pytest.mark.parametrize("suffix", [".CSV", ".Parquet", ".XLSX"])
def test_the_case_of_a_suffix_does_not_matter(tmp_path: Path, suffix: str) -> None:
    write_table(frame(["x"]), tmp_path / f"t{suffix}")
    assert read_table(tmp_path / f"t{suffix}")[0]["Processed Text"].tolist() == ["x"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_index_of_a_table_is_not_written(tmp_path: Path, suffix: str) -> None:
    write_table(frame(["x", "y"]).set_axis([7, 7], axis=0), tmp_path / f"t{suffix}")
    assert list(read_table(tmp_path / f"t{suffix}")[0].columns) == ["Processed Text", "Themes"]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".parquet"])
def test_lists_of_themes_stay_lists(tmp_path: Path, suffix: str) -> None:
    write_table(pd.DataFrame({"Themes": [["a", "b"], []]}), tmp_path / f"t{suffix}")
    assert read_table(tmp_path / f"t{suffix}")[0]["Themes"].tolist() == [["a", "b"], []]


def test_what_is_read_is_not_written_over_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    for name in ("a.csv", "link.csv", f"../{tmp_path.name}/a.csv"):
        with pytest.raises(TableError, match=r"\.csv is the input file; choose another out\."):
            check_writable(tmp_path / name, inputs=[None, tmp_path / "none.csv", str(tmp_path / "a.csv")])
    check_writable(tmp_path / "b.csv", inputs=[tmp_path / "a.csv", tmp_path / "b.csv"])
    assert check_writable(tmp_path / "a.csv", inputs=[pd.DataFrame(), {"a": "b"}]).name == "a.csv"


def test_what_a_person_has_filled_in_is_not_replaced(tmp_path: Path) -> None:
    assert check_writable(tmp_path / "a.csv", may_hold="labels").name == "a.csv"
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(TableError, match=r"a.csv: exists already, and may hold labels; delete it, or choose"):
        check_writable(tmp_path / "a.csv", may_hold="labels")


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(tmp_path: Path) -> None:
    import openpyxl

    table = pd.DataFrame({"=1+1": ["=HYPERLINK(1)", "#REF!", "http://x.example"], "n": [1, 2.5, -3]})
    write_table(table, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    cells = [cell for row in sheet.rows for cell in row]
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "n", "s", "n", "s", "n"]
    assert [cell.value for cell in cells][::2] == ["=1+1", "=HYPERLINK(1)", "#REF!", "http://x.example"]
    assert [cell.hyperlink for cell in cells] == [None] * 8


def test_a_control_character_that_a_workbook_cannot_hold_is_replaced(tmp_path: Path) -> None:
    write_table(frame(["a\x0bb\x00"]), tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx")[0]["Processed Text"].tolist() == ["a\ufffdb\ufffd"]


@pytest.mark.parametrize("name", ["t.txt", "t.xls", "t", "t.csv.gz", ".csv"])
def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError, match=r"cannot write .*; use \.csv, \.tsv, \.json, \.jsonl, \.parquet, \.xlsx\."):
        write_table(frame(["x"]), tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "cells", "message"),
    [
        ("t.xlsx", ["x" * 40_000], "a text has 40000 characters, and an Excel cell holds 32767"),
        ("t.parquet", ["x", ["y"], 3], "does not fit this format"),
    ],
)
def test_what_a_format_cannot_hold_is_said_and_nothing_is_written(
    tmp_path: Path, name: str, cells: list[Any], message: str
) -> None:
    with pytest.raises(TableError, match=message):
        write_table(frame(cells), tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("suffix", "extra"), [(".parquet", "parquet"), (".xlsx", "excel")])
def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, extra: str) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ImportError("not installed")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", refuse)
    monkeypatch.setattr(pd, "ExcelWriter", refuse)
    with pytest.raises(TableError, match=rf'pip install "themetagger\[{extra}\]"'):
        write_table(frame(["x"]), tmp_path / f"t{suffix}")


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TableError, match=r"t\.csv: cannot be written \(.*\); choose another place\."):
        write_table(frame(["x"]), tmp_path / "file" / "t.csv")


def test_an_old_table_stays_whole_where_a_write_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_table(frame(["old"]), tmp_path / "t.csv")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TableError, match="No space left"):
        write_table(frame(["new"]), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv")[0]["Processed Text"].tolist() == ["old"]
    assert os.listdir(tmp_path) == ["t.csv"]
