"""Finished trials on disk: whole or not at all, and what is damaged is taken for not done."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from themetagger.search.storage.trial_log import Record, TrialLog, records_after, scores_digest

ROWS = 4


def _scores(number):
    return np.arange(ROWS, dtype=np.float64) + number + 1 / 3


def _record(number, state="COMPLETE", **more):
    digest = scores_digest(_scores(number)) if state == "COMPLETE" else ""
    value = 0.1 * number if state == "COMPLETE" else None
    asked = {"x": {"name": "CategoricalDistribution", "attributes": {"choices": [None, "balanced"]}}}
    return Record(number, state, value, {"x": None}, asked, {"x": None}, 1, 1.5, 2.25, scores=digest, **more)


@pytest.fixture
def folder(tmp_path):
    """The folder of a theme with four trials."""
    trial_log = TrialLog(tmp_path / "theme", ROWS)
    for record in (_record(0), _record(1, "PRUNED"), _record(2, early=math.inf), _record(3, "FAIL", error="no\nword")):
        trial_log.add(record, _scores(record.number) if record.state == "COMPLETE" else None)
    return tmp_path / "theme"


def test_trials_come_back_as_they_were(folder):
    trial_log = TrialLog(folder, ROWS)
    assert [record.state for record in trial_log.records] == ["COMPLETE", "PRUNED", "COMPLETE", "FAIL"]
    assert (trial_log.records[2].early, trial_log.records[3].error) == (math.inf, "no\nword")
    assert math.isnan(trial_log.records[0].early)
    assert trial_log.records[0].params == trial_log.records[0].queued == {"x": None}
    for number in (0, 2):
        assert trial_log.scores(trial_log.records[number]).tobytes() == _scores(number).tobytes()


def test_a_record_of_an_older_file_is_read_under_the_names_of_today():
    record = _record(0, blend_weight=0.5, early=0.25, summary={"family": "ridge", "view": "words"})
    trial = json.loads(record.line())["trial"]
    assert Record.of_line(record.line()) == record
    names = {"blend_weight": "factor", "summary": "told", "warnings": "warned"}
    older = {names.get(name, name): value for name, value in trial.items()}
    older["told"] = {"family": "ridge + sparse_svm", "view": "words"}
    digest = hashlib.sha256(json.dumps(older).encode()).hexdigest()
    assert Record.of_line(json.dumps({"sha256": digest, "trial": older}).encode()) == record


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trial_log = TrialLog(None, ROWS)
    trial_log.add(_record(0), _scores(0))
    assert len(trial_log.records) == 1
    assert not list(tmp_path.iterdir())


def test_a_trial_is_a_line_that_others_can_read(folder):
    lines = (folder / "trials.jsonl").read_bytes().splitlines()
    lines = [json.loads(line, parse_constant=pytest.fail)["trial"] for line in lines if b"Infinity" not in line]
    lines.insert(2, {"number": 2})
    assert [line["number"] for line in lines] == [0, 1, 2, 3]
    assert np.load(folder / "scores" / "0002.npy").tolist() == _scores(2).tolist()


@pytest.mark.parametrize(
    ("number", "change", "left"),
    [
        (3, lambda line: line[:-1], 3),
        (3, lambda line: line[: len(line) // 2], 3),
        (3, lambda line: b"", 3),
        (3, lambda line: line.replace(b"FAIL", b"LIAF"), 3),
        (2, lambda line: line.replace(b"COMPLETE", b"PRUNED", 1), 2),
        (1, lambda line: line[1:], 1),
        (1, lambda line: b"[]\n", 1),
        (1, lambda line: b'{"trial": {}, "sha256": ""}\n', 1),
        (1, lambda line: b"\xff\n", 1),
        (1, lambda line: b"[" * 100_000 + b"\n", 1),
        (0, lambda line: b"\x00" * len(line), 0),
    ],
)
def test_a_torn_or_changed_line_and_all_behind_it_are_taken_away(folder, number, change, left):
    lines = (folder / "trials.jsonl").read_bytes().splitlines(keepends=True)
    lines[number] = change(lines[number])
    (folder / "trials.jsonl").write_bytes(b"".join(lines))
    assert len(TrialLog(folder, ROWS).records) == left
    assert (folder / "trials.jsonl").read_bytes() == b"".join(lines[:left])


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        (lambda scores: (scores / "0002.npy").unlink(), 2),
        (lambda scores: (scores / "0000.npy").write_bytes(b""), 0),
        (lambda scores: np.save(scores / "0002.npy", _scores(7)), 2),
    ],
)
def test_a_trial_without_its_scores_is_taken_away(folder, damage, left):
    damage(folder / "scores")
    assert len(TrialLog(folder, ROWS).records) == left
    assert (folder / "trials.jsonl").read_bytes().count(b"\n") == left


def test_scores_of_another_number_of_rows_are_not_taken(folder):
    assert TrialLog(folder, ROWS + 1).records == []


def test_trials_are_numbered_without_a_gap(folder):
    lines = (folder / "trials.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "trials.jsonl").write_bytes(lines[0] + b"".join(lines[2:]))
    assert [record.number for record in TrialLog(folder, ROWS).records] == [0]


def test_a_reader_follows_a_file_that_grows(folder):
    path = folder / "trials.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:20])
    found, place = records_after(path, 0)
    assert ([record.number for record in found], place) == ([0], len(lines[0]))
    assert records_after(path, place) == ([], place)
    path.write_bytes(b"".join(lines[:3]))
    found, place = records_after(path, place)
    assert ([record.number for record in found], place) == ([1, 2], len(b"".join(lines[:3])))
    path.write_bytes(b"".join(lines[:3]) + b"nonsense\n")
    assert records_after(path, place) == ([], place)
    assert records_after(folder / "none", 0) == ([], 0)


def test_records_that_differ_have_other_checksums():
    lines = {record.line()[:80] for record in (_record(0), _record(1), replace(_record(0), blend_weight=0.5))}
    assert len(lines) == 3
