"""Ridge of all themes at once gives the scores of one fit each, and a penalty that the themes choose together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from themetagger.models.families.first_trials import PLATEAU
from themetagger.search import ridge, warm_start
from themetagger.search.companion import COMPANION_C, COMPANION_WEIGHTS, Companion, blend_weight
from themetagger.search.cross_validation import out_of_fold_scores
from themetagger.search.one_vs_rest import search_themes
from themetagger.search.ridge import RidgeGrid, fold_scores
from themetagger.search.settings import StudySettings
from themetagger.search.space import Configuration, companion_configuration
from themetagger.search.study import theme_seed
from themetagger.search.warm_start import best_for_all, best_per_theme, values
from themetagger.search.workers.shared_data import SharedData, Task
from themetagger.selection.objectives import PrecisionFirst


@pytest.mark.slow
@pytest.mark.parametrize("k", [0, 3])
def test_scores_are_those_of_one_fit_a_theme_and_penalty(corpus, features, k):
    Y = corpus.labels.toarray().astype(np.uint8)
    found = fold_scores(features, PLATEAU, Y, k)
    fold = features.fold(PLATEAU, k)
    assert found.shape == (len(RidgeGrid().alphas), len(fold.valid_rows), Y.shape[1])
    for i, alpha in enumerate(RidgeGrid().alphas):
        for j in range(Y.shape[1]):
            single = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-10).fit(fold.train, 2.0 * Y[fold.train_rows, j] - 1)
            np.testing.assert_allclose(found[i, :, j], single.predict(fold.valid), atol=1e-6)


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ([[0.5, 0.5], [0.6, 0.6]], [1, 1]),
        ([[0.50, 0.50, 0.50, 0.52], [0.53, 0.53, 0.53, 0.50]], [1, 1, 1, 1]),  # a little of its own is not enough
        ([[0.50, 0.50, 0.50, 0.80], [0.53, 0.53, 0.53, 0.50]], [0, 0, 0, 0]),  # and a lot decides for all
        ([[0.51, 0.50, math.nan], [0.50, 0.53, 0.90]], [1, 1, 1]),  # of nan nothing is learned
        ([[math.nan], [math.nan]], [0]),
    ],
)
def test_a_penalty_is_advised_by_the_theme_and_its_company(values, chosen):
    assert best_per_theme(np.array(values)).tolist() == chosen


def test_the_order_of_themes_decides_nothing():
    draw = np.random.default_rng(0)
    values = draw.random((7, 30)).round(2)
    order = draw.permutation(30)
    assert (best_per_theme(values[:, order]) == best_per_theme(values)[order]).all()


def test_an_objective_that_cannot_tell_gives_nan():
    y, scores = np.array([1, 0]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert np.isnan(values(None, y, scores)).tolist() == [True, True]
    assert values(PrecisionFirst(), y, scores) == [1.0, 0.5]


@pytest.fixture
def begun(corpus, counts, folds):
    """The first ridge of each theme when all are searched with one trial, by settings."""

    def search(**settings):
        settings = {"objective": PrecisionFirst(), "families": ("ridge",), "trials": 1} | settings
        tasks = [Task(theme, corpus.column(theme), StudySettings(**settings)) for theme in corpus.themes]
        return [
            found.theme_result.params["alpha"]
            for found in search_themes(tasks, counts, folds, n_jobs=1, show_progress=False)
        ]

    return search


@pytest.mark.slow
def test_a_study_begins_with_the_advised_penalty(corpus, features, begun):
    Y = corpus.labels.toarray().astype(np.uint8)
    scores = np.empty((len(RidgeGrid().alphas), *Y.shape))
    for k in range(features.n_folds):
        scores[:, features.folds == k] = fold_scores(features, PLATEAU, Y, k)
    found = [values(PrecisionFirst(), Y[:, j], scores[:, :, j]) for j in range(Y.shape[1])]
    assert begun() == [RidgeGrid().alphas[a] for a in best_per_theme(np.transpose(found))]


@pytest.mark.slow
def test_a_study_begins_with_the_advised_companion(corpus, counts, folds, features):
    settings = {"objective": PrecisionFirst(), "families": ("ridge", "sparse_svm"), "trials": 1}
    tasks = [Task(theme, corpus.column(theme), StudySettings(**settings)) for theme in corpus.themes]
    found = search_themes(tasks, counts, folds, n_jobs=1, show_progress=False)
    judged = []
    for task, studied in zip(tasks, found, strict=True):
        seed = theme_seed(0, task.theme)
        main = Configuration("ridge", studied.theme_result.params, PLATEAU)
        ridge, _ = out_of_fold_scores(main, features, task.y, seed=seed)
        added = [
            out_of_fold_scores(companion_configuration(Companion(C, 0)), features, task.y, seed=seed)[0]
            for C in COMPANION_C
        ]
        together = np.array([ridge + blend_weight(ridge, one, COMPANION_WEIGHTS[0]) * one for one in added])
        judged.append(values(PrecisionFirst(), task.y, together))
    assert {studied.theme_result.feature_settings["sparse_svm.C"] for studied in found} == {
        COMPANION_C[best_for_all(np.transpose(judged))]
    }


@pytest.mark.slow
def test_some_themes_choose_the_companion_for_all(corpus, counts, folds, monkeypatch):
    asked = []

    def noted(j, task, rows, ridge, added, reporter):
        asked.append(task.theme)
        assert added.shape == (len(COMPANION_C), len(ridge))
        return j, [0.1, 0.1, 0.3, 0.2]

    monkeypatch.setattr(warm_start, "THEMES_FOR_C", 2)
    monkeypatch.setattr(warm_start, "_companion_values", noted)
    settings = {"objective": PrecisionFirst(), "families": ("ridge", "sparse_svm"), "trials": 1}
    tasks = [Task(theme, corpus.column(theme), StudySettings(**settings)) for theme in corpus.themes]
    found = search_themes(tasks, counts, folds, n_jobs=1, show_progress=False)
    assert asked == [corpus.themes[0], corpus.themes[-1]]
    assert [studied.theme_result.feature_settings["sparse_svm.C"] for studied in found] == [COMPANION_C[2]] * 4


@pytest.mark.parametrize("above", [0.0, 0.1, 1.0])
def test_products_of_rows_do_not_depend_on_which_terms_are_dense(features, above, monkeypatch):
    monkeypatch.setattr(ridge, "DENSE_ABOVE", above)
    fold = features.fold(PLATEAU, 0)
    for rows in (fold.train, fold.valid):
        expected = (rows @ fold.train.T).toarray()
        np.testing.assert_allclose(ridge._row_products(rows, fold.train), expected, rtol=1e-12, atol=1e-14)


def test_a_sampler_that_draws_at_random_is_not_best_per_theme(begun):
    assert not set(begun(sampler="random")) & set(RidgeGrid().alphas)


def test_of_many_rows_some_themes_and_folds_decide_for_all(monkeypatch, begun):
    monkeypatch.setattr("themetagger.search.warm_start.GRAM_ROWS", 20)
    monkeypatch.setattr("themetagger.search.warm_start.themes_that_decide", lambda rows: 2)
    alphas = begun()
    assert set(alphas) <= set(RidgeGrid().alphas)
    assert len(set(alphas[1:-1])) == 1  # the themes between the first and the last begin alike


@pytest.mark.parametrize(("gram_rows", "deciding", "for_C"), [(20, 2, 1), (10_000, 4, 20)])
def test_fewer_themes_decide_where_there_are_many_rows(monkeypatch, corpus, counts, folds, gram_rows, deciding, for_C):
    monkeypatch.setattr(warm_start, "GRAM_ROWS", gram_rows)
    monkeypatch.setattr(warm_start, "themes_that_decide", lambda rows: 2)
    tasks = [Task(name, corpus.column("pay"), StudySettings(PrecisionFirst())) for name in "abcd"]
    panel = warm_start._panel_of(tasks, SharedData(counts, folds, corpus.groups))
    assert (len(panel.tasks), panel.themes_for_C) == (deciding, for_C)


def test_conjugate_gradients_and_factors_give_the_same_scores(monkeypatch, corpus, features):
    Y = corpus.labels.toarray().astype(np.uint8)
    exact = fold_scores(features, PLATEAU, Y, 0)
    monkeypatch.setattr("themetagger.search.ridge.GRAM_ROWS", 1)
    monkeypatch.setattr("themetagger.search.shifted_cg.TOLERANCE", 1e-5)
    np.testing.assert_allclose(fold_scores(features, PLATEAU, Y, 0), exact, atol=2e-4)


def test_a_study_short_of_time_has_no_warm_start(begun):
    assert begun(most_rows=30) == [1.0] * 4


def test_texts_without_a_term_are_left_to_the_themes(corpus, counts, folds):
    empty = {name: replace(found, matrix=found.matrix * 0) for name, found in counts.items()}
    for found in empty.values():
        found.matrix.eliminate_zeros()
    tasks = [Task("pay", corpus.column("pay"), StudySettings(PrecisionFirst(), ("ridge",), trials=1))]
    (found,) = search_themes(tasks, empty, folds, n_jobs=1, show_progress=False)
    assert (found.theme_result.status, found.theme_result.reason[:46]) == (
        "FAILED",
        "every trial failed: no term occurs in at least",
    )
