"""Folds and hold-outs: groups whole, themes spread, seeds obeyed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from themetagger.corpus import Corpus, corpus_from_frame, hold_out, make_folds


def _labels(n: int, themes: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random((n, themes)) < np.geomspace(0.3, 0.02, themes)).astype(np.uint8)


def _union(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    return np.array([labels[groups == group].any(axis=0) for group in np.unique(groups)])


def _corpus(n: int = 200) -> Corpus:
    labels = _labels(n, 6)
    texts = [f"text {row // 2} alone" for row in range(n)]  # each text twice
    themes = [[f"theme {column}" for column in np.flatnonzero(row)] for row in labels]
    return corpus_from_frame(pd.DataFrame({"Processed Text": texts, "Themes": themes}))


@pytest.mark.parametrize("seed", range(4))
def test_no_group_straddles_a_fold_and_every_fold_has_rows(seed: int) -> None:
    groups = np.random.default_rng(seed).integers(0, 80, size=300)
    folds = make_folds(sp.csc_array(_labels(300, 10, seed=seed)), groups, seed=seed)
    assert folds.shape == (300,)
    assert set(folds) == set(range(5))
    assert all(len(set(folds[groups == group])) == 1 for group in np.unique(groups))


@pytest.mark.parametrize("seed", range(4))
def test_every_theme_with_enough_groups_of_positives_is_in_every_fold(seed: int) -> None:
    groups = np.random.default_rng(seed).integers(0, 250, size=300)
    labels = _labels(300, 20, seed=seed)
    folds = make_folds(labels, groups, seed=seed)
    spread = np.array([labels[folds == fold].any(axis=0) for fold in range(5)]).all(axis=0)
    enough = _union(labels, groups).sum(axis=0) >= 8
    assert enough.sum() >= 10
    assert spread[enough].all()


def test_folds_keep_the_share_of_each_theme() -> None:
    labels = _labels(1000, 8)
    folds = make_folds(labels, np.arange(1000))
    counts = np.array([labels[folds == fold].sum(axis=0) for fold in range(5)])
    assert np.ptp(counts, axis=0).max() <= 3
    assert np.ptp(np.bincount(folds)) <= 10


def test_a_seed_gives_its_folds_and_another_seed_others() -> None:
    labels, groups = _labels(200, 5), np.arange(200)
    np.testing.assert_array_equal(make_folds(labels, groups, seed=3), make_folds(labels, groups, seed=3))
    assert (make_folds(labels, groups, seed=3) != make_folds(labels, groups, seed=4)).any()


def test_a_sorted_file_is_dealt_like_any_other() -> None:
    labels = np.repeat([[1], [0]], [50, 150], axis=0)
    folds = make_folds(labels, np.arange(200))
    assert np.bincount(folds[:50]).tolist() == [10] * 5
    assert len(set(folds[:20])) > 2


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros((30, 0), dtype=np.uint8),
        np.zeros((30, 2), dtype=np.uint8),
        np.ones((30, 1), dtype=np.uint8),
        np.eye(30, dtype=np.uint8),
        _labels(30, 400),
    ],
    ids=["no themes", "no positives", "in all rows", "one row each", "hundreds"],
)
def test_odd_themes_still_give_even_folds(labels: np.ndarray) -> None:
    folds = make_folds(labels, np.arange(30), n_folds=3)
    assert np.bincount(folds, minlength=3).min() >= 5


@pytest.mark.parametrize("n", [2, 3, 5])
def test_as_many_groups_as_folds_is_enough(n: int) -> None:
    assert sorted(make_folds(np.ones((n, 1)), np.arange(n), n_folds=n)) == list(range(n))


@pytest.mark.parametrize(
    ("labels", "groups", "n_folds", "pattern"),
    [
        (
            np.ones((6, 1)),
            np.array([0, 0, 1, 1, 2, 2]),
            5,
            "3 groups of texts cannot make 5 parts; lower n_folds",
        ),
        (np.ones((6, 1)), np.arange(6), 1, "n_folds must be at least 2, but got 1"),
        (np.ones((5, 1)), np.arange(6), 2, "labels have 5 rows and groups 6"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(
    labels: np.ndarray, groups: np.ndarray, n_folds: int, pattern: str
) -> None:
    with pytest.raises(ValueError, match=pattern):
        make_folds(labels, groups, n_folds=n_folds)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_a_hold_out_is_a_share_of_every_theme_and_shares_no_group(share: float) -> None:
    corpus = _corpus()
    train, held = hold_out(corpus, share=share)
    assert len(train) + len(held) == len(corpus)
    assert not set(train.groups) & set(held.groups)
    assert len(held) == pytest.approx(share * len(corpus), abs=4)
    assert train.themes == held.themes == corpus.themes
    np.testing.assert_allclose(held.support(), share * corpus.support(), atol=5)


def test_a_hold_out_obeys_its_seed_and_keeps_the_order() -> None:
    corpus = _corpus()
    assert hold_out(corpus, seed=1)[1].texts == hold_out(corpus, seed=1)[1].texts
    assert hold_out(corpus, seed=1)[1].texts != hold_out(corpus, seed=2)[1].texts
    assert (np.diff(hold_out(corpus)[1].groups) >= 0).all()


@pytest.mark.parametrize("share", [0, 1, -0.5])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share must lie between 0 and 1, but got"):
        hold_out(_corpus(), share=share)
