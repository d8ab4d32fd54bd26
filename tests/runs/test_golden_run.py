"""A run folder of an earlier version is resumed without a fit, and opens with what its decisions rest on.

``tests/golden/run1`` was written by commit 53e5adf: ``tune(toy(60), out=..., **SMALL)``, without what is drawn.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from toys import SMALL, toy

from themetagger.report.results import read_csv
from themetagger.runs.past_run import open_run
from themetagger.runs.run_folder import WITHOUT_VECTORS
from themetagger.runs.tune import tune
from themetagger.search.storage.trial_log import TrialLog
from themetagger.tagger.theme_tagger import ThemeTagger

GOLDEN = Path(__file__).parents[1] / "golden" / "run1"


@pytest.fixture
def folder(tmp_path):
    """A copy of the folder."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "run"))


@pytest.mark.slow
def test_it_is_resumed_with_the_same_results(folder, monkeypatch):
    before = ThemeTagger.load(folder / "tagger.tagger")
    monkeypatch.setattr("themetagger.search.one_vs_rest.study_theme", None)  # nothing is left to study
    monkeypatch.setattr(TrialLog, "add", None)
    run = tune(toy(60), out=folder, resume=True, **SMALL)
    assert run.results.drop(columns="seconds").equals(read_csv(GOLDEN / "results.csv").drop(columns="seconds"))
    texts = toy(30, seed=1)["Processed Text"].tolist()
    assert run.tagger.tag(texts) == before.tag(texts)
    np.testing.assert_allclose(run.tagger.scores(texts), before.scores(texts), rtol=0, atol=1e-6)
    info = json.loads((folder / "run.json").read_text())
    assert info["allowed"] == [{"trials": 2, "own": {}}]
    assert info["begun"] == json.loads((GOLDEN / "run.json").read_text())["begun"]


@pytest.mark.slow
def test_its_themes_begin_where_they_began(folder, monkeypatch):
    for path in folder.glob("themes/food-*/*.*"):
        path.unlink()
    monkeypatch.setattr("themetagger.search.one_vs_rest.with_warm_starts", None)  # read from advice.json, and kept
    run = tune(toy(60), out=folder, resume=True, **SMALL)
    assert set(run.results["status"]) <= {"CERTIFIED", "BEST_EFFORT"}
    before = read_csv(GOLDEN / "results.csv")
    figures = before.select_dtypes("number").columns.drop(["seconds", "threshold"])  # its wording is that of today
    assert run.results[figures].equals(before[figures])
    np.testing.assert_allclose(run.results["threshold"], before["threshold"], rtol=2e-3)  # fitted as float32 today
    kept, began = (json.loads((folder / name).read_text()) for name in ("warm_start.json", "advice.json"))
    assert kept["starts"] == {theme: start | {"dense_weight": 0.0} for theme, start in began.items()}


@pytest.mark.slow
def test_it_gets_more_trials_behind_those_that_it_has(folder):
    before = {path.parent.name: path.read_bytes() for path in folder.glob("themes/*/trials.jsonl")}
    run = tune(toy(60), out=folder, resume=True, **SMALL | {"trials": 3, "stop_early": True})
    assert set(run.results["status"]) <= {"CERTIFIED", "BEST_EFFORT"}
    assert run.results["trials"].min() >= 2
    assert not any("static" in view for view in run.results["view"])  # which it had not to choose from
    assert WITHOUT_VECTORS in run.notes
    for path in folder.glob("themes/*/trials.jsonl"):
        assert path.read_bytes().startswith(before[path.parent.name])


def test_it_opens_with_its_evidence(folder):
    past = open_run(folder, train=toy(60))
    assert past.results["theme"].tolist() == read_csv(GOLDEN / "results.csv")["theme"].tolist()
    for result in past.tagger.theme_results:
        evidence = past.evidence(result.theme)
        flagged = evidence.scores >= result.threshold
        assert (int(flagged.sum()), int((flagged & (evidence.truth > 0)).sum())) == (
            result.counts.predictions,
            result.counts.tp,
        )
        assert len(past.trials(result.theme)) == result.trials
