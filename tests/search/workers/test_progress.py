"""Progress: plain lines where there is no terminal, and what workers report."""

from __future__ import annotations

import io
import time
from dataclasses import replace

import click
import pytest
from rich.console import Console

from themetagger._utils.console import clock
from themetagger.search.workers import progress
from themetagger.search.workers.executor import SequentialExecutor
from themetagger.search.workers.progress import Progress, report_end, report_trial, running
from themetagger.selection.confusion import Confusion
from themetagger.selection.theme_result import ThemeResult

DONE = ThemeResult(
    "pay [/b]",
    "CERTIFIED",
    family="ridge",
    view="words",
    counts=Confusion(9, 1, 5, 85),
    trials=12,
    seconds=75.2,
    threshold=0.5,
    certified_threshold=0.5,
    certified_flagged=10,
)
SKIPPED = ThemeResult.skipped("food", "3 positives, needs 30")
THEMES = ["pay [/b]", "food", "workload"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (75, "1 min 15 s"),
        (3599.7, "1 h 00 min"),
        (3700, "1 h 01 min"),
        (90_000, "25 h 00 min"),
    ],
)
def test_a_duration_is_told_in_two_units(seconds, text):
    assert clock(seconds) == text


def test_a_theme_runs_from_its_first_report_to_its_end():
    channel = SequentialExecutor()
    assert running(channel) == []
    report_trial(channel, 2)
    report_trial(channel, 0)
    report_trial(channel, 2, 7, 0.9, 0.5)
    assert running(channel) == [(0, 0, 0.0, 0.0), (2, 7, 0.9, 0.5)]
    report_end(channel, 0)
    assert running(channel) == [(2, 7, 0.9, 0.5)]


def test_themes_whose_workers_died_wait_again():
    channel = SequentialExecutor()
    report_trial(channel, 1, 3, 0.5, 0.5)
    report_end(channel, 2)
    assert Progress(THEMES, channel, show=False).given_up() == [1]
    assert running(channel) == []


def test_finished_themes_are_plain_lines_where_there_is_no_terminal(capsys):
    with Progress(THEMES, SequentialExecutor()) as shown:
        shown.finished(DONE)
        shown.finished(SKIPPED)
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "Theme 1 of 3, pay [/b]: certified, precision 0.90, recall 0.64, 12 trials in 1 min 15 s",
        "Theme 2 of 3, food: skipped (3 positives, needs 30)",
    ]
    assert out == ""


def _wait_for(said, words):
    end = time.monotonic() + 20
    text = said()
    while words not in text and time.monotonic() < end:
        time.sleep(0.01)
        text += said()
    return text


def test_running_themes_are_told_now_and_then_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(progress, "PAUSE", 0.01)
    monkeypatch.setattr(progress, "HEARTBEAT", 0.02)
    channel = SequentialExecutor()
    with Progress(THEMES, channel):
        report_trial(channel, 0, 1, 0.75, 0.5)
        text = _wait_for(lambda: capsys.readouterr().err, "best so far")
    assert "0 of 3 themes finished, 0 certified, 0 s elapsed; " in text
    assert "pay [/b]: 1 trial, best so far: precision 0.75, recall 0.50\n" in text


def test_a_terminal_shows_what_is_running_with_theme_names_as_they_are(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(progress, "PAUSE", 0.01)
    console = Console(file=screen, force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(progress, "console", lambda: console)
    channel = SequentialExecutor()
    with Progress(THEMES, channel) as shown:
        report_trial(channel, 0)
        _wait_for(screen.getvalue, "first trial")
        shown.finished(DONE)
    assert "pay [/b]: first trial" in screen.getvalue()
    assert "Theme 1 of 3, pay [/b]: certified, precision 0.90" in screen.getvalue()


def _passed(monkeypatch, shown, seconds):
    now = shown._started + seconds
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)


def test_the_summary_counts_themes_and_tells_the_time_left(monkeypatch):
    """By the pace since the first theme was finished: what came before it is not done again."""
    with Progress([f"theme {i}" for i in range(20)], SequentialExecutor(), show=False) as shown:
        _passed(monkeypatch, shown, 60)
        assert shown.summary() == "0 of 20 themes finished, 0 certified, 1 min 00 s elapsed"
        for seconds in (60, 65, 70, 75, 80):
            assert "left" not in shown.summary()
            _passed(monkeypatch, shown, seconds)
            shown.finished(DONE)
        assert shown.summary() == "5 of 20 themes finished, 5 certified, 1 min 20 s elapsed, about 1 min 20 s left"
        for _ in range(15):
            shown.finished(SKIPPED)
        assert shown.summary() == "20 of 20 themes finished, 5 certified, 1 min 20 s elapsed"


def test_no_time_left_is_told_before_it_can_be_known(monkeypatch):
    """Neither by a burst of themes, nor by those that an earlier run had finished."""
    with Progress([f"theme {i}" for i in range(20)], SequentialExecutor(), show=False) as shown:
        shown.finished_earlier([DONE] * 10)
        _passed(monkeypatch, shown, 600)
        assert "left" not in shown.summary()
        for _ in range(5):
            shown.finished(DONE)
        assert "left" not in shown.summary()
        _passed(monkeypatch, shown, 640)
        assert shown.summary().endswith(", about 50 s left")


def test_lines_end_between_words_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=40, color_system=None)
    monkeypatch.setattr(progress, "console", lambda: console)
    theme = replace(DONE, theme="Involvement of service users and patients")
    with Progress(THEMES, SequentialExecutor()) as shown:
        shown.finished(theme)
        line = shown.line(theme)
    lines = [line.strip() for line in click.unstyle(screen.getvalue()).splitlines() if line.strip()]
    assert max(map(len, lines)) <= 40
    assert line in " ".join(lines)


def test_nothing_is_printed_on_request(capsys):
    with Progress(THEMES, SequentialExecutor(), show=False) as shown:
        shown.finished(DONE)
    assert capsys.readouterr() == ("", "")


def test_an_error_in_the_search_passes_through(capsys):
    with pytest.raises(RuntimeError, match="stop"), Progress(THEMES, SequentialExecutor()):
        raise RuntimeError("stop")
