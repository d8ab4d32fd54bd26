"""New texts -> the weighed rows that a tagger's models want: the same steps, analysers and weights as when tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from themetagger.features import (
    ANALYSERS,
    CountLayouts,
    FoldFeatures,
    Splitter,
    TermCounts,
    TfidfConfig,
    TfidfWeights,
    weigh,
)
from themetagger.features.preprocessing import clean

Key = tuple[TfidfConfig, int | None]  # a recipe, and the fold that it did not see (None: the mean of all folds)


@dataclass(frozen=True)
class Encoder:
    """Text steps, the vocabulary of each analyser, and what each recipe learned in tuning.

    ``weighings`` maps a key to the parts of its recipe; their columns index the analyser's ``vocabulary``.
    """

    steps: tuple[str, ...]
    vocabulary: Mapping[str, tuple[str, ...]]
    weighings: Mapping[Key, tuple[TfidfWeights, ...]]
    _splitter: Splitter = field(default_factory=Splitter, compare=False, repr=False)
    _counters: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _spelled: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Number the terms once."""
        for analyser, terms in self.vocabulary.items():
            if terms:
                self._counters[analyser] = ANALYSERS[analyser].Vocabulary(terms)

    def turned(self, texts: Sequence[str]) -> dict[str, CountLayouts]:
        """Term counts of raw texts for each analyser, (n, terms), by row or term: texts are split once for all."""
        pieces = self._splitter.split(clean(texts, self.steps))
        return {analyser: CountLayouts(counter.count(pieces)) for analyser, counter in self._counters.items()}

    def counts(self, texts: Sequence[str]) -> dict[str, sp.csr_array]:
        """Term counts of raw texts for each analyser, csr (n, terms), rows sorted."""
        return {analyser: found.by_row for analyser, found in self.turned(texts).items()}

    def spelled(self) -> sp.csr_array:
        """The character n-grams of each word of the vocabulary, csr (words, n-grams), counted once; pairs have none."""
        if "words" not in self._spelled:
            alone = ["" if " " in word else word for word in self.vocabulary.get("word", ())]
            self._spelled["words"] = CountLayouts(self._counters["char_wb"].count(Splitter().split(alone))).by_row
        found: sp.csr_array = self._spelled["words"]
        return found

    def rows(self, counts: Mapping[str, sp.csr_array], key: Key) -> sp.csr_array:
        """Weighed rows for the members that want ``key``, csr (n, columns of all parts)."""
        return weigh(counts, self.weighings[key])


def build_encoder(
    keys: Sequence[Key],
    counts: Mapping[str, TermCounts],
    folds: np.ndarray[tuple[int], np.dtype[np.int64]],
    steps: tuple[str, ...],
) -> Encoder:
    """The encoder for these keys, with only the terms that one of them uses.

    Parameters
    ----------
    counts : analyser -> Counts of the n training texts
    folds : (n,) fold number of each
    """
    features = FoldFeatures(counts, folds)
    learned = {
        (recipe, k): features.whole(recipe) if k is None else features.fold(recipe, k).weighing
        for recipe, k in dict.fromkeys(keys)
    }
    used = {name: np.zeros(len(found.terms), dtype=bool) for name, found in counts.items()}
    for parts in learned.values():
        for part in parts:
            used[part.analyser][part.columns] = True
    place = {name: np.cumsum(mask) - 1 for name, mask in used.items()}
    vocabulary = {
        name: tuple(counts[name].terms[i] for i in np.flatnonzero(mask)) for name, mask in used.items() if mask.any()
    }
    moved = {
        key: tuple(replace(part, columns=place[part.analyser][part.columns].astype(np.int32)) for part in parts)
        for key, parts in learned.items()
    }
    return Encoder(steps, vocabulary, moved)
