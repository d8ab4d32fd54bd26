"""A run that was interrupted goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from joblib import Parallel, delayed
from toys import SMALL, toy

from themetagger._utils.console import Stopped
from themetagger._utils.run_paths import RunPaths
from themetagger.cli import main
from themetagger.runs.errors import RunError
from themetagger.runs.tune import tune
from themetagger.search.storage import trial_log as ledgers
from themetagger.search.storage.database import Database, sqlite_url
from themetagger.search.storage.trial_log import Record, TrialLog, TrialLogError
from themetagger.selection.objectives import PrecisionFirst

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]

SETTINGS = SMALL | {
    "families": ("ridge", "naive_bayes_complement", "kernel_svm"),
    "trials": 6,
    "patience": 6,
    "stop_early": False,
}


@pytest.fixture(scope="module")
def table():
    return toy(120, seed=2)


@pytest.fixture(scope="module")
def alone(table, tmp_path_factory):
    """A run that nobody interrupted, and its folder."""
    out = tmp_path_factory.mktemp("alone") / "run"
    return tune(table, out=out, **SETTINGS), out


def _trials(out):
    """The trials of each theme, but for the clock."""
    found = {}
    for path in sorted(out.glob("themes/*/trials.jsonl")):
        records = [Record.of_line(line) for line in path.read_bytes().splitlines(keepends=True)]
        found[path.parent.name] = [replace(record, begun=0, ended=0) for record in records]
    return found


def _scores(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("themes/*/scores/*"))}


def _studies(out, themes):
    database = Database(sqlite_url(out / "studies.db"))
    found = {t: [(x.number, x.state, x.value, x.params, x.user_attrs) for x in database.trials(t)] for t in themes}
    database.close()
    return found


def _same(run, out, alone):
    """Whether a run found what the other one did."""
    other, its = alone
    theme_results = [
        [replace(theme_result, seconds=0) for theme_result in found.tagger.theme_results] for found in (run, other)
    ]
    assert repr(theme_results[0]) == repr(theme_results[1])  # where nan is nan
    assert run.results.drop(columns="seconds").equals(other.results.drop(columns="seconds"))
    assert repr(_trials(out)) == repr(_trials(its))
    assert _scores(out) == _scores(its)
    assert _studies(out, run.tagger.themes) == _studies(its, run.tagger.themes)
    assert (out / "tagger.tagger").read_bytes() == (its / "tagger.tagger").read_bytes()
    for theme, evidence in run.evidence.items():
        assert all(map(np.array_equal, evidence.tried, other.evidence[theme].tried))
        assert (evidence.chosen, evidence.choices) == (other.evidence[theme].chosen, other.evidence[theme].choices)


def _interrupt(monkeypatch, *, after, when="after"):
    """Ctrl-C at a trial, before or after it is on the disk."""
    add, count = TrialLog.add, iter(range(10**6))

    def interrupted(self, record, scores):
        if next(count) == after:
            if when == "after":
                add(self, record, scores)
            raise KeyboardInterrupt
        add(self, record, scores)

    monkeypatch.setattr(TrialLog, "add", interrupted)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("after", [0, 5, 8, 17])
def test_a_run_that_was_stopped_at_a_trial_ends_like_one_that_was_not(table, alone, tmp_path, monkeypatch, after, when):
    with monkeypatch.context() as patch:
        _interrupt(patch, after=after, when=when)
        with pytest.raises(Stopped, match=rf"of 3 themes finished, {after + (when == 'after')} trials? kept in"):
            tune(table, out=tmp_path / "run", **SETTINGS)
    kept = _trials(tmp_path / "run")
    run = tune(table, out=tmp_path / "run", resume=True, **SETTINGS)
    _same(run, tmp_path / "run", alone)
    assert sum(map(len, kept.values())) == after + (when == "after")


def test_what_is_drawn_after_an_interruption_depends_on_the_trials_before_it(table, tmp_path, monkeypatch):
    one = table.assign(Themes=["pay" if "pay" in cell else "" for cell in table["Themes"]])
    settings = SETTINGS | {"families": ("ridge", "naive_bayes_complement"), "trials": 12, "patience": 12}
    whole = tune(one, out=tmp_path / "whole", **settings), tmp_path / "whole"
    with monkeypatch.context() as patch:
        _interrupt(patch, after=8)  # the sampler has more trials behind it than it begins with
        with pytest.raises(Stopped):
            tune(one, out=tmp_path / "run", **settings)
    _same(tune(one, out=tmp_path / "run", resume=True, **settings), tmp_path / "run", whole)


def test_a_finished_trial_is_not_done_again(table, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        _interrupt(patch, after=8)
        with pytest.raises(Stopped):
            tune(table, out=tmp_path / "run", **SETTINGS)
    before = {path: path.read_bytes() for path in tmp_path.glob("run/themes/*/trials.jsonl")}
    tune(table, out=tmp_path / "run", resume=True, **SETTINGS)
    assert len(before) == 2
    for path, lines in before.items():
        assert path.read_bytes().startswith(lines)  # with its times


def test_a_finished_run_is_taken_up_without_a_trial_or_a_fit(table, alone, tmp_path, monkeypatch):
    out = tmp_path / "run"
    shutil.copytree(alone[1], out)
    monkeypatch.setattr("themetagger.search.one_vs_rest.study_theme", None)
    monkeypatch.setattr("themetagger.search.one_vs_rest.with_warm_starts", None)
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)


def test_without_the_models_of_a_theme_they_are_fitted_again_from_its_trials(table, alone, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(alone[1], out)
    for path in out.glob("themes/*/winner.models"):
        path.write_bytes(path.read_bytes()[:1000])
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)


def _tear_last_line(out):
    for path in out.glob("themes/*/trials.jsonl"):
        path.write_bytes(path.read_bytes()[:-40])


def _damage_a_line(out):
    for path in out.glob("themes/*/trials.jsonl"):
        path.write_bytes(path.read_bytes().replace(b'"number": 2', b'"number": 7'))


def _damage_scores(out):
    for path in out.glob("themes/*/scores/0001.npy"):
        path.write_bytes(path.read_bytes()[:-1] + b"\x00")


def _lose_scores(out):
    for path in out.glob("themes/*/scores/0000.npy"):
        path.unlink()


def _lose_database(out):
    (out / "studies.db").unlink()


@pytest.mark.parametrize("damage", [_tear_last_line, _damage_a_line, _damage_scores, _lose_scores, _lose_database])
def test_what_is_damaged_is_done_again_with_the_same_result(table, alone, tmp_path, damage):
    out = tmp_path / "run"
    shutil.copytree(alone[1], out)
    damage(out)
    for path in out.glob("themes/*/winner.models"):
        path.unlink()
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)


def test_damaged_warm_starts_are_told_and_made_again_once_they_are_gone(table, alone, tmp_path):
    """They decide on the winners, so that nothing is guessed."""
    out = tmp_path / "run"
    shutil.copytree(alone[1], out)
    (out / "warm_start.json").write_text("{")
    for path in out.glob("themes/*/winner.models"):
        path.unlink()
    with pytest.raises(RunError, match=r"warm_start\.json is damaged .*; delete that file, and go on with resume=True"):
        tune(table, out=out, resume=True, **SETTINGS)
    (out / "warm_start.json").unlink()
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)


def test_more_trials_go_on_behind_those_that_are_there(table, alone, tmp_path, monkeypatch):
    out, more = tmp_path / "run", SETTINGS | {"trials": 12}
    shutil.copytree(alone[1], out)
    grown = tune(table, out=out, resume=True, **more)
    before, now = _trials(alone[1]), _trials(out)
    assert [len(records) for records in before.values()] == [6, 6, 6]
    assert [len(records) for records in now.values()] == [12, 12, 12]
    for theme, records in before.items():
        assert repr(now[theme][:6]) == repr(records)
        numbers = [(record.number, record.level) for record in now[theme][6:]]
        assert numbers == [(6, 1), (7, 1), (8, 1), (9, 1), (10, 2), (11, 2)]  # 9 and 3 of 12, of which 5 and 1 were
    # and an interruption in them changes nothing
    again = tmp_path / "again"
    shutil.copytree(alone[1], again)
    with monkeypatch.context() as patch:
        _interrupt(patch, after=8)
        with pytest.raises(Stopped):
            tune(table, out=again, resume=True, **more)
    _same(tune(table, out=again, resume=True, **more), again, (grown, out))


@pytest.mark.parametrize("sampler", ["random", "grid"])
def test_other_samplers_go_on_too(table, tmp_path, monkeypatch, sampler):
    settings = SETTINGS | {"sampler": sampler, "families": ("naive_bayes_complement",), "trials": 4}
    whole = tune(table, out=tmp_path / "whole", **settings), tmp_path / "whole"
    with monkeypatch.context() as patch:
        _interrupt(patch, after=5)
        with pytest.raises(Stopped):
            tune(table, out=tmp_path / "run", **settings)
    _same(tune(table, out=tmp_path / "run", resume=True, **settings), tmp_path / "run", whole)
    more = tune(table, out=tmp_path / "run", resume=True, **settings | {"trials": 6})
    tried = [str(record.params) for record in next(iter(_trials(tmp_path / "run").values()))]
    assert len(tried) == len(set(tried)) == 6
    assert more.results["trials"].tolist() == [6, 6, 6]


def test_a_run_whose_time_was_up_goes_on_with_new_time(table, alone, tmp_path):
    out = tmp_path / "run"
    cut = tune(table, out=out, time_budget=0.0, **SETTINGS)
    assert cut.results["trials"].tolist() == [1, 1, 1]
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)


def test_trials_that_failed_and_were_dropped_are_remembered(tmp_path, monkeypatch):
    settings = SMALL | {"families": ("ridge", "adaboost"), "trials": 8, "patience": 8, "stop_early": False}
    noisy = toy(150, seed=5)
    noisy["Themes"] = noisy["Themes"].sample(frac=1, random_state=0).to_numpy()
    from themetagger.search import trial as trying

    fit_fold = trying.fit_fold

    def failing(configuration, features, y, k, *, seed):
        if configuration.params.get("alpha", 1) > 5:
            raise ValueError("too large")
        return fit_fold(configuration, features, y, k, seed=seed)

    monkeypatch.setattr(trying, "fit_fold", failing)
    whole = tune(noisy, out=tmp_path / "whole", **settings), tmp_path / "whole"
    states = {record.state for records in _trials(tmp_path / "whole").values() for record in records}
    assert states == {"COMPLETE", "PRUNED", "FAIL"}
    with monkeypatch.context() as patch:
        _interrupt(patch, after=20)
        with pytest.raises(Stopped):
            tune(noisy, out=tmp_path / "run", **settings)
    _same(tune(noisy, out=tmp_path / "run", resume=True, **settings), tmp_path / "run", whole)


def _disk_full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_trials_that_cannot_be_written_end_the_run_with_what_to_do(table, alone, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        _interrupt(patch, after=0)
        with pytest.raises(Stopped):
            tune(table, out=out, **SETTINGS)
    for theme in ("pay", "food", "staff"):
        paths = RunPaths(out).theme(theme)
        paths.folder.mkdir(exist_ok=True)
        shutil.rmtree(paths.scores, ignore_errors=True)
        paths.scores.write_text("where a folder should be made")
    with pytest.raises(TrialLogError, match=r"cannot be written \(.*\); remove the cause, and go on with resume=True"):
        tune(table, out=out, resume=True, **SETTINGS | {"n_jobs": 2})  # in a worker process
    for path in out.glob("themes/*/scores"):
        path.unlink()
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)


def test_a_record_is_on_the_disk_whole_or_not_at_all(tmp_path, monkeypatch):
    record = Record(0, "PRUNED", None, {}, {}, None, 1, 1.0, 2.0)
    trial_log = TrialLog(tmp_path / "theme", 3)
    trial_log.add(record, None)
    monkeypatch.setattr(ledgers.os, "fsync", _disk_full)
    with pytest.raises(
        TrialLogError, match=r"theme: cannot be written \(No space left on device\); remove the cause, and go on"
    ):
        trial_log.add(replace(record, number=1), None)
    assert (tmp_path / "theme" / "trials.jsonl").read_bytes() == record.line()


def test_what_the_machine_lacked_is_tried_again(table, alone, tmp_path, monkeypatch):
    from themetagger.search import trial as trying

    def too_large(*_, **__):
        raise MemoryError("Unable to allocate 3 GiB")

    with monkeypatch.context() as patch:
        patch.setattr(trying, "fit_fold", too_large)
        failed = tune(table, out=tmp_path / "run", **SETTINGS)
    assert set(failed.results["status"]) == {"FAILED"}
    assert failed.results["reason"][0] == "MemoryError: Unable to allocate 3 GiB"
    _same(tune(table, out=tmp_path / "run", resume=True, **SETTINGS), tmp_path / "run", alone)


def test_a_damaged_database_is_made_anew_from_what_is_in_the_folder(table, alone, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(alone[1], out)
    (out / "studies.db").write_bytes(b"nonsense" * 1000)
    _same(tune(table, out=out, resume=True, **SETTINGS), out, alone)
    assert (out / "studies.db.damaged").read_bytes() == b"nonsense" * 1000


def test_a_plan_that_cannot_be_tuned_takes_no_folder(table, tmp_path):
    out = tmp_path / "run"
    with pytest.raises(ValueError, match=r"overrides: no row of .* has the theme 'pya'; did you mean 'pay'"):
        tune(table, out=out, overrides={"pya": {"trials": 3}}, **SETTINGS)
    with pytest.raises(OSError, match="the storage: the database cannot be opened"):
        tune(table, out=out, storage="postgresql://ann@host:54x/base", **SETTINGS)
    run = tune(table, out=out, overrides={"pay": {"trials": 3}}, **SETTINGS)
    assert run.results.set_index("theme")["trials"].to_dict() == {"pay": 3, "food": 6, "staff": 6}


def test_trials_added_to_others_leave_a_theme_with_its_own_number_alone(table, tmp_path):
    own = {"overrides": {"pay": {"trials": 4}}}
    before = tune(table, out=tmp_path / "run", **SETTINGS | own)
    after = tune(table, out=tmp_path / "run", resume=True, **SETTINGS | own | {"trials": 9})
    assert after.results.set_index("theme")["trials"].to_dict() == {"pay": 4, "food": 9, "staff": 9}
    pay = [run.results.set_index("theme").loc["pay"].drop("seconds") for run in (before, after)]
    assert pay[0].equals(pay[1])


class Narrow(PrecisionFirst):
    """An objective whose value is a number of NumPy's."""

    def value(self, points):
        return np.float32(super().value(points))


