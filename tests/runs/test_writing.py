"""What a run writes when it has ended: once, whole, and with what to do where that is not possible."""

from __future__ import annotations

import json

import pytest
from toys import SMALL, toy

from themetagger.runs.errors import RunError
from themetagger.runs.tune import tune
from themetagger.tagger.theme_tagger import ThemeTagger


def _events(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_results_that_cannot_be_written_end_the_run_with_what_to_do(tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(ThemeTagger, "save", _disk_full)
        with pytest.raises(RunError, match=r"the results cannot be written \(.*No space left.*\); remove"):
            tune(toy(), out=out, **SMALL)
    assert _events(out)[-1]["event"] == "run ended"
    assert not (out / "results.csv").exists()
    assert tune(toy(), out=out, resume=True, **SMALL).results["trials"].tolist() == [2, 2, 2]
    assert (_events(out)[-1]["event"], _events(out)[-1]["themes"]) == ("run finished", 3)


def _disk_full(*_):
    raise OSError(28, "No space left on device", "tagger.tagger")


@pytest.mark.slow
def test_a_page_is_drawn_again_only_where_the_tables_have_changed(tmp_path):
    out = tmp_path / "run"
    tune(toy(), out=out, **SMALL)
    (out / "report.html").write_text("mine")
    tune(toy(), out=out, resume=True, **SMALL)
    assert (out / "report.html").read_text() == "mine"
    (out / "averages.csv").unlink()
    tune(toy(), out=out, resume=True, **SMALL)
    assert (out / "report.html").read_text() != "mine"
