"""The command line: its commands on a small table, and one line instead of a traceback for a user's mistake."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from themetagger import cli
from themetagger._utils.console import RowCount
from themetagger.cli import main
from themetagger.corpus import TableError, TableFormat, read_table, streaming
from themetagger.report.results import read_csv
from themetagger.report.summary import summary
from themetagger.tagger.theme_tagger import ThemeTagger

OWN = {"pay": ["salary", "wage", "bonus"], "staff": ["manager", "boss", "team"], "food [b]": ["soup", "lunch", "menu"]}
COMMON = "day week always never office people thing rather the and here today".split()
QUICK = ["--families", "ridge", "--trials", "1", "--n-folds", "3", "--n-jobs", "1", "--min-positives", "5"]


def toy(n: int, *, seed: int) -> pd.DataFrame:
    """``n`` texts; a theme holds exactly where two of its own words stand."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        present = [theme for theme in OWN if rng.random() < 0.3]
        words = [*rng.choice(COMMON, 6), *(w for theme in present for w in rng.choice(OWN[theme], 2, replace=False))]
        rows.append((" ".join(rng.permutation(words)), ", ".join(present)))
    return pd.DataFrame(rows, columns=["Processed Text", "Themes"])


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def done(*arguments: object) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """train.csv, test.csv, texts.csv without themes, and a finished run with held-out figures."""
    folder = tmp_path_factory.mktemp("cli")
    toy(90, seed=0).to_csv(folder / "train.csv", index=False)
    toy(40, seed=1).to_csv(folder / "test.csv", index=False)
    toy(9, seed=2)[["Processed Text"]].to_csv(folder / "texts.csv", index=False)
    (folder / "empty").mkdir()
    (folder / "broken.tagger").write_bytes(b"no tagger")
    (folder / "broken").mkdir()
    (folder / "broken" / "results.csv").write_text("a,b\n1,2\n")
    (folder / "void").mkdir()
    (folder / "void" / "results.csv").write_text("")
    (folder / "few.csv").write_text('Processed Text,Themes\ngood pay,pay\nbad pay,pay\nx,""\n')
    (folder / "one.csv").write_text("Processed Text,Themes\ngood pay,pay\n")
    (folder / "header.csv").write_text("Processed Text,Themes\n")
    (folder / "latin.csv").write_bytes("Processed Text,Themes\ncafé,pay\n".encode("latin-1"))
    done("tune", folder / "train.csv", "--test", folder / "test.csv", "--out", folder / "run", *QUICK)
    (folder / "untitled").mkdir()
    (folder / "untitled" / "results.csv").write_bytes((folder / "run" / "results.csv").read_bytes())
    (folder / "untitled" / "about.json").write_text("[1]")
    return folder


def test_inspect_shows_the_table_and_draws_its_themes(folder: Path, tmp_path: Path) -> None:
    output = done("inspect", folder / "train.csv", "--plot", tmp_path / "themes.png", "--min-positives", 5)
    for title in ("Rows", "Text lengths", "Themes by frequency", "Themes that occur together"):
        assert title in output
    assert all(theme in output for theme in OWN)
    assert (tmp_path / "themes.png").read_bytes().startswith(b"\x89PNG")
    assert "lift: how many times as often" in output
    assert "--hold-out 0.2 --min-positives 5 --out run" in output
    few = done("inspect", folder / "few.csv", "--plot", tmp_path / "few.png")
    assert "Next:" not in few  # nothing can be tuned


def test_inspect_shows_what_is_inside_a_tagger_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from themetagger import corpus

    monkeypatch.setattr(corpus, "read_corpus", lambda *_, **__: pytest.fail("it was read as a table"))
    output = done("inspect", folder / "run" / "tagger.tagger")
    for said in ("format version", f"themetagger {version('themetagger')}", "right: manifest and", "the defaults"):
        assert said in output
    assert all(theme in output for theme in OWN)
    size = (folder / "run" / "tagger.tagger").stat().st_size
    assert f"{size:,} bytes" in output
    assert not list(folder.glob("*.png"))