def test_a_value_may_be_any_number(table, tmp_path):
    run = tune(table, out=tmp_path / "run", **SETTINGS | {"objective": Narrow(), "trials": 1})
    assert set(run.results["status"]) <= {"BEST_EFFORT", "CERTIFIED"}


def test_a_run_that_breaks_says_so_in_its_log(table, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("themetagger.runs.tune.search_themes", _disk_full)
        with pytest.raises(OSError, match="No space left"):
            tune(table, out=tmp_path / "run", **SETTINGS)
    events = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [(event["event"], event["level"]) for event in events] == [("run begun", "info"), ("run ended", "error")]
    assert "No space left on device" in events[-1]["reason"]


def test_workers_of_another_folder_do_not_matter(table, alone, tmp_path, monkeypatch):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "one")
    Parallel(2)(delayed(abs)(number) for number in range(4))  # workers that stay, and in this folder
    monkeypatch.chdir(tmp_path / "two")
    run = tune(table, out="run", **SETTINGS | {"n_jobs": 2})
    _same(run, tmp_path / "two" / "run", alone)
    assert not list((tmp_path / "one").iterdir())


def test_a_second_run_on_a_folder_is_refused(table, tmp_path):
    out = tmp_path / "run"
    begun = f"""
import sys, time
sys.path[:0] = {sys.path!r}
from themetagger.runs.run_folder import RunFolder
with RunFolder({str(out)!r}, resume=True, start_over=False):
    print("has it", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", begun], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout.readline() == "has it\n"
            with pytest.raises(RunError, match=rf"another run is using it \(process {other.pid} on .*, since 20"):
                tune(table, out=out, resume=True, **SETTINGS)
        finally:
            other.kill()  # as a machine that stops: the lock is stale now
    assert tune(table, out=out, resume=True, **SETTINGS | {"trials": 1}).results["trials"].tolist() == [1, 1, 1]


def _command(table, out, n_jobs):
    words = ["tune", str(table), "--out", str(out), "--resume", "--n-jobs", str(n_jobs)]
    words += ["--families", "ridge,kernel_svm", "--trials", "8", "--patience", "8", "--stop-early", "never"]
    return [*words, "--min-positives", "5", "--n-folds", "3"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A table, and the folder of a run of the command line that nobody stopped."""
    folder = tmp_path_factory.mktemp("whole")
    toy(200, seed=4).to_csv(folder / "texts.csv", index=False)
    main(_command(folder / "texts.csv", folder / "run", n_jobs=1), standalone_mode=False)
    return folder / "texts.csv", folder / "run"


