"""Two runs side by side: a gain beyond luck is told, luck is not, and what cannot be compared is not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from click.testing import CliRunner
from toys import SMALL, toy

from themetagger.cli import main
from themetagger.corpus import Corpus
from themetagger.runs.past_run import open_run
from themetagger.runs.review.comparison import compare
from themetagger.runs.tune import tune
from themetagger.selection.evidence import Evidence
from themetagger.selection.operating_points import operating_points

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    frame = toy(150)
    frame.to_csv(folder / "train.csv", index=False)
    noisy = frame.assign(**{"Processed Text": [" ".join(text.split()[:4]) for text in frame["Processed Text"]]})
    noisy.to_csv(folder / "noisy.csv", index=False)
    tune(folder / "train.csv", out=folder / "one", **SMALL)
    tune(folder / "train.csv", out=folder / "again", **SMALL)
    tune(folder / "noisy.csv", out=folder / "noisy", **SMALL)
    return folder


def _compared(folder, one, other):
    return compare(open_run(folder / one), open_run(folder / other))


def test_a_run_gains_nothing_against_itself(runs):
    table = _compared(runs, "one", "again")
    assert table["theme"].tolist() == open_run(runs / "one").results["theme"].tolist()
    assert (table[["gain", "gain_low", "gain_high"]] == 0).all().all()
    assert set(table["verdict"]) == {"no clear difference"}


def _run(scores, truth, groups=None):
    """A run of which only what is compared is there."""
    folds, groups = np.arange(len(truth)) % 5, np.arange(len(truth)) // 2 if groups is None else groups
    evidence = Evidence(truth, (scores,), 0, folds, groups, 1)
    reached = operating_points(truth, scores).average_precision
    row = {"theme": "pay", "status": "BEST_EFFORT", "family": "ridge", "average_precision": reached}
    table = pd.DataFrame([row | {"precision": 0.5, "recall": 0.5}])
    corpus = SimpleNamespace(texts=("a",))
    return SimpleNamespace(results=table, corpus=corpus, evidence=lambda theme: evidence, test=None)


@pytest.mark.parametrize(("shift", "verdict"), [(2.0, "better"), (0.0, "no clear difference")])
def test_a_gain_beyond_luck_has_the_sign_of_the_better_run(shift, verdict):
    draw = np.random.default_rng(0)
    truth = (draw.random(400) < 0.2).astype(np.uint8)
    noise = draw.normal(size=400)
    one, other = _run(noise + truth, truth), _run(noise + draw.normal(size=400) * 0.1 + (1 + shift) * truth, truth)
    (forth,), (back,) = compare(one, other).itertuples(), compare(other, one).itertuples()
    assert forth.verdict == verdict
    assert back.verdict == {"better": "worse"}.get(verdict, verdict)
    assert (forth.gain, forth.gain_low, forth.gain_high) == pytest.approx((-back.gain, -back.gain_high, -back.gain_low))
    assert forth.gain_low <= forth.gain <= forth.gain_high


def test_copies_of_a_text_are_drawn_together():
    """Four copies of each text are no more evidence than one: the interval is as wide, not half as wide."""
    draw = np.random.default_rng(0)
    truth, noise, more = (draw.random(300) < 0.2).astype(np.uint8), draw.normal(size=300), draw.normal(size=300)

    def width(times, groups):
        y, a, b = (np.repeat(values, times) for values in (truth, noise, more))
        (row,) = compare(_run(a + 2 * y, y, groups), _run(b + 2 * y, y, groups)).itertuples()
        return row.gain_high - row.gain_low

    once, together = width(1, np.arange(300)), width(4, np.repeat(np.arange(300), 4))
    assert together == pytest.approx(once, rel=0.25)
    assert width(4, np.arange(1200)) < 0.7 * once


def _tested(run, texts, truth, scores):
    """The run, tuned on other texts, with held-out ones."""
    test = Corpus(texts, sp.csc_array(truth[:, np.newaxis]), ("pay",), np.arange(len(texts)), "later.csv")
    known = dict(zip(texts, scores, strict=True))
    tagger = SimpleNamespace(
        themes=["pay"], decision_function=lambda asked: np.array([[known.get(text, 0.0)] for text in asked])
    )
    return SimpleNamespace(**vars(run) | {"test": test, "tagger": tagger})


def test_where_labels_of_train_changed_the_same_held_out_texts_are_compared():
    draw = np.random.default_rng(0)
    truth, noise = (draw.random(300) < 0.2).astype(np.uint8), draw.normal(size=300)
    other_truth = truth.copy()
    other_truth[:5] = 1 - other_truth[:5]  # labels of train that were corrected
    texts = tuple(map(str, range(300)))
    one = _tested(_run(noise, truth), texts, truth, noise)
    other = _tested(_run(noise + other_truth, other_truth), texts, truth, noise + 3 * truth)
    (row,) = compare(one, other).itertuples()
    assert (row.compared_on, row.verdict) == ("held-out texts", "better")
    expected = [operating_points(truth, scores).average_precision for scores in (noise, noise + 3 * truth)]
    assert row.gain == pytest.approx(expected[1] - expected[0])
    (row,) = compare(one, one).itertuples()
    assert row.compared_on == "training texts"


def test_of_held_out_texts_those_that_both_held_out_are_compared_and_the_table_says_how_many():
    """Runs of a table whose labels were corrected hold out other rows of it."""
    draw = np.random.default_rng(0)
    truth, noise = (draw.random(300) < 0.2).astype(np.uint8), draw.normal(size=300)
    texts, rows, others = tuple(map(str, range(300))), np.arange(200), np.arange(299, 99, -1)
    better = noise + 3 * truth
    one = _tested(_run(noise, truth), texts[:200], truth[rows], noise[rows])
    other = _tested(_run(noise, 1 - truth), tuple(texts[row] for row in others), truth[others], better[others])
    (row,) = compare(one, other).itertuples()
    assert (row.compared_on, row.texts_compared, row.verdict) == ("shared held-out texts", 100, "better")
    shared = slice(100, 200)
    expected = [operating_points(truth[shared], scores[shared]).average_precision for scores in (noise, better)]
    assert row.gain == pytest.approx(expected[1] - expected[0])
    apart = _tested(_run(noise, 1 - truth), tuple(f"{text}x" for text in texts), truth, noise)
    few = _tested(_run(noise, 1 - truth), texts, np.eye(1, 300, dtype=np.uint8)[0], noise)
    for run in (apart, few, _tested(_run(noise, 1 - truth), texts, 1 - truth, noise)):
        (row,) = compare(one, run).itertuples()
        assert (row.compared_on, row.texts_compared, row.verdict) == ("", 0, "not comparable")


def test_a_share_that_was_held_out_of_a_table_that_has_changed_is_not_guessed(tmp_path):
    frame = toy(150)
    frame.to_csv(tmp_path / "train.csv", index=False)
    tune(tmp_path / "train.csv", out=tmp_path / "run", hold_out=0.2, **SMALL)
    assert open_run(tmp_path / "run").test is not None
    frame.iloc[::-1].to_csv(tmp_path / "train.csv", index=False)
    assert open_run(tmp_path / "run").test is None


def test_other_texts_are_not_compared_by_luck(runs):
    table = _compared(runs, "one", "noisy")
    assert set(table["verdict"]) == {"not comparable"}
    assert table["gain"].notna().all()


def test_the_command_prints_and_writes(runs, tmp_path):
    words = ["compare", str(runs / "again"), str(runs / "one"), "--out", str(tmp_path / "gains.csv")]
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 0
    assert "3 themes: " in ended.stdout
    assert (tmp_path / "gains.csv").read_text().count("\n") == 4
    ended = CliRunner().invoke(main, ["compare", str(runs / "one"), str(tmp_path)])
    assert (ended.exit_code, "has no results.csv" in ended.stderr) == (2, True)
