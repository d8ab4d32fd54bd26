"""Every mistake of the table ends as it says: with its exit code and one message, never with a traceback."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from bad_inputs import CASES, CHECK, EVALUATE, INSPECT, TAG, TUNE, Case, prepare, rows, run_case

from themetagger.cli import main
from themetagger.corpus import TableFormat
from themetagger.runs.plan import Plan

SETTINGS = {field.name for kind in (Plan, TableFormat) for field in fields(kind)}
IN_PYTHON = re.compile(
    rf"\b({'|'.join(name for name in SETTINGS if '_' in name)})\b|\b({'|'.join(SETTINGS)})=['\"T]|[a-z] \(--"
)


def check_language(case: Case, said: str) -> None:
    """What is said names no Python argument, and no option that the command does not have."""
    said = re.sub(r"`themetagger [^`]*`", "", said)  # the option of another command
    assert not IN_PYTHON.search(said), said
    command = main.commands.get(shlex.split(case.command)[0])
    known = {name for one in (command.params if command else ()) for name in one.opts} | {"--help"}
    assert set(re.findall(r"(?<=[\s'])--[a-z][a-z-]+", said)) <= known or "No such option" in said, said


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_mistake_ends_in_a_message_or_a_note(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    ended = run_case(case, tmp_path)
    assert ended.bug is None
    assert ended.code == case.code, ended.printed
    assert "Traceback" not in ended.printed
    if case.code:
        lines = [line for line in ended.error.splitlines() if not line.startswith(("Usage: ", "Try ", "["))]
        assert [line.startswith("Error: ") for line in filter(None, lines)] == [
            True
        ]  # one line; progress may go before
    notes = re.search(r"Note: .*?(?= Written to | Next: |$)", ended.printed)  # then come commands, with their options
    check_language(case, f"{ended.error} {notes.group() if notes else ''}")
    place = 0
    for told in case.says:
        place = ended.printed.find(told, place)
        assert place >= 0, f"{told!r} is not said in {ended.printed[-2000:]!r}"
    for file, text in case.wrote.items():
        assert (text.removeprefix("!") in (tmp_path / file).read_text(encoding="utf-8")) != text.startswith("!")


@pytest.mark.slow
@pytest.mark.parametrize("command", [INSPECT, TUNE, TAG, EVALUATE, CHECK])
def test_an_interrupted_command_ends_with_130_and_no_traceback(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    case = Case("interrupted", rows("good pay,pay"), command, 130, ("Stopped",))
    prepare(case, tmp_path)  # tunes a tagger once, which is not to be interrupted
    monkeypatch.setattr("themetagger.corpus.table.check_path", stop)
    monkeypatch.setattr("themetagger.corpus.streaming.check_path", stop)
    ended = run_case(case, tmp_path)
    assert (ended.bug, ended.code) == (None, 130)
    assert ended.error.startswith("Stopped")