def _until(condition, seconds=300.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("signal_", "to_all"), [(signal.SIGKILL, False), (signal.SIGKILL, True), (signal.SIGINT, True)]
)
def test_two_workers_killed_or_stopped_by_ctrl_c(whole, tmp_path, signal_, to_all):
    """And one process goes on where the two were."""
    (table, its), out = whole, tmp_path / "run"
    command = [sys.executable, "-m", "themetagger.cli", *_command(table, out, n_jobs=2)]
    with (tmp_path / "told").open("wb") as told:
        process = subprocess.Popen(command, stderr=told, stdout=told, start_new_session=True)
    _until(lambda: sum(path.read_bytes().count(b"\n") for path in out.glob("themes/*/trials.jsonl")) >= 5)
    (os.killpg if to_all else os.kill)(process.pid, signal_)
    code = process.wait(timeout=300)
    kept = {path: path.read_bytes() for path in out.glob("themes/*/trials.jsonl")}
    if signal_ == signal.SIGINT:
        said = (tmp_path / "told").read_text()
        assert code == 130
        assert "trials kept in" in said
        assert said.strip().splitlines()[-1].strip().startswith(f"themetagger tune --resume {table}")
        assert "Traceback" not in said
    main(_command(table, out, n_jobs=1), standalone_mode=False)
    assert repr(_trials(out)) == repr(_trials(its))
    assert _scores(out) == _scores(its)
    assert (out / "tagger.tagger").read_bytes() == (its / "tagger.tagger").read_bytes()
    for path, lines in kept.items():
        assert path.read_bytes().startswith(lines)
