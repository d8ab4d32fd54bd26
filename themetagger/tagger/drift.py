"""Drift: whether new texts are like those that a tagger was tuned on, by unknown words and by shares of themes.

A promise of precision covers new texts from the same source. Two things that change with the source can be seen without
any label: the share of a text's words that are unknown (covariate shift), and the share of texts that a theme is given
to (prior shift). For each there is an interval to be expected from training; what lies outside it is worth a look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.stats import betabinom, norm

from themetagger._utils.console import visible
from themetagger.features import TermCounts, single_words

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.selection.theme_result import ThemeResult


ALPHA = 0.05  # probability of any warning although nothing has changed, divided among all shares that are tested
LEAST = 30  # texts with words; the mean of fewer is not near enough to normal for its interval
MOST_COMMON = 200  # words that are stored beside those of the models
LONGEST_COMMON = 1_000  # characters of such a word
MIN_TEXTS = 2  # other texts that a word must occur in to be known, as for the terms of a model


@dataclass(frozen=True)
class UnknownWords:
    """The share of unknown words to expect in a new text.

    Parameters
    ----------
    mean, deviation, texts : the share of a training text's words that the other folds do not know: mean, standard
        deviation, and number of texts
    common : the most frequent words that are known although no model looks at them (those of nearly every text)

    Examples
    --------
    >>> expected = UnknownWords(mean=0.2, deviation=0.1, texts=1000, common=("the",))
    >>> UnknownWords.from_json(expected.to_json()) == expected
    True
    """

    mean: float
    deviation: float
    texts: int
    common: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"common": list(self.common)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_json` wrote; a ValueError when a value does not fit."""
        mean, deviation, texts, common = (data[name] for name in ("mean", "deviation", "texts", "common"))
        if any(type(share) not in (int, float) for share in (mean, deviation)):
            raise ValueError("the share of unknown words must be a number")
        if not (0 <= mean <= 1 and 0 <= deviation <= 1 and type(texts) is int and texts > 0):
            raise ValueError("the share of unknown words must lie between 0 and 1, of 1 text or more")
        if not isinstance(common, list) or not all(isinstance(word, str) for word in common):
            raise ValueError("the common words must be a list of texts")
        if (
            len(common) > MOST_COMMON
            or len(set(common)) < len(common)
            or max(map(len, common), default=0) > LONGEST_COMMON
        ):
            raise ValueError(f"the common words must be up to {MOST_COMMON} different ones, none of them endless")
        return cls(float(mean), float(deviation), texts, tuple(common))


@dataclass(frozen=True)
class Drift:
    """The shares that :meth:`ThemeTagger.check` compares with training.

    Attributes
    ----------
    table : DataFrame with a row for unknown words and one for each theme: ``kind`` ("words" or "theme"), ``what``;
        ``expected``, ``low`` and ``high``, the share in training and the interval to be expected for so many texts;
        ``observed``; ``beyond`` (bool), whether that lies outside the interval
    texts : number of new texts
    """

    table: pd.DataFrame
    texts: int

    @property
    def warnings(self) -> list[str]:
        """A sentence for each share outside its interval: the promises of precision do not cover such texts."""
        sentences = []
        for row in self.table[self.table["beyond"]].itertuples():
            interval = f"outside the {row.low:.1%} to {row.high:.1%} expected from training"
            if row.kind == "words":
                sentences.append(f"{row.observed:.1%} of a text's words are unknown, {interval}")
            else:
                sentences.append(f"{visible(str(row.what))} is given to {row.observed:.1%} of the texts, {interval}")
        return sentences

    def _repr_html_(self) -> str:
        """Warnings and table, for a notebook."""
        from html import escape

        sentences = self.warnings or ["No share lies outside what is expected from training."]
        paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
        return paragraphs + self.table.to_html(index=False, escape=True, float_format="{:.3f}".format)


def unknown_shares(texts: Sequence[str], known: Collection[str], *, signs: bool = True) -> npt.NDArray[np.float64]:
    """The share of each text's words that are not ``known``, (n,); nan for a text without words.

    With ``signs`` one and two signs of scripts without spaces are words.

    Examples
    --------
    >>> unknown_shares(["good pay", "bad canteen food", ""], {"good", "pay", "food"}).round(2).tolist()
    [0.0, 0.67, nan]
    """
    shares = np.full(len(texts), np.nan)
    for i, text in enumerate(texts):
        words = single_words(text, signs=signs)
        if words:
            shares[i] = sum(word not in known for word in words) / len(words)
    return shares


