"""What long work says: one line that changes on a terminal, and a line now and then in a log file."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from themetagger._utils import console as module
from themetagger._utils.console import RowCount


def said(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, heartbeat: float = 0.0) -> str:
    file = io.StringIO()
    monkeypatch.setattr(module, "console", lambda: Console(file=file, force_terminal=terminal, width=100))
    monkeypatch.setattr(module, "HEARTBEAT", heartbeat)
    with RowCount(30) as count:
        for _ in range(3):
            count.add(10)
    return file.getvalue()


def test_a_log_file_gets_plain_lines_while_rows_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said(monkeypatch, terminal=False).splitlines()
    assert [line.split(",")[0] for line in lines] == ["10 of 30 rows", "20 of 30 rows"]
    assert said(monkeypatch, terminal=False, heartbeat=60.0) == ""


def test_a_terminal_gets_the_present_state(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "30 of 30 rows" in said(monkeypatch, terminal=True)


def test_nothing_is_said_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    with RowCount(30, show=False) as count:
        count.add(10)
    assert capsys.readouterr() == ("", "")