@pytest.mark.slow
def test_tune_prints_every_theme_and_fills_the_folder(folder: Path, tmp_path: Path) -> None:
    output = done("tune", folder / "train.csv", "--hold-out", 0.2, "--out", tmp_path / "run", *QUICK)
    assert all(theme in output for theme in OWN)
    assert "Averages" in output
    for name in ("results.csv", "results.md", "results.png", "report.html", "tagger.tagger"):
        assert name in output
        assert (tmp_path / "run" / name).stat().st_size > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ["--objective", "f1", "--target", "0.5"],
        ["--objective", "recall-first"],
        ["--certify", "0.8", "--confidence", "0.95", "--certify-recall", "0.2", "--certify-by", "bonferroni"],
        ["--certify-by", "calibration", "--stop-early", "never"],
        ["--stop-early", "certified"],
        ["--stop-at-target", "--target", "0.8", "--recall-floor", "0.3"],
        ["--sampler", "grid", "--text-steps", "lower,numbers", "--time-budget", "30"],
        ["--min-positives", "1000"],
        ["--min-positives", "5", "--minimum-quality", "1.0", "--seed", "7", "--patience", "1"],
    ],
)
def test_the_options_of_tune_are_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.setattr("themetagger.runs.writing._draw_page", lambda *_: ())  # it takes as long as all else
    done("tune", folder / "train.csv", "--out", tmp_path / "run", *QUICK, *options)
    assert len(read_csv(tmp_path / "run" / "results.csv")) == 3


@pytest.mark.slow
def test_a_handful_of_texts_ends_in_rows(folder: Path, tmp_path: Path) -> None:
    assert "Too rare (texts): pay (2)" in done("tune", folder / "few.csv", "--out", tmp_path / "run", "--n-jobs", 1)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "jsonl", "parquet", "xlsx"])
