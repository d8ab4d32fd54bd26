"""What terms are worth in a theme's models: their weights times the values that they have in texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import FittedView, TfidfWeights, count_known
from themetagger.features.encoder import Encoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.tagger.explain.dense_shares import whole_text
from themetagger.tagger.explain.meaning_in_texts import MeaningInTexts

Floats = npt.NDArray[np.float64]

# Different terms of an analyser in a text, where no texts are at hand to count: a text of some 60 words
TYPICAL = {"word": 100, "char_wb": 600}


class TextCounts(dict[str, sp.csr_array]):
    """What an encoder counts in texts, CSR (n, terms) by analyser; means of weighted values are computed once a view.

    For texts that the weights of several themes are asked of; what text encoders say of them is kept as well.
    """

    def __init__(self, counts: Mapping[str, sp.csr_array]) -> None:
        """Copy the counts."""
        super().__init__(counts)
        self.means: dict[Any, tuple[Floats, Floats]] = {}
        self._meaning: MeaningInTexts | None = None

    def meaning_in(self, make: Callable[[], MeaningInTexts]) -> MeaningInTexts:
        """What text encoders say of the texts, made once."""
        if self._meaning is None:
            self._meaning = make()
        return self._meaning


@dataclass(frozen=True)
class TermWeights:
    """Points of score by analyser and column of its vocabulary, (terms,) each.

    ``text`` is what a term adds to the score of a text that has it, on average; ``once`` what one occurrence adds.
    """

    text: Mapping[str, Floats]
    once: Mapping[str, Floats]
    columns: Mapping[str, Mapping[str, int]]
    encoder: Encoder

    def of_terms(self, analyser: str, terms: Sequence[str]) -> Floats:
        """What each of some terms adds to a text that has it, (terms,); 0 for an unknown one."""
        columns = self.columns.get(analyser, {})
        return np.array([self.text[analyser][columns[term]] if term in columns else 0.0 for term in terms])

    def of_characters(self, words: Sequence[str]) -> Floats:
        """What the character n-grams of each of some words add together, (words,); pairs of words have none."""
        columns = self.columns.get("char_wb", {})
        if not columns:
            return np.zeros(len(words))
        known = self.columns.get("word", {})
        if all(word in known for word in words):
            grams = self.encoder.word_grams()[[known[word] for word in words]]
        else:
            alone = ["" if " " in word else word for word in words]
            grams = count_known(alone, "char_wb", list(columns), signs=self.encoder.signs)
        return np.asarray(grams @ self.once["char_wb"], dtype=np.float64)

    def of_words(self, words: Sequence[str]) -> Floats:
        """Words and pairs with the character n-grams that make up a word, (words,)."""
        return self.of_terms("word", words) + self.of_characters(words)


def term_weights(
    members: Sequence[EnsembleMember], encoder: Encoder, counts: Mapping[str, sp.csr_array] | None = None
) -> TermWeights:
    """The terms' weights in linear models times their values, summed over the models.

    With ``counts`` of texts, csr (n, terms) by analyser, values are the means over the texts that have a term;
    without, those of a text of some 60 words.

    Raises
    ------
    ValueError
        If a model is not linear.
    """
    columns = {name: {term: i for i, term in enumerate(terms)} for name, terms in encoder.vocabulary.items()}
    text, once = ({name: np.zeros(len(terms)) for name, terms in columns.items()} for _ in range(2))
    for member in members:
        model = member.model.linear_weights
        if model is None:
            raise ValueError("only linear models have weights of terms")
        key = (member.view, member.fold)
        values = None if counts is None or not encoder.views[key].n_terms else _means(encoder, counts, key)
        for part, here in encoder.views[key].term_columns():
            weights = member.weight * model.weights[here].astype(np.float64)
            text[part.analyser][part.columns] += weights * (_typical(part) if values is None else values[0][here])
            each = _typical(part) if values is None or counts is None else _each(values[1][here], part, counts)
            once[part.analyser][part.columns] += weights * each
    return TermWeights(text, once, columns, encoder)


def split_shares(members: Sequence[EnsembleMember], encoder: Encoder) -> dict[tuple[str, str], float]:
    """The share of the trees' splits that are on each term, by (analyser, term).

    Those on the vectors of a text encoder are on one term, the meaning of the whole text.

    Raises
    ------
    ValueError
        If a model is not made of trees on terms.
    """
    shares: dict[tuple[str, str], float] = {}
    for member in members:
        scorer, reduction = member.model.scorer, member.model.reduction
        counts = scorer.split_counts
        if counts is None or (reduction is not None and reduction.ndim != 1):
            raise ValueError("only trees on terms have splits on terms")
        fitted = encoder.views[member.view, member.fold]
        names = [
            (part.analyser, encoder.vocabulary[part.analyser][column])
            for part in fitted.terms
            for column in part.columns.tolist()
        ]
        names += [(block.source, whole_text(block.source)) for block in fitted.dense for _ in range(block.width)]
        for feature in np.flatnonzero(counts):
            name = names[int(feature if reduction is None else reduction[feature])]
            shares[name] = shares.get(name, 0.0) + float(counts[feature] / counts.sum() / len(members))
    return shares


def _means(encoder: Encoder, counts: Mapping[str, sp.csr_array], key: Any) -> tuple[Floats, Floats]:
    """The mean of each column of n-grams of a view over the texts where it is not 0, and its sum."""
    known = counts.means if isinstance(counts, TextCounts) else {}
    if key not in known:
        rows = FittedView(encoder.views[key].terms).rows(counts)
        sums = np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()
        known[key] = sums / np.maximum(1, np.bincount(rows.indices, minlength=rows.shape[1])), sums
    return known[key]


def _each(sums: Floats, part: TfidfWeights, counts: Mapping[str, sp.csr_array]) -> Floats:
    """The summed values of a part's terms, for one occurrence of each."""
    times = np.asarray(counts[part.analyser].sum(axis=0), dtype=np.float64).ravel()[part.columns]
    return np.asarray(sums / np.maximum(1, times), dtype=np.float64)


def _typical(part: TfidfWeights) -> Floats:
    """Values of a part's terms, once each, in a text of some 60 words."""
    if part.presence or not len(part.idf):
        return np.asarray(part.idf, dtype=np.float64)
    return np.asarray(part.idf / (np.sqrt(TYPICAL[part.analyser]) * np.sqrt(np.mean(part.idf**2))), dtype=np.float64)
