"""Runs the trials of one study: those on disk first, in their order, then new ones, each kept when it has ended.

What a trial draws depends on the seed, its number and the trials before it, and on nothing else; so a study that was
interrupted goes on as if it had not been.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import optuna
from optuna.distributions import distribution_to_json, json_to_distribution
from optuna.trial import FrozenTrial, TrialState

from themetagger._utils.faces import option
from themetagger._utils.json_shapes import whole
from themetagger.search.first_model import FirstModel
from themetagger.search.space import suggest
from themetagger.search.storage.trial_log import COMPLETE, FAIL, PRUNED, Record, TrialLog, TrialLogError, scores_digest
from themetagger.search.trial import Dropped, StudyState, TriedConfiguration

STARTUP = 6  # trials before the sampler models the space; the first ones are chosen, not drawn


class TrialRunner:
    """Runs the trials of a study, one after the other.

    Parameters
    ----------
    state : what a trial tries, and the best so far
    trial_log : where trials are kept
    sampler : "tpe", "random" or "grid"
    """

    def __init__(self, state: StudyState, trial_log: TrialLog, sampler: str) -> None:
        """Begin at the first trial."""
        optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # the table says which trials failed
        self.state, self.trial_log = state, trial_log
        self.sampler = sampler
        self._study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
        self._on_disk = list(trial_log.records)
        self.seconds = sum(record.ended - record.begun for record in self._on_disk)  # of those on disk
        self.records: list[Record] = []

    @property
    def at_end(self) -> bool:
        """Whether the next trial is a new one."""
        return len(self.records) >= len(self._on_disk)

    def of_level(self, level: int) -> list[Record]:
        """The trials of a level so far."""
        return [record for record in self.records if record.level == level]

    def begin(self, first: FirstModel) -> None:
        """Count the first model of the theme, which is not kept: a run that has more time goes on without it."""
        self.state.begin_with(first.configuration, first.scores, first.members)
        self.state.report_best()

    def run(self, families: Sequence[str], level: int, queued: dict[str, Any] | None) -> float | None:
        """The value of the next trial, ``queued`` parameters given; None where it was dropped or failed."""
        record = self._run(families, level, queued) if self.at_end else self._restore(families, level)
        self.records.append(record)
        self.state.report_best()
        return record.value

    def _restore(self, families: Sequence[str], level: int) -> Record:
        """Take a trial from the disk."""
        record = self._on_disk[len(self.records)]
        trial = frozen(record)
        self._study.add_trial(trial)
        if record.state == COMPLETE:
            scores = self.trial_log.scores(record)
            rows = whole()((record.summary or {}).get("most_rows", 0), "summary.most_rows")
            early, weight = record.early, record.blend_weight
            try:
                self.state.add_from_scores(
                    trial, families, level, scores, early=early, blend_weight=weight, most_rows=rows
                )
            except ValueError as error:
                raise self._of_another_search(record) from error
        else:
            self._refuse_unsearched(record, trial, families, level)
            self.state.add_unfinished(record.error)
        return record

    def _refuse_unsearched(self, record: Record, trial: FrozenTrial, families: Sequence[str], level: int) -> None:
        """TrialLogError where a trial that was not finished has parameters that this search does not ask for."""
        rows = (record.summary or {}).get("most_rows", self.state.most_rows)
        try:
            suggest(trial, families, level=level, options=replace(self.state.options, most_rows=rows))
        except ValueError as error:
            if record.state != FAIL:  # which may have failed while it was asked
                raise self._of_another_search(record) from error

    def _of_another_search(self, record: Record) -> TrialLogError:
        return TrialLogError(
            f"{self.trial_log.folder}: trial {record.number} was made by a version that searches among other models; "
            f"go on with that version, or begin anew by {option('start_over', True)}."
        )

    def _run(self, families: Sequence[str], level: int, queued: dict[str, Any] | None) -> Record:
        """Run a trial, and put it on the disk."""
        begun, number = time.time(), len(self.records)
        self._study.sampler = sampler_of(self.sampler, self.state.seed, number)
        if queued is not None:
            self._study.enqueue_trial(queued)
        trial = self._study.ask()
        tried, error, state, early = None, "", COMPLETE, math.nan
        with warnings.catch_warnings(record=True) as caught:
            try:
                tried = self.state.attempt(trial, families, level)
            except Dropped as dropped:
                state, early = PRUNED, dropped.early
            except (MemoryError, OSError):  # what the machine lacks says nothing about the trial
                raise
            except Exception as failure:
                error, state = str(failure) or type(failure).__name__, FAIL
        value = None if tried is None else float(tried.assessment.value)
        ended = self._study.tell(trial, value, TrialState[state])
        record = Record(
            number,
            state,
            value,
            ended.params,
            {name: json.loads(distribution_to_json(held)) for name, held in ended.distributions.items()},
            queued,
            level,
            begun,
            time.time(),
            error=error,
            warnings=[str(warning.message) for warning in caught],
            **({"early": early} if tried is None else _kept(tried)),
        )
        self.trial_log.add(record, None if tried is None else tried.scores)
        if tried is None:
            self.state.add_unfinished(error)
        else:
            self.state.add(tried)
        return record


def _kept(tried: TriedConfiguration) -> dict[str, Any]:
    """What a record remembers of a configuration that was tried on all folds."""
    summary: dict[str, Any] = {"family": tried.configuration.family, "view": tried.configuration.view.name}
    summary |= {} if tried.companion is None else tried.companion.settings()
    summary |= {"most_rows": tried.configuration.most_rows} if tried.configuration.most_rows else {}
    points = {"average_precision": float(tried.points.average_precision)}
    return {
        "early": float(tried.early),
        "blend_weight": float(tried.blend_weight),
        "scores": scores_digest(tried.scores),
        "summary": summary | points,
    }


def frozen(record: Record) -> FrozenTrial:
    """The trial of a record, as Optuna knows it."""
    queued = {} if record.queued is None else {"fixed_params": record.queued}
    summary = dict(record.summary or {}) | ({"error": record.error} if record.error else {})
    return FrozenTrial(
        number=record.number,
        trial_id=record.number,
        state=TrialState[record.state],
        value=record.value,
        datetime_start=datetime.fromtimestamp(record.begun),
        datetime_complete=datetime.fromtimestamp(record.ended),
        params=record.params,
        distributions={name: json_to_distribution(json.dumps(asked)) for name, asked in record.distributions.items()},
        user_attrs={"level": record.level, **summary},
        system_attrs=queued,
        intermediate_values={},
    )


def sampler_of(kind: str, seed: int, number: int) -> optuna.samplers.BaseSampler:
    """The sampler of one trial."""
    own = int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:4], "big")
    if kind != "tpe":
        return optuna.samplers.RandomSampler(seed=own)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # of group, there since Optuna 2.8
        # group: the space is conditional on the family, and each family has a model of its own
        return optuna.samplers.TPESampler(seed=own, multivariate=True, group=True, n_startup_trials=STARTUP)
