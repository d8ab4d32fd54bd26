"""What words do to the dense share of a score in tagged texts, and how much of the scores' variance that share is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import count_known, without_word
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import clean
from themetagger.tagger.explain.dense_shares import DenseShares, LinearModel, texts_a_second
from themetagger.tagger.explain.occlusion import LONGEST

Floats = npt.NDArray[np.float64]
Vector = npt.NDArray[Any]
EXAMPLES = 10  # texts for each word that is left out
SAMPLE, SMALLEST_SAMPLE, SECONDS = 1_000, 100, 5.0  # texts whose scores are taken apart, fewer with a slow encoder


class MeaningInTexts:
    """The vectors of n texts, and how they change without a word: found once for all themes of a tagger.

    A dense share is linear in the vectors, so that the change of the vectors without a word, on average over some of
    the texts that have it, gives the word's part in the share of any model.

    Parameters
    ----------
    encoder : of the tagger
    texts : raw, n; of a very long one the first ``LONGEST`` characters are looked at
    counts : what the encoder counts in them, by analyser
    """

    def __init__(self, encoder: Encoder, texts: Sequence[str], counts: Mapping[str, sp.csr_array]) -> None:
        """Keep the arguments; nothing is encoded before it is asked for."""
        self._encoder, self._raw, self._counts = encoder, texts, counts
        self._vectors: dict[tuple[str, int], Vector] = {}
        self._alone: dict[tuple[str, tuple[str, ...]], Vector] = {}
        self._changes: dict[tuple[str, str], Vector] = {}

    def parts(self, shares: DenseShares, words: Sequence[str]) -> Floats:
        """What the dense shares of texts that have a word lose without it, on average over some of them, (words,)."""
        total = np.zeros(len(words))
        for source, weights in shares.weights.items():
            self._find_changes(source, words)
            total += np.array([self._changes[source, word] for word in words]).reshape(len(words), -1) @ weights
        return total

    def alone(self, shares: DenseShares, words: Sequence[str]) -> Floats:
        """The dense shares of words that stand alone, less those of the texts on average, (words,)."""
        total = np.zeros(len(words))
        for source, weights in shares.weights.items():
            key = source, tuple(words)
            if key not in self._alone:
                self._alone[key] = self._encode(source, words)
            total += (self._alone[key] - self._of_rows(source, self._sample(shares)).mean(axis=0)) @ weights
        return total

    def variance_shares(self, linear: Sequence[LinearModel], shares: DenseShares) -> dict[str, float]:
        """How much of the variance of the scores is that of each dense share: its covariance with the score over it.

        With what is left, that of n-grams, they sum to 1; below 0 where a share works against the rest. nan where all
        scores are equal.
        """
        rows = self._sample(shares)
        counts = {name: matrix[rows] for name, matrix in self._counts.items()}
        of_terms = np.zeros(len(rows))
        for member, (weights, _) in linear:
            for part, here in self._encoder.views[member.view, member.fold].term_columns():
                of_terms += member.weight * (part.rows(counts[part.analyser]) @ weights[here].astype(np.float64))
        dense = {source: shares.of_vectors(source, self._of_rows(source, rows)) for source in shares.weights}
        scores = sum(dense.values(), start=of_terms)
        variance = float(np.var(scores))
        covariance = {source: float(np.mean((share - share.mean()) * scores)) for source, share in dense.items()}
        return {source: found / variance if variance > 0 else np.nan for source, found in covariance.items()}

    def _sample(self, shares: DenseShares) -> npt.NDArray[np.int64]:
        """Rows of texts drawn evenly."""
        most = min(SAMPLE, max(SMALLEST_SAMPLE, SECONDS * texts_a_second(shares.encoders)))
        n = len(self._raw)
        return np.linspace(0, n - 1, min(n, int(most))).astype(np.int64)

    def _of_rows(self, source: str, rows: Sequence[int] | npt.NDArray[np.int64]) -> Vector:
        """The vectors of some texts, (rows, width)."""
        new = [row for row in dict.fromkeys(map(int, rows)) if (source, row) not in self._vectors]
        vectors = self._encode(source, [self._texts[row] for row in new])
        self._vectors |= zip(((source, row) for row in new), vectors, strict=True)
        known = [self._vectors[source, int(row)] for row in rows]
        return np.array(known).reshape(len(known), self._encoder.encoders[source].width)

    def _find_changes(self, source: str, words: Sequence[str]) -> None:
        """Encode some texts that have a word with it and without it; all words at once."""
        new = [word for word in dict.fromkeys(words) if (source, word) not in self._changes]
        if not new:
            return
        present = sp.csc_array(self._present(new))
        rows, owners, without = list[int](), list[int](), list[str]()
        for number, word in enumerate(new):
            having = present.indices[present.indptr[number] : present.indptr[number + 1]]
            for row in having[np.linspace(0, len(having) - 1, min(EXAMPLES, len(having))).astype(int)].tolist():
                rows.append(row)
                owners.append(number)
                without.append(without_word(self._texts[row], word))
        changes = self._of_rows(source, rows).astype(np.float64) - self._encode(source, without)
        of_words = sp.csr_array((np.ones(len(rows)), (owners, np.arange(len(rows)))), shape=(len(new), len(rows)))
        means = (of_words @ changes) / np.bincount(owners, minlength=len(new)).clip(1)[:, None]
        self._changes |= zip(((source, word) for word in new), means, strict=True)

    def _present(self, words: Sequence[str]) -> sp.csr_array:
        """Which texts have which words, csr (n, words)."""
        if all(word in self._columns for word in words):
            return self._counts["word"][:, [self._columns[word] for word in words]]
        return count_known(self._texts, "word", words, signs=self._encoder.signs)

    def _encode(self, source: str, texts: Sequence[str]) -> Vector:
        """Vectors, (n, width)."""
        encoder = self._encoder.encoders[source]
        return encoder.encode(texts) if len(texts) else np.zeros((0, encoder.width), dtype=np.float32)

    @cached_property
    def _texts(self) -> list[str]:
        """The texts after the text steps."""
        return [text[:LONGEST] for text in clean(self._raw, self._encoder.steps)]

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {term: column for column, term in enumerate(self._encoder.vocabulary.get("word", ()))}
