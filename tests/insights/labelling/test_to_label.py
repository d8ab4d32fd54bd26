"""A table file -> a table to fill in, that tune reads once it is filled in; and the command that writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from toys import SMALL, toy

from themetagger.cli import main
from themetagger.corpus import TableFormat, read_corpus, read_table, write_table
from themetagger.insights.labelling.to_label import choose_from_table
from themetagger.runs.tune import tune


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """train.csv, its tagger, and new.csv with columns of other kinds."""
    folder = tmp_path_factory.mktemp("next")
    toy().to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", **SMALL).tagger.save(folder / "a.tagger")
    new = toy(40, seed=3)[["Processed Text"]].assign(Id=range(40), Link="=HYPERLINK(1)", Note="<b>☃</b>\n2")
    new.loc[5, "Processed Text"] = "=cmd|'/c calc'!A1 salary and wage"
    new.to_csv(folder / "new.csv", index=False)
    return folder


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def ask(folder: Path, out: str, *more: object) -> Result:
    (folder / out).unlink(missing_ok=True)
    return call("next", folder / "new.csv", "--tagger", folder / "a.tagger", "--out", folder / out, *more)


def test_the_table_has_all_columns_an_empty_one_and_why(folder: Path) -> None:
    table, notes = choose_from_table(folder / "new.csv", folder / "a.tagger", labelled=folder / "train.csv", count=12)
    assert list(table.columns) == ["Processed Text", "Id", "Link", "Note", "Themes", "Proposed Themes", "Why"]
    new = pd.read_csv(folder / "new.csv", dtype=str).set_index("Id")
    assert table["Processed Text"].tolist() == new.loc[table["Id"], "Processed Text"].tolist()
    assert (table["Themes"] == "").all()
    assert (table["Link"] == "=HYPERLINK(1)").all()
    assert table["Why"].str.startswith("uncertain: ").sum() == 11
    assert "labelled: " in " ".join(notes)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "jsonl", "xlsx", "parquet"])
def test_filled_in_it_goes_behind_the_training_table(folder: Path, tmp_path: Path, suffix: str) -> None:
    result = ask(folder, f"to.{suffix}", "--count", 10, "--labelled", folder / "train.csv")
    assert result.exit_code == 0, result.output
    assert f"10 texts to label: {folder / f'to.{suffix}'}" in result.output
    table, _ = read_table(folder / f"to.{suffix}")
    filled = table.assign(Themes=table["Proposed Themes"])
    train = pd.read_csv(folder / "train.csv", keep_default_na=False)
    if suffix in ("json", "jsonl", "parquet"):
        assert all(isinstance(cell, list) for cell in table["Proposed Themes"])
        train["Themes"] = [cell.split(", ") if cell else [] for cell in train["Themes"]]
    both = pd.concat([train, filled], ignore_index=True)
    both = both.astype({name: str for name in both if name != "Themes"})
    write_table(both, tmp_path / f"both.{suffix}")
    corpus = read_corpus(tmp_path / f"both.{suffix}")
    assert len(corpus) == 100
    assert set(corpus.themes) == {"pay", "staff", "food"}
    assert len(tune(tmp_path / f"both.{suffix}", **SMALL | {"trials": 1, "min_positives": 200}).results) == 3


def test_no_cell_that_is_written_runs_as_a_formula(folder: Path) -> None:
    result = ask(folder, "safe.csv", "--count", 40)
    written = pd.read_csv(folder / "safe.csv", dtype=str, keep_default_na=False)
    assert (written["Link"] == "'=HYPERLINK(1)").all()
    assert "'=cmd|'/c calc'!A1 salary and wage" in set(written["Processed Text"])
    assert "41 cells or column names that a spreadsheet would run" in result.output
    ask(folder, "kept.csv", "--count", 40, "--formulas", "keep")
    assert (pd.read_csv(folder / "kept.csv")["Link"] == "=HYPERLINK(1)").all()


def test_rows_with_themes_are_passed_over(folder: Path, tmp_path: Path) -> None:
    new = toy(30, seed=3).assign(Themes=["pay"] * 10 + [""] * 15 + [" "] * 5)
    new.to_csv(tmp_path / "half.csv", index=False)
    table, notes = choose_from_table(tmp_path / "half.csv", folder / "a.tagger", count=50)
    assert set(table["Processed Text"]) == set(new["Processed Text"][10:])
    assert "10 of 30 rows have themes already and were skipped." in notes
    assert len(table) == 20


def test_columns_of_its_own_names_are_left_as_they_are(folder: Path, tmp_path: Path) -> None:
    new = toy(8, seed=3)[["Processed Text"]].assign(**{"Why": "mine", "Proposed Themes": "mine too"})
    new.to_csv(tmp_path / "new.csv", index=False)
    table, _ = choose_from_table(
        tmp_path / "new.csv", folder / "a.tagger", table_format=TableFormat(theme_column="Topic")
    )
    assert (table["Why"] == "mine").all()
    assert (table["Proposed Themes"] == "mine too").all()
    assert list(table.columns)[3:] == ["Topic", "Predicted Proposed Themes", "Predicted Why"]


def test_themes_and_seed_are_passed_on(folder: Path) -> None:
    assert ask(folder, "pay.csv", "--theme", "pay", "--at-random", 0, "--count", 7).exit_code == 0
    why = pd.read_csv(folder / "pay.csv")["Why"]
    assert why.str.fullmatch(r"uncertain: 'pay' \d\.\d\d").all()
    drawn = []
    for seed in (0, 0, 1):
        ask(folder, "drawn.csv", "--at-random", 1, "--count", 7, "--seed", seed)
        drawn.append(pd.read_csv(folder / "drawn.csv")["Id"].tolist())
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--theme", "pya"], "did you mean 'pay'"),
        (["--seed", -1], "seed must be a whole number of at least 0 but is -1"),
        (["--count", 0], "count must be a whole number of at least 1"),
        (["--at-random", 2], "--at-random must lie between 0 and 1"),
        (["--labelled", "nowhere.csv"], "there is no such file"),
        (["--text-column", "Txt"], "there is no column 'Txt'"),
        (["--theme-column", "Thmes", "--labelled", "train.csv"], "did you mean 'Themes'"),
        (["--out", "to.doc"], "cannot write .doc"),
        (["--tagger", "new.csv"], "new.csv"),
        (["--out", "new.csv"], "new.csv is the input file; choose another --out."),
        (["--labelled", "train.csv", "--out", "train.csv"], "train.csv is the input file; choose another"),
        (["--out", "filled.csv"], "filled.csv: exists already, and may hold labels filled in; delete it"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    folder: Path, more: list[Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "filled.csv").write_text("Themes\npay\n")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = ask(folder, "mistake.csv", *more)
    assert result.exit_code == 2
    assert told in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_labelled_table_may_have_any_form_that_tune_reads(folder: Path, tmp_path: Path) -> None:
    train = pd.read_csv(folder / "train.csv", keep_default_na=False)
    own = {name: train["Themes"].str.contains(name).astype(int) for name in ("pay", "staff", "food")}
    train.drop(columns="Themes").assign(**own).to_csv(tmp_path / "columns.csv", index=False)
    fine = train["Themes"].str.replace("pay", "LOW PAY").str.replace(", ", "|")
    train.assign(Themes=fine).to_csv(tmp_path / "fine.csv", index=False)
    (tmp_path / "map.csv").write_text("fine,broad\nlow pay,pay\nLOW PAY,pay\n")
    assert ask(folder, "a.csv", "--labelled", folder / "train.csv").exit_code == 0
    for name, options in (
        ("columns", ["--theme-columns", "pay,staff,food"]),
        ("fine", ["--separator", "|", "--theme-map", tmp_path / "map.csv"]),
    ):
        result = ask(folder, "b.csv", "--labelled", tmp_path / f"{name}.csv", *options)
        assert result.exit_code == 0, result.output
        same, other = (pd.read_csv(folder / file) for file in ("a.csv", "b.csv"))
        assert same["Id"].tolist() == other["Id"].tolist()
        assert same["Why"].tolist() == other["Why"].tolist()
        assert other[["pay", "staff", "food"] if name == "columns" else ["Themes"]].isna().all(axis=None)


def test_a_row_with_a_0_or_1_is_labelled(folder: Path, tmp_path: Path) -> None:
    new = (
        toy(30, seed=3).drop(columns="Themes").assign(pay=["0"] * 4 + [""] * 26, staff=[""] * 2 + ["1"] * 4 + [""] * 24)
    )
    new.to_csv(tmp_path / "half.csv", index=False)
    table, notes = choose_from_table(
        tmp_path / "half.csv", folder / "a.tagger", table_format=TableFormat(theme_columns=["pay", "staff"])
    )
    assert "6 of 30 rows have themes already and were skipped." in notes
    assert set(table["Processed Text"]) == set(new["Processed Text"][6:])
