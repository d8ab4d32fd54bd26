"""What a run on a large table, or one with little time, leaves out, so that every label still counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from joblib import effective_n_jobs

from themetagger.corpus import Corpus
from themetagger.features import ANALYSERS
from themetagger.models.families import FAMILIES
from themetagger.runs.data import DataSplit
from themetagger.runs.plan import Plan

# Rows up to which all families are tried by default. Above, linear ones only: on 578 themes of seven sets others won 6,
# and their fits take most of the time.
MANY_ROWS = 5_000
# Characters of all texts above which families whose fits take long are not tried by default. On reuters21578, 9,603
# rows of 7.5 million characters, a fit of ridge takes 2 to 3 seconds, of a linear SVM as good .6; one fold, 39 themes,
# average precision .885 and .881, recall at precision .9 .735 and .739.
LONG_FITS = 4_000_000
SLOW_FAMILIES = ("ridge", "logistic")
SELDOM_BEST = ("naive_bayes_complement", "naive_bayes_multinomial")
# Characters of all texts up to which n-grams of characters are counted. Above, models see words and pairs of words, but
# all rows: on debtags, 11 million characters in 22,725 rows, 40 themes, average precision of ridge on one fold was .357
# with characters on 3,000 rows, .470 without on all, .482 with them on all, which takes seven times as long.
MANY_CHARACTERS = 8_000_000
# What a character of the texts costs in a theme's first trial, all folds and the companion, where there are
# ROWS_OF_MEASUREMENT or fewer; measured on 22,725 texts of 11 million characters, one core. Beyond, a character costs
# more: on 50,000 texts of 19 million a fit of a linear SVM took 2.7 times as long, of the companion 3.0 times.
SECONDS_A_CHARACTER = 4e-7
ROWS_OF_MEASUREMENT = 20_000
# Seconds of one core that the trials of all themes may take by that measure, where the user asks for no number of them.
# On debtags, 262 themes, the first trial of three was best for 150; all three together raised average precision out of
# fold by .005 on average, and took 1.6 times as long as the first.
SEARCH_SECONDS = 2_600
FEW_TRIALS = 5  # so many or fewer go to the families that win most themes
USUAL_TRIALS = 16
# What follows the last trial, for each theme and text: the bootstrap of its figures, in workers, and its part of the
# tagger and of its held-out figures, in one process.
SECONDS_A_RESULT, SECONDS_A_COLUMN = 4e-6, 1e-6
FIRST_TRIAL = 0.5  # share of a theme's time that its first trial may take


def usual_trials(texts: Sequence[str], n_themes: int) -> int:
    """Trials a theme on these texts where the user asks for no number.

    Examples
    --------
    >>> usual_trials(["good pay"] * 5_000, 40), usual_trials(["good pay " * 50] * 50_000, 150)
    (16, 1)
    """
    return min(USUAL_TRIALS, max(1, int(SEARCH_SECONDS / max(_first_trial(texts) * n_themes, 1.0))))


def _first_trial(texts: Sequence[str]) -> float:
    """What a theme's first trial takes on all rows of all folds, seconds of one core."""
    slower = max(1.0, math.sqrt(len(texts) / ROWS_OF_MEASUREMENT))
    return SECONDS_A_CHARACTER * sum(map(len, texts)) * slower


def with_trials(plan: Plan, train: Corpus) -> Plan:
    """The plan with a number of trials, where it leaves that open."""
    if plan.trials is not None:
        return plan
    return replace(plan, trials=usual_trials(train.texts, _n_studied(plan, train)))


def _n_studied(plan: Plan, train: Corpus) -> int:
    return int((train.support() >= plan.min_positives).sum())


def families_of(families: Sequence[str], texts: Sequence[str], trials: int) -> tuple[str, ...]:
    """The families that are tried on these texts: those that were asked for, or all that are worth their time.

    Examples
    --------
    >>> families_of(["ridge", "xgboost"], ["pay"] * 9_000, 16)
    ('ridge', 'xgboost')
    >>> families_of(list(FAMILIES), ["pay"] * 9_000, 2)
    ('ridge', 'logistic', 'linear_svm', 'sparse_svm')
    """
    if tuple(families) != tuple(FAMILIES):
        return tuple(families)
    slow = {name for name in families if FAMILIES[name].level > 1} if len(texts) > MANY_ROWS else set()
    slow |= set(SELDOM_BEST) if len(texts) > MANY_ROWS and trials <= FEW_TRIALS else set()
    slow |= set(SLOW_FAMILIES) if sum(map(len, texts)) > LONG_FITS else set()
    return tuple(name for name in families if name not in slow)


def sources_of_run(texts: Sequence[str], encoders: Iterable[str]) -> tuple[str, ...]:
    """Analysers and text encoders for these texts; no characters where the texts are very long together.

    Examples
    --------
    >>> sources_of_run(["good pay"], ["static"])
    ('word', 'char_wb', 'static')
    """
    many = sum(map(len, texts)) > MANY_CHARACTERS
    return (*(name for name in ANALYSERS if not (many and name == "char_wb")), *encoders)


def seconds_after_search(plan: Plan, data: DataSplit) -> float:
    """What the results of all themes, the tagger and its held-out figures take once no trial begins."""
    texts = len(data.train) + (0 if data.test is None else len(data.test))
    n_themes = _n_studied(plan, data.train)
    workers = min(int(effective_n_jobs(plan.n_jobs)), max(1, n_themes))
    return n_themes * texts * (SECONDS_A_RESULT / workers + SECONDS_A_COLUMN)


def first_trial_if_short(plan: Plan, texts: Sequence[str], n_themes: int, theme_time_budget: float) -> float:
    """What a theme's first trial takes, in seconds, where its share of the time is too short for that; else 0.

    0 wherever there is no time budget.
    """
    workers = min(effective_n_jobs(plan.n_jobs), max(1, n_themes))
    share = min(theme_time_budget, plan.time_budget * workers / max(1, n_themes))
    if math.isinf(share):
        return 0.0
    needed = _first_trial(texts)
    return 0.0 if needed <= FIRST_TRIAL * share else needed
