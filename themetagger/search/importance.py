"""Which settings of a study mattered: how much of the differences between trials each explains."""

from __future__ import annotations

import optuna
import pandas as pd

from themetagger.search.ledger import COMPLETE, Record
from themetagger.search.trials import frozen

LEAST = 6  # trials; fewer explain nothing
SEED = 0


def importances(records: list[Record]) -> pd.DataFrame:
    """The share of the variance between complete trials that each setting explains (fANOVA: Hutter and others 2014).

    Over all trials for the settings that all families have; and for each family of six trials or more, its own.

    Returns
    -------
    DataFrame: trials_of ("all families" or a family), setting, importance (they sum to 1 for each ``trials_of``),
    trials (how many it rests on). No row where there are fewer than six complete trials, or all are alike.

    Examples
    --------
    >>> importances([]).empty
    True
    """
    complete = [record for record in records if record.state == COMPLETE]
    families = sorted({str(record.params.get("family", "")) for record in complete})
    parts = {"all families": complete} if len(families) > 1 else {}
    parts |= {name: [r for r in complete if r.params.get("family", "") == name] for name in families if name}
    rows = [
        {"trials_of": name, "setting": setting, "importance": share, "trials": len(part)}
        for name, part in parts.items()
        for setting, share in _explained(part).items()
    ]
    return pd.DataFrame(rows, columns=["trials_of", "setting", "importance", "trials"])


def _explained(records: list[Record]) -> dict[str, float]:
    values = {record.value for record in records}
    if len(records) < LEAST or len(values) < 2:
        return {}
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=SEED))
    study.add_trials([frozen(record) for record in records])
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=SEED)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items() if share > 0}
