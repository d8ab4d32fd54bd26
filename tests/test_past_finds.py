"""What fuzzers and attackers found before, tried again; a fuzzer of each reader has more (docs/contributing.md)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FINDS = HERE / "past_finds"
sys.path.insert(0, str(HERE / "benchmarks"))
import fuzz_plan  # noqa: E402
import fuzz_reader  # noqa: E402


@pytest.mark.parametrize("find", sorted((FINDS / "tables").iterdir()), ids=lambda path: path.name)
def test_a_table_is_read_or_refused_in_one_way(find, tmp_path):
    fuzz_reader.bench(tmp_path)(find.read_bytes())


@pytest.mark.parametrize("find", sorted((FINDS / "plans").iterdir()), ids=lambda path: path.name)
def test_a_plan_file_is_refused_in_one_line(find, tmp_path):
    assert fuzz_plan.tried(find.read_bytes(), tmp_path) == ""


def test_plan_files_with_something_wrong_are_read_or_refused(tmp_path):
    assert [said for data in fuzz_plan.inputs(100, seed=1) if (said := fuzz_plan.tried(data, tmp_path))] == []


def test_a_fuzzer_says_what_is_wrong(tmp_path, monkeypatch):
    from themetagger.runs import plan_file

    def broken(*_, **__):
        raise KeyError("a bug")

    monkeypatch.setattr(plan_file, "plan_from", broken)
    assert "KeyError: 'a bug'" in fuzz_plan.tried(b"", tmp_path)
