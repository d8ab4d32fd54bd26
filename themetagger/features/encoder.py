"""New texts -> the rows that a tagger's models want: the same steps, sources and views as when tuning."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from themetagger.features.dense import TextEncoder
from themetagger.features.fold_cache import FoldFeatures
from themetagger.features.inputs import Inputs
from themetagger.features.ngrams.counting import ANALYSERS
from themetagger.features.ngrams.sparse import CountLayouts
from themetagger.features.ngrams.token_cache import Splitter
from themetagger.features.preprocessing import clean
from themetagger.features.registry import encoders_of_run
from themetagger.features.view import FittedView, Rows, View

Key = tuple[View, int | None]  # a view, and the fold that it did not see (None: the mean of all folds)


@dataclass(frozen=True)
class VectorLayout:
    """Vectors of n texts, float32 (n, width), beside the layouts of counts."""

    by_row: Any

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.by_row.shape[0])


Layouts = Mapping[str, Any]  # source -> CountLayouts or VectorLayout


@dataclass(frozen=True)
class Encoder:
    """Text steps, the vocabulary of each analyser, the text encoders, and what each view learned in tuning.

    ``views`` maps a key to what its view learned; columns of n-grams index the analyser's ``vocabulary``. ``signs`` is
    whether scripts without spaces have n-grams of their own, default True; those of older tagger files had none.
    """

    steps: tuple[str, ...]
    vocabulary: Mapping[str, tuple[str, ...]]
    views: Mapping[Key, FittedView]
    encoders: Mapping[str, TextEncoder] = field(default_factory=dict)
    signs: bool = True
    _splitter: Splitter = field(default_factory=Splitter, compare=False, repr=False)
    _counters: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _word_grams: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Number the terms once."""
        for analyser, terms in self.vocabulary.items():
            if terms:
                self._counters[analyser] = ANALYSERS[analyser].Vocabulary(terms, signs=self.signs)

    @property
    def sizes(self) -> dict[str, int]:
        """How many columns each source has: terms of its vocabulary, or length of its vectors."""
        return sizes_of(self.vocabulary, self.encoders)

    @property
    def sources(self) -> tuple[str, ...]:
        """All analysers, and the text encoders."""
        return tuple(self.sizes)

    def layouts(self, texts: Sequence[str], encoders: Collection[str] | None = None) -> dict[str, Any]:
        """What each source says of raw texts: term counts, (n, terms), by row or term, and vectors.

        Texts are cleaned once for all, and split once for all analysers. ``encoders`` are the text encoders that are
        asked, default all of them.
        """
        cleaned, layouts = clean(texts, self.steps), dict[str, Any]()
        if self._counters:
            tokens = self._splitter.split(cleaned)
            layouts = {analyser: CountLayouts(counter.count(tokens)) for analyser, counter in self._counters.items()}
        asked = [name for name in self.encoders if encoders is None or name in encoders]
        return layouts | {name: VectorLayout(self.encoders[name].encode(cleaned)) for name in asked}

    def inputs(self, texts: Sequence[str]) -> dict[str, Any]:
        """What each source says of raw texts: counts, csr (n, terms), rows sorted; vectors, float32 (n, width)."""
        return {source: layout.by_row for source, layout in self.layouts(texts).items()}

    def counts(self, texts: Sequence[str]) -> dict[str, sp.csr_array]:
        """Term counts of raw texts for each analyser, csr (n, terms), rows sorted."""
        tokens = self._splitter.split(clean(texts, self.steps))
        return {analyser: CountLayouts(counter.count(tokens)).by_row for analyser, counter in self._counters.items()}

    def word_grams(self) -> sp.csr_array:
        """The character n-grams of each word of the vocabulary, csr (words, n-grams), counted once; pairs have none."""
        if "words" not in self._word_grams:
            alone = ["" if " " in word else word for word in self.vocabulary.get("word", ())]
            counter = self._counters["char_wb"]
            self._word_grams["words"] = CountLayouts(counter.count(Splitter().split(alone))).by_row
        counts: sp.csr_array = self._word_grams["words"]
        return counts

    def rows(self, inputs: Mapping[str, Any], key: Key) -> Rows:
        """The rows that models want which see ``key``, (n, columns); ``inputs`` are as :meth:`inputs` gives them."""
        return self.views[key].rows(inputs)


def sizes_of(vocabulary: Mapping[str, Sequence[str]], encoders: Mapping[str, TextEncoder]) -> dict[str, int]:
    """How many columns each source has, which is known before an encoder is made: its terms are numbered then.

    Examples
    --------
    >>> sizes_of({"word": ("boss", "pay")}, {})
    {'word': 2, 'char_wb': 0}
    """
    terms = {name: len(vocabulary.get(name, ())) for name in ANALYSERS}
    return terms | {name: encoder.width for name, encoder in encoders.items()}


def build_encoder(
    keys: Sequence[Key],
    inputs: Inputs,
    folds: np.ndarray[tuple[int], np.dtype[np.int64]],
    steps: tuple[str, ...],
    encoders: Mapping[str, TextEncoder] | None = None,
) -> Encoder:
    """The encoder for these keys, with only the terms and the text encoders that one of them uses.

    Parameters
    ----------
    inputs : what each source gives of the n training texts
    folds : (n,) fold number of each
    encoders : the text encoders by name, default those that need no name of a user's

    Raises
    ------
    ValueError
        If a key asks for the mean of the folds of a view that has none.
    """
    features = FoldFeatures(inputs, folds)
    learned = {key: _fitted(features, *key) for key in dict.fromkeys(keys)}
    used: dict[str, Any] = {}
    for fitted in learned.values():
        for part in fitted.terms:
            mask = used.setdefault(part.analyser, np.zeros(len(inputs[part.analyser].terms), dtype=bool))
            mask[part.columns] = True
    place = {name: np.cumsum(mask) - 1 for name, mask in used.items()}
    vocabulary = {
        name: tuple(inputs[name].terms[i] for i in np.flatnonzero(used[name]))
        for name in inputs
        if name in used and used[name].any()
    }
    moved = {key: _with_columns(fitted, place) for key, fitted in learned.items()}
    sources = dict.fromkeys(part.source for fitted in learned.values() for part in fitted.dense)
    known = (encoders_of_run() if encoders is None else encoders) if sources else {}
    return Encoder(steps, vocabulary, moved, {name: known[name] for name in sources})


def _fitted(features: FoldFeatures, view: View, fold: int | None) -> FittedView:
    fitted = features.whole(view) if fold is None else features.fold(view, fold).fitted
    if fitted is None:
        raise ValueError(f"view {view.name!r} has no mean of its folds, which a merged model would need.")
    return fitted


def _with_columns(fitted: FittedView, place: Mapping[str, np.ndarray[Any, Any]]) -> FittedView:
    """The same with columns that stand elsewhere."""
    terms = (replace(part, columns=place[part.analyser][part.columns].astype(np.int32)) for part in fitted.terms)
    return replace(fitted, terms=tuple(terms))
