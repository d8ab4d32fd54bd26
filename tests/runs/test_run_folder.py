"""A run folder belongs to one run, made from one plan and data; anything else is refused, with what to do."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.runs.errors import RunError
from themetagger.runs.plan import Plan
from themetagger.runs.run_folder import WITHOUT_VECTORS, RunFolder
from themetagger.selection.objectives import FBeta, PrecisionFirst


def _plan(**more):
    return Plan(toy(), out="unused", **SMALL | more)


def _take_up(folder, plan, frame=None, *, test=None, resume=True, start_over=False):
    data = {"train": corpus_from_frame(toy() if frame is None else frame, source="a.csv")}
    if test is not None:
        data["test"] = corpus_from_frame(test, source="b.csv")
    with RunFolder(folder, resume=resume, start_over=start_over) as taken:
        return taken.identify(plan, data)


def test_the_same_plan_and_data_go_on(tmp_path):
    one = _take_up(tmp_path / "run", _plan())
    again = _take_up(tmp_path / "run", _plan(n_jobs=2, time_budget=5.0, show_progress=True, log_level="debug"))
    assert again == one
    assert (one.earlier_trials("pay"), one.notes) == ((), ())


def test_a_folder_whose_name_is_no_utf_8_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(RunError, match="bytes that are no UTF-8; choose another out"):
        _take_up(tmp_path / "run\udcff", _plan())
    assert list(tmp_path.iterdir()) == []


def _changed(row, theme):
    frame = toy()
    frame.loc[row, "Themes"] = theme
    return frame


def test_another_text_encoder_is_refused_and_the_same_elsewhere_is_not(tmp_path, corpus):
    tables, models = {"train": corpus}, {"sentence": "0f" * 32}
    with RunFolder(tmp_path / "run", resume=True, start_over=False) as taken:
        one = taken.identify(_plan(encoder="models/minilm"), tables, models)
        assert taken.identify(_plan(encoder="/moved/minilm"), tables, models) == one
        with pytest.raises(RunError, match=r"models was \{'sentence': '0f0f.* and is now \{'sentence': 'ffff"):
            taken.identify(_plan(encoder="models/minilm"), tables, {"sentence": "ff" * 32})
        with pytest.raises(RunError, match=r"models was .* and is now None"):
            taken.identify(_plan(), tables)


@pytest.mark.parametrize(
    ("plan", "frame", "told"),
    [
        ({"seed": 1}, None, "seed was 0 and is now 1"),
        ({"seed": np.int64(7)}, None, "seed was 0 and is now 7"),
        ({"n_folds": 4, "seed": 2}, None, r"seed was 0 and is now 2; |n_folds was 3 and is now 4"),
        (
            {"objective": FBeta()},
            None,
            r"objective was \{'class': 'PrecisionFirst', .* and is now \{'class': 'FBeta', ",
        ),
        ({"objective": PrecisionFirst(0.8)}, None, "'target': 0.9, .* and is now .*'target': 0.8"),
        ({"overrides": {"pay": {"patience": 9}}}, None, r"overrides was \{\} and is now \{'pay': \{'patience': 9\}\}"),
        (
            {"trials": 1},
            None,
            "trials was 2 and is now 1; a run can be given more trials, but not fewer. Give at least 2",
        ),
        (
            {},
            _changed(7, "pay, food"),
            r"a.csv is not the same \(90 rows and 3 themes before, 90 rows and 3 themes now; row 8",
        ),
        ({}, toy().iloc[:80], r"90 rows and 3 themes before, 80 rows and 3 themes now; row 81 is the first"),
        ({}, toy().iloc[::-1], "row 1 is the first that differs"),
    ],
)
def test_another_plan_or_table_is_refused_with_what_changed(tmp_path, plan, frame, told):
    _take_up(tmp_path / "run", _plan())
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(RunError, match=told) as caught:
        _take_up(tmp_path / "run", _plan(**plan), frame)
    assert str(tmp_path / "run") in str(caught.value)
    assert "choose another out, or discard it with start_over=True" in str(caught.value)
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_another_test_table_is_refused_too(tmp_path):
    _take_up(tmp_path / "run", _plan(), test=toy(30, seed=1))
    _take_up(tmp_path / "run", _plan(), test=toy(30, seed=1))
    with pytest.raises(RunError, match=r"b.csv is not the same \(30 rows"):
        _take_up(tmp_path / "run", _plan(), test=toy(30, seed=2))
    with pytest.raises(RunError, match="test was given and now is not"):
        _take_up(tmp_path / "run", _plan())


def test_trials_may_be_added_again_and_again(tmp_path):
    own = {"overrides": {"pay": {"trials": 5}}}
    _take_up(tmp_path / "run", _plan(**own))
    _take_up(tmp_path / "run", _plan(trials=4, **own))
    begun = _take_up(tmp_path / "run", _plan(trials=4, overrides={"pay": {"trials": 7}}))
    assert (begun.earlier_trials("food"), begun.earlier_trials("pay")) == ((2,), (5,))
    again = _take_up(tmp_path / "run", _plan(trials=4, overrides={"pay": {"trials": 7}}))
    assert again == begun
    with pytest.raises(RunError, match="trials of theme 'pay' was 7 and is now 6"):
        _take_up(tmp_path / "run", _plan(trials=4, overrides={"pay": {"trials": 6}}))


def test_a_run_that_is_there_is_not_overwritten_by_accident(tmp_path):
    _take_up(tmp_path / "run", _plan(), resume=False)
    with pytest.raises(RunError, match=r"already holds a run; continue it with resume=True, choose"):
        _take_up(tmp_path / "run", _plan(), resume=False)


def test_to_start_over_throws_away_what_was_kept_but_not_what_is_not_ours(tmp_path):
    out = tmp_path / "run"
    first = _take_up(out, _plan())
    for name in ("warm_start.json", "log.jsonl", "studies.db", "notes of mine.txt"):
        (out / name).write_text("x")
    (out / "themes" / "pay" / "scores").mkdir(parents=True)
    (out / "themes" / "of mine.txt").write_text("x")
    begun = _take_up(out, _plan(seed=3), resume=False, start_over=True)
    assert (begun.name != first.name, begun.replaced) == (True, first.name)
    left = [".lock", ".workers", "notes of mine.txt", "rows.npz", "run.json", "themes"]
    assert sorted(path.name for path in out.iterdir()) == left
    assert [path.name for path in (out / "themes").iterdir()] == ["of mine.txt"]


@pytest.mark.parametrize("name", ["themes/precious.txt", "studies.db", "log.jsonl", "results.csv", "tagger.tagger"])
@pytest.mark.parametrize("resume", [True, False])
def test_a_folder_that_holds_something_else_is_not_touched(tmp_path, name, resume):
    path = tmp_path / "run" / name
    path.parent.mkdir(parents=True)
    path.write_text("precious")
    with pytest.raises(RunError, match=rf"run holds {name.split('/')[0]}, but no run.json to say of which run; choose"):
        _take_up(tmp_path / "run", _plan(), resume=resume)
    assert path.read_text() == "precious"


def _killed(*_):
    raise KeyboardInterrupt


def test_to_start_over_that_was_killed_is_gone_on_with(tmp_path, monkeypatch):
    out = tmp_path / "run"
    _take_up(out, _plan())
    (out / "studies.db").write_text("x")
    (out / "themes" / "pay" / "scores").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr("themetagger.runs.folder_contents.shutil.rmtree", _killed)
        with pytest.raises(KeyboardInterrupt):
            _take_up(out, _plan(seed=1), start_over=True, resume=False)
    _take_up(out, _plan(seed=1), resume=False)
    assert sorted(path.name for path in out.iterdir()) == [".lock", ".workers", "rows.npz", "run.json"]


def test_a_copied_folder_is_another_run(tmp_path):
    first = _take_up(tmp_path / "run", _plan())
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    copied = _take_up(tmp_path / "copy", _plan())
    assert copied.name not in ("", first.name)
    assert _take_up(tmp_path / "copy", _plan()).name == copied.name
    assert _take_up(tmp_path / "run", _plan()).name == first.name


def test_what_a_killed_write_left_is_swept_away(tmp_path):
    _take_up(tmp_path / "run", _plan())
    (tmp_path / "run" / f".{'0a' * 16}.tmp").write_text("half")
    (tmp_path / "run" / ".mine.tmp").write_text("mine")
    _take_up(tmp_path / "run", _plan())
    assert [path.name for path in (tmp_path / "run").glob(".*.tmp")] == [".mine.tmp"]


def test_trials_of_a_theme_may_be_added_where_it_had_no_settings_of_its_own(tmp_path):
    _take_up(tmp_path / "run", _plan())
    begun = _take_up(tmp_path / "run", _plan(overrides={"pay": {"trials": 6, "theme_time_budget": 9.0}}))
    assert (begun.earlier_trials("pay"), begun.earlier_trials("food")) == ((2,), ())


def test_groups_are_part_of_the_data(tmp_path):
    corpus = corpus_from_frame(toy())
    with RunFolder(tmp_path / "run", resume=True, start_over=False) as taken:
        taken.identify(_plan(), {"train": corpus})
        with pytest.raises(RunError, match="DataFrame is not the same"):
            taken.identify(_plan(), {"train": replace(corpus, groups=corpus.groups // 2)})


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (b"{", "run.json is damaged"),
        (b"[]", "run.json is damaged"),
        (b'{"format": 1}', r"run.json is damaged \(name is missing\)"),
        (b'{"format": 99}', "written by a newer version of themetagger; update this one"),
        (b"\xff", "run.json is damaged"),
        (b'{"format": 1, "name": "", "plan": {}, "allowed": [], "data": {}, "versions": {}}', "allowed must be a list"),
        (
            b'{"format": 1, "name": "", "plan": [], "allowed": [1], "data": {}, "versions": {}}',
            "plan must be an object",
        ),
        (b'{"format": 1, "name": "", "plan": {}, "allowed": [1], "data": {}, "versions": {}}', "is damaged"),
    ],
)
def test_a_damaged_record_of_the_run_is_refused(tmp_path, about, told):
    _take_up(tmp_path / "run", _plan())
    (tmp_path / "run" / "run.json").write_bytes(about)
    with pytest.raises(RunError, match=told):
        _take_up(tmp_path / "run", _plan())


def test_other_versions_of_libraries_are_told(tmp_path):
    _take_up(tmp_path / "run", _plan())
    path = tmp_path / "run" / "run.json"
    about = json.loads(path.read_bytes())
    about["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(about))
    (note,) = _take_up(tmp_path / "run", _plan()).notes
    assert note.startswith("This run was begun with numpy 1.0 (now ")


def test_a_claim_in_use_is_refused_and_a_stale_one_is_not(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").touch()
    with (
        RunFolder(tmp_path / "run", resume=True, start_over=False),
        pytest.raises(RunError, match="another run is using it"),
    ):
        RunFolder(tmp_path / "run", resume=True, start_over=False).__enter__()
    (tmp_path / "run" / ".lock").write_text("process 1 on a machine that has burnt down")
    with RunFolder(tmp_path / "run", resume=True, start_over=False):
        pass


def test_workers_of_a_killed_run_are_waited_for(tmp_path, monkeypatch):
    from themetagger._utils.files import hold

    monkeypatch.setattr("themetagger.runs.run_folder.PATIENCE", 0.2)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".workers").touch()
    with open(tmp_path / "run" / ".workers", "rb") as worker:
        assert hold(worker, shared=True)
        with pytest.raises(RunError, match="worker processes of a run that was killed are still running; end them"):
            RunFolder(tmp_path / "run", resume=True, start_over=False).__enter__()
    with RunFolder(tmp_path / "run", resume=True, start_over=False):
        pass


@pytest.mark.parametrize("place", ["/dev/null/run", "/proc/run"])
def test_a_folder_that_cannot_be_written_is_told(place):
    if not Path(place).parent.exists():
        place = "/dev/null/run"
    with pytest.raises(RunError, match=r"the run folder .* cannot be written \(.*\); choose another out"):
        RunFolder(place, resume=True, start_over=False).__enter__()


def test_a_run_of_a_version_without_static_vectors_goes_on_without_them(tmp_path):
    encoders, data = {"static": object(), "sentence": object()}, {"train": corpus_from_frame(toy())}
    with RunFolder(tmp_path / "run", resume=True, start_over=False) as new:
        assert new.usable(encoders) == encoders
        assert WITHOUT_VECTORS not in new.identify(_plan(), data).notes
    with RunFolder(tmp_path / "run", resume=True, start_over=False) as same:
        assert same.usable(encoders) == encoders
        assert WITHOUT_VECTORS not in same.identify(_plan(), data).notes
    path = tmp_path / "run" / "run.json"
    later = ("space", "sha256", "checksums")
    path.write_text(
        json.dumps({name: value for name, value in json.loads(path.read_text()).items() if name not in later})
    )
    for _ in range(2):  # also when it is gone on with again
        with RunFolder(tmp_path / "run", resume=True, start_over=False) as older:
            assert list(older.usable(encoders)) == ["sentence"]
            assert WITHOUT_VECTORS in older.identify(_plan(), data).notes
    with RunFolder(tmp_path / "run", resume=False, start_over=True) as anew:
        assert anew.usable(encoders) == encoders
