"""Commands that read another table start from how the training table was read, and print what they need."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from toys import SMALL, toy

from themetagger.cli import main
from themetagger.cli.annotations import TOOLS
from themetagger.cli.tables import as_options
from themetagger.corpus import TableError, TableFormat, read_table
from themetagger.corpus.annotations.output import OutFormat
from themetagger.runs.past_run import open_run
from themetagger.runs.review.suspects import review_table
from themetagger.runs.tune import tune
from themetagger.tagger.reading import read_labelled
from themetagger.tagger.theme_tagger import ThemeTagger

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]


def coded(n: int, *, seed: int, separator: str = "|") -> pd.DataFrame:
    """Toy texts in columns that no default names."""
    frame = toy(n, seed=seed).rename(columns={"Processed Text": "comment", "Themes": "codes"})
    return frame.assign(codes=frame["codes"].str.replace(", ", separator))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """train.csv and later.csv, both coded "pay|staff" and separated by semicolons, and the run on train.csv."""
    folder = tmp_path_factory.mktemp("kept")
    coded(90, seed=0).to_csv(folder / "train.csv", index=False, sep=";")
    coded(40, seed=1).to_csv(folder / "later.csv", index=False)
    settings = {"text_columns": "comment", "theme_column": "codes", "separator": "|", "delimiter": ";"}
    tune(folder / "train.csv", out=folder / "run", **settings, **SMALL)
    return folder


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def call(line: str) -> Result:
    return CliRunner().invoke(main, shlex.split(line))


def done(line: str) -> str:
    result = call(line)
    assert result.exit_code == 0, result.output
    return result.output


def test_evaluate_reads_a_later_table_as_the_training_table() -> None:
    done("evaluate later.csv --tagger run --out kept.csv")
    said = "--text-column comment --theme-column codes --separator '|'"
    done(f"evaluate later.csv --tagger run/tagger.tagger {said} --out said.csv")
    assert Path("kept.csv").read_bytes() == Path("said.csv").read_bytes()
    results = ThemeTagger.load("run").evaluate("later.csv")
    kept = read_table("kept.csv")[0]["heldout_recall"]
    assert results["heldout_recall"].tolist() == pytest.approx(kept.astype(float).tolist())


@pytest.mark.parametrize(("separator", "said"), [(";", "';'"), (", ", ","), (" / ", "/")])
def test_another_separator_ends_in_an_error_that_names_it(separator: str, said: str) -> None:
    coded(40, seed=1, separator=separator).to_csv("other.csv", index=False)
    ended = call("evaluate other.csv --tagger run")
    assert ended.exit_code == 2
    assert f"pass --separator {said} to divide them, or --separator '|' if that is the name of a theme." in ended.stderr
    assert call(f"evaluate other.csv --tagger run --separator '{separator}'").exit_code == 0
    assert "unknown to the tagger" in done("evaluate other.csv --tagger run --separator '|'")
    with pytest.raises(TableError, match=r"pass separator="):
        read_labelled(ThemeTagger.load("run"), pd.read_csv("other.csv", keep_default_na=False))


def test_a_table_without_the_kept_column_is_told_which_there_is() -> None:
    coded(9, seed=2)[["comment"]].rename(columns={"comment": "Free text"}).to_csv("new.csv", index=False)
    for command in ("tag new.csv --out x.csv", "check new.csv", "analyse new.csv --out shares"):
        ended = call(f"{command} --tagger run")
        assert ended.exit_code == 2
        assert "no column 'comment'" in ended.stderr
        assert "pass --text-column 'Free text'" in ended.stderr
    done("tag new.csv --tagger run --out x.csv --text-column 'Free text'")


def test_next_has_the_columns_of_the_training_table_to_fill_in() -> None:
    coded(30, seed=4)[["comment"]].to_csv("texts.csv", index=False)
    done("next texts.csv --tagger run --out to_label.csv --labelled later.csv --count 20")
    table, _ = read_table("to_label.csv")
    assert "codes" in table.columns
    assert any("|" in cell for cell in table["Proposed Themes"])
    assert not any("," in cell for cell in table["Proposed Themes"])
    done("next texts.csv --tagger run --out to_label.csv --count 6")  # nobody has filled it in
    filled, _ = read_table("to_label.csv")
    filled.assign(codes="pay").to_csv("to_label.csv", index=False)
    ended = call("next texts.csv --tagger run --out to_label.csv --count 6")
    assert (ended.exit_code, "may hold labels filled in" in ended.stderr) == (2, True)


def test_the_command_that_suspects_prints_can_be_pasted() -> None:
    done("suspects run --out review.csv --top 3")
    printed = done("suspects run --out review.csv --top 4")  # nobody has answered yet
    review, _ = read_table("review.csv")
    review.assign(verdict="change").to_csv("review.csv", index=False)
    pasted = re.search(r"themetagger (correct .*)", printed)
    assert pasted is not None
    assert "4 labels changed" in done(pasted[1])
    before, after = Path("train.csv").read_text().splitlines(), Path("train.corrected.csv").read_text().splitlines()
    assert 1 <= sum(one != other for one, other in zip(before, after, strict=True)) <= 4
    ended = call("suspects run --out review.csv --top 4")
    assert (ended.exit_code, "may hold verdicts" in ended.stderr) == (2, True)
    assert "4 labels changed" in done("correct train.csv --review review.csv --out twice.csv --tagger run")
    assert Path("twice.csv").read_bytes() == Path("train.corrected.csv").read_bytes()


@pytest.mark.parametrize("tool", TOOLS)
def test_suspects_for_an_annotation_tool_hold_the_labels_given_and_what_is_suggested(tool: str) -> None:
    out = f"suspects-{tool}{OutFormat(tool).suffixes[0]}"
    printed = done(f"suspects run --out {out} --top 5 --out-format {tool}")
    assert f"5 labels to review: {out}" in printed
    assert "themetagger correct" not in printed  # which reads tables only
    written = Path(out).read_text(encoding="utf-8")
    rows = review_table(open_run("run"), top=5)
    assert all(text in written for text in rows["text"])
    assert ("--text-name" in printed) == (tool == "label-studio")
    ended = call(f"suspects run --out {out} --top 5 --out-format {tool}")
    assert (ended.exit_code, "may hold verdicts" in ended.stderr) == (2, True)
    ended = call(f"suspects run --out x.xlsx --out-format {tool}")
    assert (ended.exit_code, "the file must end in" in ended.stderr) == (2, True)


def test_a_printed_command_leaves_out_what_is_the_default() -> None:
    assert as_options(TableFormat.saying(text_columns=["Processed Text"], separator=", ", alike="keep")) == ""
    assert as_options(TableFormat.saying(text_columns=["Processed Text", "Title"], separator="|")) == (
        "--text-column 'Processed Text' --text-column Title --separator '|'"
    )


def test_the_tagger_file_says_how_it_reads_tables() -> None:
    assert "--text-column comment --theme-column codes --separator '|'" in done("inspect run")
