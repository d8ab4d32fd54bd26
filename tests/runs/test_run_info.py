"""What ``run.json`` remembers: which run it is, what it was made from, and what each call allowed."""

from __future__ import annotations

import json

import pytest
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import row_numbers
from themetagger.runs.plan import Plan
from themetagger.runs.run_info import RunInfo, name_in, new_info, read_info, resumed_info


def _info(folder, **settings):
    corpus = corpus_from_frame(toy())
    return new_info(Plan(toy(), **SMALL | settings), {"train": corpus}, {"train": row_numbers(corpus)}, folder)


def test_it_comes_back_from_its_file(tmp_path):
    info = _info(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(info))
    assert read_info(tmp_path / "run.json") == info
    assert name_in(tmp_path / "run.json", tmp_path) == info["name"] != ""
    assert read_info(tmp_path / "none.json") is None


@pytest.mark.parametrize("data", [b"", b"[]", b'{"name": }', b"\xff"])
def test_a_damaged_file_has_no_name(tmp_path, data):
    (tmp_path / "run.json").write_bytes(data)
    assert name_in(tmp_path / "run.json", tmp_path) == ""
    with pytest.raises(RunError, match="is damaged"):
        read_info(tmp_path / "run.json")


def test_the_same_folder_keeps_its_name_and_a_copy_gets_its_own(tmp_path):
    first, again, copied = _info(tmp_path), _info(tmp_path), _info(tmp_path / "copy")
    assert resumed_info(first, again, tmp_path) == first
    assert resumed_info(first, copied, tmp_path)["name"] == copied["name"] != first["name"]
    assert resumed_info({**first, "begun": "then"}, again, tmp_path)["begun"] == "then"


def test_each_call_that_allows_more_is_remembered(tmp_path):
    first, more = _info(tmp_path), _info(tmp_path, trials=5)
    assert resumed_info(first, more, tmp_path)["allowed"] == [{"trials": 2, "own": {}}, {"trials": 5, "own": {}}]
    with pytest.raises(RunError, match="trials was 5 and is now 2; a run can be given more trials, but not fewer"):
        resumed_info(more, first, tmp_path)


def test_only_numbers_that_grew_count_as_earlier_trials():
    info = RunInfo("a", ({"trials": 2, "own": {"pay": 5}}, {"trials": 4, "own": {"pay": 5}}, {"trials": 9, "own": {}}))
    assert (info.earlier_trials("food"), info.earlier_trials("pay")) == ((2, 4), (5,))
