"""How often terms and a theme occur together in tagged texts: shares and odds ratios, and sentences that say them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import count_known
from themetagger.features.encoder import Encoder
from themetagger.tagger.explain.odds import Odds, beyond_chance, odds_ratios, strength

if TYPE_CHECKING:
    import pandas as pd


Floats = npt.NDArray[np.float64]
CAVEAT = (
    "Odds ratios show what occurs together in the tagged texts, not what causes what. The words were picked because "
    "they stand out among very many, so their ratios are too high. Intervals hold for a word chosen beforehand; "
    "beyond_chance in the written table says which ratios differ from 1 even after a Bonferroni correction."
)


@dataclass(frozen=True)
class Tagged:
    """Texts whose theme is known: n texts, truth (n,) of 0 and 1, and the duplicate group of each, (n,).

    ``counts`` are what an encoder counts in them, where that is known.
    """

    texts: Sequence[str]
    truth: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.int64]
    counts: Mapping[str, sp.csr_array] | None = None


def in_texts(
    table: pd.DataFrame, cleaned: Sequence[str], tagged: Tagged, tested: int, encoder: Encoder
) -> dict[str, Floats | list[str] | npt.NDArray[np.bool_]]:
    """Odds ratios of the terms of a table; the ``encoder`` knows the terms that ``tagged`` has counts of."""
    present = _present(table, cleaned, tagged, encoder)
    odds, texts, share_with, share_without = odds_of(present, tagged)
    return {
        "texts": texts,
        "share_with": share_with,
        "share_without": share_without,
        "odds_ratio": odds.ratio,
        "odds_low": odds.low,
        "odds_high": odds.high,
        "beyond_chance": beyond_chance(odds.z, tested),
        "strength": [strength(low, high) for low, high in zip(odds.low, odds.high, strict=True)],
    }


def _present(table: pd.DataFrame, cleaned: Sequence[str], tagged: Tagged, encoder: Encoder) -> sp.csr_array:
    """Which texts have which terms of a table, CSR (n, rows of the table)."""
    words = {term: column for column, term in enumerate(encoder.vocabulary.get("word", ()))}
    if tagged.counts is not None and all(term in words for term in table["term"]) and len(table):
        return tagged.counts["word"][:, [words[term] for term in table["term"]]]
    blocks, places = [], []
    characters = (table["kind"] == "characters").to_numpy()
    for analyser, rows in (("word", ~characters), ("char_wb", characters)):
        if rows.any():
            blocks.append(count_known(cleaned, analyser, table["term"][rows].tolist(), signs=encoder.signs))
            places.append(np.flatnonzero(rows))
    if not blocks:
        return sp.csr_array((len(cleaned), 0))
    return sp.csr_array(sp.csr_array(sp.hstack(blocks, format="csr"))[:, np.argsort(np.concatenate(places))])


def odds_of(counts: sp.csr_array, tagged: Tagged) -> tuple[Odds, Floats, Floats, Floats]:
    """Odds ratios of the columns of counts (n, terms); texts with the term, the theme's share of them, and of the rest.

    One text of each duplicate group counts.
    """
    representatives = np.unique(tagged.groups, return_index=True)[1]
    truth, counts = tagged.truth[representatives].astype(bool), counts[representatives]
    width = counts.shape[1]
    with_theme = np.bincount(counts[truth].indices, minlength=width)
    without_theme = np.bincount(counts[~truth].indices, minlength=width)
    texts, positives = with_theme + without_theme, int(truth.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        share_with, share_without = with_theme / texts, (positives - with_theme) / (len(truth) - texts)
    odds = odds_ratios(with_theme, without_theme, positives, len(truth) - positives)
    return odds, texts.astype(np.float64), share_with, share_without


def sentences(table: pd.DataFrame, top: int = 5) -> list[str]:
    """A sentence for each of the first terms of each side whose odds ratio is beyond chance; show `CAVEAT` with them.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"term": "salary", "side": "for", "odds_ratio": 12.1, "odds_low": 8.0, "odds_high": 18.2}
    >>> sentences(pd.DataFrame([row | {"strength": "strong", "beyond_chance": True, "texts": 80}]))
    ["'salary' raises the odds 12-fold (95 % interval 8 to 18): strong, 80 texts have it"]
    """
    rows = table[table["beyond_chance"].eq(True)].groupby("side", sort=False).head(top)
    return [_sentence(row) for row in rows.to_dict("records")]


def _sentence(row: Mapping[Hashable, Any]) -> str:
    raised = row["odds_ratio"] >= 1
    verb, end = ("raises the odds", "-fold") if raised else ("lowers the odds to", " of what they are without")
    interval = f"95 % interval {_short(row['odds_low'])} to {_short(row['odds_high'])}"
    have = "1 text has it" if row["texts"] == 1 else f"{row['texts']:,.0f} texts have it"
    return f"{row['term']!r} {verb} {_short(row['odds_ratio'])}{end} ({interval}): {row['strength']}, {have}"


def _short(figure: float) -> str:
    """Two significant digits."""
    return f"{figure:,.0f}" if figure >= 9.95 else f"{figure:.2g}"
