"""Which settings of a study mattered: how much of the differences between trials each explains."""

from __future__ import annotations

import json
import math

import optuna
import pandas as pd

from themetagger.search.storage.trial_log import Record

MIN_TRIALS = 6  # fewer explain nothing
SEED = 0


def importances(records: list[Record]) -> pd.DataFrame:
    """The share of the variance between trials that each setting explains (fANOVA: Hutter and others 2014).

    What is explained is the average precision on the first folds, which dropped trials have too. Over all trials for
    the settings that all families have; and for each family of six trials or more, its own.

    Returns
    -------
    DataFrame: trials_of ("all families" or a family), setting, importance (they sum to 1 for each ``trials_of``),
    trials (how many it rests on). No row where there are fewer than six trials, or all are alike.

    Examples
    --------
    >>> importances([]).empty
    True
    """
    tried = [record for record in records if math.isfinite(record.early)]
    families = sorted({record.family for record in tried})
    parts = {"all families": tried} if len(families) > 1 else {}
    parts |= {name or "all": [r for r in tried if r.family == name] for name in families}
    rows = [
        {"trials_of": name, "setting": setting, "importance": share, "trials": len(part)}
        for name, part in parts.items()
        for setting, share in _explained(part).items()
    ]
    return pd.DataFrame(rows, columns=["trials_of", "setting", "importance", "trials"])


def _explained(records: list[Record]) -> dict[str, float]:
    if len(records) < MIN_TRIALS or len({record.early for record in records}) < 2:
        return {}
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=SEED))
    study.add_trials([_as_complete(record) for record in records])
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=SEED)
    shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in shares.items() if share > 0}


def _as_complete(record: Record) -> optuna.trial.FrozenTrial:
    """The trial of a record with what it reached on the first folds as its value."""
    distributions = {
        name: optuna.distributions.json_to_distribution(json.dumps(held)) for name, held in record.distributions.items()
    }
    return optuna.trial.create_trial(params=record.params, distributions=distributions, value=record.early)
