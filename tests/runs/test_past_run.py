"""A run folder opens again with all that its decisions rest on, and says what is missing."""

from __future__ import annotations

import shutil
from unittest.mock import Mock

import numpy as np
import pytest
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.insights.labelling.label_errors import suspects
from themetagger.runs.errors import RunError
from themetagger.runs.past_run import open_run
from themetagger.runs.tune import tune
from themetagger.selection.calibration import fit_calibration

pytestmark = pytest.mark.usefixtures("no_page")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    frame = toy(150)
    frame.to_csv(folder / "train.csv", index=False)
    settings = SMALL | {"min_positives": 5, "overrides": {"food": {"minimum_quality": 1.0}}}
    run = tune(folder / "train.csv", out=folder / "run", hold_out=0.2, **settings)
    return folder, run


def test_it_holds_what_the_run_held(made):
    folder, run = made
    past = open_run(folder / "run")
    assert past.missing == ""
    whole = corpus_from_frame(toy(150))
    assert past.corpus.texts == tuple(whole.texts[row] for row in past.corpus.rows)
    assert len(past.corpus) == len(past.folds) < 150
    assert past.results.drop(columns="seconds").equals(run.results.drop(columns="seconds"))
    assert past.data.averages.equals(run.averages)
    assert past.data.notes == run.notes
    for theme in past.tagger.themes:
        now, then = past.evidence(theme), run.evidence[theme]
        assert (now.chosen, now.choices, len(now.tried)) == (then.chosen, then.choices, len(then.tried))
        assert all(np.array_equal(getattr(now, name), getattr(then, name)) for name in ("truth", "folds", "groups"))
        assert np.array_equal(now.scores, then.scores)
        assert now.fitted == then.fitted == fit_calibration(now.truth, now.scores)
        theme_result = next(theme_result for theme_result in past.tagger.theme_results if theme_result.theme == theme)
        flagged = now.scores >= theme_result.threshold
        assert (int((flagged & (now.truth > 0)).sum()), int(flagged.sum())) == (
            theme_result.counts.tp,
            theme_result.counts.predictions,
        )
    assert past.evidence("no such theme") is None
    assert list(past.evidence_by_theme()) == [theme for theme in past.texts.themes if theme in run.evidence]


def test_what_was_calibrated_is_not_calibrated_again(made, monkeypatch):
    fit = Mock()
    monkeypatch.setattr("themetagger.selection.evidence.fit_calibration", fit)
    assert len(suspects(made[1].evidence))
    fit.assert_not_called()


def test_trials_are_rows(made):
    folder, run = made
    past = open_run(folder / "run")
    trials = past.trials("pay")
    theme_result = next(theme_result for theme_result in run.tagger.theme_results if theme_result.theme == "pay")
    assert len(trials) == theme_result.trials
    assert trials["number"].tolist() == list(range(len(trials)))
    assert trials["average_precision"].max() >= theme_result.average_precision - 1e-12
    assert trials["family"].tolist() == ["ridge"] * len(trials)
    assert all(trials["seconds"] > 0)
    assert past.trials("no such theme").empty


def test_what_is_damaged_is_named(made, tmp_path):
    folder, _ = made
    with pytest.raises(RunError, match=r"nothing has no results.csv; pass the folder"):
        open_run(tmp_path / "nothing")
    shutil.copytree(folder / "run", tmp_path / "run")
    scores = sorted((tmp_path / "run" / "themes").glob("pay-*/scores/*.npy"))
    scores[0].write_bytes(b"nonsense")
    assert open_run(tmp_path / "run").evidence("pay") is None
    (tmp_path / "run" / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        open_run(tmp_path / "run")


@pytest.mark.slow
def test_a_run_that_was_begun_anew_and_not_finished_is_not_mixed_with_the_old_one(made, tmp_path, monkeypatch):
    folder, _ = made
    shutil.copytree(folder, tmp_path / "all")
    here = tmp_path / "all" / "run"
    toy(90, seed=5).to_csv(tmp_path / "other.csv", index=False)
    monkeypatch.setattr("themetagger.runs.tune.build_tagger", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path / "other.csv", out=here, start_over=True, **SMALL)
    with pytest.raises(RunError, match="its run has not finished"):
        open_run(here)


def _interrupted(*_):
    raise KeyboardInterrupt
