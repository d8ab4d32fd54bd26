"""themetagger verify on the command line: what it prints at each step, and what it refuses."""

from __future__ import annotations

import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from themetagger.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    texts = [f"text {row}" for row in range(200)]
    pd.DataFrame({"Comment": texts, "Predicted Themes": "pay"}).to_csv("tagged.csv", index=False)
    return tmp_path


def call(line: str) -> Result:
    return CliRunner().invoke(main, shlex.split(f"verify tagged.csv --text-column Comment --out check.csv {line}"))


def judge(word: str) -> None:
    table = pd.read_csv("check.csv", keep_default_na=False)
    table.assign(verdict=table["verdict"].where(table["verdict"] != "", word)).to_csv("check.csv", index=False)


def test_a_check_from_the_first_call_to_the_last():
    first = call("--batch 40")
    assert first.exit_code == 0
    assert "40 tags in check.csv wait for a verdict" in first.stdout
    assert "not decided yet" in first.stdout
    judge("right")
    assert "Shown, at least 90 % of the tags are right: pay." in call("").stdout
    judge("wrong")
    assert "Nothing is left to judge." in call("").stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--target 2", "--target must be between 0 and 1, but is 2.0."),
        ("--theme pai", "no text is tagged 'pai'; did you mean 'pay'"),
        ("--tag-column Nix", "--tag-column"),
        ("--record", "--record needs --tagger"),
        ("--judge A --judge a", "--judge must be different names"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(line, message):
    ended = call(line)
    assert ended.exit_code == 2
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not Path("check.csv").exists()


def test_a_setting_that_differs_from_the_beginning_is_told_by_its_option():
    call("--theme pay")
    assert "was begun with --target 0.9; leave --target out, or choose another --out." in call("--target 0.8").stderr
    assert "was begun without --each-theme" in call("--each-theme").stderr


def test_the_verdict_is_recorded_and_inspected(folder: Path):
    from themetagger.tagger.theme_tagger import ThemeTagger

    tagger = ThemeTagger.load(Path(__file__).parents[1] / "golden" / "v4.tagger")
    tagger.save("a.tagger")
    texts = [f"The boss listens, manager number {number} too; salary is low." for number in range(60)]
    tags = [", ".join(names) for names in tagger.tag(texts)]
    pd.DataFrame({"title": "", "body": texts, "Predicted Themes": tags}).to_csv("tagged.csv", index=False)
    line = "verify tagged.csv --out check.csv --tagger a.tagger --batch 45"
    assert CliRunner().invoke(main, shlex.split(line)).exit_code == 0
    judge("yes")
    assert "Recorded in a.tagger." in CliRunner().invoke(main, shlex.split(f"{line} --record")).stdout
    assert "45 of 45 judged" in CliRunner().invoke(main, ["inspect", "a.tagger"]).stdout
