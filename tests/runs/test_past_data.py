"""The texts of a past run: read and split again as they were, or missing with the reason."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from toys import SMALL, toy

from themetagger.corpus import TableError, corpus_from_frame
from themetagger.runs.errors import RunError
from themetagger.runs.past_run import open_run
from themetagger.runs.tune import tune
from themetagger.search.storage.split import Split
from themetagger.selection.guarantee import Promise

pytestmark = pytest.mark.usefixtures("no_page")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a table and its run, and the run."""
    folder = tmp_path_factory.mktemp("past")
    toy(150).to_csv(folder / "train.csv", index=False)
    return folder, tune(folder / "train.csv", out=folder / "run", hold_out=0.2, **SMALL)


@pytest.mark.parametrize("kind", ["frame", "corpus"])
def test_the_table_may_be_passed(made, tmp_path, kind):
    folder, _ = made
    shutil.copytree(folder / "run", tmp_path / "run")
    frame = toy(150)
    past = open_run(tmp_path / "run", train=frame if kind == "frame" else corpus_from_frame(frame))
    assert past.evidence("pay") is not None


def test_without_its_table_a_run_still_opens_and_says_what_is_missing(made, tmp_path):
    folder, _ = made
    shutil.copytree(folder, tmp_path / "all")
    here = tmp_path / "all" / "run"
    about = (here / "run.json").read_text()
    (here / "run.json").write_text(about.replace(str(folder / "train.csv"), str(tmp_path / "gone.csv")))
    past = open_run(here)
    assert past.missing.endswith("gone.csv, no longer exists; give it by train.")
    with pytest.raises(RunError, match="no longer exists"):
        past.evidence("pay")
    toy(150, seed=1).to_csv(tmp_path / "gone.csv", index=False)
    assert "row 1 is the first that differs" in open_run(here).missing
    with pytest.raises(RunError, match=r"gone.csv is not the table .* row 1 is the first that differs. Give the table"):
        open_run(here, train=tmp_path / "gone.csv")
    (here / "split.npz").unlink()
    assert "older version" in open_run(here).missing


@pytest.mark.parametrize("name", ["split.npz", "rows.npz"])
def test_damaged_arrays_are_named(made, tmp_path, name):
    folder, _ = made
    shutil.copytree(folder / "run", tmp_path / "run")
    (tmp_path / "run" / name).write_bytes(b"nonsense")
    with pytest.raises(RunError, match=rf"{name} is damaged .*; tune again"):
        open_run(tmp_path / "run")


def test_a_table_that_became_something_else_is_only_missing(made, tmp_path):
    folder, _ = made
    shutil.copytree(folder, tmp_path / "all")
    here, other = tmp_path / "all" / "run", tmp_path / "other.csv"
    (here / "run.json").write_text((here / "run.json").read_text().replace(str(folder / "train.csv"), str(other)))
    other.write_text("name,amount\nann,3\n")
    assert "the table that it was tuned on has changed (" in open_run(here).missing
    with pytest.raises(TableError, match="Processed Text"):
        open_run(here, train=other)


@pytest.mark.slow
def test_rows_set_aside_are_left_out_again(tmp_path):
    toy(150).to_csv(tmp_path / "train.csv", index=False)
    promise = Promise(form="calibration")
    run = tune(tmp_path / "train.csv", out=tmp_path / "run", **SMALL | {"min_positives": 5, "promise": promise})
    past = open_run(tmp_path / "run")
    assert len(past.corpus) == len(run.evidence["pay"].truth) < 150
    assert np.array_equal(past.evidence("pay").truth, run.evidence["pay"].truth)


@pytest.mark.slow
def test_a_table_that_was_no_file_must_be_given(tmp_path):
    tune(toy(), out=tmp_path / "run", **SMALL)
    past = open_run(tmp_path / "run")
    assert past.missing.endswith("the table that it was tuned on was not a file; give it by train.")
    with pytest.raises(TableError, match=r"its table was not a file; save it to one, and give that as train"):
        past.cells()
    assert open_run(tmp_path / "run", train=toy()).evidence("pay") is not None


def test_a_split_of_other_texts_is_damaged(made, tmp_path):
    folder, _ = made
    shutil.copytree(folder / "run", tmp_path / "run")
    Split(np.zeros(3, dtype=np.int64)).save(tmp_path / "run" / "split.npz")
    with pytest.raises(RunError, match=r"split.npz is damaged \(3 folds of 1\d\d texts\); tune again"):
        open_run(tmp_path / "run")
