"""A learning curve's rows are what the same fits say by hand, on labels that grow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import optuna
import pytest

from themetagger.models.ensemble import member_scores
from themetagger.models.families import FAMILIES
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search import learning_curve as module
from themetagger.search.companion import Companion, blend_weight
from themetagger.search.cross_validation import fit_fold
from themetagger.search.learning_curve import SHARES, Subject, curve_of, fitted_parts, nested_rows
from themetagger.search.settings import StudySettings
from themetagger.search.space import Configuration, companion_configuration, configuration_of
from themetagger.search.study import study_theme, theme_seed
from themetagger.selection.learning_curve import COLUMNS
from themetagger.selection.objectives import PrecisionFirst, promise_of
from themetagger.selection.operating_points import operating_points

RIDGE = Configuration("ridge", {"alpha": 1.0, "class_weight": None}, PLATEAU)
BOTH = Configuration("ridge", {"alpha": 100.0, "class_weight": None}, PLATEAU, companion=Companion(0.1, 0.35))
OBJECTIVE = PrecisionFirst()


def subject(y, configuration=RIDGE, seed=5):
    return Subject("pay", y, configuration, OBJECTIVE, promise_of(OBJECTIVE), seed)


def made(one, features, groups, shares=SHARES):
    parts = [fitted_parts(one, features, groups, k, shares) for k in range(features.n_folds)]
    return parts, curve_of(one, parts, features.folds, groups, shares)


@pytest.fixture(scope="module")
def y(corpus):
    return corpus.column("pay")


@pytest.fixture(scope="module")
def groups(corpus):
    return np.arange(len(corpus))


@pytest.mark.parametrize("seed", range(3))
def test_labelled_rows_grow_in_whole_groups_and_in_proportion(seed):
    draw = np.random.default_rng(seed)
    target, groups = (draw.random(400) < 0.2).astype(np.uint8), draw.integers(0, 350, 400)
    drawn = nested_rows(target, groups, SHARES, seed=seed)
    assert np.array_equal(drawn[-1], np.arange(400))
    for fewer, more in pairwise(drawn):
        assert set(fewer) < set(more)
    with_theme = np.isin(groups, groups[target > 0])
    for share, rows in zip(SHARES, drawn, strict=True):
        assert len(np.intersect1d(groups[rows], np.delete(groups, rows))) == 0
        assert abs(with_theme[rows].sum() - share * with_theme.sum()) <= 8
        assert abs(len(rows) - share * 400) <= 8
    again = nested_rows(target, groups, SHARES, seed=seed)
    assert all(np.array_equal(one, other) for one, other in zip(drawn, again, strict=True))
    assert not np.array_equal(drawn[0], nested_rows(target, groups, SHARES, seed=seed + 9)[0])


def test_of_single_texts_exactly_the_share_is_labelled():
    target = (np.arange(400) % 5 == 0).astype(np.uint8)
    for share, rows in zip(SHARES, nested_rows(target, np.arange(400), SHARES, seed=0), strict=True):
        assert (len(rows), target[rows].sum()) == (400 * share, 80 * share)


def test_at_all_labels_it_is_what_the_study_found(corpus, features, y, groups):
    families = ("ridge", "sparse_svm")
    found = study_theme("pay", y, features, StudySettings(OBJECTIVE, families, trials=2, seed=3))
    theme_result = found.theme_result
    assert "sparse_svm" in theme_result.family
    one = subject(
        y,
        configuration_of(theme_result.family, theme_result.params, theme_result.feature_settings),
        theme_seed(3, "pay"),
    )
    _, curve = made(one, features, groups)
    last = curve.iloc[-1]
    assert last["average_precision"] == theme_result.average_precision
    assert last["precision"] == pytest.approx(
        theme_result.corrected_precision, abs=0.15
    )  # which has the choice taken out
    assert (last["labels"], last["positives"]) == (len(y), y.sum())
    assert list(curve.columns) == list(COLUMNS)


def test_a_row_is_what_the_same_fits_say_by_hand(features, y, groups):
    one, share = subject(y, BOTH), 0.5
    _, curve = made(one, features, groups, (0.25, share, 1.0))
    scores, taught, by_fold = np.empty((2, len(y))), [], []
    for k in range(features.n_folds):
        train = np.flatnonzero(features.folds != k)
        known = nested_rows(y[train], groups[train], (share,), seed=5 + k)[0]
        for i, configuration in enumerate((BOTH, companion_configuration(BOTH.companion))):
            model, scores[i, features.folds == k] = fit_fold(configuration, features, y, k, seed=5, known=known)
            taught.append((train[known], member_scores(model, features.fold(configuration.view, k).train_part(known))))
    factor = blend_weight(scores[0], scores[1], 0.35)
    total = scores[0] + factor * scores[1]
    points = operating_points(y, total)
    row = curve.iloc[1]
    assert row["average_precision"] == pytest.approx(points.average_precision, abs=1e-12)
    assert row["flagged"] == points.flagged[OBJECTIVE.choose(points)]
    trained = []
    for (rows, main), (_, added) in zip(taught[::2], taught[1::2], strict=True):
        trained.append(operating_points(y[rows], main + factor * added).average_precision)
    assert row["train_average_precision"] == pytest.approx(np.mean(trained), abs=1e-12)
    assert row["train_average_precision_sd"] == pytest.approx(np.std(trained, ddof=1), abs=1e-12)
    inside = [features.folds == k for k in range(features.n_folds)]
    by_fold = [operating_points(y[rows], total[rows]).average_precision for rows in inside]
    assert row["average_precision_sd"] == pytest.approx(np.std(by_fold, ddof=1), abs=1e-12)
    assert (row["labels"], row["positives"]) == (len(y) // 2, round(y.sum() / 2))


def test_precision_is_counted_on_texts_that_the_cut_did_not_see(features, groups):
    y = (np.random.default_rng(0).random(len(groups)) < 0.15).astype(np.uint8)  # nothing to learn
    _, curve = made(subject(y), features, groups, (1.0,))
    parts, _ = made(subject(y), features, groups, (1.0,))
    scores = np.empty(len(y))
    for k, (part,) in enumerate(parts):
        scores[features.folds == k] = part.valid[0]
    points = operating_points(y, scores)
    flattering = points.precision[OBJECTIVE.choose(points)]
    assert curve["precision"].iloc[0] < flattering
    assert curve["precision"].iloc[0] == pytest.approx(y.mean(), abs=0.05)
    assert curve["train_precision"].iloc[0] > 0.9  # ridge learns noise by heart


def test_a_doubling_is_the_mean_gain_of_the_folds_and_its_error(features, y, groups):
    parts, curve = made(subject(y), features, groups)
    assert curve["doubling"].isna().tolist() == [True, False, False, True, False]  # no 1/16, no 3/8
    inside = [features.folds == k for k in range(features.n_folds)]
    reached = [
        [operating_points(y[inside[k]], parts[k][i].valid[0]).average_precision for k in range(features.n_folds)]
        for i in (2, 4)
    ]
    gains = np.subtract(reached[1], reached[0])
    assert curve["doubling"].iloc[4] == pytest.approx(gains.mean())
    assert curve["doubling_error"].iloc[4] == pytest.approx(gains.std(ddof=1) / 2)  # of four folds


def test_a_share_that_cannot_be_fitted_is_empty_and_the_others_are_there(features, y, groups, monkeypatch):
    def picky(configuration, features, y, k, *, seed, known):
        if len(known) < 40 and k == 2:
            raise ValueError("too few")
        return fit_fold(configuration, features, y, k, seed=seed, known=known)

    monkeypatch.setattr(module, "fit_fold", picky)
    _, curve = made(subject(y), features, groups)
    assert curve["average_precision"].isna().tolist() == [True, True, False, False, False]
    assert curve["doubling"].notna().tolist() == [False, False, False, False, True]
    assert curve["labels"].tolist() == [25, 50, 100, 150, 200]


@pytest.mark.parametrize("error", [TypeError, KeyError, AttributeError, MemoryError])
def test_a_mistake_does_not_pass_for_too_few_labels(features, y, groups, monkeypatch, error):
    def broken(*given, **more):
        raise error("a mistake")

    monkeypatch.setattr(module, "fit_fold", broken)
    with pytest.raises(error, match="a mistake"):
        fitted_parts(subject(y), features, groups, 0, (1.0,))


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, FloatingPointError, np.linalg.LinAlgError])
def test_what_few_labels_raise_leaves_the_share_empty(features, y, groups, monkeypatch, error):
    def picky(*given, **more):
        raise error("too few")

    monkeypatch.setattr(module, "fit_fold", picky)
    assert fitted_parts(subject(y), features, groups, 0, (1.0,)) == [None]


@pytest.mark.parametrize("family", FAMILIES)
def test_of_every_family_a_handful_of_labels_ends_in_a_model_or_in_none(family, features, y, groups):
    drawn = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    one = subject(y, Configuration(family, FAMILIES[family].space(drawn), PLATEAU))
    for part in fitted_parts(one, features, groups, 0, (0.001, 0.02, 0.05)):
        assert part is None or np.isfinite(part.valid).all()


def test_many_rows_are_weighed_as_they_are_asked_for_and_give_the_same(features, y, groups, monkeypatch, counts, folds):
    from themetagger.features import FoldFeatures

    _, curve = made(subject(y, BOTH), features, groups)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 10)
    _, again = made(subject(y, BOTH), FoldFeatures(counts, folds), groups)
    assert curve.equals(again)
