"""Two runs side by side, theme by theme: which is better, and by more than luck."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.corpus import Corpus
from themetagger.runs.past_run import PastRun
from themetagger.selection.operating_points import Ranking

SAMPLES = 200
LEAST = 5  # held-out texts with a theme; of fewer, a bootstrap says nothing
SHOWN = ("status", "family", "average_precision", "precision", "recall")
OUT_OF_FOLD, HELD_OUT, SHARED = "training texts", "held-out texts", "shared held-out texts"
Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.uint8]


def compare(one: PastRun, other: PastRun, *, samples: int = SAMPLES, seed: int = 0) -> pd.DataFrame:
    """What each theme gained from one run to the other.

    A gain in average precision has a 95 % interval where both runs ranked the same texts, whose labels are the same:
    the texts that both were tuned on (out of fold), or, where those or their labels differ, the held-out texts that
    both share: all of them, or those of each that the other held out too, where five have the theme. Both rankings are
    measured on the same bootstrap samples of the texts, copies of a text drawn together. Each interval is for itself:
    of twenty themes that gained nothing, one is expected to lie beyond its own by luck.

    Parameters
    ----------
    one, other : runs that are open, as `themetagger.runs.past_run.open_run` gives them
    samples, seed : of the bootstrap, default 200 and 0

    Returns
    -------
    DataFrame, a row for each theme of either run: theme; status, family, average_precision, precision and recall of
    each (``_one``, ``_other``), out of fold; gain, gain_low, gain_high (average precision of the other less that of the
    one, on the texts compared on); compared_on ("training texts", "held-out texts", "shared held-out texts", or empty);
    texts_compared (how many); verdict ("better",
    "worse", "no clear difference", "not comparable"). Where nothing can be compared, the gain is between figures of
    other texts, and its bounds are nan.

    Examples
    --------
    >>> compare(open_run("run"), open_run("run2"))[["theme", "gain", "verdict"]]  # doctest: +SKIP
    """
    themes = list(dict.fromkeys([*one.results["theme"], *other.results["theme"]]))
    pair = _Pair(one, other)
    rows = [_row(theme, pair, samples, seed) for theme in themes]
    named = [f"{name}_{which}" for name in SHOWN for which in ("one", "other")]
    return pd.DataFrame(
        rows, columns=["theme", *named, "gain", "gain_low", "gain_high", "compared_on", "texts_compared", "verdict"]
    )


@dataclass(frozen=True)
class _Ranked:
    """What two runs made of a theme on the same texts: where, truth and duplicate groups (n,), and two scores (n,)."""

    on: str
    truth: Truth
    groups: npt.NDArray[np.int64]
    scores: tuple[Floats, Floats]


@dataclass(frozen=True)
class _Pair:
    """Two runs, and the texts that they can be compared on."""

    one: PastRun
    other: PastRun

    @cached_property
    def _same_texts(self) -> bool:
        one, other = self.one.corpus, self.other.corpus
        return one is not None and other is not None and one.texts == other.texts

    @cached_property
    def _tests(self) -> tuple[Corpus, Corpus, str] | None:
        """The held-out texts that both share, from each in the same order, and what they are; None without any.

        A run that held out some of its rows holds out others once labels change. What only one held out, the other has
        learned from.
        """
        one, other = self.one.test, self.other.test
        if one is None or other is None or one.texts == other.texts:
            return None if one is None or other is None else (one, other, HELD_OUT)
        places = {text: place for place, text in reversed(list(enumerate(other.texts)))}
        kept = [row for row, text in enumerate(one.texts) if text in places]
        again = [places[one.texts[row]] for row in kept]
        return (one.take(kept), other.take(again), SHARED) if kept else None

    @cached_property
    def _decisions(self) -> tuple[Floats, Floats]:
        """The scores of the held-out texts by each tagger, (m, its themes)."""
        assert self._tests is not None
        one, other = (run.tagger.decision_function(self._tests[0].texts) for run in (self.one, self.other))
        return one, other

    def ranked(self, theme: str) -> _Ranked | None:
        """How both ranked the same texts by a theme; None where no texts, or not their labels, are the same."""
        return self._out_of_fold(theme) or self._held_out(theme)

    def _out_of_fold(self, theme: str) -> _Ranked | None:
        if not self._same_texts:
            return None
        one, other = self.one.evidence(theme), self.other.evidence(theme)
        if one is None or other is None or not np.array_equal(one.truth, other.truth):
            return None
        return _Ranked(OUT_OF_FOLD, one.truth, one.groups, (one.scores, other.scores))

    def _held_out(self, theme: str) -> _Ranked | None:
        if self._tests is None or not all(theme in run.tagger.themes for run in (self.one, self.other)):
            return None
        truth, again = (np.asarray(test.align([theme]).toarray().ravel(), dtype=np.uint8) for test in self._tests[:2])
        if truth.sum() < LEAST or not np.array_equal(truth, again):
            return None
        places = [run.tagger.themes.index(theme) for run in (self.one, self.other)]
        one, other = (scores[:, place] for scores, place in zip(self._decisions, places, strict=True))
        return _Ranked(self._tests[2], truth, self._tests[0].groups, (one, other))


def _row(theme: str, pair: _Pair, samples: int, seed: int) -> dict[str, Any]:
    row: dict[str, Any] = {"theme": theme}
    for which, run in (("one", pair.one), ("other", pair.other)):
        results = run.results[run.results["theme"] == theme]
        row |= {f"{name}_{which}": results[name].iloc[0] if len(results) else None for name in SHOWN}
    ends = [float(row[f"average_precision_{which}"] or np.nan) for which in ("one", "other")]
    gain, low, high, on, texts = ends[1] - ends[0], np.nan, np.nan, "", 0
    ranked = pair.ranked(theme) if samples and np.isfinite(gain) else None
    if ranked is not None:
        (gain, low, high), on, texts = _interval(ranked, samples, seed), ranked.on, len(ranked.truth)
    measured = {"gain": gain, "gain_low": low, "gain_high": high, "compared_on": on, "texts_compared": texts}
    return row | measured | {"verdict": _verdict(low, high)}


def _verdict(low: float, high: float) -> str:
    if not np.isfinite([low, high]).all():
        return "not comparable"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def _interval(ranked: _Ranked, samples: int, seed: int) -> tuple[float, float, float]:
    """The gain in average precision, and its 95 % interval, by a paired bootstrap of duplicate groups."""
    _, group = np.unique(ranked.groups, return_inverse=True)
    count, draw = int(group.max()) + 1, np.random.default_rng(seed)
    rankings = [Ranking(ranked.truth, scores) for scores in ranked.scores]
    gains = []
    for weights in [np.ones(len(group), dtype=np.int64), *(_drawn(draw, count)[group] for _ in range(samples))]:
        if weights @ ranked.truth:
            first, second = (ranking.weighed(weights).average_precision for ranking in rankings)
            gains.append(second - first)
    low, high = np.quantile(gains[1:], [0.025, 0.975])
    return float(gains[0]), float(low), float(high)


def _drawn(draw: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    """How often each of so many is in a sample of as many."""
    return np.bincount(draw.integers(0, count, count), minlength=count)
