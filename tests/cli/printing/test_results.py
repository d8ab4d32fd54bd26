"""The results on the terminal: by how far themes can be relied on, what is missing said once, and what to do next."""

from __future__ import annotations

import pandas as pd
import pytest

from themetagger._utils.wrapping import width_of
from themetagger.cli.printing import results, showing
from themetagger.runs.plan import Plan
from themetagger.selection.confusion import Confusion
from themetagger.selection.objectives import FBeta, PrecisionFirst
from themetagger.selection.results import HeldOut, averages, results_table
from themetagger.selection.theme_result import ThemeResult

LONG = "Involvement of service users, carers and families in planning"


def modelled(theme: str, tp: int, fp: int, *, certified: bool = False) -> ThemeResult:
    promise = {"threshold": 0.5, "certified_threshold": 0.5, "certified_flagged": 60} if certified else {}
    return ThemeResult(
        theme,
        "CERTIFIED" if certified else "BEST_EFFORT",
        support=tp + 20,
        family="ridge",
        view="words",
        counts=Confusion(tp, fp, 20, 500),
        target_met=tp >= 9 * fp,
        usable_precision=0.5,
        **promise,
    )


THEMES = [
    modelled("poor", 10, 50),
    modelled(LONG, 70, 30),
    modelled("sure", 97, 3, certified=True),
    modelled("close", 19, 1),
    ThemeResult.skipped("rare", "12 positives, needs 30", support=12),
    ThemeResult.skipped("unseen", "no training text has it"),
    ThemeResult.skipped("everywhere", "one class: every training text has it", support=500),
    ThemeResult.failed("broken", "every trial failed: LinAlgError", support=90),
]
HELD_OUT = {one.theme: HeldOut(Confusion(6, 2, 4, 88)) for one in THEMES}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch):
    """Print as on a terminal of so many columns."""

    def narrow(width: int) -> None:
        monkeypatch.setattr(showing, "terminal_width", lambda: width)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    return narrow


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_results_fit_the_terminal_and_come_in_groups(terminal, capsys, width: int) -> None:
    table = results_table(THEMES, HELD_OUT)
    terminal(width)
    groups = results.print_results(table, averages(table), folder="run")
    results.print_closing(groups, None, "run", "train.csv")
    lines = capsys.readouterr().out.splitlines()
    assert max(width_of(line) for line in lines if "themetagger" not in line) <= width
    shown = [line for line in lines if "0." in line and not line.startswith(("micro", "macro", "weighted"))]
    rows = [line for line in shown if any(f" {group} " in line for group in results.MEANING)]
    assert [row.split()[0] for row in rows] == ["sure", "close", "Involvement", "poor"]
    assert all(len([word for word in row.split() if word.startswith("0.")]) >= 4 for row in rows)


def test_what_is_missing_is_said_once_for_each_kind(capsys) -> None:
    table = results_table(THEMES)
    results.print_results(table, averages(table), folder="run")
    said = capsys.readouterr().out
    assert "Too rare (texts): rare (12), unseen (0); see run/results.csv." in said
    assert "everywhere (500), broken (90)" in said
    assert "one class: every training text has it; every trial failed: LinAlgError" in said
    assert said.count("look through its tags") == 1


def test_the_end_counts_the_groups_and_says_what_is_next(capsys) -> None:
    table = results_table(THEMES)
    groups = results.print_results(table, averages(table))
    capsys.readouterr()
    results.print_closing(groups, 0.9, "my run", "train.csv")
    said = capsys.readouterr().out
    assert said.startswith(
        "1 certified; 1 reaches 90 % but is not proven; 1 needs review; 1 is not usable; 2 are too rare; "
        "2 have no model.\nNext:\n"
    )
    assert "themetagger tag NEW.csv --tagger 'my run/tagger.tagger' --out tagged.csv" in said
    assert "--labelled train.csv" in said


def test_a_target_is_named_where_all_themes_have_it() -> None:
    assert results.precision_wanted(Plan("a.csv", objective=PrecisionFirst(target=0.8))) == 0.8
    assert results.precision_wanted(Plan("a.csv", objective=FBeta())) is None
    own = {"pay": {"objective": PrecisionFirst(target=0.95)}}
    assert results.precision_wanted(Plan("a.csv", overrides=own)) is None
    assert results.counted(pd.Series(["not proven"]), None) == "0 certified; 1 reaches its target but is not proven."


def test_an_evaluation_shows_its_own_figures_first(terminal, capsys) -> None:
    table = results_table(THEMES, HELD_OUT)
    terminal(80)
    results.print_evaluation(table, averages(table), "later.csv", notes=["a remark"])
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if line.startswith("sure"))
    assert row.split()[2:6] == ["0.750", "0.600", "10", "8"]
    assert "held-out" not in said
    assert said.splitlines()[-1].startswith("On later.csv, 75 % of the tags are right; ")


def test_a_certified_theme_below_its_promise_is_shown_with_the_reason(capsys) -> None:
    promise = {"threshold": 0.5, "certified_threshold": 0.5, "certified_target": 0.9}
    copied = ThemeResult(
        "copied",
        "CERTIFIED",
        support=110,
        family="ridge",
        view="words",
        counts=Confusion(88, 12, 22, 500),
        certified_flagged=60,
        certified_hits=57,
        certified_positives=80,
        **promise,
    )
    for themes, said in (([copied], True), (THEMES, False)):
        table = results_table(themes)
        results.print_results(table, averages(table))
        assert ("is higher: copied (0.950)." in capsys.readouterr().out) == said
