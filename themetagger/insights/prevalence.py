"""How many texts have a theme, by tags that are sometimes wrong: the share of tagged texts is not the true share.

Of texts with a theme a tagger finds the share ``recall``; of those without it, it tags the share ``fallout`` (one minus
specificity). So the share tagged is recall * p + fallout * (1 - p), which is solved for the true share p (Rogan and
Gladen 1978, Am. J. Epidemiol. 107:71).

What is assumed: that recall and fallout are the same in the texts tagged, and in each part of them, as they were where
they were measured. That is so where themes become more or less frequent, and the texts of each theme stay as they were
(label shift). Precision is not assumed to stay: it falls where a theme becomes rare. It is *not* so where texts of
another kind, language or length come in, or where a theme is put in other words; `ThemeTagger.check` and
`themetagger.insights.slices` look for that, and only labels can tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, betaincc, betainccinv, betaincinv
from scipy.stats import binom

from themetagger.insights.accuracy import Accuracy
from themetagger.insights.proportions import compared, holm

DRAWS = 2_000  # of recall, fallout and share; ends of intervals then vary by some 3 % of their width
PRIOR = 0.5  # Jeffreys'
IMPROBABLE = 0.001  # probability below which a number of tags is taken for more than bad luck
FEW_TAGGED, FEW_MEASURED = 10, 50  # texts tagged, and texts that recall was measured on, below which it is remarked
LEAST_GAP = 0.05  # recall must surely exceed fallout by as much; else next to nothing is divided by next to nothing
P_VALUE = "p_same_as_rest"
COLUMNS = (
    *("column", "value", "theme", "texts", "tagged", "apparent"),
    *("share", "share_low", "share_high", "count", "count_low", "count_high", P_VALUE, "remark"),
)
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def prevalence(
    tagged: npt.ArrayLike,
    known: Mapping[str, Accuracy],
    values: pd.Categorical[Any] | None = None,
    *,
    column: str = "",
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """The share of texts that have each theme, in all texts or for each value of a column, with intervals.

    Parameters
    ----------
    tagged : (n, T) of 0 and 1, the tags
    known : T themes and how the tagger errs on each, in the order of the columns
    values : (n,) the value of each text, as of `themetagger.insights.levels.levels`; default: all texts are one part
    column : what the column is called
    confidence : of the intervals, default .95
    seed : of the draws

    Returns
    -------
    DataFrame of T rows per value: ``column``, ``value``, ``theme``, ``texts``, ``tagged`` (how many have the tag),
    ``apparent`` (their share); ``share``, ``share_low``, ``share_high``, the true share in what the texts are a sample
    of; ``count``, ``count_low``, ``count_high``, how many of these very texts have the theme, which is known better;
    ``p_same_as_rest`` and ``remark``. Shares lie in [0, 1]. Nan where it cannot be estimated; ``remark`` says why.

    Recall, fallout and the share tagged are drawn from their joint posterior (see `Accuracy.drawn`; the share lies
    between the other two), each draw is solved for the share, and from it is drawn how many of the tagged and of
    the other texts have the theme. Intervals are the shortest that hold this share of the draws. How often they hold
    the truth, in simulations and on real texts, is in docs/explanation/prevalence.md. A theme's values share their
    recall and fallout, so that an error of these moves all of them together.

    ``remark`` also says where an interval rests on a handful of texts: fewer than 10 are tagged here, or recall was
    measured on fewer than 50.

    ``p_same_as_rest`` is there with ``values`` only: how probable tags so different would be if the value had the same
    share of the theme as all other texts (Fisher's exact test), adjusted by Holm for all tests of the table. Where
    recall and fallout are the same, shares of tags differ exactly where the true shares do.

    Examples
    --------
    >>> tags = np.zeros((1000, 1)); tags[:60] = 1
    >>> row = prevalence(tags, {"pay": Accuracy(recall=0.5, fallout=0.01, positives=200, negatives=1800)}).iloc[0]
    >>> f"{row['apparent']:.3f} {row['share']:.3f}", bool(0.06 < row["share_low"] < row["share"])
    ('0.060 0.102', True)
    """
    tags = np.asarray(tagged) > 0
    parts = list(_parts(values, len(tags)))
    table = pd.DataFrame(
        [
            {"column": column, "value": value, "theme": theme} | row
            for j, (theme, accuracy) in enumerate(known.items())
            for (value, _), row in zip(
                parts,
                _of_theme(tags[:, j], accuracy, [rows for _, rows in parts], theme, confidence, seed),
                strict=True,
            )
        ],
        columns=list(COLUMNS),
    )
    table[P_VALUE] = holm(table[P_VALUE])
    table = table if len(parts) > 1 else table.drop(columns=P_VALUE)
    order = {value: place for place, (value, _) in enumerate(parts)}
    return table.sort_values("value", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _parts(values: pd.Categorical[Any] | None, n: int) -> Iterator[tuple[str, Bools]]:
    """The name, and the texts, of each part."""
    if values is None:
        yield "(all)", np.ones(n, dtype=bool)
        return
    for code, value in enumerate(values.categories):
        yield str(value), np.asarray(values.codes == code)


def _of_theme(
    tags: Bools, accuracy: Accuracy, parts: Sequence[Bools], theme: str, confidence: float, seed: int
) -> Iterator[dict[str, Any]]:
    """The row of each part, for one theme; the draws do not depend on the other themes."""
    draw = np.random.default_rng([seed, crc32(theme.encode("utf-8", "surrogatepass"))])
    recall, fallout = accuracy.drawn(draw, DRAWS) if accuracy.known else (np.zeros(DRAWS), np.zeros(DRAWS))
    why = _why_not(accuracy, recall - fallout, confidence)
    for rows in parts:
        texts, count = int(rows.sum()), int(tags[rows].sum())
        row: dict[str, Any] = {"texts": texts, "tagged": count, "apparent": count / texts if texts else math.nan}
        row[P_VALUE] = compared(count, texts, int(tags.sum()) - count, len(tags) - texts)
        row["remark"] = why or ("no text" if not texts else "")
        if not row["remark"]:
            row |= _estimated(count, texts, accuracy, recall, fallout, confidence, draw)
            row["remark"] = _beyond(count, texts, recall, fallout) or _few(count, accuracy)
        yield row


def _why_not(accuracy: Accuracy, gap: Floats, confidence: float) -> str:
    """Why a share cannot be estimated, in words; empty where it can."""
    if not accuracy.known:
        return "cannot be estimated: recall and fallout were not measured"
    if np.quantile(gap, (1 - confidence) / 2) > LEAST_GAP:
        return ""
    return (
        f"cannot be estimated: {accuracy.recall:.2f} of the texts with the theme are tagged, and "
        f"{accuracy.fallout:.2f} of those without (by {accuracy.positives} and {accuracy.negatives} texts)"
    )


def _beyond(count: int, texts: int, recall: Floats, fallout: Floats) -> str:
    """That no share explains so few tags, or so many, in words; empty where one does."""
    few, many = (float(np.mean(p)) for p in (binom.cdf(count, texts, fallout), binom.sf(count - 1, texts, recall)))
    if min(few, many) >= IMPROBABLE:
        return ""
    too_few, too_many = "fewer are tagged than wrong tags alone would give", "more are tagged than if all had the theme"
    contradiction = too_few if few < IMPROBABLE else too_many
    return f"{contradiction}: the tagger errs differently here than where it was measured; label some of these texts"


def _few(count: int, accuracy: Accuracy) -> str:
    """That the interval rests on a handful of texts, in words; empty where there are more.

    >>> _few(3, Accuracy(0.5, 0.01, 60, 900)), _few(120, Accuracy(0.5, 0.01, 34, 900))
    ('rests on few texts: 3 are tagged', 'rests on few texts: recall was measured on 34')
    """
    if count < FEW_TAGGED:
        return f"rests on few texts: {count or 'none'} {'is' if count < 2 else 'are'} tagged"
    return (
        f"rests on few texts: recall was measured on {accuracy.positives}" if accuracy.positives < FEW_MEASURED else ""
    )


def _estimated(
    count: int,
    texts: int,
    accuracy: Accuracy,
    recall: Floats,
    fallout: Floats,
    confidence: float,
    draw: np.random.Generator,
) -> dict[str, float]:
    share = float(_solved(count / texts, accuracy.recall, accuracy.fallout))
    recall, fallout, apparent = _posterior(count, texts, recall, fallout, draw)
    shares = _solved(apparent, recall, fallout)
    of_tagged = np.clip(shares * recall / apparent, 0, 1)  # precision at this share
    of_others = np.clip(shares * (1 - recall) / (1 - apparent), 0, 1)
    counts = draw.binomial(count, of_tagged) + draw.binomial(texts - count, of_others)
    estimate = {"share": share, "count": share * texts}
    for name, drawn in (("share", shares), ("count", counts)):
        low, high = _shortest(drawn, confidence)
        estimate |= {f"{name}_low": min(float(low), estimate[name]), f"{name}_high": max(float(high), estimate[name])}
    return estimate


def _shortest(drawn: npt.NDArray[Any], confidence: float) -> tuple[float, float]:
    """The shortest interval that holds this share of the draws; where they crowd at 0, it begins at 0."""
    ordered = np.sort(drawn)
    inside = max(1, round(confidence * len(ordered)))
    first = int(np.argmin(ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]))
    return float(ordered[first]), float(ordered[first + inside - 1])


def _posterior(
    count: int, texts: int, recall: Floats, fallout: Floats, draw: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Draws of recall, fallout and the share tagged, given how many of the texts are tagged.

    A share tagged lies between fallout and recall. So it is drawn from a beta distribution between the two, and a pair
    of them is taken as often as it explains the count. (To cut what lies outside instead would make an interval of no
    width where fewer texts are tagged than wrong tags are expected.)
    """
    order = _BY_TAIL[count / texts > (recall.mean() + fallout.mean()) / 2]
    ends = [order.part(count + PRIOR, texts - count + PRIOR, end) for end in (recall, fallout)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    weights = np.where(recall > fallout, (high - low) / np.maximum(recall - fallout, 1e-9), 0)
    if not weights.sum() > 0:  # beyond what numbers can tell: the end that is next
        return recall, fallout, np.clip(np.full(len(recall), count / texts), fallout, recall)
    taken = np.searchsorted(
        np.cumsum(weights) / weights.sum(), (np.arange(len(weights)) + draw.random()) / len(weights)
    )
    taken = np.minimum(taken, len(weights) - 1)
    part = low[taken] + draw.random(len(taken)) * (high - low)[taken]
    apparent = order.back(count + PRIOR, texts - count + PRIOR, part)
    return recall[taken], fallout[taken], np.clip(apparent, fallout[taken], recall[taken])


@dataclass(frozen=True)
class _Tail:
    """A beta distribution from the end at which its numbers are exact: the part of it up to a share, and back."""

    part: Callable[..., Any]
    back: Callable[..., Any]


_BY_TAIL = {True: _Tail(betainc, betaincinv), False: _Tail(betaincc, betainccinv)}


def _solved(apparent: Any, recall: Any, fallout: Any) -> Any:
    """The true share behind the share tagged, in [0, 1]."""
    with np.errstate(divide="ignore", invalid="ignore"):  # the rare draw in which recall is no more than fallout
        share = (apparent - fallout) / (recall - fallout)
    return np.clip(np.nan_to_num(share), 0, 1)


def together(tagged: npt.ArrayLike, known: Mapping[str, Accuracy]) -> pd.DataFrame:
    """Which themes are tagged together more often, or less, than by chance.

    Parameters
    ----------
    tagged : (n, T) of 0 and 1, the tags
    known : T themes and how the tagger errs on each, in the order of the columns

    Returns
    -------
    DataFrame with a row per pair of themes that are both tagged at all, the largest ``phi`` first: ``theme``,
    ``other``; ``texts`` that are tagged with both, ``expected`` by chance; ``lift`` (their ratio), ``phi``
    (correlation), ``jaccard`` (both among either); ``kept``, the share of the true covariance of two themes that is
    left in their tags where the errors on one have nothing to do with those on the other: (recall - fallout) of the
    one, times that of the other. So tags show less than there is. Where one passage makes the tagger err on both, they
    show more.

    Examples
    --------
    >>> tags = np.array([[1, 1], [1, 1], [0, 0], [0, 0], [1, 0], [0, 1]])
    >>> half = Accuracy(0.5, 0.0, 100, 900)
    >>> together(tags, {"pay": half, "staff": half})[["texts", "expected", "lift", "phi", "jaccard", "kept"]].round(2)
       texts  expected  lift   phi  jaccard  kept
    0      2       1.5  1.33  0.33      0.5  0.25
    """
    tags, themes = (np.asarray(tagged) > 0).astype(np.int64), list(known)
    n, single, both = len(tags), tags.sum(axis=0), tags.T @ tags
    rows = []
    for i, j in zip(*np.triu_indices(len(themes), 1), strict=True):
        one, two, texts = int(single[i]), int(single[j]), int(both[i, j])
        if not one or not two:
            continue
        spread = math.sqrt(one * (n - one) * two * (n - two))
        kept = math.prod(known[themes[k]].recall - known[themes[k]].fallout for k in (i, j))
        row = (themes[i], themes[j], texts, one * two / n, texts * n / (one * two))
        phi = (texts * n - one * two) / spread if spread else math.nan
        rows.append((*row, phi, texts / (one + two - texts), kept))
    names = ["theme", "other", "texts", "expected", "lift", "phi", "jaccard", "kept"]
    return pd.DataFrame(rows, columns=names).sort_values("phi", ascending=False, kind="stable", ignore_index=True)
