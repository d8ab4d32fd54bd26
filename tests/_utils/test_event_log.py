"""The log: one JSON object a line, of the levels asked for."""

from __future__ import annotations

import json
import logging
import threading

import pytest

from themetagger._utils.event_log import LEVELS, Log


def _lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(("level", "told"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_only_the_levels_asked_for_are_written(tmp_path, level, told):
    log = Log(tmp_path / "log.jsonl", level=level)
    for name in LEVELS:
        getattr(log, name)(f"it was {name}", theme="pay")
    assert [line["level"] for line in _lines(tmp_path / "log.jsonl")] == list(LEVELS)[4 - told :]


def test_a_line_is_an_event_whatever_it_holds(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    log.info("odd", theme='a\nb "c" \ud800 é', path=tmp_path, value=float("nan"))
    (line,) = _lines(tmp_path / "log.jsonl")
    assert list(line) == ["time", "level", "event", "theme", "path", "value"]
    assert (line["theme"], line["path"]) == ('a\nb "c" \ud800 é', str(tmp_path))
    assert line["time"].endswith("+00:00")


def test_a_line_that_was_cut_off_is_no_part_of_the_next(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"time": "20')
    Log(path).info("first")
    Log(path).info("second")
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()[1:]] == ["first", "second"]


def test_threads_do_not_garble_each_other(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    writers = [
        threading.Thread(target=lambda i=i: [log.info("x" * 5000, writer=i) for _ in range(50)]) for i in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = _lines(tmp_path / "log.jsonl")
    assert sorted(line["writer"] for line in lines) == sorted([0, 1, 2, 3] * 50)


def test_events_reach_the_usual_logger_too(caplog):
    with caplog.at_level(logging.INFO, logger="themetagger"):
        Log(None).info("theme finished", theme="pay")
    assert [record.getMessage() for record in caplog.records] == ["theme finished {'theme': 'pay'}"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "log.jsonl").mkdir()
    Log(tmp_path / "log.jsonl").info("x")
