"""Rows of names as a matrix."""

from __future__ import annotations

import numpy as np

from themetagger.corpus.labels.matrix import label_matrix


def test_themes_stand_by_frequency_then_name() -> None:
    labels, themes = label_matrix([["c", "b"], ["b"], ["a"], []])
    assert themes == ("b", "a", "c")
    assert labels.toarray().tolist() == [[1, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert labels.dtype == np.uint8
