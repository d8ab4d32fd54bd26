"""Plan files on the command line: written by ``init``, used by ``tune``, and what is given beside them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from toys import toy

from themetagger.cli import main
from themetagger.report.results import read_csv
from themetagger.runs.plan import Plan
from themetagger.runs.plan_file import plan_from
from themetagger.selection.objectives import Costs, FBeta, RecallFirst
from themetagger.tagger.theme_tagger import ThemeTagger

QUICK = {"families": '["ridge"]', "n_folds": 3, "n_jobs": 1, "min_positives": 5, "trials": 2}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a table of its own."""
    toy().to_csv(tmp_path / "reviews.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def flat(output: str) -> str:
    return re.sub(r"\s+", " ", output)


def test_a_plan_is_written_changed_and_used(folder: Path) -> None:
    written = call("init", "reviews.csv")
    assert written.exit_code == 0, written.output
    assert "themetagger tune --plan plan.toml" in written.output
    plan = folder / "plan.toml"
    text = plan.read_text(encoding="utf-8")
    assert plan_from(plan, {}).settings("pay")["objective"] == Plan("reviews.csv").objective
    quick = "".join(f"{name} = {value}\n" for name, value in QUICK.items())
    text = re.sub(r"^(min_positives|# trials|# families) =.*\n", "", text, flags=re.M).replace(
        "\n[themes]", f"{quick}\n[themes]"
    )
    plan.write_text(text + "[theme.pay]\ncut = 0.125\n", encoding="utf-8")
    tuned = call("tune", "--plan", "plan.toml", "--trials", 1)
    assert tuned.exit_code == 0, tuned.output
    assert "trials 1, given on the command line, takes the place of 2 (plan.toml, line" in flat(tuned.output)
    row = read_csv("run/results.csv").set_index("theme").loc["pay"]
    assert (row["threshold"], row["trials"]) == (0.125, 1)
    assert ThemeTagger.load("run/tagger.tagger").thresholds["pay"] == 0.125
    assert Path("run/plan-of-run.toml").read_bytes() == plan.read_bytes()
    again = call("init", "reviews.csv")
    assert again.exit_code == 2
    assert "plan.toml already exists" in again.output


@pytest.mark.parametrize(
    ("options", "objective"),
    [
        (
            ["--objective", "costs", "--cost-false-positive", 1, "--cost-false-negative", 5],
            Costs(false_positive=1, false_negative=5),
        ),
        (["--objective", "f1", "--beta", 2], FBeta(beta=2)),
        (["--objective", "recall-first", "--precision-floor", 0.2, "--target", 0.8], RecallFirst(0.8, 0.2)),
    ],
)
def test_every_objective_is_there_on_the_command_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: list[object], objective: object
) -> None:
    asked: list[Plan] = []
    monkeypatch.setattr("themetagger.runs.tune.run_plan", lambda plan: asked.append(plan) or 1 / 0)
    result = call("tune", folder / "reviews.csv", "--out", folder / "run", *options)
    assert isinstance(result.exception, ZeroDivisionError)
    assert [plan.objective for plan in asked] == [objective]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tune", "--out", "run"], "the table TRAIN is missing"),
        (["tune", "reviews.csv"], "the folder --out is missing"),
        (["tune", "--plan", "none.toml"], "none.toml: the plan file cannot be read"),
        (["tune", "reviews.csv", "--out", "run", "--beta", 2], "--beta has no meaning for --objective precision-first"),
        (["tune", "--plan", "wrong.toml"], "wrong.toml, line 2: trials must be at least 1 but is 0"),
        (["tune", "--plan", "wrong.toml", "--trials", 0], "--trials must be at least 1 but is 0"),
        (
            ["tune", "--plan", "theme.toml", "--out", "run"],
            "theme.toml, line 3: no row of reviews.csv has",
        ),
        (
            ["tag", "x.csv", "--tagger", "t", "--out", "o.csv", "--tag-all", "--policy", "certified"],
            "give either --tag-all",
        ),
    ],
)
def test_a_mistake_ends_in_one_message(folder: Path, arguments: list[object], message: str) -> None:
    (folder / "wrong.toml").write_text('[run]\ntrials = 0\nout = "run"\n[table]\ntrain = "reviews.csv"\n')
    (folder / "theme.toml").write_text('[table]\ntrain = "reviews.csv"\n[theme.Pay]\ntrials = 1\n')
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in flat(result.output)
    assert "Traceback" not in result.output