def unknown_in_training(
    texts: Sequence[str], counts: TermCounts, folds: npt.NDArray[np.int64], vocabulary: Collection[str]
) -> UnknownWords | None:
    """The share of unknown words to expect in a new text: each training text is compared with the other folds.

    Parameters
    ----------
    texts : n cleaned training texts
    counts : their word counts
    folds : (n,) fold number of each
    vocabulary : terms that the tagger knows

    Returns
    -------
    UnknownWords, or None where the tagger looks at no single word, or no text has a word.
    """
    vocabulary, lengths = set(vocabulary), np.array([len(single_words(text)) for text in texts])
    single = np.flatnonzero(counts.sizes == 1)
    candidate = np.array([counts.terms[i] in vocabulary for i in single], dtype=bool)  # known if other folds have it
    if not candidate.any() or not lengths.any():
        return None
    occurrences = sp.csr_array(counts.matrix[:, single])
    presence = occurrences.copy()
    presence.data[:] = 1
    texts_with, known_words = presence.sum(axis=0), np.zeros(len(texts))
    short = np.array([len(counts.terms[i]) <= LONGEST_COMMON for i in single], dtype=bool)
    frequent = np.flatnonzero(~candidate & short)
    frequent = frequent[np.argsort(-texts_with[frequent], kind="stable")][:MOST_COMMON]
    candidate[frequent] = True
    for k in np.unique(folds):
        rows = np.flatnonzero(folds == k)
        known = candidate & (texts_with - presence[rows].sum(axis=0) >= MIN_TEXTS)
        known_words[rows] = occurrences[rows] @ known.astype(np.float64)
    shares = 1 - known_words[lengths > 0] / lengths[lengths > 0]
    common = tuple(counts.terms[i] for i in single[frequent])
    return UnknownWords(float(shares.mean()), float(shares.std()), len(shares), common)


def drift_of(
    theme_results: Sequence[ThemeResult],
    tagged: npt.NDArray[np.int64],
    texts: int,
    unknown: UnknownWords | None,
    shares: npt.NDArray[np.float64],
) -> Drift:
    """Compare new texts with training.

    Parameters
    ----------
    theme_results : the T themes that have a model
    tagged : (T,) to how many of the new texts each theme is given
    texts : number of new texts
    unknown : the share of unknown words to expect, None where it is not known
    shares : (texts,) the share of unknown words in each, nan for a text without words

    Examples
    --------
    >>> from themetagger.selection.confusion import Confusion
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", counts=Confusion(tp=30, fp=10, fn=20, tn=340))
    >>> drift_of([pay], np.array([80]), 200, None, np.full(200, np.nan)).warnings
    ['pay is given to 40.0% of the texts, outside the 5.0% to 16.5% expected from training']
    """
    import pandas as pd

    alpha, rows = ALPHA / (len(theme_results) + 1), []
    shares = shares[np.isfinite(shares)]
    if unknown is not None and len(shares) >= LEAST:
        error = unknown.deviation * np.sqrt(1 / len(shares) + 1 / unknown.texts)
        reach = float(norm.isf(alpha / 2)) * error
        low, high = max(0.0, unknown.mean - reach), unknown.mean + reach
        rows.append(("words", "unknown words", unknown.mean, low, high, shares.mean()))
    for theme_result, count in zip(theme_results, tagged, strict=True):
        given, of = theme_result.counts.predictions, theme_result.counts.rows
        if texts and of:
            low, high = betabinom.ppf([alpha / 2, 1 - alpha / 2], texts, given + 0.5, of - given + 0.5) / texts
            rows.append(("theme", theme_result.theme, given / of, low, high, count / texts))
    table = pd.DataFrame(rows, columns=["kind", "what", "expected", "low", "high", "observed"])
    above, below = table["observed"] > table["high"], table["observed"] < table["low"]
    # fewer unknown words than expected are no drift: the whole tagger knows more than it did without a fold
    return Drift(table.assign(beyond=above | (below & (table["kind"] == "theme"))), texts)
