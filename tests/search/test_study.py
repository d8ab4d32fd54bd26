"""One theme's study: what it tries, when it ends, and what it hands over."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.features import EmptyVocabulary, FoldFeatures
from themetagger.models.families import FAMILIES
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search import trial as trying
from themetagger.search.companion import COMPANION_WEIGHTS, Companion, blend_weight
from themetagger.search.cross_validation import out_of_fold_scores
from themetagger.search.grid import grid_cells
from themetagger.search.levels import level_budgets
from themetagger.search.settings import SAMPLERS, StudySettings, WarmStart
from themetagger.search.space import Configuration, Options, companion_configuration, configuration_of
from themetagger.search.study import study_theme, theme_seed
from themetagger.selection.advice import effect_of_more_labels
from themetagger.selection.confusion import Confusion
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import FBeta, PrecisionFirst
from themetagger.selection.operating_points import operating_points

ALWAYS, NEVER = PrecisionFirst(target=0.0, recall_floor=0.0), PrecisionFirst(target=1.0, recall_floor=1.0)
CHEAP = ("naive_bayes_complement", "ridge")
LEVELS = (*CHEAP, "kernel_svm", "lightgbm")


@pytest.fixture
def tried(monkeypatch):
    """Every (proposal, fold) that is fitted, in order."""
    fitted, fit_fold = [], trying.fit_fold

    def noted(configuration, features, y, k, *, seed):
        fitted.append((configuration, k))
        return fit_fold(configuration, features, y, k, seed=seed)

    monkeypatch.setattr(trying, "fit_fold", noted)
    return fitted


def _study(corpus, features, theme="pay", **settings):
    call = {name: settings.pop(name) for name in ("deadline", "report") if name in settings}
    settings = {"objective": NEVER, "families": CHEAP, "trials": 4} | settings
    return study_theme(theme, corpus.column(theme), features, StudySettings(**settings), **call)


def _proposals(tried):
    return [configuration for configuration, k in tried if k == 0]


@given(st.sets(st.sampled_from(list(FAMILIES)), min_size=1), st.integers(1, 60))
def test_level_budgets_share_out_all_trials(families, trials):
    budgets = level_budgets(sorted(families), trials)
    assert sum(budgets.values()) == trials
    assert list(budgets) == sorted(budgets)
    assert min(budgets.values()) > 0
    assert set(budgets) <= {FAMILIES[name].level for name in families}


@pytest.mark.parametrize(
    ("families", "trials", "budgets"),
    [
        (("ridge",), 7, {1: 7}),
        (("ridge", "adaboost"), 8, {1: 6, 2: 2}),
        (("adaboost", "xgboost"), 5, {2: 3, 3: 2}),
        (LEVELS, 1, {1: 1}),
        (LEVELS, 2, {1: 2}),
        (LEVELS, 5, {1: 3, 2: 1, 3: 1}),
    ],
)
def test_simple_levels_get_most_trials(families, trials, budgets):
    assert level_budgets(families, trials) == budgets


def test_levels_are_tried_in_order_with_their_budgets(corpus, features, tried):
    theme_result = _study(corpus, features, families=LEVELS, trials=6, patience=6).theme_result
    levels = [FAMILIES[configuration.family].level for configuration in _proposals(tried)]
    assert levels == [1, 1, 1, 1, 2, 3]
    assert (theme_result.trials, theme_result.stopped, theme_result.budget_cut) == (6, "trials used up", False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objective", "stop_early", "trials", "stopped"),
    [(ALWAYS, True, 3, "target met"), (ALWAYS, False, 5, "trials used up"), (NEVER, True, 5, "trials used up")],
)
def test_a_theme_that_meets_the_target_is_spared_higher_levels(
    corpus, features, objective, stop_early, trials, stopped
):
    theme_result = _study(
        corpus, features, objective=objective, families=LEVELS, trials=5, stop_early=stop_early
    ).theme_result
    assert (theme_result.trials, theme_result.stopped) == (trials, stopped)


def test_a_level_ends_when_its_patience_does_and_the_next_begins(corpus, features, tried, monkeypatch):
    monkeypatch.setattr(trying, "fit_fold", _constant(trying.fit_fold))
    theme_result = _study(corpus, features, families=("ridge", "kernel_svm"), trials=40, patience=2).theme_result
    assert [FAMILIES[configuration.family].level for configuration in _proposals(tried)] == [1, 1, 1, 2]
    assert (theme_result.trials, theme_result.stopped) == (4, "patience")


def test_the_first_level_that_runs_has_all_the_patience(corpus, features, tried, monkeypatch):
    monkeypatch.setattr(trying, "fit_fold", _constant(trying.fit_fold))
    theme_result = _study(corpus, features, families=("kernel_svm", "lightgbm"), trials=40, patience=3).theme_result
    assert [FAMILIES[configuration.family].level for configuration in _proposals(tried)] == [2, 2, 2, 2, 3]
    assert (theme_result.trials, theme_result.stopped) == (5, "patience")


def _constant(fit_fold):
    """fit_fold whose scores are all the same, so that no trial is better than another."""

    def fit(configuration, features, y, k, *, seed):
        model, scores = fit_fold(configuration, features, y, k, seed=seed)
        return model, np.zeros_like(scores)

    return fit


def test_a_lagging_configuration_is_dropped_after_two_folds(corpus, features, tried, monkeypatch):
    noted = trying.fit_fold

    def worse_later(configuration, features, y, k, *, seed):
        model, scores = noted(configuration, features, y, k, seed=seed)
        return model, scores if len(tried) <= 4 else -scores

    monkeypatch.setattr(trying, "fit_fold", worse_later)
    theme_result = _study(corpus, features, families=("ridge",), trials=3, patience=5).theme_result
    assert [k for _, k in tried] == [0, 1, 2, 3, 0, 1, 0, 1]
    assert (theme_result.trials, theme_result.params) == (3, tried[0][0].params)


def test_after_the_deadline_only_the_trial_that_runs_is_finished(corpus, features):
    theme_result = _study(corpus, features, deadline=0.0, families=LEVELS).theme_result
    assert (theme_result.trials, theme_result.stopped, theme_result.budget_cut) == (1, "time budget", True)
    assert theme_result.assigned


@pytest.mark.parametrize(("deadline", "cut"), [(0.0, True), (float("inf"), False)])
def test_a_theme_below_the_minimum_quality_is_skipped_with_its_figure(corpus, features, deadline, cut):
    studied = _study(corpus, features, minimum_quality=1.0, deadline=deadline)
    assert studied.theme_result.status == "SKIPPED"
    assert studied.theme_result.reason.startswith("average precision 0.")
    assert studied.theme_result.reason.endswith("is below the minimum quality 1.00")
    assert (studied.members, studied.theme_result.support, studied.theme_result.budget_cut) == (
        (),
        corpus.column("pay").sum(),
        cut,
    )
    assert studied.theme_result.trials > 0


def test_a_theme_whose_every_trial_fails_says_why(features):
    studied = study_theme("all", np.ones(200, np.uint8), features, StudySettings(NEVER, CHEAP, trials=3))
    assert (studied.theme_result.status, studied.theme_result.trials, studied.theme_result.support) == (
        "FAILED",
        3,
        200,
    )
    assert studied.theme_result.reason.startswith("every trial failed: y must hold both 0 and 1")
    assert (studied.members, studied.evidence) == ((), None)


def test_one_failing_trial_costs_only_itself(corpus, features, tried, monkeypatch):
    noted = trying.fit_fold

    def fails_first(configuration, *rest, **keywords):
        found = noted(configuration, *rest, **keywords)
        if len(tried) == 1:
            raise ZeroDivisionError("no room")
        return found

    monkeypatch.setattr(trying, "fit_fold", fails_first)
    theme_result = _study(corpus, features, trials=3).theme_result
    assert theme_result.assigned
    assert theme_result.trials == 3


def test_a_family_is_left_out_where_it_has_too_many_rows(corpus, features, tried, monkeypatch):
    monkeypatch.setitem(FAMILIES, "kernel_svm", replace(FAMILIES["kernel_svm"], max_rows=100))
    assert _study(corpus, features, families=("ridge", "kernel_svm"), trials=3).theme_result.family == "ridge"
    assert {configuration.family for configuration in _proposals(tried)} == {"ridge"}
    none = _study(corpus, features, families=("kernel_svm",)).theme_result
    assert (none.status, none.stopped, none.trials) == ("FAILED", "no family fits these data", 0)


def test_the_winner_tells_what_its_scores_say(corpus, features):
    studied, y = _study(corpus, features, objective=FBeta()), corpus.column("pay")
    theme_result, flagged = studied.theme_result, studied.evidence.scores >= studied.theme_result.threshold
    table = [(flagged & (y == 1)).sum(), (flagged & (y == 0)).sum(), (~flagged & (y == 1)).sum()]
    assert theme_result.counts == Confusion(*map(int, table), int((~flagged & (y == 0)).sum()))
    assert (theme_result.support, theme_result.feature_settings["view"]) == (y.sum(), theme_result.view)
    assert theme_result.calibration[0] > 0
    assert {member.view.view for member in studied.members} == {theme_result.view}


@pytest.mark.slow
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_seed_gives_the_same_winner_and_another_seed_other_trials(corpus, features, tried, sampler):
    runs = []
    for seed in (0, 0, 1):
        tried.clear()
        studied = _study(corpus, features, sampler=sampler, trials=5, seed=seed)
        runs.append((_proposals(tried), replace(studied.theme_result, seconds=0.0), studied.evidence.scores))
    one, again, other = runs
    assert one[:2] == again[:2]
    assert (one[2] == again[2]).all()
    assert (one[0] == other[0]) == (sampler == "grid")  # a grid draws nothing


def test_a_grid_tries_its_cells(corpus, features, tried):
    _study(corpus, features, sampler="grid", families=("ridge",), trials=3)
    cells = grid_cells(["ridge"], level=1, options=Options(), trials=3)
    assert [configuration.params["alpha"] for configuration in _proposals(tried)] == [
        cell["ridge.alpha"] for cell in cells
    ]
    assert len({repr(configuration) for configuration in _proposals(tried)}) == 3


@pytest.mark.slow
def test_a_theme_does_not_depend_on_the_themes_that_were_studied_before(corpus, features, counts, folds):
    settings = {"families": (*CHEAP, "kernel_svm"), "trials": 4}
    alone = _study(corpus, FoldFeatures(counts, folds), **settings)
    shared = FoldFeatures(counts, folds, cache_bytes=1)
    for theme in ("food", "workload"):
        _study(corpus, shared, theme=theme, **settings)
    together = _study(corpus, shared, **settings)
    assert replace(alone.theme_result, seconds=0.0) == replace(together.theme_result, seconds=0.0)
    assert (alone.evidence.scores == together.evidence.scores).all()


def test_the_seed_of_a_theme_depends_on_seed_and_name():
    seeds = [theme_seed(seed, theme) for seed in (0, 1) for theme in ("pay", "food", "")]
    assert len(set(seeds)) == 6
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_the_best_so_far_is_reported(corpus, features):
    reports = []
    theme_result = _study(corpus, features, report=lambda *figures: reports.append(figures)).theme_result
    trial, family, precision, recall = reports[-1]
    assert (trial <= theme_result.trials, family) == (True, theme_result.family)
    assert (precision, recall) == (theme_result.counts.precision, theme_result.counts.recall)


def test_a_companion_is_added_with_the_factor_that_its_spread_asks_for(corpus, features):
    y, companion = corpus.column("pay"), Companion(C=0.2, weight=0.5)
    studied = _study(corpus, features, families=("ridge", "sparse_svm"), trials=1, start=WarmStart(alpha=0.8, C=0.2))
    main = Configuration("ridge", {"alpha": 0.8, "class_weight": None}, PLATEAU)
    (scores, _), (added, _) = (
        out_of_fold_scores(one, features, y, seed=theme_seed(0, "pay"))
        for one in (main, companion_configuration(companion))
    )
    factor = blend_weight(scores, added, COMPANION_WEIGHTS[0])
    assert studied.theme_result.family == "ridge + sparse_svm"
    kept = configuration_of(*(getattr(studied.theme_result, name) for name in ("family", "params", "feature_settings")))
    assert kept == replace(main, companion=Companion(C=0.2, weight=COMPANION_WEIGHTS[0]))
    assert studied.theme_result.feature_settings["sparse_svm.C"] == 0.2
    assert [member.weight for member in studied.members] == [1.0, factor]
    np.testing.assert_array_equal(studied.evidence.scores, scores + factor * added)


def test_a_companion_without_a_word_is_left_out(corpus, features, monkeypatch):
    found = trying.out_of_fold_scores

    def nothing(configuration, *rest, **keywords):
        if configuration.family == "sparse_svm":
            raise EmptyVocabulary("no term")
        return found(configuration, *rest, **keywords)

    monkeypatch.setattr(trying, "out_of_fold_scores", nothing)
    studied = _study(corpus, features, families=("ridge", "sparse_svm"), trials=1)
    assert (studied.theme_result.family, len(studied.members)) == ("ridge", 1)


def test_the_companion_stands_alone_where_it_is_the_only_family(corpus, features):
    studied = _study(corpus, features, families=("sparse_svm",), trials=2)
    assert (studied.theme_result.family, len(studied.members)) == ("sparse_svm", 1)


def test_failed_trials_are_told_beside_why_the_search_ended(corpus, features, monkeypatch):
    fit_fold = trying.fit_fold

    def fails_for_ridge(configuration, *rest, **keywords):
        if configuration.family == "ridge":
            raise RuntimeError("no room")
        return fit_fold(configuration, *rest, **keywords)

    monkeypatch.setattr(trying, "fit_fold", fails_for_ridge)
    assert _study(corpus, features, trials=3).theme_result.stopped.endswith("of 3 trials failed: no room")


def test_what_is_certified_stands_in_the_winner(corpus, features):
    y = corpus.column("pay")
    easy = _study(corpus, features, families=["ridge"], trials=2, promise=Promise(0.6, 0.7, recall_floor=0.2))
    never = _study(corpus, features, families=["ridge"], trials=2, promise=Promise(0.999))
    points = operating_points(y, easy.evidence.scores)
    cut = int(np.searchsorted(points.flagged, easy.theme_result.certified_flagged))
    assert easy.theme_result.certified_threshold == points.thresholds[cut]
    assert easy.theme_result.certified_hits == points.tp[cut] >= 0.6 * points.flagged[cut]
    assert not never.theme_result.certified
    assert math.isinf(never.theme_result.certified_threshold)
    assert (easy.theme_result.status, never.theme_result.status) == ("CERTIFIED", "BEST_EFFORT")
    assert "not certified: precision (0.339 after correction) is below the 0.999 promised" in never.theme_result.reason
    assert effect_of_more_labels(never.theme_result.label_gain) in never.theme_result.reason
    assert math.isnan(easy.theme_result.label_gain)


def test_a_certified_cut_is_deployed_where_the_objective_asks_for_precision(corpus, features):
    promise, settings = Promise(0.6, 0.7, recall_floor=0.2), {"families": ["ridge"], "trials": 2}
    precise = _study(corpus, features, objective=PrecisionFirst(), promise=promise, **settings).theme_result
    balanced = _study(corpus, features, objective=FBeta(), promise=promise, **settings).theme_result
    assert (precise.status, balanced.status) == ("CERTIFIED", "BEST_EFFORT")
    assert "another threshold is certified: of the " in balanced.reason
    assert balanced.certified
    assert precise.threshold == precise.certified_threshold
    assert precise.counts.predictions == precise.certified_flagged
    assert precise.precision_bound >= 0.6
    points = operating_points(
        corpus.column("pay"), _study(corpus, features, objective=FBeta(), **settings).evidence.scores
    )
    assert balanced.threshold == points.thresholds[FBeta().choose(points)] != balanced.certified_threshold


def test_the_promise_is_that_of_the_objective_unless_another_is_given(corpus, features):
    easy = PrecisionFirst(target=0.5, recall_floor=0.2)
    assert _study(corpus, features, objective=easy).theme_result.certified_target == 0.5
    assert _study(corpus, features, objective=easy, promise=Promise(0.55, 0.8)).theme_result.certified_target == 0.55


@pytest.mark.parametrize(("promise", "trials"), [(Promise(0.5, 0.7, recall_floor=0.2), 3), (Promise(0.999), 5)])
def test_a_certified_theme_is_spared_higher_levels_where_that_is_asked_for(corpus, features, promise, trials):
    settings = {"objective": NEVER, "promise": promise, "families": LEVELS, "trials": 5}
    theme_result = _study(corpus, features, stop_early="certified", **settings).theme_result
    assert theme_result.trials == trials
    assert (theme_result.stopped == "certified") == theme_result.certified == (trials == 3)


def test_the_study_leaves_certifying_on_rows_set_aside_to_others(corpus, features):
    promise = Promise(0.5, 0.7, recall_floor=0.2, form="calibration")
    theme_result = _study(corpus, features, objective=PrecisionFirst(), promise=promise).theme_result
    assert (theme_result.status, "certified" in theme_result.reason) == ("BEST_EFFORT", False)
