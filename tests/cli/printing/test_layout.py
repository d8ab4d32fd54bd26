"""Tables on a terminal: whole lines at every width, figures never squeezed, and no column lost without a word."""

from __future__ import annotations

import shlex

import pandas as pd
import pytest
from click.testing import CliRunner

from themetagger._utils.wrapping import width_of
from themetagger.cli import main
from themetagger.cli.printing import showing
from themetagger.cli.printing.layout import Column, column_of, cut_apart, fitted, lines_of
from themetagger.cli.printing.showing import print_command, print_table, say

NAMES = [
    "pay",
    "Involvement of service users and their families in planning",
    "薪资与福利待遇以及工作时间安排",
    "🍕 food 🍺",
]


def table(names: list[str] = NAMES) -> pd.DataFrame:
    rows = range(len(names))
    return pd.DataFrame(
        {
            "theme": names,
            "status": "not proven",
            "precision": [0.5 + row / 1000 for row in rows],
            "recall": 0.25,
            "support": [1234 + row for row in rows],
        }
    )


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """What is printed on a terminal of some width."""

    def show(width: int, frame: pd.DataFrame, **settings: object) -> list[str]:
        monkeypatch.setattr(showing, "terminal_width", lambda: width)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        print_table("Results", frame, **settings)  # type: ignore[arg-type]
        return capsys.readouterr().out.splitlines()

    return show


@pytest.mark.parametrize("width", [20, 30, 44, 60, 80, 120, 160])
def test_no_line_is_wider_than_the_terminal_and_every_column_is_shown_or_named(printed, width: int) -> None:
    lines = printed(width, table(), see="run/results.csv")
    assert max(map(width_of, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for heading in ("theme", "status", "precision", "recall", "texts"):
        assert heading in text
    assert ("see run/results.csv" in text) == ("Hidden columns (terminal too narrow)" in text)


@pytest.mark.parametrize(
    ("width", "hidden"), [(60, []), (44, ["recall", "texts"]), (30, ["status", "precision", "recall", "texts"])]
)
def test_the_last_columns_give_way_first(printed, width: int, hidden: list[str]) -> None:
    text = " ".join(" ".join(printed(width, table())).split())
    named = text.split("too narrow): ")[1].split("; widen")[0].split("; ") if hidden else []
    assert named == hidden


def test_figures_are_whole_wherever_they_are_shown(printed) -> None:
    for width in range(8, 100, 4):
        lines = printed(width, table())
        rows = [line for line in lines if "not proven" in line]
        if any("precision" in line for line in lines[: lines.index(next(x for x in lines if x.startswith("─")))]):
            assert all(f"0.50{row}" in line for row, line in enumerate(rows))


def test_a_column_of_less_importance_takes_no_room_from_names(printed) -> None:
    frame = table().assign(model="ridge + sparse_svm")
    assert "ridge" not in " ".join(printed(70, frame, important=5))
    assert "ridge" in " ".join(printed(120, frame, important=5))
    assert "ridge" in " ".join(printed(70, table(["pay", "food"]).assign(model="ridge"), important=5))


def test_four_hundred_long_names_stay_different(printed) -> None:
    names = [f"Time spent waiting for the first appointment at the clinic {i}" for i in range(400)]
    lines = [line for line in printed(80, table(names)) if "not proven" in line]
    assert len({line.split("  ")[0] for line in lines}) == 400
    assert max(map(width_of, lines)) <= 80


def test_names_are_cut_at_their_ends_unless_that_makes_them_the_same() -> None:
    assert cut_apart(["canteen and kitchen", "pay"], 10) == ["canteen a…", "pay"]
    assert cut_apart(["care at home one", "care at home two"], 10) == ["care a…one", "care a…two"]


def test_columns_stand_under_one_another_also_where_signs_are_wide() -> None:
    columns = [
        Column("theme", "theme", tuple(NAMES), number=False),
        Column("n", "n", ("1", "2", "3", "4"), number=True),
    ]
    widths, _ = fitted(columns, 30)
    lines = lines_of(columns, widths, 30)
    assert {width_of(line) for line in lines[1:]} == {width_of(lines[1])}


def test_groups_stand_apart() -> None:
    columns = [column_of("theme", "theme", pd.Series(["a", "b"]), ["a", "b"])]
    assert lines_of(columns, {"theme": 5}, 80, breaks=[1])[2:] == ["a", "", "b"]


def test_a_sentence_ends_between_words_on_a_terminal_and_is_one_line_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "12 of 1,498 rows have no theme; they are kept as negatives."
    say(text, first="Note: ", rest="      ")
    assert capsys.readouterr().out == f"Note: {text}\n"
    monkeypatch.setattr(showing, "terminal_width", lambda: 40)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    say(text, first="Note: ", rest="      ")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Note: 12 of 1,498 rows have no theme;", "      they are kept as negatives."]


def test_an_error_ends_between_words_on_a_terminal_and_is_one_line_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "tables/train.csv: there is no column 'Comment'; pass --text-column 'Free text'.\n    themetagger inspect x.csv"
    )
    showing.complain(text)
    assert capsys.readouterr().err == f"Error: {text}\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "38")
    showing.complain(text)
    assert capsys.readouterr().err.splitlines() == [
        "Error: tables/train.csv: there is no",
        "  column 'Comment'; pass",
        "  --text-column 'Free text'.",
        "    themetagger inspect x.csv",
    ]


def test_a_command_line_that_click_refuses_ends_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = CliRunner().invoke(main, ["tag", "new.csv", "--policy", "some"])
    assert ended.exit_code == 2
    assert ended.stderr.startswith("Usage: main tag [OPTIONS] FILE\nTry 'main tag --help' for help.\n\nError: ")
    assert "'usable', 'all', 'certified'" in ended.stderr
    assert "No such command 'tga'" in CliRunner().invoke(main, ["tga"]).stderr


def test_a_command_can_be_copied_from_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = "themetagger next NEW.csv --tagger 'my first run/tagger.tagger' --labelled train.csv --out to_label.csv"
    monkeypatch.setattr(showing, "terminal_width", lambda: 40)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    print_command(command)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 40
    assert shlex.split(printed.replace("\\\n", "")) == shlex.split(command)
