"""A data set as every system gets it: the texts and themes of train.csv and test.csv of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from themetagger.corpus import read_corpus

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class DataSet:
    """Texts, and labels of the themes that have enough train texts."""

    folder: Path
    train_texts: list[str]
    test_texts: list[str]
    themes: list[str]
    labels: Array
    truth: Array

    @property
    def name(self) -> str:
        """The folder's."""
        return self.folder.name


def read_data(folder: Path, *, min_positives: int) -> DataSet:
    """Read train.csv and test.csv, and keep the themes with at least ``min_positives`` train texts."""
    train, test = read_corpus(folder / "train.csv"), read_corpus(folder / "test.csv")
    themes = [theme for theme in train.themes if train.column(theme).sum() >= min_positives]
    known, zeros = set(test.themes), np.zeros(len(test.texts), dtype=np.int8)
    return DataSet(
        folder.resolve(),
        list(train.texts),
        list(test.texts),
        themes,
        np.stack([train.column(theme) for theme in themes], axis=1),
        np.stack([test.column(theme) if theme in known else zeros for theme in themes], axis=1),
    )
