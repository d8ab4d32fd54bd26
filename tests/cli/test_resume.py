"""The command line of runs that go on: what is refused, with which exit code, and what is printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from toys import toy

from themetagger.cli import main
from themetagger.search.storage.database import Database, DatabaseError

QUICK = ["--families", "ridge", "--trials", "2", "--n-folds", "3", "--n-jobs", "1", "--min-positives", "5"]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Tune in a folder with a small table."""
    monkeypatch.chdir(tmp_path)
    toy().to_csv("train.csv", index=False)

    def tune(*more: str) -> Result:
        words = ["tune", "train.csv", "--out", "run", *QUICK, *more]
        monkeypatch.setattr(sys, "argv", ["themetagger", *words])
        return CliRunner().invoke(main, words)

    return tune


@pytest.mark.slow
def test_a_run_that_is_there_is_gone_on_with_or_thrown_away_only_when_asked(call) -> None:
    assert call().exit_code == 0
    refused = call()
    assert refused.exit_code == 2
    assert refused.stderr == (
        "Error: run already holds a run; continue it with --resume, choose another --out, "
        "or discard it with --start-over.\n"
    )
    more = call("--resume", "--trials", "3")
    assert more.exit_code == 0
    assert "Going on after 6 trials of the unfinished themes." in more.stderr
    again = call("--resume", "--trials", "3")
    assert "Finished by an earlier run: 3 of 3 themes." in again.stderr
    other = call("--resume", "--trials", "3", "--seed", "4")
    assert (other.exit_code, "seed was 0 and is now 4" in other.stderr) == (2, True)
    assert call("--start-over", "--seed", "4").exit_code == 0
    both = call("--start-over", "--resume")
    assert both.exit_code == 2
    assert both.stderr == "Error: give either --resume or --start-over, not both.\n"


def test_ctrl_c_prints_the_command_that_goes_on_without_a_password(call, monkeypatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("themetagger.runs.tune.search_themes", stop)
    monkeypatch.setattr("themetagger.runs.run_folder.Database", lambda url, run="": Database("sqlite://", run=run))
    stopped = call("--storage", "postgresql://ann:secret@db/base", "--start-over")
    assert stopped.exit_code == 130
    assert "secret" not in stopped.stderr
    words = "themetagger tune --resume train.csv --out run --families ridge --trials 2 --n-folds 3 --n-jobs 1"
    assert stopped.stderr.splitlines()[-1].strip() == (
        f"{words} --min-positives 5 --storage 'postgresql://ann:***@db/base'"
    )
    monkeypatch.setattr("themetagger.runs.tune.read_tables", stop)
    assert call("--resume", "--storage=postgresql://ann:secret@db/base").stderr.startswith("Stopped. Go on with:\n")


@pytest.mark.slow
def test_a_database_that_was_lost_is_told_after_the_results(call, monkeypatch) -> None:
    def lost(*_: object) -> None:
        raise DatabaseError("it is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "add", lost)
        result = call()
    assert result.exit_code == 2
    assert "Written to run" in result.stdout
    assert result.stderr.strip().splitlines()[-1].startswith("Error: it is gone. Nothing else is lost: all trials are")
    mended = call("--resume")
    assert (mended.exit_code, "Error" in mended.stderr) == (0, False)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["nonsense", "postgresql://ann:secret@127.0.0.1:1/x", "postgresql://ann:secret@h:5x/y"])
def test_a_storage_that_cannot_be_opened_ends_in_one_line_and_takes_no_folder(call, url: str) -> None:
    result = call("--storage", url)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert "check the address, and that the server runs." in result.stderr
    assert "secret" not in result.output
    assert not Path("run", "run.json").exists()
    assert call().exit_code == 0
