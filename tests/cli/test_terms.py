"""The commands terms and mistakes: tables of a finished run, safe files, and one line for a mistake."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner
from toys import OWN, SMALL, toy

from themetagger.cli import main
from themetagger.corpus import read_table
from themetagger.runs.review.mistakes import COLUMNS as MISTAKES
from themetagger.runs.tune import tune
from themetagger.tagger.explain.terms import COLUMNS

pytestmark = pytest.mark.usefixtures("no_page")


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run on texts of which one looks like a formula and has the theme "pay" without any word of it."""
    folder = tmp_path_factory.mktemp("terms")
    wrong = pd.DataFrame([("=cmd|' /C calc'!A0 <script>\nweek", "pay")], columns=["Processed Text", "Themes"])
    rare = pd.DataFrame([("tea", "rare")], columns=["Processed Text", "Themes"])
    pd.concat([toy(120), wrong, rare]).to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", **SMALL)
    return folder


def test_terms_are_shown_with_odds_ratios_and_written_whole(folder, tmp_path):
    result = call("terms", folder / "run", "pay", "--top", 3, "--folds", "--out", tmp_path / "terms.csv")
    assert result.exit_code == 0, result.output
    assert all(word in result.output for word in OWN["pay"])
    assert "'wage' raises the odds" in result.output
    assert "not what causes what" in result.output
    table = read_table(tmp_path / "terms.csv")[0]
    assert list(table.columns) == [*COLUMNS, "theme"]
    assert set(table["theme"]) == {"pay"}
    assert (table["model_odds_low"].astype(float) > 0).all()


def test_without_a_name_every_theme_with_a_model_is_shown(folder):
    result = call("terms", folder / "run", "--top", 1)
    assert [theme for theme in OWN if f"\n{theme}\n" in f"\n{result.output}"] == list(OWN)
    assert "model odds" not in result.output


def test_of_many_themes_the_first_words_of_each_are_shown_and_all_are_written(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("themetagger.cli.terms.WHOLE", 2)
    result = call("terms", folder / "run", "--out", tmp_path / "terms.csv")
    assert result.exit_code == 0, result.output
    rows = result.output.split("Next:")[0].splitlines()
    for theme, words in OWN.items():
        assert any(line.startswith(theme) and words[0] in line for line in rows)
    assert f"themetagger terms {folder / 'run'} " in result.output
    assert set(read_table(tmp_path / "terms.csv")[0]["theme"]) == set(OWN)
    assert len(result.output.splitlines()) < 15


def test_without_the_texts_there_are_no_odds_ratios(folder, tmp_path):
    moved = (folder / "train.csv").rename(folder / "moved.csv")
    try:
        alone = call("terms", folder / "run", "pay", "--top", 1)
        assert alone.exit_code == 0, alone.output
        assert "Without odds ratios" in alone.output
        assert "odds ratio " not in alone.output
        assert call("terms", folder / "run", "pay", "--folds").exit_code == 2
        assert call("mistakes", folder / "run", "pay").exit_code == 2
        passed = call("terms", folder / "run", "pay", "--top", 1, "--train", moved)
        assert "raises the odds" in passed.output
    finally:
        moved.rename(folder / "train.csv")


def test_mistakes_are_shown_with_advice_and_written_so_that_nothing_runs(folder, tmp_path):
    result = call("mistakes", folder / "run", "pay", "--out", tmp_path / "wrong.csv")
    assert result.exit_code == 0, result.output
    assert "false negative" in result.output
    assert "Note: " in result.output
    assert "texts missed" in result.output
    table = pd.read_csv(tmp_path / "wrong.csv")
    assert table["text"].str.startswith("'=cmd|").any()
    assert table["words_for"].notna().any()
    assert not call("mistakes", folder / "run", "pay", "--no-words").output.count("(+0.")


@pytest.mark.slow
def test_a_mistake_stands_at_its_line_also_where_rows_were_held_out(folder, tmp_path):
    frame = pd.read_csv(folder / "train.csv", keep_default_na=False)
    frame.insert(0, "id", ["two\nlines", *map(str, range(1, len(frame)))])
    frame.loc[::4, "Themes"] = "food"
    frame.to_csv(tmp_path / "train.csv", index=False)
    tune(tmp_path / "train.csv", out=tmp_path / "run", hold_out=0.3, **SMALL)
    result = call("mistakes", tmp_path / "run", "food", "--out", tmp_path / "wrong.xlsx")
    assert result.exit_code == 0, result.output
    table, _ = read_table(tmp_path / "wrong.xlsx")
    assert list(table.columns) == [*(name for name in MISTAKES if name != "row"), "theme"]
    at = read_table(tmp_path / "train.csv")[0]["Processed Text"]
    assert len(table) > 3
    assert [at[int(line)] for line in table["line"]] == table["text"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["terms", "mistakes", "suspects"])
def test_a_run_without_any_model_is_a_mistake(folder, tmp_path, command):
    if not (folder / "none").exists():
        tune(folder / "train.csv", out=folder / "none", **SMALL | {"min_positives": 1_000})
    result = call(command, folder / "none", "--out", tmp_path / "x.csv")
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "no theme has a model" in result.output
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("command", ["terms", "mistakes"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rare"], "theme 'rare' has no model (SKIPPED: 1 positive, needs 5); those that have: "),
        (["pya"], "no theme 'pya' was tuned; did you mean 'pay'?"),
        (["zzz"], "no theme 'zzz' was tuned; those that were: "),
        (["pay", "--out", "x.doc"], "x.doc: cannot write .doc"),
        (["pay", "--train", "none.csv"], "none.csv"),
    ],
)
def test_a_mistake_is_told_in_one_line(folder, command, arguments, told):
    result = call(command, folder / "run", *arguments)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert told in result.output
    assert call(command, folder / "void").exit_code == 2
