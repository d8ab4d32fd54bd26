"""Whether enough tags are right, from judgements that come one by one: an exact test, valid whenever one looks.

Of N tags, K are right, and they are judged in random order without replacement. For each number K that the claim allows
the likelihood of the judgements, divided by that of the largest K that it forbids, is a non-negative martingale, and
so is any mixture of them; where K is smaller still, it is a supermartingale, since the ratio grows with the number of
right tags. By Ville's inequality it ever reaches 1 / (1 - confidence) with a chance of at most 1 - confidence, however
often one looks and whenever one stops (Ville 1939; Robbins 1970; for sampling without replacement Waudby-Smith and
Ramdas, NeurIPS 2020). That enough tags are wrong is tested in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, log
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Verdict = Literal["shown", "refuted", "open"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

# Alternatives of the mixture, as multiples of the share of wrong tags that is still allowed, and their weights. Of
# forty mixtures (points and Beta densities) these took the fewest judgements at a true precision of .95 to .99 while
# one of .92 or .93 is shown in the end too.
FEWER_WRONG, WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.7), (2.0, 2.0, 2.0, 2.0, 1.0)
MORE_WRONG = (1.3, 1.7, 2.5, 4.0)
HORIZON = 500  # judgements ahead that a forecast looks
PATHS = 300
EXPECTED, WORTH = 0.95, 5.0  # precision that a forecast expects before the first judgement, and how many those count


@dataclass(frozen=True)
class Forecast:
    """How many more judgements will be needed: the quarter and three-quarter points of what is likely.

    Attributes
    ----------
    low, high : numbers of judgements; ``high`` is infinite where more than `HORIZON` are likely
    """

    low: float
    high: float


@dataclass(frozen=True)
class SpotTest:
    """The test of one claim: of ``size`` tags at least a share of ``target`` is right.

    Parameters
    ----------
    size : number of tags, N, that judgements are drawn from without replacement
    target : share that is to be right, between 0 and 1, default 0.9
    confidence : of either verdict, between 0.5 and 1, default 0.95

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Examples
    --------
    >>> test = SpotTest(5_000)
    >>> test.verdict([True] * 37), test.verdict([True] * 38), test.verdict([False] * 4)
    ('open', 'shown', 'refuted')
    >>> SpotTest(10).verdict([True] * 8 + [False] * 2)  # all of them are judged: it is no longer a matter of chance
    'refuted'
    """

    size: int
    target: float = 0.9
    confidence: float = 0.95
    _bar: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.size < 1:
            raise ValueError(f"size must be 1 or more, but is {self.size}.")
        check_levels(self.target, self.confidence)
        object.__setattr__(self, "_bar", -log(1 - self.confidence))

    @cached_property
    def needed(self) -> int:
        """How many tags must be right, so that the claim is true."""
        return ceil(round(self.target * self.size, 6))

    def verdict(self, right: Sequence[bool]) -> Verdict:
        """What judgements in the order in which tags were drawn have shown, at their end or at any time before."""
        n_right, n_wrong = _counts(right)
        if len(n_right) == self.size:
            return "shown" if n_right[-1] >= self.needed else "refuted"
        if self._shown(self.needed, n_right, n_wrong):
            return "shown"
        return "refuted" if self._refuted(self.needed, n_right, n_wrong) else "open"

    def bounds(self, right: Sequence[bool]) -> tuple[float, float]:
        """The share of right tags is at least the first and at most the second, each at the confidence.

        The least of them reaches the target exactly where the verdict is "shown".

        >>> low, high = SpotTest(5_000).bounds([True] * 38)
        >>> round(low, 2), high
        (0.9, 1.0)
        """
        n_right, n_wrong = _counts(right)
        if not 0 < len(n_right) < self.size:
            return (0.0, 1.0) if not len(n_right) else (float(n_right[-1] / self.size),) * 2
        low = _last(lambda needed: self._shown(needed, n_right, n_wrong), self.size)
        refuted = _last(lambda k: self._refuted(self.size + 1 - k, n_right, n_wrong), self.size)
        if self._shown(self.needed, n_right, n_wrong):
            low = max(low, self.needed)
        else:
            low = min(low, self.needed - 1)
        return low / self.size, (self.size - refuted) / self.size

    def forecast(self, right: Sequence[bool], *, seed: int = 0) -> Forecast:
        """How many more judgements it will take until the claim is shown or refuted, if they go on as they did."""
        done, wrong = len(right), int(np.sum(~np.asarray(right, dtype=bool)))
        ahead = min(HORIZON, self.size - done)
        if ahead <= 0 or self.verdict(right) != "open":
            return Forecast(0, 0)
        rng = np.random.default_rng(seed)
        precision = rng.beta(done - wrong + EXPECTED * WORTH, wrong + (1 - EXPECTED) * WORTH, PATHS)
        paths = wrong + (rng.random((PATHS, ahead)) >= precision[:, None]).cumsum(axis=1)
        most, least = self.limits(done + ahead)
        ended = (paths <= most[done + 1 :]) | (paths >= least[done + 1 :])
        ended[:, -1] |= ahead < HORIZON  # all tags have been judged then
        steps = np.where(ended.any(axis=1), ended.argmax(axis=1) + 1.0, np.inf)
        low, high = np.quantile(steps, [0.25, 0.75], method="inverted_cdf")
        return Forecast(min(float(low), HORIZON), float(high))

    def limits(self, judged: int) -> tuple[Ints, Ints]:
        """For 0 to ``judged`` judgements the most wrong ones that show the claim, and the fewest that refute it.

        Two int64 (judged + 1,); -1 where not even none would show it, judged + 1 where not even all would refute it.
        """
        n = np.arange(judged + 1)
        shown, refuted = np.full(judged + 1, -1), np.full(judged + 1, judged + 1)
        for wrong in range(judged + 1):
            passed = n >= wrong
            shows = np.zeros(judged + 1, dtype=bool)
            shows[passed] = self._evidence(self.needed, n[passed] - wrong, np.full(passed.sum(), wrong)) >= self._bar
            shown[shows] = wrong
            if not shows.any():
                break
        for right in range(judged + 1):
            passed = n >= right
            refutes = np.zeros(judged + 1, dtype=bool)
            counts = np.full(passed.sum(), right), n[passed] - right
            refutes[passed] = self._counter_evidence(self.needed, *counts) >= self._bar
            refuted[refutes] = n[refutes] - right
            if not refutes.any():
                break
        return shown, refuted

    def _shown(self, needed: int, right: Ints, wrong: Ints) -> bool:
        """Whether fewer right tags than needed have been refuted at any time."""
        if needed < 1 or needed > self.size:
            return needed < 1
        return bool(np.any(self._evidence(needed, right, wrong) >= self._bar))

    def _refuted(self, needed: int, right: Ints, wrong: Ints) -> bool:
        """Whether so many right tags have been refuted at any time."""
        if needed < 1 or needed > self.size:
            return needed > self.size
        return bool(np.any(self._counter_evidence(needed, right, wrong) >= self._bar))

    def _evidence(self, needed: int, right: Ints, wrong: Ints) -> Floats:
        """Log of the martingale against one right tag fewer than needed, for each count of judgements."""
        allowed = self.size - needed + 1  # wrong tags in the case to be refuted
        likely = [self.size - round(multiple * allowed) for multiple in FEWER_WRONG]
        return self._mixed(needed - 1, np.clip(likely, needed, self.size), WEIGHTS, right, wrong)

    def _counter_evidence(self, needed: int, right: Ints, wrong: Ints) -> Floats:
        """The same against as many right tags as needed."""
        likely = [self.size - round(multiple * (self.size - needed)) for multiple in MORE_WRONG]
        return self._mixed(needed, np.clip(likely, 0, needed - 1), [1.0] * len(likely), right, wrong)

    def _mixed(self, null: int, others: Ints, weights: Sequence[float], right: Ints, wrong: Ints) -> Floats:
        """Log of the mixed likelihood of the others, divided by that of the null."""
        logs = _log_likelihood(self.size, np.array([null, *others]), right, wrong)
        shares = np.log(np.array(weights) / sum(weights))
        with np.errstate(invalid="ignore"):  # impossible under all: no evidence
            mixed: Floats = np.logaddexp.reduce(logs[:, 1:] + shares, axis=1) - logs[:, 0]
        mixed[np.isnan(mixed)] = -np.inf
        return mixed


def check_levels(target: float, confidence: float) -> None:
    """A ValueError where a share or a confidence is out of its range."""
    if not 0 < target < 1:
        raise ValueError(f"{option('target')} must be between 0 and 1, but is {target}.")
    if not 0.5 <= confidence < 1:
        raise ValueError(f"{option('confidence')} must be at least 0.5 and below 1, but is {confidence}.")


def _counts(right: Sequence[bool]) -> tuple[Ints, Ints]:
    """How many were right and how many wrong after each judgement."""
    said = np.asarray(right, dtype=bool)
    return said.cumsum(), (~said).cumsum()


def _log_likelihood(size: int, right_in_all: Ints, right: Ints, wrong: Ints) -> Floats:
    """Log of K (K - 1) ... times (N - K) (N - K - 1) ..., for each count of judgements and each K; -inf if impossible.

    The chance of the judgements is this, divided by N (N - 1) ..., which is the same for every K.
    """
    from scipy.special import gammaln

    left_right = right_in_all - right[:, None]
    left_wrong = (size - right_in_all) - wrong[:, None]
    possible = (left_right >= 0) & (left_wrong >= 0)
    whole = gammaln(right_in_all + 1.0) + gammaln(size - right_in_all + 1.0)
    log_chance = whole - gammaln(np.maximum(left_right, 0) + 1.0) - gammaln(np.maximum(left_wrong, 0) + 1.0)
    return np.where(possible, log_chance, -np.inf)


def _last(holds: Callable[[int], bool], size: int) -> int:
    """The largest number from 0 to ``size`` for which something holds that holds for all below it."""
    low, high = 0, size
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
