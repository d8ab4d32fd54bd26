"""Rows of names as a matrix of 0 and 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from themetagger.corpus.labels.cells import Names


def label_matrix(rows: list[Names], also: Sequence[str] = ()) -> tuple[Any, tuple[str, ...]]:
    """(0/1 uint8 csc_array (n, T), the T themes by frequency, then name); ``also`` names themes that no row need have.

    >>> labels, themes = label_matrix([["b"], ["a", "b"], []])
    >>> themes, labels.toarray().tolist()
    (('b', 'a'), [[1, 0], [1, 1], [0, 0]])
    """
    counts: Counter[str] = Counter(dict.fromkeys(also, 0))
    counts.update(theme for names in rows for theme in names)
    themes = sorted(counts, key=lambda theme: (-counts[theme], theme))
    place = {theme: column for column, theme in enumerate(themes)}
    columns = [place[theme] for names in rows for theme in names]
    index = np.repeat(np.arange(len(rows)), [len(names) for names in rows])
    shape = (len(rows), len(themes))
    return sp.csc_array((np.ones(len(columns), dtype=np.uint8), (index, columns)), shape=shape), tuple(themes)