def test_tag_writes_the_table_with_its_themes(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"tagged.{suffix}"
    output = done("tag", folder / "texts.csv", "--tagger", folder / "run" / "tagger.tagger", "--out", out)
    assert f"9 texts tagged with 3 themes: {out}" in output
    frame = read_table(out)[0]
    assert list(frame.columns) == ["Processed Text", "Themes"]
    tags = ThemeTagger.load(folder / "run" / "tagger.tagger").tag(frame["Processed Text"].tolist())
    lists = suffix in ("json", "jsonl", "parquet")  # which can hold them, whatever a theme is called
    assert [list(cell) if lists else cell for cell in frame["Themes"]] == [t if lists else ", ".join(t) for t in tags]
    assert any(tags)


def test_an_interrupted_tag_says_how_to_go_on_and_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("tag", folder / "texts.csv", "--tagger", folder / "run" / "tagger.tagger", "--out", tmp_path / "t.csv")
    monkeypatch.setattr(streaming, "BATCH", 4)
    with monkeypatch.context() as patch:
        seen: list[int] = []

        def add(self: RowCount, rows: int) -> None:
            seen.append(rows)
            if len(seen) == 2:
                raise KeyboardInterrupt

        patch.setattr(RowCount, "add", add)
        result = call(*command)
    assert result.exit_code == 130
    assert "Stopped: 8 of 9 rows are done; the same command continues from there." in result.output
    assert "Continued after 8 rows tagged earlier." in done(*command)
    assert len(read_table(tmp_path / "t.csv")[0]) == 9


def test_tag_by_certificates_has_a_column_for_review(folder: Path, tmp_path: Path) -> None:
    tagger = folder / "run" / "tagger.tagger"
    done("tag", folder / "texts.csv", "--tagger", tagger, "--policy", "certified", "--out", tmp_path / "t.csv")
    frame, loaded = read_table(tmp_path / "t.csv")[0], ThemeTagger.load(tagger)
    texts = frame["Processed Text"].tolist()
    assert list(frame.columns) == ["Processed Text", "Themes", "Themes to Review"]
    assert frame["Themes"].tolist() == [", ".join(found) for found in loaded.tag(texts, policy="certified")]
    assert frame["Themes to Review"].tolist() == [", ".join(found) for found in loaded.review(texts)]
    assert any(frame["Themes to Review"])


def test_tag_keeps_the_themes_that_are_there_and_adds_probabilities(folder: Path, tmp_path: Path) -> None:
    out, run = tmp_path / "tagged.csv", folder / "run" / "tagger.tagger"
    done("tag", folder / "test.csv", "--tagger", run, "--out", out, "--probabilities")
    frame = read_table(out)[0]
    before = ["Processed Text", "Themes", "Predicted Themes"]
    assert list(frame.columns) == before + [f"p({theme})" for theme in ThemeTagger.load(run).themes]
    assert frame["Themes"].tolist() == toy(40, seed=1)["Themes"].tolist()
    assert frame["p(pay)"].astype(float).between(0, 1).all()


def test_tag_reads_another_text_column(folder: Path, tmp_path: Path) -> None:
    toy(5, seed=3).rename(columns={"Processed Text": "text"}).to_csv(tmp_path / "in.tsv", index=False, sep="\t")
    options = ["--text-column", "text", "--tagger", folder / "run" / "tagger.tagger", "--out", tmp_path / "out.csv"]
    done("tag", tmp_path / "in.tsv", *options)
    assert "Predicted Themes" in read_table(tmp_path / "out.csv")[0]


def test_evaluate_finds_the_held_out_figures_of_the_run_again(folder: Path, tmp_path: Path) -> None:
    options = ["--tagger", folder / "run" / "tagger.tagger", "--out", tmp_path / "figures.csv"]
    output = done("evaluate", folder / "test.csv", *options)
    assert f"Measured on {folder / 'test.csv'}" in output
    figures, results = read_csv(tmp_path / "figures.csv"), read_csv(folder / "run" / "results.csv")
    pd.testing.assert_frame_equal(figures.drop(columns="seconds"), results.drop(columns="seconds"))
    assert figures["seconds"].isna().all()  # a tagger file does not say how long tuning took
    assert results["seconds"].notna().all()


def test_text_columns_are_those_of_the_tagger_unless_they_are_named(folder: Path, tmp_path: Path) -> None:
    """Also where the name is that of the default: a person who names a column gets that column."""
    loaded = ThemeTagger.load(folder / "run" / "tagger.tagger")
    loaded.table_format = TableFormat("Body")
    loaded.save(tmp_path / "body.tagger")
    frame = read_table(folder / "test.csv")[0].assign(Body="nothing at all")
    frame.to_csv(tmp_path / "both.csv", index=False)
    command = [
        "evaluate",
        tmp_path / "both.csv",
        "--tagger",
        tmp_path / "body.tagger",
        "--out",
        tmp_path / "figures.csv",
    ]
    recall = []
    for named in ([], ["--text-column", "Processed Text"]):
        done(*command, *named)
        recall.append(read_csv(tmp_path / "figures.csv")["heldout_recall"].mean())
    assert recall[0] == 0 < recall[1]


@pytest.mark.slow
def test_report_makes_the_pages_again_from_the_data(folder: Path, tmp_path: Path) -> None:
    for name in ("results.csv", "about.json"):
        (tmp_path / name).write_bytes((folder / "run" / name).read_bytes())
    output = done("report", tmp_path)
    for name in ("results.md", "report.html", "results.png"):
        assert str(tmp_path / name) in output
    assert (tmp_path / "results.md").read_bytes() == (folder / "run" / "results.md").read_bytes()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Results" in page
    assert "Theme by theme" not in page  # which needs the rest of the folder
    assert f"Open {tmp_path / 'report.html'} in a browser" in output
    for sentence in summary(read_csv(tmp_path / "results.csv")):
        assert sentence in output


MISTAKES: dict[str, tuple[list[str], str]] = {
    "no such table": (["tune", "no.csv", "--out", "new"], "no.csv: there is no such file"),
    "no such table to look at": (["inspect", "no.csv"], "no.csv: there is no such file"),
    "no such test table": (["tune", "train.csv", "--test", "no.csv", "--out", "new"], "no.csv: there is no such file"),
    "a folder as table": (["inspect", "empty"], "this is a folder"),
    "no rows": (["tune", "header.csv", "--out", "new"], "the file holds no rows"),
    "another encoding": (["tune", "latin.csv", "--out", "new"], "latin.csv"),
    "unknown encoding": (["inspect", "train.csv", "--encoding", "utf-99"], "utf-99"),
    "wrong text column": (["tune", "train.csv", "--text-column", "Text", "--out", "new"], "there is no column 'Text'"),
    "wrong theme column": (["inspect", "train.csv", "--theme-column", "Tags"], "there is no column 'Tags'"),
    "wrong theme columns": (["inspect", "train.csv", "--theme-columns", "pay,staff"], "there is no column 'pay'"),
    "empty separator": (["inspect", "train.csv", "--separator", ""], "separator must be a text"),
    "no such theme map": (["inspect", "train.csv", "--theme-map", "no.csv"], "there is no such file"),
    "unknown objective": (["tune", "train.csv", "--out", "new", "--objective", "best"], "'best' is not one of"),
    "unknown sampler": (["tune", "train.csv", "--out", "new", "--sampler", "best"], "'best' is not one of"),
    "unknown family": (["tune", "train.csv", "--out", "new", "--families", "ridge,bert"], "families must be a list of"),
    "unknown step": (["tune", "train.csv", "--out", "new", "--text-steps", "stem"], "text step 'stem' is unknown"),
    "unknown option": (["tune", "train.csv", "--out", "new", "--trails", "3"], "No such option"),
    "no out": (["tune", "train.csv"], "the folder --out is missing; give it, or a plan file that names it"),
    "trials no number": (["tune", "train.csv", "--out", "new", "--trials", "x"], "'x' is not a valid integer"),
    "trials 0": (["tune", "train.csv", "--out", "new", "--trials", "0"], "trials must be at least 1 but is 0"),
    "seed too large": (["tune", "train.csv", "--out", "new", "--seed", str(2**32)], "seed must be less than"),
    "target above 1": (["tune", "train.csv", "--out", "new", "--target", "90"], "target must lie between 0 and 1"),
    "floor without meaning": (
        ["tune", "train.csv", "--out", "new", "--objective", "f1", "--recall-floor", "0.5"],
        "--recall-floor has no meaning for --objective f1; leave it out",
    ),
    "stop without meaning": (
        ["tune", "train.csv", "--out", "new", "--objective", "recall-first", "--stop-at-target"],
        "--stop-at-target has no meaning for --objective recall-first; leave it out",
    ),
    "test and hold-out": (
        ["tune", "train.csv", "--out", "new", "--test", "test.csv", "--hold-out", "0.2"],
        "give either --test or --hold-out, not both",
    ),
    "one text held out": (["tune", "one.csv", "--out", "new", "--hold-out", "0.2"], "at least two different texts"),
    "out is a file": (
        ["tune", "train.csv", "--out", "train.csv"],
        "train.csv is the input file; choose another --out.",
    ),
    "plot in a file": (["inspect", "train.csv", "--plot", "train.csv/a.png"], "train.csv"),
    "no such tagger": (
        ["tag", "texts.csv", "--tagger", "no.tagger", "--out", "new.csv"],
        "there is no such tagger file",
    ),
    "bad tagger": (["tag", "texts.csv", "--tagger", "broken.tagger", "--out", "new.csv"], "broken.tagger is damaged"),
    "bad tagger to look at": (["inspect", "broken.tagger"], "broken.tagger is damaged"),
    "no such tagger to look at": (["inspect", "no.tagger"], "no.tagger: there is no such tagger file"),
    "bad tagger to measure": (["evaluate", "test.csv", "--tagger", "broken.tagger"], "broken.tagger is damaged"),
    "table as tagger": (
        ["tag", "texts.csv", "--tagger", "train.csv", "--out", "new.csv"],
        "train.csv is damaged or no",
    ),
    "tag no such table": (["tag", "no.csv", "--tagger", "run/tagger.tagger", "--out", "new.csv"], "no such file"),
    "tag wrong column": (
        ["tag", "texts.csv", "--tagger", "run/tagger.tagger", "--out", "new.csv", "--text-column", "Text"],
        "there is no column 'Text'",
    ),
    "tag unknown suffix": (
        ["tag", "texts.csv", "--tagger", "run/tagger.tagger", "--out", "new.doc"],
        "cannot write .doc",
    ),
    "tag into a file": (
        ["tag", "texts.csv", "--tagger", "run/tagger.tagger", "--out", "train.csv/new.csv"],
        "cannot be written",
    ),
    "measure without themes": (["evaluate", "texts.csv", "--tagger", "run/tagger.tagger"], "no column 'Themes'"),
    "measure into a file": (
        ["evaluate", "test.csv", "--tagger", "run/tagger.tagger", "--out", "train.csv/new.csv"],
        "train.csv",
    ),
    "report on nothing": (["report", "empty"], "empty has no results.csv; pass the folder that `themetagger tune"),
    "report on no folder": (["report", "missing"], "missing has no results.csv"),
    "report on another table": (["report", "broken"], "has no column theme"),
    "report on an empty table": (["report", "void"], "void/results.csv is not the table of a run"),
    "report with a damaged title": (["report", "untitled"], "untitled/about.json is damaged"),
    "unknown command": (["train"], "No such command 'train'"),
}


def test_too_little_memory_ends_in_one_line_and_exit_code_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.chdir(folder)
    monkeypatch.setattr("themetagger.tagger.theme_tagger.ThemeTagger.predict_all", short)
    result = call("tag", "texts.csv", "--tagger", "run/tagger.tagger", "--out", "new.csv")
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert "there is not enough memory" in " ".join(result.output.split())


@pytest.mark.parametrize("name", list(MISTAKES))
def test_a_mistake_ends_in_one_line_and_exit_code_2(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    arguments, message = MISTAKES[name]
    monkeypatch.chdir(folder)
    before = sorted(os.listdir(folder))
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
    assert set(os.listdir(folder)) - set(before) <= {"new"}  # the run folder is made before the table is read


def test_a_bug_is_no_users_mistake(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("themetagger.corpus.profile.profile", broken)
    result = call("inspect", folder / "train.csv")
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError)


@pytest.mark.parametrize("arguments", [[], *([command, "-h"] for command in main.commands)])
def test_every_command_and_option_has_help(arguments: list[str]) -> None:
    result = call(*(arguments or ["--help"]))
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_the_commands_are_known() -> None:
    assert tuple(main.commands) == cli.COMMANDS
    assert set(cli.COMMANDS) <= {path.stem for path in Path(cli.__file__).parent.glob("*.py")}


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_help_of_a_command_reads_well(name: str) -> None:
    """Its line in the list is not cut, no line is wider than the terminal, and no private word is left."""
    listed = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    line = next(line for line in listed.splitlines() if line.startswith(f"  {name} "))
    assert line.endswith(".")
    assert not line.endswith("...")
    text = CliRunner().invoke(main, [name, "--help"], terminal_width=80).output
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"\b(told|found|cut|a core)\b", text)


@pytest.mark.slow
def test_the_command_runs_in_a_process_of_its_own(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "themetagger.cli",
        "tag",
        "no.csv",
        "--tagger",
        "run/tagger.tagger",
        "--out",
        "x.csv",
    ]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr == "Error: no.csv: there is no such file; check the path.\n"
    assert ended.stdout == ""


@pytest.mark.slow
def test_what_a_terminal_cannot_show_does_not_end_a_command(tmp_path: Path) -> None:
    """A file name of no known encoding, and a theme that plain ASCII lacks."""
    name = os.fsdecode(b"caf\xe9.csv")
    (tmp_path / name).write_text("Processed Text,Themes\nlow pay,é\n", encoding="utf-8")
    command = [sys.executable, "-m", "themetagger.cli", "inspect", name]
    environment = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "é (1)" in ended.stdout


def test_the_readme_shows_every_command() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [name for name in main.commands if f"    themetagger {name} " not in readme] == []


def test_check_tells_what_training_does_not_explain(folder: Path, tmp_path: Path) -> None:
    tagger = folder / "run" / "tagger.tagger"
    same = done("check", folder / "train.csv", "--tagger", tagger)
    assert "0 of 4 checks are outside the expected range." in same
    (tmp_path / "other.csv").write_text("Comment\n" + "Die Kantine ist teuer\n" * 40)
    other = done("check", tmp_path / "other.csv", "--tagger", tagger, "--text-column", "Comment")
    assert "Warning: 100.0% of a text's words are unknown" in other
    assert f"themetagger next {tmp_path / 'other.csv'} --tagger {tagger} --text-column Comment --out" in other
    assert "Next:" not in same


def test_check_names_what_is_unusual_and_a_few_of_many_shares_that_are_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("themetagger.cli.check.USUAL", 1)
    command = ["check", folder / "train.csv", "--tagger", folder / "run"]
    assert "3 more are within the expected range; --all shows them too." in done(*command)
    assert not any(theme in done(*command) for theme in OWN)
    assert all(theme in done(*command, "--all") for theme in OWN)


@pytest.mark.parametrize(("given", "meant"), [("target", True), ("certified", "certified"), ("never", False)])
def test_stop_early_means_what_the_plan_calls_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, meant: bool | str
) -> None:
    plans: list[Any] = []

    def noted(plan: Any) -> None:
        plans.append(plan)
        raise TableError("enough")

    monkeypatch.setattr("themetagger.runs.tune.run_plan", noted)
    CliRunner().invoke(
        main, ["tune", str(folder / "train.csv"), "--out", str(tmp_path), "--stop-early", given, "--certify", "0.7"]
    )
    assert plans[0].stop_early == meant
    assert plans[0].promise.target == 0.7
