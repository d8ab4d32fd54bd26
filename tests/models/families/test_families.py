"""One contract for every registered family: its arrays score as its library does, and a seed decides."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import SVC

from themetagger.models.families import FAMILIES, Family, fit, fit_estimator
from themetagger.models.families.kernel import KernelMachine
from themetagger.models.scorers import Scorer, TreeScorer, scores

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
every_pick = pytest.mark.parametrize("pick", ["low", "high"])
TREE_FAMILIES = [family for family in FAMILIES.values() if family.reduces]
SPARSE_FAMILIES = [family for family in FAMILIES.values() if not family.reduces]
WEIGHTED_FAMILIES = [family for family in FAMILIES.values() if "bayes" not in family.name]


@dataclass
class FixedTrial:
    """Answers with one end of every range, and remembers what it was asked."""

    pick: str
    asked: dict[str, Any] = field(default_factory=dict)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        assert 0 < low < high
        return float(self._answer(name, [low, high]))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        assert 0 < low < high
        return int(self._answer(name, [low, high]))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return self._answer(name, choices)

    def _answer(self, name: str, answers: Sequence[Any]) -> Any:
        assert name not in self.asked
        self.asked[name] = answers[0 if self.pick == "low" else -1]
        return self.asked[name]


def _rows(family: Family, *, n: int = 240, n_features: int = 60, seed: int = 0) -> Any:
    """Rows of unit length with many zeros, as tf-idf gives them, in the form that the family takes."""
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((n, n_features)) < 0.15, rng.random((n, n_features)), 0.0)
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    rounded = dense.astype(np.float32)
    return rounded if family.reduces else sparse.csr_array(rounded.astype(np.float64))


def _theme(X: Any) -> Any:
    """A rare theme that a few columns carry, not without exceptions."""
    noise = np.random.default_rng(1).normal(0, 0.05, X.shape[0])
    signal = np.asarray(X[:, [0, 1, 2]].sum(axis=1)).ravel() + noise
    return (signal > np.quantile(signal, 0.75)).astype(int)


def _params(family: Family, pick: str) -> dict[str, Any]:
    return family.space(FixedTrial(pick))


def _own_decision(estimator: Any, X: Any) -> Any:
    """What the library itself says: margin, log-odds, or share of votes."""
    if hasattr(estimator, "decision_function"):
        return estimator.decision_function(X)
    if hasattr(estimator, "booster_"):
        return estimator.booster_.predict(X, raw_score=True)
    if hasattr(estimator, "get_booster"):
        return estimator.predict(X, output_margin=True)
    if hasattr(estimator, "predict_joint_log_proba"):
        return np.diff(estimator.predict_joint_log_proba(X), axis=1).ravel()
    return estimator.predict_proba(X)[:, 1]


def _assert_equal_arrays(one: Scorer, other: Scorer) -> None:
    assert type(one) is type(other)
    for part in fields(one):
        a, b = getattr(one, part.name), getattr(other, part.name)
        if sparse.issparse(a):
            a, b = a.toarray(), b.toarray()
        np.testing.assert_array_equal(a, b)


def test_families_run_from_simple_to_complex() -> None:
    levels = [family.level for family in FAMILIES.values()]
    assert levels == sorted(levels)
    assert list(FAMILIES) == [family.name for family in FAMILIES.values()]


@pytest.mark.slow
@every_family
@every_pick
def test_a_scorer_scores_as_its_library_does(family: Family, pick: str) -> None:
    X, new = _rows(family), _rows(family, n=90, seed=5)
    estimator = fit_estimator(family, _params(family, pick), X, _theme(X), seed=3)
    scorer = family.as_scorer(estimator)
    scorer.check(X.shape[1])
    for rows in (X, new):
        np.testing.assert_allclose(scores(scorer, rows), _own_decision(estimator, rows), rtol=1e-5, atol=1e-6)


@every_family
def test_a_scorer_ranks_the_theme_above_the_rest(family: Family) -> None:
    X = _rows(family)
    y = _theme(X)
    found = scores(fit(family, _params(family, "low"), X, y, seed=0), X)
    assert found[y == 1].mean() > found[y == 0].mean()


@every_family
@every_pick
def test_parameters_carry_the_family_name_in_a_study_and_drop_it_in_params(family: Family, pick: str) -> None:
    trial = FixedTrial(pick)
    params = family.space(trial)
    prefix, keys = f"{family.name}.", [name.partition(".")[2] for name in trial.asked]
    assert all(name.startswith(prefix) for name in trial.asked)
    assert {key: params[key] for key in keys} == dict(zip(keys, trial.asked.values(), strict=True))


@every_family
def test_one_seed_gives_the_same_arrays(family: Family) -> None:
    X = _rows(family)
    y, params = _theme(X), _params(family, "low")
    _assert_equal_arrays(fit(family, params, X, y, seed=7), fit(family, params, X, y, seed=7))


@pytest.mark.parametrize("name", ["random_forest", "adaboost", "lightgbm", "xgboost"])
def test_another_seed_gives_other_scores(name: str) -> None:
    family = FAMILIES[name]
    X = _rows(family)
    y, params = _theme(X), _params(family, "low")
    one, other = (scores(fit(family, params, X, y, seed=seed), X) for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("family", WEIGHTED_FAMILIES, ids=lambda f: f.name)
def test_balanced_class_weights_change_the_model(family: Family) -> None:
    X = _rows(family)
    y, params = _theme(X), _params(family, "low")  # a model that fits each row exactly ignores weights
    assert params["class_weight"] is None
    plain = fit(family, params, X, y, seed=0)
    balanced = fit(family, {**params, "class_weight": "balanced"}, X, y, seed=0)
    assert not np.allclose(scores(plain, X), scores(balanced, X))


@every_family
def test_rows_that_are_all_alike_score_alike(family: Family) -> None:
    found = scores(fit(family, _params(family, "low"), *_all_alike(), seed=0), _all_alike()[0])
    assert np.isfinite(found).all()
    assert np.ptp(found) < 1e-9


def test_adaboost_says_so_when_no_stump_beats_guessing() -> None:
    balanced = {**_params(FAMILIES["adaboost"], "low"), "class_weight": "balanced"}
    with pytest.raises(ValueError, match="worse than random"):
        fit(FAMILIES["adaboost"], balanced, *_all_alike(), seed=0)


def _all_alike() -> tuple[Any, Any]:
    return np.full((40, 3), 0.5, dtype=np.float32), np.arange(40) % 4 == 0


@every_family
@pytest.mark.parametrize("y", [np.zeros(240), np.ones(240), np.arange(240) % 3])
def test_a_theme_needs_texts_with_and_without_it(family: Family, y: Any) -> None:
    with pytest.raises(ValueError, match=r"y must hold both 0 and 1, but holds \["):
        fit(family, _params(family, "low"), _rows(family), y, seed=0)


@pytest.mark.parametrize("family", TREE_FAMILIES, ids=lambda f: f.name)
def test_values_on_a_threshold_go_the_way_they_go_in_the_library(family: Family) -> None:
    X = _rows(family).round(2)  # few distinct values, so that many rows meet on one
    estimator = fit_estimator(family, _params(family, "high"), X, _theme(X), seed=0)
    scorer = family.as_scorer(estimator)
    assert isinstance(scorer, TreeScorer)
    on = np.random.default_rng(0).choice(scorer.threshold[scorer.feature >= 0], size=(300, X.shape[1]))
    for rows in (on, np.nextafter(on, np.float32(np.inf)), np.nextafter(on, np.float32(-np.inf))):
        np.testing.assert_allclose(scores(scorer, rows), _own_decision(estimator, rows), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", TREE_FAMILIES, ids=lambda f: f.name)
def test_zeros_and_signs_are_values_like_any_other(family: Family) -> None:
    X = _rows(family)
    X[:, 3] -= 0.2  # reduced features have both signs
    y = (X[:, 3] > -0.1).astype(int) | _theme(X)
    estimator = fit_estimator(family, _params(family, "high"), X, y, seed=0)
    around_zero = np.tile(np.array([[0.0], [-0.0], [1e-36], [-1e-36], [1e-30]], dtype=np.float32), X.shape[1])
    found, expected = scores(family.as_scorer(estimator), around_zero), _own_decision(estimator, around_zero)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", TREE_FAMILIES, ids=lambda f: f.name)
def test_sparse_rows_fit_as_dense_ones(family: Family) -> None:
    X = _rows(family)
    y, params = _theme(X), _params(family, "low")
    from_sparse = fit(family, params, sparse.csr_array(X), y, seed=0)
    _assert_equal_arrays(fit(family, params, X, y, seed=0), from_sparse)


@pytest.mark.parametrize("family", SPARSE_FAMILIES, ids=lambda f: f.name)
def test_wide_indices_fit_as_narrow_ones(family: Family) -> None:
    X = _rows(family)
    wide = X.copy()
    wide.indices, wide.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    y, params = _theme(X), _params(family, "low")
    _assert_equal_arrays(fit(family, params, X, y, seed=0), fit(family, params, wide, y, seed=0))


def test_the_complement_rule_without_norm_ranks_as_the_multinomial_one() -> None:
    complement, multinomial = FAMILIES["naive_bayes_complement"], FAMILIES["naive_bayes_multinomial"]
    X = _rows(complement)
    y = _theme(X)
    one = scores(fit(complement, {"alpha": 0.1, "norm": False}, X, y, seed=0), X)
    other = scores(fit(multinomial, {"alpha": 0.1}, X, y, seed=0), X)
    np.testing.assert_allclose(one - one.mean(), other - other.mean(), atol=1e-9)


def test_the_kernel_machine_is_the_rbf_machine_of_libsvm() -> None:
    X = _rows(FAMILIES["kernel_svm"])
    y, settings = _theme(X), {"C": 3.0, "gamma": 0.7, "tol": 1e-6}
    ours = KernelMachine(**settings).fit(X, y).decision_function(X)
    np.testing.assert_allclose(ours, SVC(kernel="rbf", **settings).fit(X, y).decision_function(X), atol=1e-4)


@pytest.mark.slow
def test_a_boosting_library_is_imported_only_when_its_model_is_built() -> None:
    code = "import sys, themetagger.models.families; print({'lightgbm', 'xgboost'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "set()"
