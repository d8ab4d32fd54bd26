"""Whatever commands print comes through one door: names steer no terminal, and none ends a command."""

from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner
from toys import toy

from themetagger._utils.console import plain, visible
from themetagger.cli import main
from themetagger.cli.group import NO_FILES, NO_MEMORY
from themetagger.cli.printing.output import echo
from themetagger.report.text import markdown_table
from themetagger.search.workers.executor import SequentialExecutor
from themetagger.search.workers.progress import Progress
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import Drift

CLI = Path(__file__).parents[2] / "themetagger" / "cli"
EVIL = "p\x1b]0;owned\x07\x1b[31m\r\nError: all fine\n\u202egnp\u2066 \x9b2J"
OBEYED = set("\x1b\x07\r\x9b\u202e\u2066\u2028")
SMALL = ["--families", "ridge", "--trials", "1", "--n-folds", "3", "--n-jobs", "1", "--min-positives", "5"]


def test_no_command_prints_but_through_the_door():
    for path in sorted(CLI.rglob("*.py")):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {ast.unparse(call) for call in calls} & {"click.echo", "click.secho", "print", "sys.stdout.write"}
        assert names <= ({"click.echo"} if path.name == "output.py" else set()), path.name


def test_what_is_printed_is_one_line_of_signs_that_steer_nothing(capsys):
    echo(EVIL)
    echo(EVIL, err=True)
    for said in capsys.readouterr():
        assert said.count("\n") == 1
        assert not OBEYED & set(said)
    assert visible("naïve 薪水 שכר\u200f 👩\u200d👧 \u202f") == "naïve 薪水 שכר 👩\u200d👧 \u202f"
    assert not OBEYED & set(plain(f"{EVIL}\u2028").plain)


def test_progress_warnings_and_markdown_show_names_as_one_line():
    lines = Progress([EVIL], SequentialExecutor(), show=False)
    result = ThemeResult(EVIL, "SKIPPED", reason=EVIL)
    table = pd.DataFrame([("theme", EVIL, 0.1, 0.05, 0.2, 0.5, True)])
    table.columns = ["kind", "what", "expected", "low", "high", "observed", "beyond"]
    said = [lines.line(result), *Drift(table, 100).warnings, *markdown_table(table[["what"]]).splitlines()[2:]]
    assert len(said) == 3
    for line in said:
        assert not (OBEYED | {"\n"}) & set(line)


@pytest.mark.slow
def test_names_of_themes_columns_and_files_steer_nothing_in_any_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = toy(60)
    table["Themes"] = table["Themes"].str.replace("pay", EVIL.replace(",", ""), regex=False)
    table[EVIL] = [EVIL, "north"] * 30
    table["Processed Text"] += EVIL
    evil = "a\x1b]0;x\x07\u202eb.csv"
    table.to_csv(evil, index=False)
    lines = [
        ["inspect", evil],
        ["init", evil],
        ["tune", evil, "--out", "run\x1b[1m", "--hold-out", "0.3", *SMALL],
        ["tune", evil, "--out", "run\x1b[1m", *SMALL],
        ["inspect", "run\x1b[1m/tagger.tagger"],
        ["tag", evil, "--tagger", "run\x1b[1m", "--out", "tag\x1b[1m.csv"],
        ["next", evil, "--tagger", "run\x1b[1m", "--out", "next\x1b[1m.csv"],
        ["check", evil, "--tagger", "run\x1b[1m"],
        ["evaluate", evil, "--tagger", "run\x1b[1m"],
        ["evaluate", evil, "--tagger", "run\x1b[1m", "--by", EVIL],
        ["analyse", evil, "--tagger", "run\x1b[1m", "--out", "pre\x1b[1m"],
        ["compare", "run\x1b[1m", "run\x1b[1m"],
        ["slices", "run\x1b[1m", "--by", EVIL],
        ["mistakes", "run\x1b[1m"],
        ["terms", "run\x1b[1m"],
        ["suspects", "run\x1b[1m", "--out", "sus\x1b[1m.csv"],
        ["report", "run\x1b[1m", "--no-curves"],
        ["tag", "no\x1b[1m.csv", "--tagger", "run\x1b[1m", "--out", "b.csv"],
        ["tag", evil, "--tagger", "run\x1b[1m", "--out", "b.csv", "--text-column", "no\x1b[1m"],
        ["tag", evil, "--tagger", evil, "--out", "b.csv"],
    ]
    for line in lines:
        ended = CliRunner().invoke(main, line)
        assert ended.exit_code in (0, 2), (line, ended.output, ended.exception)
        assert not OBEYED & set(ended.output), line
        assert "\nError: all fine" not in ended.output
    assert not OBEYED & set(Path("run\x1b[1m/results.md").read_text(encoding="utf-8"))
    assert not OBEYED & set(Path("run\x1b[1m/log.jsonl").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), NO_MEMORY),
        (ImportError("libx.so: failed to map segment from shared object"), NO_MEMORY),
        (RuntimeError("can't start new thread"), NO_MEMORY),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), NO_MEMORY),
        (OSError(errno.EMFILE, "Too many open files", "a.csv"), NO_FILES),
        (ImportError("libx.so: cannot open shared object file: Too many open files"), NO_FILES),
        (OSError(errno.ENOSPC, "No space left on device", "run/a.md"), "run/a.md: No space left on device; make room"),
        (OSError(errno.EACCES, "Permission denied", "a\x1b.md"), "a\ufffd.md: Permission denied; check the path"),
    ],
)
def test_what_the_machine_lacks_is_told_in_one_line(error, said):
    def fail():
        raise error

    group = type(main)("some", commands=[click.Command("fail", callback=fail)])
    ended = CliRunner().invoke(group, ["fail"])
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert ended.stderr.startswith(f"Error: {said}")


def test_another_error_stays_a_traceback():
    def fail():
        raise RuntimeError("a bug")

    group = type(main)("some", commands=[click.Command("fail", callback=fail)])
    assert str(CliRunner().invoke(group, ["fail"]).exception) == "a bug"


def _inspect(tmp_path, shell, **environment):
    (tmp_path / "a.csv").write_text("Processed Text,Themes\nlöw pay,pa\u0301y – ü\nsoup,food\n", encoding="utf-8")
    words = f"exec '{sys.executable}' -m themetagger.cli inspect a.csv {shell}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    return subprocess.run(["sh", "-c", words], cwd=tmp_path, env=environment, capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("shell", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_end_no_command(tmp_path, shell):
    ended = _inspect(tmp_path, shell)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.slow
@pytest.mark.parametrize("shell", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_workers_begin_whatever_streams_are_closed(tmp_path, shell):
    program = """
from themetagger._utils.console import open_closed_streams
from themetagger.search.workers.loky import LokyExecutor
import pathlib
open_closed_streams()
executor = LokyExecutor(2)
with executor.session():
    done = list(executor.submit_all([repr] * 3))
pathlib.Path("done").write_text(str(len(done)))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = ["sh", "-c", f"exec '{sys.executable}' -c \"$0\" {shell}", program]
    assert subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0
    assert (tmp_path / "done").read_text() == "3"


@pytest.mark.slow
def test_an_output_without_other_signs_than_ascii_ends_no_command(tmp_path):
    ended = _inspect(tmp_path, "", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ended.returncode == 0, ended.stderr
    assert any(said in ended.stdout for said in (b"pa\\u0301y", "pa\u0301y".encode()))  # Click may know better
