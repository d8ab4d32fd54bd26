"""The profile of a corpus before any tuning: tables of its rows, text lengths, themes and repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from themetagger.corpus import Corpus, alike_names, exact_groups

_CELLS = 50_000_000  # pairs of themes counted at most; beyond it only the most frequent themes are paired
_LONGEST = 60  # characters of a text by which it is known


@dataclass(frozen=True)
class Profile:
    """The tables of a profile.

    Attributes
    ----------
    summary : measure, value
    lengths : a row for characters and one for words: min, q25, median, q75, q95, max and mean of a text
    themes : theme, positives, share (of all rows), tunable (whether it has enough positives)
    together : pairs of themes, the most common first: a, b, both (rows with the two), lift (how many times more often
        than if they were independent), jaccard
    alike : pairs of themes whose names look alike: a, b, a_positives, b_positives
    notes : those of the corpus
    """

    summary: pd.DataFrame
    lengths: pd.DataFrame
    themes: pd.DataFrame
    together: pd.DataFrame
    alike: pd.DataFrame
    notes: tuple[str, ...]


def profile(corpus: Corpus, *, min_positives: int = 30, pairs: int = 20) -> Profile:
    """The tables of a corpus.

    Parameters
    ----------
    corpus : n texts and their themes
    min_positives : rows that a theme needs to be tunable, default 30
    pairs : most rows of ``together``, default 20

    Examples
    --------
    >>> from themetagger.corpus import corpus_from_frame
    >>> frame = pd.DataFrame({"Processed Text": ["low pay", "Low pay", ""], "Themes": ["pay", "pay", ""]})
    >>> look = profile(corpus_from_frame(frame), min_positives=2)
    >>> look.themes.to_dict("records")
    [{'theme': 'pay', 'positives': 2, 'share': 0.6666666666666666, 'tunable': True}]
    >>> int(look.summary.set_index("measure").loc["empty texts", "value"])
    1
    """
    support = corpus.support()
    return Profile(
        summary=_summary(corpus, support, min_positives),
        lengths=_lengths(corpus.texts),
        themes=_themes(corpus, support, min_positives),
        together=_together(corpus, support, pairs),
        alike=_alike(corpus.themes, support),
        notes=corpus.notes,
    )


def _summary(corpus: Corpus, support: np.ndarray[Any, Any], min_positives: int) -> pd.DataFrame:
    n, exact = len(corpus), len(np.unique(exact_groups(corpus.texts)))
    names, first, sizes = np.unique(corpus.groups, return_index=True, return_counts=True)
    groups, largest = len(names), int(sizes.max(initial=0))
    measures = {
        "rows": n,
        "empty texts": sum(not text.strip() for text in corpus.texts),
        "rows without theme": n - len(np.unique(corpus.labels.indices)),
        "exact duplicates": n - exact,
        "near duplicates": exact - groups,
        "distinct texts, duplicates as one": groups,
        "most rows of one text": largest,
        **({"its text": _cut(corpus.texts[first[sizes.argmax()]])} if largest > 1 else {}),
        "themes": len(corpus.themes),
        f"themes with {min_positives} rows or more": int((support >= min_positives).sum()),
        "themes per row, mean": round(float(support.sum()) / max(n, 1), 2),
        "memory of the texts, MB": round(sum(len(text.encode("utf-8", "replace")) for text in corpus.texts) / 1e6, 2),
    }
    return pd.DataFrame({"measure": list(measures), "value": pd.Series(list(measures.values()), dtype=object)})


def _cut(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def _lengths(texts: tuple[str, ...]) -> pd.DataFrame:
    counts = {"characters": [len(text) for text in texts], "words": [len(text.split()) for text in texts]}
    return pd.DataFrame([{"unit": unit, **_spread(sizes)} for unit, sizes in counts.items()])


def _spread(sizes: list[int]) -> dict[str, float]:
    names, at = ("min", "q25", "median", "q75", "q95", "max"), (0, 0.25, 0.5, 0.75, 0.95, 1)
    quantiles = np.quantile(sizes or [0], at)
    return {**dict(zip(names, map(float, quantiles), strict=True)), "mean": float(np.mean(sizes or [0]))}


def _themes(corpus: Corpus, support: np.ndarray[Any, Any], min_positives: int) -> pd.DataFrame:
    columns = {
        "theme": pd.Series(corpus.themes, dtype=object),
        "positives": support,
        "share": support / max(len(corpus), 1),
        "tunable": support >= min_positives,
    }
    return pd.DataFrame(columns)


def _together(corpus: Corpus, support: np.ndarray[Any, Any], pairs: int) -> pd.DataFrame:
    most = corpus.labels[:, : int(np.sqrt(_CELLS))].astype(np.int64)  # themes stand in order of frequency
    counts = sp.coo_array(sp.triu(most.T @ most, k=1))
    a, b = counts.coords
    order = np.lexsort((b, a, -counts.data))[:pairs]
    a, b, both = a[order], b[order], counts.data[order]
    columns = {
        "a": pd.Series([corpus.themes[theme] for theme in a], dtype=object),
        "b": pd.Series([corpus.themes[theme] for theme in b], dtype=object),
        "both": both,
        "lift": both * len(corpus) / (support[a] * support[b]),
        "jaccard": both / (support[a] + support[b] - both),
    }
    return pd.DataFrame(columns)


def _alike(themes: tuple[str, ...], support: np.ndarray[Any, Any]) -> pd.DataFrame:
    place = {theme: number for number, theme in enumerate(themes)}
    rows = [(a, b, int(support[place[a]]), int(support[place[b]])) for a, b in alike_names(themes)]
    return pd.DataFrame(rows, columns=["a", "b", "a_positives", "b_positives"])
