"""The words' parts in the dense shares of a theme, for a table of its terms, and rows on what these shares are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from themetagger.tagger.explain.dense_shares import QUICK, DenseShares, LinearModel, texts_a_second, whole_text
from themetagger.tagger.explain.meaning_in_texts import MeaningInTexts

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Furthest = Callable[[Floats, int], Ints]
OF_TEXT = "text"  # the kind of the row on what a text encoder adds
VARIANCE = "share of variance"  # its measure where models are linear


@dataclass(frozen=True)
class MeaningOfWords:
    """What words are worth in the dense shares of a theme's models.

    Parameters
    ----------
    shares : of its models
    texts : from which words are left out; None where there are none
    of_words : whether words are asked for, and not single n-grams, which have no part in these shares
    """

    shares: DenseShares
    texts: MeaningInTexts | None
    of_words: bool

    @property
    def measured(self) -> MeaningInTexts | None:
        """The texts, where leaving out words of them tells their part; an encoder that is slow would take too long."""
        quick = texts_a_second(self.shares.encoders) >= QUICK
        return self.texts if self.of_words and self.shares.weights and quick else None

    def tried(self, terms: Sequence[str], weights: Floats, top: int, furthest: Furthest) -> Ints:
        """The numbers of the terms that may be among the ``top``, rising: all, or so many as can be measured.

        First come the greatest by the weights of their n-grams, and by what they say alone; how these two add up in
        texts is learned from them, and brings in those that are great by both together.
        """
        if self.measured is None:
            return np.arange(len(terms))
        alone, singles = np.zeros(len(terms)), _singles(terms)
        alone[singles] = self.measured.alone(self.shares, [terms[i] for i in singles])
        first = np.union1d(furthest(weights, top), furthest(alone, top))
        squares = float(np.square(alone[first]).sum())
        slope = float(self.parts([terms[i] for i in first]) @ alone[first]) / squares if squares else 0.0
        return np.union1d(first, furthest(weights + slope * alone, 2 * top))

    def parts(self, terms: Sequence[str], shares: DenseShares | None = None) -> Floats:
        """What texts lose of the dense share without each term, (terms,), nan where that is not measured.

        Pairs of words have nothing of their own there: 0. ``shares`` are those of the models, default the theme's.
        """
        found = np.full(len(terms), np.nan if self.shares.weights and self.measured is None else 0.0)
        if self.measured is not None:
            singles = _singles(terms)
            found[singles] = self.measured.parts(shares or self.shares, [terms[i] for i in singles])
        return found

    def variance(self, linear: Sequence[LinearModel]) -> dict[str, float]:
        """How much of the variance of the scores is that of each text encoder; nan without texts."""
        if self.texts is None:
            return dict.fromkeys(self.shares.weights, np.nan)
        return self.texts.variance_shares(linear, self.shares) if self.shares.weights else {}


def _singles(terms: Sequence[str]) -> list[int]:
    """The numbers of the terms that are no pairs of words."""
    return [i for i, term in enumerate(terms) if " " not in term]


def with_shares(table: pd.DataFrame, shares: dict[str, float]) -> pd.DataFrame:
    """A table of terms, and behind them a row for each text encoder: its share of the variance, nan if not known."""
    import pandas as pd

    row = {"kind": OF_TEXT, "side": "", "measure": VARIANCE}
    rows = [row | {"term": whole_text(source), "weight": share} for source, share in shares.items()]
    return pd.concat([table, pd.DataFrame(rows)], ignore_index=True) if rows else table


def meaning_sentences(table: pd.DataFrame) -> list[str]:
    """What the words of a table of terms leave unsaid: a sentence for each text encoder that linear models see.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"term": "meaning of the whole text (static vectors)", "kind": "text", "measure": "share of variance"}
    >>> meaning_sentences(pd.DataFrame([row | {"weight": 0.35, "of_meaning": float("nan")}]))[0][:67]
    '35 % of the variance of the scores is meaning of the whole text (st'
    """
    words = table[table["kind"] != OF_TEXT]
    told = len(words) > 0 and bool(words["of_meaning"].notna().all())
    rows = table[(table["kind"] == OF_TEXT) & (table["measure"] == VARIANCE)]
    shares = zip(rows["term"].tolist(), rows["weight"].tolist(), strict=True)
    return [_sentence(name, share, told) for name, share in shares]


def _sentence(name: str, share: float, told: bool) -> str:
    words = "the weights of words include their part in it" if told else "the weights are of n-grams alone, without it"
    if np.isnan(share):
        return f"A part of each score is {name}; {words}. How large it is takes the texts to say."
    return f"{100 * share:.0f} % of the variance of the scores is {name}, the rest is n-grams; {words}."
