"""Where commands write: nothing over an input, nothing left by a refused run, nothing said into a closed pipe."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from toys import toy

from themetagger.cli import main

SMALL = "--families ridge --trials 1 --n-folds 3 --n-jobs 1 --min-positives 5"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    toy(30).to_csv("train.csv", index=False)
    return tmp_path


def call(line: str) -> Result:
    return CliRunner().invoke(main, shlex.split(line))


@pytest.mark.parametrize("table", ["missing.csv", "empty.csv", "bare.csv", "train.csv --text-column Nix"])
def test_a_refused_run_leaves_no_folder(table: str, folder: Path) -> None:
    Path("empty.csv").write_text("", encoding="utf-8")
    Path("bare.csv").write_text("Processed Text,Themes\nlow pay,\n", encoding="utf-8")
    Path("there").mkdir()
    before = sorted(folder.rglob("*"))
    for out in ("new", "deep/er/new", "there", "there/new"):
        assert call(f"tune {table} --out {out} {SMALL}").exit_code == 2
        assert sorted(folder.rglob("*")) == before


def test_what_somebody_has_in_the_folder_stays(folder: Path) -> None:
    Path("run").mkdir()
    Path("run/notes.txt").write_text("mine", encoding="utf-8")
    assert call(f"tune missing.csv --out run {SMALL}").exit_code == 2
    assert [path.name for path in Path("run").iterdir()] == ["notes.txt"]


def test_the_input_is_not_written_over_under_any_name(folder: Path) -> None:
    Path("link.csv").symlink_to("train.csv")
    Path("results.csv").write_bytes(Path("train.csv").read_bytes())
    before = Path("train.csv").read_bytes()
    spelled = f"../{folder.name}/train.csv"
    for out in ("train.csv", "link.csv", spelled, str(folder / "train.csv")):
        for line in (f"tune train.csv --out {out} {SMALL}", f"correct train.csv --review train.csv --out {out}"):
            ended = call(line)
            assert (ended.exit_code, ended.stderr) == (2, f"Error: {out} is the input file; choose another --out.\n")
        ended = call(f"inspect train.csv --plot {out}")
        assert (ended.exit_code, ended.stderr) == (2, f"Error: {out} is the input file; choose another --plot.\n")
    ended = call(f"tune results.csv --out . --start-over {SMALL}")
    assert (ended.exit_code, ended.stderr) == (2, "Error: results.csv is the input file; choose another --out.\n")
    assert Path("train.csv").read_bytes() == before


def test_inspect_keeps_an_earlier_plot_and_shows_the_text_that_occurs_most() -> None:
    with open("train.csv", "a", encoding="utf-8") as file:
        file.write('"thanks\n for all",pay\n' * 3)
    printed = call("inspect train.csv --min-positives 5").output
    assert "thanks for all" in printed
    assert "Plot: train.themes.png" in printed
    assert "Plot: train.themes.2.png" in call("inspect train.csv").output


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize(("line", "reader"), [("--help", "true"), ("inspect train.csv", "head -n 1")])
def test_a_closed_pipe_ends_a_command_quietly(line: str, reader: str) -> None:
    script = f"{shlex.quote(sys.executable)} -m themetagger.cli {line} | {reader}; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 141)
    assert ended.stderr == ""
