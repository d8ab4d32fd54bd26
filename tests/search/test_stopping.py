"""A study stops when patience or time is at its end, and not before."""

from __future__ import annotations

import math

import optuna
import pytest

from themetagger.search.stopping import Deadline, Patience

FAILED, PRUNED = "failed", "pruned"


def _run(outcomes, callback):
    """Trials until the callback stops the study."""

    def objective(trial):
        outcome = outcomes[trial.number]
        if outcome == PRUNED:
            raise optuna.TrialPruned
        if outcome == FAILED:
            raise ValueError(outcome)
        return outcome

    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=len(outcomes), callbacks=[callback], catch=(ValueError,))
    return len(study.trials)


@pytest.mark.parametrize(
    ("outcomes", "patience", "trials"),
    [
        ([1, 2, 3, 4], 1, 4),
        ([1, 1, 1, 1], 1, 2),
        ([1, 1, 1, 1], 2, 3),
        ([3, 1, 2, 3, 4], 3, 4),
        ([1, 0, 2, 0, 3, 0, 0, 0], 2, 7),
        ([1, PRUNED, PRUNED, 2], 2, 3),
        ([FAILED, FAILED, FAILED], 2, 2),
        ([FAILED, -5.0, FAILED, FAILED, 1], 2, 4),
        ([1, 0, 0], 3, 3),
    ],
)
def test_patience_ends_after_that_many_trials_without_a_better_one(outcomes, patience, trials):
    callback = Patience(patience)
    assert _run(outcomes, callback) == trials
    assert callback.over == (callback.waited >= patience)


def test_a_value_that_is_better_by_less_than_the_margin_is_waited_through():
    assert _run([1.0, 1.1, 1.2, 1.3], Patience(2, margin=0.15)) == 4
    assert _run([1.0, 1.1, 1.1, 1.3], Patience(2, margin=0.15)) == 3


@pytest.mark.parametrize(("at", "trials", "passed"), [(0.0, 1, True), (math.inf, 3, False)])
def test_a_deadline_ends_a_study_after_the_trial_in_which_it_passes(at, trials, passed):
    callback = Deadline(at)
    assert (_run([1, 2, 3], callback), callback.passed) == (trials, passed)
