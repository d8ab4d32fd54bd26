"""Whether new texts are like those that a tagger was tuned on: words it does not know, and how often it gives a theme.

A promise of precision covers new texts from the same source. Two things that a change of source moves can be seen
without any label: how many of a text's words are unknown, and the share of texts that a theme is given to (prior and
covariate shift). Each gets the interval that training explains; what lies beyond it is worth a look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.stats import betabinom, norm

from themetagger.features import TermCounts, single_words

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.selection.theme_result import ThemeResult


ALPHA = 0.05  # probability that anything is warned of although nothing changed, shared out over all that is looked at
LEAST = 30  # texts with words; the mean of fewer is not near enough to normal for its interval
MOST_COMMON = 200  # words kept beside those of the models
MIN_TEXTS = 2  # other texts that a word must occur in to be known, as for the terms of a model


@dataclass(frozen=True)
class UnknownWords:
    """How many words of a new text to expect unknown.

    Parameters
    ----------
    mean, deviation, texts : the share of a training text's words that the other folds do not know: mean, standard
        deviation, and number of texts
    common : the most frequent words that are known although no model looks at them (those of nearly every text)
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
            raise ValueError("the share of unknown words is no number")
        if not (0 <= mean <= 1 and 0 <= deviation <= 1 and type(texts) is int and texts > 0):
            raise ValueError("the share of unknown words does not fit")
        if not isinstance(common, list) or not all(isinstance(word, str) for word in common):
            raise ValueError("the common words are no list of texts")
        return cls(float(mean), float(deviation), texts, tuple(common))


@dataclass(frozen=True)
class Drift:
    """What :meth:`ThemeTagger.check` found.

    Attributes
    ----------
    table : DataFrame with a row for unknown words and one for each theme: ``kind`` ("words" or "theme"), ``what``;
        ``expected``, ``low`` and ``high``, the share in training and the interval that it explains for so many texts;
        ``found``; ``beyond`` (bool)
    texts : how many were looked at
    """

    table: pd.DataFrame
    texts: int

    @property
    def warnings(self) -> list[str]:
        """A sentence for each share that lies beyond what training explains; the promises do not cover that."""
        said = []
        for row in self.table[self.table["beyond"]].itertuples():
            explained = f"where training explains {row.low:.1%} to {row.high:.1%}"
            if row.kind == "words":
                said.append(f"{row.found:.1%} of a text's words are unknown, {explained}")
            else:
                said.append(f"{row.what} is given to {row.found:.1%} of the texts, {explained}")
        return said

    def _repr_html_(self) -> str:
        """Warnings and table, for a notebook."""
        from html import escape

        lines = self.warnings or ["Nothing is beyond what training explains."]
        said = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return said + self.table.to_html(index=False, escape=True, float_format="{:.3f}".format)


def unknown_shares(texts: Sequence[str], known: Collection[str]) -> npt.NDArray[np.float64]:
    """The share of each text's words that are not ``known``, (n,); nan for a text without words.

    Examples
    --------
    >>> unknown_shares(["good pay", "bad canteen food", ""], {"good", "pay", "food"}).round(2).tolist()
    [0.0, 0.67, nan]
    """
    shares = np.full(len(texts), np.nan)
    for i, text in enumerate(texts):
        words = single_words(text)
        if words:
            shares[i] = sum(word not in known for word in words) / len(words)
    return shares


def unknown_in_training(
    texts: Sequence[str], counts: TermCounts, folds: npt.NDArray[np.int64], vocabulary: Collection[str]
) -> UnknownWords | None:
    """What share of words to expect unknown in a new text: each training text against the other folds.

    Parameters
    ----------
    texts : n cleaned training texts
    counts : their word counts
    folds : (n,) fold number of each
    vocabulary : terms that the tagger knows; None comes back where it looks at no single word
    """
    kept, lengths = set(vocabulary), np.array([len(single_words(text)) for text in texts])
    single = np.flatnonzero(counts.sizes == 1)
    looked_at = np.array([counts.terms[i] in kept for i in single], dtype=bool)
    if not looked_at.any() or not lengths.any():
        return None
    matrix = sp.csr_array(counts.matrix[:, single])
    there = matrix.copy()
    there.data[:] = 1
    everywhere, found = there.sum(axis=0), np.zeros(len(texts))
    frequent = np.flatnonzero(~looked_at)
    frequent = frequent[np.argsort(-everywhere[frequent], kind="stable")][:MOST_COMMON]
    looked_at[frequent] = True
    for k in np.unique(folds):
        mine = np.flatnonzero(folds == k)
        known = looked_at & (everywhere - there[mine].sum(axis=0) >= MIN_TEXTS)
        found[mine] = matrix[mine] @ known.astype(np.float64)
    shares = 1 - found[lengths > 0] / lengths[lengths > 0]
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
    tagged : (T,) to how many of the ``texts`` each theme is given
    unknown, shares : what training tells of unknown words, and the share in each new text
    """
    import pandas as pd

    alpha, rows = ALPHA / (len(theme_results) + 1), []
    shares = shares[np.isfinite(shares)]
    if unknown is not None and len(shares) >= LEAST:
        error = unknown.deviation * np.sqrt(1 / len(shares) + 1 / unknown.texts)
        reach = float(norm.isf(alpha / 2)) * error
        rows.append(
            (
                "words",
                "unknown words",
                unknown.mean,
                max(0.0, unknown.mean - reach),
                unknown.mean + reach,
                shares.mean(),
            )
        )
    for theme_result, count in zip(theme_results, tagged, strict=True):
        given, of = theme_result.counts.predictions, theme_result.counts.rows
        if texts and of:
            low, high = betabinom.ppf([alpha / 2, 1 - alpha / 2], texts, given + 0.5, of - given + 0.5) / texts
            rows.append(("theme", theme_result.theme, given / of, low, high, count / texts))
    table = pd.DataFrame(rows, columns=["kind", "what", "expected", "low", "high", "found"])
    above, below = table["found"] > table["high"], table["found"] < table["low"]
    # fewer unknown words than expected are no shift: the whole tagger knows more than it did without a fold
    return Drift(table.assign(beyond=above | (below & (table["kind"] == "theme"))), texts)
